//! The limiter alone, in Tokio's paused time.

use std::task::{Context, Waker};

use super::*;
use crate::operation::{Protocol, Repeat, Spec};

/// Tokio's paused time.
#[derive(Debug)]
struct Paused(tokio::time::Instant);

impl Clock for Paused {
    fn now(&self) -> std::time::SystemTime {
        std::time::SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

#[expect(clippy::disallowed_methods, reason = "it is Tokio's paused time")]
fn limiter(requests: u32) -> Arc<LocalRateLimiter> {
    let clock = Paused(tokio::time::Instant::now());
    Arc::new(LocalRateLimiter::per_second(requests, Arc::new(clock)).unwrap())
}

fn request(is_urgent: bool) -> OperationInfo {
    static SPEC: Spec = Spec::new(
        "tests.some",
        Repeat::Safe,
        Protocol::Rest {
            method: http::Method::GET,
        },
    );
    OperationInfo {
        spec: &SPEC,
        attempt: 1,
        is_urgent,
    }
}

async fn turn(limiter: &LocalRateLimiter) {
    limiter.acquire(request(false)).await.unwrap();
}

/// How many of the requests that come at once may start within the first second.
async fn in_the_first_second(requests_per_second: u32) -> usize {
    let limiter = limiter(requests_per_second);
    let mut started = 0;
    while limiter.clock.elapsed() < Duration::from_secs(1) {
        turn(&limiter).await;
        started += 1;
    }
    // The last one started when the second was over.
    started - 1
}

#[tokio::test(start_paused = true)]
async fn the_rate_holds_with_a_small_burst() {
    assert_eq!(in_the_first_second(1).await, 1);
    assert_eq!(in_the_first_second(10).await, 10);
    let started = in_the_first_second(300).await;
    assert!((300..=330).contains(&started), "{started}");
}

#[test]
fn a_rate_of_zero_is_refused_and_any_other_is_not() {
    let clock: Arc<dyn Clock> = Arc::new(crate::SystemClock);
    let error = LocalRateLimiter::per_second(0, Arc::clone(&clock)).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Configuration);
    for rate in [1, u32::MAX] {
        let limiter = LocalRateLimiter::per_second(rate, Arc::clone(&clock)).unwrap();
        assert!(limiter.try_acquire(request(false)));
    }
}

#[tokio::test(start_paused = true)]
async fn who_comes_late_does_not_wait() {
    let limiter = limiter(10);
    for second in 1..100 {
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(limiter.try_acquire(request(false)));
        assert_eq!(limiter.clock.elapsed().as_secs(), second);
    }
    assert!(!limiter.try_acquire(request(false)));
    turn(&limiter).await;
    assert!(limiter.clock.elapsed() >= Duration::from_millis(99_100));
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_leaves_no_gap() {
    let limiter = limiter(1);
    turn(&limiter).await;
    for _ in 0..500 {
        let turn = tokio::time::timeout(Duration::from_millis(1), turn(&limiter));
        turn.await.unwrap_err();
    }
    turn(&limiter).await;
    assert!(limiter.clock.elapsed() < Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn a_crowd_that_leaves_makes_room() {
    for comes_after in [false, true] {
        let limiter = limiter(1);
        turn(&limiter).await;
        let mut crowd: Vec<_> = (0..1000).map(|_| Box::pin(turn(&limiter))).collect();
        let mut last = Box::pin(turn(&limiter));
        let mut context = Context::from_waker(Waker::noop());
        for turn in &mut crowd {
            assert!(turn.as_mut().poll(&mut context).is_pending());
        }
        if comes_after {
            assert!(last.as_mut().poll(&mut context).is_pending());
        }
        drop(crowd);
        last.await;
        // It looks seldom as long as a thousand are in front.
        let took = limiter.clock.elapsed();
        assert!(took < Duration::from_millis(1_250), "{took:?}");
        assert!(limiter.queue().0.waiting.is_empty());
        let begun = limiter.clock.elapsed();
        turn(&limiter).await;
        assert!(limiter.clock.elapsed() - begun >= Duration::from_millis(999));
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_not_polled_loses_a_turn_and_keeps_the_place() {
    let limiter = limiter(1);
    turn(&limiter).await;
    let mut context = Context::from_waker(Waker::noop());
    let mut stuck: Vec<_> = (0..100).map(|_| Box::pin(turn(&limiter))).collect();
    for turn in &mut stuck {
        assert!(turn.as_mut().poll(&mut context).is_pending());
    }
    for second in 1..5 {
        turn(&limiter).await;
        assert_eq!(limiter.clock.elapsed().as_secs(), second);
    }
    // Polled again, the first of them is the next, before somebody new.
    assert!(stuck[0].as_mut().poll(&mut context).is_pending());
    let mut other = Box::pin(turn(&limiter));
    assert!(other.as_mut().poll(&mut context).is_pending());
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    assert!(other.as_mut().poll(&mut context).is_pending());
    assert!(stuck[0].as_mut().poll(&mut context).is_ready());
}

#[tokio::test(start_paused = true)]
async fn the_urgent_goes_first() {
    let limiter = limiter(10);
    turn(&limiter).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let tasks: Vec<_> = [false, false, true, true]
        .into_iter()
        .enumerate()
        .map(|(number, is_urgent)| {
            let (limiter, order) = (Arc::clone(&limiter), Arc::clone(&order));
            tokio::spawn(async move {
                limiter.acquire(request(is_urgent)).await.unwrap();
                order.lock().unwrap().push(number);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [2, 3, 0, 1]);
}

#[tokio::test]
async fn a_clock_that_is_set_back_stops_nobody() {
    #[derive(Debug, Default)]
    struct SetBack(Mutex<Duration>);

    impl Clock for SetBack {
        fn now(&self) -> std::time::SystemTime {
            std::time::SystemTime::UNIX_EPOCH
        }

        fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }

        fn elapsed(&self) -> Duration {
            *self.0.lock().unwrap()
        }
    }

    let clock = Arc::new(SetBack(Mutex::new(Duration::from_secs(1_000))));
    let limiter = LocalRateLimiter::per_second(1, Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    assert!(limiter.try_acquire(request(false)));
    *clock.0.lock().unwrap() = Duration::from_secs(10);
    assert!(!limiter.try_acquire(request(false)));
    *clock.0.lock().unwrap() = Duration::from_secs(11);
    assert!(limiter.try_acquire(request(false)));
}
