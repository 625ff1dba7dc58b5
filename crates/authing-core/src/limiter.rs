//! A client's own limit on how many requests it sends each second.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;

use crate::clock::Clock;
use crate::operation::OperationInfo;
use crate::{BoxFuture, Error, Result};

/// Decides when a client may send its next request.
///
/// A client asks before each attempt of each call, also before it fetches a
/// token. [`LocalRateLimiter`] is what a builder's `requests_per_second` uses.
/// Implement the trait for a limit of another kind, for example one that
/// several machines share.
///
/// What an implementation must do:
///
/// - take nothing from the others when the future is dropped: a caller that
///   gives up drops it, at any point;
/// - hold no lock while it waits: a future that is not polled, as within
///   `select!` or `buffer_unordered`, must not stop other callers;
/// - let requests that [are urgent](OperationInfo::is_urgent) go first, as far
///   as it can: other calls wait for them.
///
/// The wait counts against a deadline that the caller has set, and not against
/// the default one.
///
/// ```
/// use authing_core::{LocalRateLimiter, OperationInfo, RateLimiter, Result};
///
/// /// Limits the management API alone.
/// #[derive(Debug)]
/// struct ManagementOnly(LocalRateLimiter);
///
/// #[async_trait::async_trait]
/// impl RateLimiter for ManagementOnly {
///     async fn acquire(&self, request: OperationInfo) -> Result<()> {
///         if request.id().starts_with("management.") {
///             self.0.acquire(request).await?;
///         }
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait RateLimiter: fmt::Debug + Send + Sync + 'static {
    /// Waits until the request may start. The request starts as soon as this
    /// returns.
    ///
    /// # Errors
    ///
    /// The call fails with this error, and the request is not sent. A limiter
    /// that depends on something that can fail may return `Ok` instead, and so
    /// let requests go on without a limit.
    async fn acquire(&self, request: OperationInfo) -> Result<()>;

    /// Lets the request start now, if it need not wait. A client asks this
    /// first, because a future costs an allocation. `false` by default, which
    /// leads to [`acquire`](Self::acquire).
    fn try_acquire(&self, request: OperationInfo) -> bool {
        let _ = request;
        false
    }
}

#[async_trait]
impl<T: RateLimiter + ?Sized> RateLimiter for Arc<T> {
    async fn acquire(&self, request: OperationInfo) -> Result<()> {
        (**self).acquire(request).await
    }

    fn try_acquire(&self, request: OperationInfo) -> bool {
        (**self).try_acquire(request)
    }
}

#[async_trait]
impl<T: RateLimiter + ?Sized> RateLimiter for Box<T> {
    async fn acquire(&self, request: OperationInfo) -> Result<()> {
        (**self).acquire(request).await
    }

    fn try_acquire(&self, request: OperationInfo) -> bool {
        (**self).try_acquire(request)
    }
}

/// A limit on the requests of one process: so many each second, evenly spaced.
///
/// A tenth of a second's requests may start at once, so within any second at
/// most the rate and a tenth of it start. Callers go in the order in which they
/// came. A caller whose turn has come but that is not polled loses the turn to
/// the next one, and keeps its place. A caller that leaves frees its place.
///
/// Share one between clients that count against the same limit:
///
/// ```
/// use std::sync::Arc;
///
/// use authing_core::{LocalRateLimiter, Pipeline, SystemClock};
///
/// # fn example() -> authing_core::Result<()> {
/// let limiter = LocalRateLimiter::per_second(250, Arc::new(SystemClock::default()))?;
/// let limiter = Arc::new(limiter);
/// let one = Pipeline::builder().rate_limiter(Arc::clone(&limiter));
/// let other = Pipeline::builder().rate_limiter(limiter);
/// # let _ = (one, other);
/// # Ok(())
/// # }
/// ```
pub struct LocalRateLimiter {
    interval: Duration,
    /// By how much a request may start before its time.
    burst: Duration,
    clock: Arc<dyn Clock>,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    /// When the next request is due if all come evenly (the generic cell rate
    /// algorithm).
    due: Duration,
    /// How many requests have started.
    started: u64,
    /// In the order of their turns. Nobody here holds a turn: it is taken when
    /// a caller is polled and its turn has come.
    waiting: VecDeque<Waiter>,
    tickets: u64,
}

#[derive(Debug)]
struct Waiter {
    ticket: Ticket,
    /// Whether those behind it wait for it: it has not let a turn go by since it
    /// was polled last.
    is_responsive: bool,
    /// How many turns it has let go by.
    missed: u8,
}

/// Sorts urgent requests first, and then by who came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ticket {
    can_wait: bool,
    number: u64,
}

/// The answer to a caller that asks for its turn.
enum Turn {
    Taken,
    /// Ask again at this time.
    NotBefore(Duration),
}

impl LocalRateLimiter {
    /// At most this many requests a second, by this clock.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it is 0.
    pub fn per_second(requests: u32, clock: Arc<dyn Clock>) -> Result<Self> {
        const SECOND: u64 = 1_000_000_000;
        if requests == 0 {
            return Err(Error::configuration(
                "a rate limit of 0 requests per second lets no request through",
            ));
        }
        let interval = Duration::from_nanos(SECOND.div_ceil(requests.into()));
        Ok(Self {
            interval,
            burst: Duration::from_millis(100).saturating_sub(interval),
            clock,
            queue: Mutex::default(),
        })
    }

    /// How many requests could start now.
    fn turns(&self, queue: &Queue, now: Duration) -> usize {
        let ahead = queue.due.saturating_sub(now);
        match self.burst.checked_sub(ahead) {
            Some(rest) => {
                let more = rest.as_nanos() / self.interval.as_nanos().max(1);
                usize::try_from(more)
                    .unwrap_or(usize::MAX)
                    .saturating_add(1)
            }
            None => 0,
        }
    }

    /// When a request can start that has so many before it.
    fn start(&self, queue: &Queue, now: Duration, before: u32) -> Duration {
        queue
            .due
            .max(now)
            .saturating_add(self.interval.saturating_mul(before))
            .saturating_sub(self.burst)
    }

    /// For how long those in front may leave a turn unused before a caller
    /// takes it. Those near the front lose patience first, and those far behind
    /// look seldom, so that a long queue costs little.
    fn patience(&self, before: u32) -> Duration {
        const LEAST: Duration = Duration::from_millis(2);
        const LONGEST: Duration = Duration::from_millis(200);
        let step = (self.interval / 32).min(Duration::from_millis(1));
        LEAST + step.saturating_mul(before).min(LONGEST)
    }

    fn take(&self, queue: &mut Queue, now: Duration) {
        queue.due = queue.due.max(now).saturating_add(self.interval);
        queue.started += 1;
    }

    /// The queue, with the time. A clock that was set back must not make
    /// everybody wait until it is where it was.
    fn queue(&self) -> (MutexGuard<'_, Queue>, Duration) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.elapsed();
        let latest = now.saturating_add(self.burst).saturating_add(self.interval);
        queue.due = queue.due.min(latest);
        (queue, now)
    }
}

#[async_trait]
impl RateLimiter for LocalRateLimiter {
    async fn acquire(&self, request: OperationInfo) -> Result<()> {
        let mut place = Place {
            limiter: self,
            can_wait: !request.is_urgent(),
            ticket: None,
            unused: None,
        };
        let mut timer: Option<(Duration, BoxFuture<'static, ()>)> = None;
        poll_fn(|context| {
            loop {
                let (at, left) = match place.ask() {
                    (Turn::Taken, _) => return Poll::Ready(Ok(())),
                    (Turn::NotBefore(at), now) => (at, at.saturating_sub(now)),
                };
                if timer.as_ref().is_none_or(|(set_for, _)| *set_for != at) {
                    timer = Some((at, self.clock.sleep(left)));
                }
                let Some((_, sleep)) = &mut timer else {
                    return Poll::Pending;
                };
                if sleep.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                timer = None;
            }
        })
        .await
    }

    fn try_acquire(&self, request: OperationInfo) -> bool {
        let (mut queue, now) = self.queue();
        let turns = self.turns(&queue, now);
        let before = queue.waiting.iter().filter(|waiter| {
            waiter.is_responsive && !(request.is_urgent() && waiter.ticket.can_wait)
        });
        // As many as there are turns are enough to know.
        let may_start = before.take(turns).count() < turns;
        if may_start {
            self.take(&mut queue, now);
        }
        may_start
    }
}

impl fmt::Debug for LocalRateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalRateLimiter")
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

/// A caller's place in the queue; it leaves when this is dropped.
struct Place<'a> {
    limiter: &'a LocalRateLimiter,
    can_wait: bool,
    ticket: Option<Ticket>,
    /// The number and time of a turn that those in front had not used yet.
    unused: Option<(u64, Duration)>,
}

impl Place<'_> {
    /// Takes the turn if it has come.
    fn ask(&mut self) -> (Turn, Duration) {
        let limiter = self.limiter;
        let (mut queue, now) = limiter.queue();
        let index = self.stand(&mut queue);
        let in_front = queue.waiting.iter().take(index);
        let before = in_front.filter(|waiter| waiter.is_responsive).count();
        let turns = limiter.turns(&queue, now);
        if before < turns {
            self.take(&mut queue, index, now);
            return (Turn::Taken, now);
        }
        let before = u32::try_from(before).unwrap_or(u32::MAX);
        let own = limiter.start(&queue, now, before);
        let patience = limiter.patience(before);
        if turns == 0 {
            let first = limiter.start(&queue, now, 0);
            let at = own.min(first.saturating_add(patience));
            return (Turn::NotBefore(at), now);
        }
        let since = match self.unused {
            Some((turn, since)) if turn == queue.started => since,
            _ => now,
        };
        let at = since.saturating_add(patience);
        if now >= at {
            for waiter in queue.waiting.iter_mut().take(index) {
                waiter.missed = waiter.missed.saturating_add(waiter.is_responsive.into());
                waiter.is_responsive = false;
            }
            self.take(&mut queue, index, now);
            return (Turn::Taken, now);
        }
        self.unused = Some((queue.started, since));
        (Turn::NotBefore(own.min(at)), now)
    }

    fn take(&mut self, queue: &mut Queue, index: usize, now: Duration) {
        self.ticket = None;
        queue.waiting.remove(index);
        self.limiter.take(queue, now);
    }

    /// Stands in the queue, where it is known to be polled.
    fn stand(&mut self, queue: &mut Queue) -> usize {
        if let Some(ticket) = self.ticket {
            let index = queue.index(ticket);
            if let Some(waiter) = queue.waiting.get_mut(index) {
                // Once can be a busy machine. Who is polled by fits and starts takes a
                // turn when it can, and delays nobody any more.
                waiter.is_responsive = waiter.missed < 2;
            }
            return index;
        }
        let ticket = Ticket {
            can_wait: self.can_wait,
            number: queue.tickets,
        };
        queue.tickets += 1;
        let index = queue.index(ticket);
        let waiter = Waiter {
            ticket,
            is_responsive: true,
            missed: 0,
        };
        queue.waiting.insert(index, waiter);
        self.ticket = Some(ticket);
        index
    }
}

impl Queue {
    fn index(&self, ticket: Ticket) -> usize {
        self.waiting
            .partition_point(|waiter| waiter.ticket < ticket)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            let (mut queue, _) = self.limiter.queue();
            let index = queue.index(ticket);
            queue.waiting.remove(index);
        }
    }
}

#[cfg(test)]
mod tests;
