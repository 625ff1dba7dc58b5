//! Work that is done once for all who want it at the same time.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crate::BoxFuture;
use crate::clock::Clock;

/// A piece of work under way, of which there is at most one at a time.
///
/// It belongs to all callers who wait for it: any of them may leave, also the
/// one who began it, and the others carry it on from where it is. A caller who
/// is not polled delays nobody. When the last one leaves, the work is dropped,
/// or, with [`lingering`](Self::lingering), kept for the next caller.
///
/// Work that panics is dropped. The panic goes on in the caller who began the
/// work; the other callers begin it anew.
#[doc(hidden)]
pub struct Flight<T>(Arc<Inner<T>>);

/// Work that takes longer may be stuck: it is not passed on to a next caller.
const LONGEST: Duration = Duration::from_secs(30);

struct Inner<T> {
    current: Mutex<Option<Current<T>>>,
    linger: Option<Linger>,
}

/// For how long work that nobody waits for is kept.
struct Linger {
    clock: Arc<dyn Clock>,
    time: Duration,
}

struct Current<T> {
    work: Arc<Work<T>>,
    waiting: usize,
    /// Both by the clock's `elapsed`.
    begun_at: Duration,
    left_at: Duration,
}

impl<T: Clone + Send + Sync + 'static> Flight<T> {
    /// Work that nobody waits for is kept for this long, in which the next
    /// caller carries it on. So callers who leave early can neither prevent its
    /// end nor multiply it. After half a minute in all it is not passed on, since
    /// it may be stuck. It must hold nothing that others wait for.
    #[must_use]
    pub fn lingering(clock: Arc<dyn Clock>, time: Duration) -> Self {
        Self(Arc::new(Inner {
            current: Mutex::new(None),
            linger: Some(Linger { clock, time }),
        }))
    }

    /// Whether somebody waits for the work.
    #[must_use]
    pub fn is_attended(&self) -> bool {
        let current = self.0.current();
        current.as_ref().is_some_and(|current| current.waiting > 0)
    }

    /// Whether there is work to join: somebody waits for it, or did a moment
    /// ago.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        let now = self.0.now();
        let current = self.0.current();
        current
            .as_ref()
            .is_some_and(|current| self.0.can_be_joined(current, now))
    }

    /// Joins the work under way, or begins it.
    pub fn join_or_begin<B>(&self, begin: B) -> impl Future<Output = T> + Send + use<T, B>
    where
        B: Fn() -> BoxFuture<'static, T> + Send,
    {
        let mut seat = Seat::take(&self.0, &begin);
        async move {
            loop {
                match poll_fn(|context| seat.poll(context)).await {
                    End::Value(value) => return value,
                    End::Panic => seat = Seat::take(&seat.flight, &begin),
                }
            }
        }
    }
}

impl<T> Inner<T> {
    fn can_be_joined(&self, current: &Current<T>, now: Duration) -> bool {
        let time = self.linger.as_ref().map_or(Duration::ZERO, |it| it.time);
        let is_kept = now.saturating_sub(current.left_at) < time
            && now.saturating_sub(current.begun_at) < LONGEST;
        current.waiting > 0 || is_kept
    }

    fn now(&self) -> Duration {
        let linger = self.linger.as_ref();
        linger.map_or(Duration::ZERO, |linger| linger.clock.elapsed())
    }

    fn current(&self) -> MutexGuard<'_, Option<Current<T>>> {
        lock(&self.current)
    }

    /// The work has come to its end: the next caller begins it anew.
    fn end(&self, work: &Arc<Work<T>>) {
        let ended = self.current().take_if(|it| Arc::ptr_eq(&it.work, work));
        drop(ended);
    }

    fn leave(&self, work: &Arc<Work<T>>) {
        let now = self.now();
        let mut current = self.current();
        let Some(found) = current.as_mut().filter(|it| Arc::ptr_eq(&it.work, work)) else {
            return;
        };
        found.waiting -= 1;
        found.left_at = now;
        let dropped = match found.waiting == 0 && self.linger.is_none() {
            true => current.take(),
            false => None,
        };
        // What the work holds may do anything when it is dropped.
        drop(current);
        drop(dropped);
    }
}

/// A caller who waits for the work.
struct Seat<T> {
    flight: Arc<Inner<T>>,
    work: Arc<Work<T>>,
    number: u64,
    /// Whether the caller began the work.
    began: bool,
}

impl<T: Clone> Seat<T> {
    fn take(flight: &Arc<Inner<T>>, begin: &impl Fn() -> BoxFuture<'static, T>) -> Self {
        let now = flight.now();
        let mut current = flight.current();
        let stale = current.take_if(|current| !flight.can_be_joined(current, now));
        let began = current.is_none();
        let current_work = current.get_or_insert_with(|| Current {
            work: Arc::new(Work::new(begin())),
            waiting: 0,
            begun_at: now,
            left_at: now,
        });
        current_work.waiting += 1;
        let work = Arc::clone(&current_work.work);
        drop(current);
        drop(stale);
        Self {
            number: work.seats.fetch_add(1, Ordering::Relaxed),
            flight: Arc::clone(flight),
            work,
            began,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<End<T>> {
        let outcome = self.work.poll(self.number, context);
        match outcome {
            Progress::None => Poll::Pending,
            Progress::Ended(end) => {
                self.flight.end(&self.work);
                Poll::Ready(end)
            }
            Progress::Panicked(panic) => {
                self.flight.end(&self.work);
                match self.began {
                    true => resume_unwind(panic),
                    false => Poll::Ready(End::Panic),
                }
            }
        }
    }
}

impl<T> Drop for Seat<T> {
    fn drop(&mut self) {
        lock(&self.work.bell.wakers).remove(&self.number);
        self.flight.leave(&self.work);
    }
}

struct Work<T> {
    /// Nothing when it has come to its end.
    future: Mutex<Option<BoxFuture<'static, T>>>,
    end: OnceLock<End<T>>,
    bell: Arc<Bell>,
    seats: AtomicU64,
}

#[derive(Clone)]
enum End<T> {
    Value(T),
    Panic,
}

enum Progress<T> {
    None,
    Ended(End<T>),
    /// It panicked just now.
    Panicked(Box<dyn Any + Send>),
}

impl<T: Clone> Work<T> {
    fn new(future: BoxFuture<'static, T>) -> Self {
        Self {
            future: Mutex::new(Some(future)),
            end: OnceLock::new(),
            bell: Arc::default(),
            seats: AtomicU64::new(0),
        }
    }

    fn poll(&self, seat: u64, context: &mut Context<'_>) -> Progress<T> {
        self.bell.listen(seat, context.waker());
        let mut held = match self.future.try_lock() {
            Ok(held) => held,
            Err(TryLockError::Poisoned(held)) => held.into_inner(),
            // Another thread polls it, and rings when that was not enough.
            Err(TryLockError::WouldBlock) => return Progress::None,
        };
        let Some(future) = held.as_mut() else {
            return Progress::Ended(self.end.get().cloned().unwrap_or(End::Panic));
        };
        self.bell.is_rung.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&self.bell));
        let mut context = Context::from_waker(&waker);
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context)));
        let (end, panic) = match polled {
            Ok(Poll::Pending) => {
                drop(held);
                // Callers who came while it was polled were sent away.
                if self.bell.is_rung.load(Ordering::SeqCst) {
                    self.bell.ring();
                }
                return Progress::None;
            }
            Ok(Poll::Ready(value)) => (End::Value(value), None),
            Err(panic) => (End::Panic, Some(panic)),
        };
        let _ = self.end.set(end.clone());
        let future = held.take();
        drop(held);
        drop(future);
        self.bell.ring();
        match panic {
            Some(panic) => Progress::Panicked(panic),
            None => Progress::Ended(end),
        }
    }
}

/// Wakes all callers who wait.
#[derive(Default)]
struct Bell {
    is_rung: AtomicBool,
    wakers: Mutex<HashMap<u64, Waker>>,
}

impl Bell {
    fn listen(&self, seat: u64, waker: &Waker) {
        lock(&self.wakers)
            .entry(seat)
            .and_modify(|known| known.clone_from(waker))
            .or_insert_with(|| waker.clone());
    }

    fn ring(&self) {
        self.is_rung.store(true, Ordering::SeqCst);
        let wakers: Vec<_> = lock(&self.wakers).values().cloned().collect();
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Self(Arc::new(Inner {
            current: Mutex::new(None),
            linger: None,
        }))
    }
}

impl<T> fmt::Debug for Flight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flight")
    }
}

#[cfg(test)]
#[path = "flight_tests.rs"]
mod tests;
