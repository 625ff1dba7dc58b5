use std::sync::atomic::AtomicUsize;
use std::time::SystemTime;

use tokio::sync::oneshot;

use super::*;

/// A clock that stands still until it is turned.
#[derive(Debug, Default, Clone)]
struct Hands(Arc<AtomicU64>);

impl Hands {
    fn turn(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.elapsed()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Work that ends when it is told to, and counts how often it was begun.
#[derive(Default)]
struct Office {
    begun: AtomicUsize,
    doors: Mutex<Vec<oneshot::Sender<u32>>>,
}

impl Office {
    fn begin(self: &Arc<Self>) -> impl Fn() -> BoxFuture<'static, Option<u32>> + Send + use<> {
        let office = Arc::clone(self);
        move || {
            let (open, door) = oneshot::channel();
            office.begun.fetch_add(1, Ordering::SeqCst);
            office.doors.lock().unwrap().push(open);
            Box::pin(async move { door.await.ok() })
        }
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    /// Ends the work that was begun last; false when it was dropped.
    fn open(&self, value: u32) -> bool {
        let door = self.doors.lock().unwrap().pop().unwrap();
        door.send(value).is_ok()
    }
}

type Caller = BoxFuture<'static, Option<u32>>;

fn caller(flight: &Flight<Option<u32>>, office: &Arc<Office>) -> Caller {
    Box::pin(flight.join_or_begin(office.begin()))
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn poll<T>(future: &mut BoxFuture<'static, T>) -> Poll<T> {
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn one_piece_of_work_serves_all_whoever_leaves() {
    let (flight, office) = (Flight::default(), Arc::new(Office::default()));
    let mut callers: Vec<_> = (0..5).map(|_| caller(&flight, &office)).collect();
    for caller in &mut callers {
        assert!(poll(caller).is_pending());
    }
    // The one who began it leaves, and so does the one who was polled last.
    drop(callers.remove(0));
    drop(callers.pop());
    assert!(flight.is_attended());
    assert!(office.open(7));
    for caller in &mut callers {
        assert_eq!(poll(caller), Poll::Ready(Some(7)));
    }
    assert_eq!(office.begun(), 1);
    assert!(!flight.is_under_way());
    let mut next = caller(&flight, &office);
    assert!(poll(&mut next).is_pending());
    assert_eq!(office.begun(), 2);
}

#[test]
fn a_caller_who_is_not_polled_delays_nobody() {
    let (flight, office) = (Flight::default(), Arc::new(Office::default()));
    let mut idle = caller(&flight, &office);
    assert!(poll(&mut idle).is_pending());
    let mut other = caller(&flight, &office);
    assert!(poll(&mut other).is_pending());
    assert!(office.open(7));
    assert_eq!(poll(&mut other), Poll::Ready(Some(7)));
    // Nor does one who holds the outcome without knowing.
    let mut next = caller(&flight, &office);
    assert!(poll(&mut next).is_pending());
    assert!(office.open(8));
    assert_eq!(poll(&mut next), Poll::Ready(Some(8)));
    assert_eq!(poll(&mut idle), Poll::Ready(Some(7)));
}

#[test]
fn work_that_nobody_waits_for_is_dropped() {
    let (flight, office) = (Flight::default(), Arc::new(Office::default()));
    let mut first = caller(&flight, &office);
    assert!(poll(&mut first).is_pending());
    drop(first);
    assert!(!office.open(7), "it goes on for nobody");
    assert!(!flight.is_under_way());
}

#[test]
fn work_that_lingers_is_kept_for_the_next_caller() {
    let hands = Hands::default();
    let flight = Flight::lingering(Arc::new(hands.clone()), Duration::from_secs(1));
    let office = Arc::new(Office::default());
    for _ in 0..30 {
        let mut leaving = caller(&flight, &office);
        assert!(poll(&mut leaving).is_pending());
        drop(leaving);
        assert!(flight.is_under_way() && !flight.is_attended());
        hands.turn(999);
    }
    assert_eq!(office.begun(), 1);
    assert!(office.open(7), "it was dropped");
    assert_eq!(poll(&mut caller(&flight, &office)), Poll::Ready(Some(7)));
    assert_eq!(office.begun(), 1);
    // Nobody knows what is left of it after a longer time.
    let mut leaving = caller(&flight, &office);
    assert!(poll(&mut leaving).is_pending());
    drop(leaving);
    hands.turn(1000);
    assert!(!flight.is_under_way());
    let mut next = caller(&flight, &office);
    assert!(poll(&mut next).is_pending());
    assert_eq!(office.begun(), 3);
    assert!(office.open(9));
    assert!(!office.open(8), "the old one is kept");
    assert_eq!(poll(&mut next), Poll::Ready(Some(9)));
}

#[test]
fn work_that_is_stuck_is_not_passed_on_for_ever() {
    let hands = Hands::default();
    let flight = Flight::lingering(Arc::new(hands.clone()), Duration::from_secs(1));
    let office = Arc::new(Office::default());
    for _ in 0..130 {
        let mut leaving = caller(&flight, &office);
        assert!(poll(&mut leaving).is_pending());
        drop(leaving);
        hands.turn(500);
    }
    assert_eq!(office.begun(), 3, "in 65 seconds");
}

#[test]
fn nothing_outlives_the_flight_and_its_callers() {
    let hands = Hands::default();
    let flight = Flight::lingering(Arc::new(hands), Duration::from_secs(1));
    let office = Arc::new(Office::default());
    let mut leaving = caller(&flight, &office);
    assert!(poll(&mut leaving).is_pending());
    drop(leaving);
    drop(flight);
    assert!(!office.open(7));
}

#[test]
fn a_panic_is_the_beginners_and_spoils_nothing() {
    let flight = Flight::<u32>::default();
    let crash: fn() -> BoxFuture<'static, u32> = || Box::pin(async { panic!("on purpose") });
    let work: fn() -> BoxFuture<'static, u32> = || Box::pin(async { 7 });
    let mut first: BoxFuture<'static, u32> = Box::pin(flight.join_or_begin(crash));
    let mut second: BoxFuture<'static, u32> = Box::pin(flight.join_or_begin(work));
    // The other caller meets the panic, and does the work instead.
    assert_eq!(poll(&mut second), Poll::Ready(7));
    let outcome = catch_unwind(AssertUnwindSafe(|| poll(&mut first)));
    outcome.unwrap_err();
    assert!(!flight.is_under_way());
    let mut next: BoxFuture<'static, u32> = Box::pin(flight.join_or_begin(work));
    assert_eq!(poll(&mut next), Poll::Ready(7));
}

#[test]
fn no_wake_up_is_lost_with_a_caller_who_leaves() {
    let flight = Flight::<()>::default();
    let wakes = Arc::new(Wakes::default());
    let second: Arc<Mutex<Option<BoxFuture<'static, ()>>>> = Arc::default();
    let begin = {
        let (second, wakes) = (Arc::clone(&second), Arc::clone(&wakes));
        move || -> BoxFuture<'static, ()> {
            let (second, wakes) = (Arc::clone(&second), Arc::clone(&wakes));
            let mut is_first = true;
            Box::pin(poll_fn(move |context| {
                if !std::mem::replace(&mut is_first, false) {
                    return Poll::Ready(());
                }
                // What it waits for comes while it is polled, and the second
                // caller looks at once, as on another thread.
                context.waker().wake_by_ref();
                let waker = Waker::from(Arc::clone(&wakes));
                let mut second = second.lock().unwrap();
                let polled = second.as_mut().unwrap().as_mut();
                let polled = polled.poll(&mut Context::from_waker(&waker));
                assert!(polled.is_pending());
                wakes.0.store(0, Ordering::SeqCst);
                Poll::Pending
            }))
        }
    };
    let mut first: BoxFuture<'static, ()> = Box::pin(flight.join_or_begin(begin.clone()));
    *second.lock().unwrap() = Some(Box::pin(flight.join_or_begin(begin)));
    assert!(poll(&mut first).is_pending());
    drop(first);
    assert_ne!(wakes.0.load(Ordering::SeqCst), 0, "nobody carries it on");
    let mut second = second.lock().unwrap().take().unwrap();
    assert_eq!(poll(&mut second), Poll::Ready(()));
}
