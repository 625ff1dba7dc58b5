//! Time, behind a trait, so that tests can turn it.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use crate::BoxFuture;

/// What the pipeline asks for the time and for waiting.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time of day.
    fn now(&self) -> SystemTime;

    /// A future that is ready after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// The time since some fixed moment, never going back; by default the time
    /// of day. Durations are measured with it.
    fn elapsed(&self) -> Duration {
        self.now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
    }
}

/// The operating system's clock, with a timer that works on any executor.
///
/// The timer is `futures-timer`, which keeps one helper thread for the whole
/// process. A transport that runs on Tokio brings Tokio's timer instead, see
/// [`HttpTransport::clock`](crate::HttpTransport::clock).
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that others ask"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(futures_timer::Delay::new(duration))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that others ask"
    )]
    fn elapsed(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }
}

/// Makes a clock of a closure that tells the time of day, for tests that turn
/// the time or share it with a server. Waits take as long as they do on the
/// [`SystemClock`].
///
/// ```
/// use authing_core::{Clock, clock_fn};
/// use std::time::{Duration, SystemTime};
///
/// let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_208_000);
/// let clock = clock_fn(move || noon);
/// assert_eq!(clock.now(), noon);
/// ```
pub fn clock_fn<F>(now: F) -> ClockFn<F>
where
    F: Fn() -> SystemTime + Send + Sync + 'static,
{
    ClockFn(now)
}

/// A clock made by [`clock_fn`].
#[derive(Clone, Copy)]
pub struct ClockFn<F>(F);

impl<F> fmt::Debug for ClockFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClockFn")
    }
}

impl<F> Clock for ClockFn<F>
where
    F: Fn() -> SystemTime + Send + Sync + 'static,
{
    fn now(&self) -> SystemTime {
        (self.0)()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }

    /// Goes on also where the time of day stands still.
    fn elapsed(&self) -> Duration {
        SystemClock.elapsed()
    }
}

/// The operating system's clock with Tokio's timer; must run inside Tokio.
///
/// Waits and durations follow Tokio's time, also where a test has paused it.
#[cfg(feature = "tokio-clock")]
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct TokioClock;

#[cfg(feature = "tokio-clock")]
impl Clock for TokioClock {
    fn now(&self) -> SystemTime {
        SystemClock.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that others ask"
    )]
    fn elapsed(&self) -> Duration {
        static START: OnceLock<tokio::time::Instant> = OnceLock::new();
        START.get_or_init(tokio::time::Instant::now).elapsed()
    }
}

/// The longest time that is handed to a timer: thirty years. Some timers add
/// what they are given to the time of now, and panic where that cannot be
/// expressed.
const LONGEST: Duration = Duration::from_secs(30 * 365 * 86_400);

/// The duration, or the longest that every timer can wait for.
#[doc(hidden)]
#[must_use]
pub fn bounded(duration: Duration) -> Duration {
    duration.min(LONGEST)
}

/// Refuses a limit of time that nothing can keep to.
///
/// # Errors
///
/// What is wrong with it.
#[doc(hidden)]
pub fn time_limit(name: &str, limit: Duration) -> Result<(), String> {
    match limit.is_zero() {
        true => Err(format!("a {name} of 0 seconds lets nothing through")),
        false => Ok(()),
    }
}

/// The point in time this many seconds after 1970, as the API counts `exp` and
/// `iat`.
#[doc(hidden)]
#[must_use]
pub fn epoch_seconds(seconds: i64) -> Option<SystemTime> {
    let seconds = u64::try_from(seconds).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Runs `future` for at most `limit` from when it first has to wait; `None` when
/// time ran out.
#[doc(hidden)]
pub async fn within<F: Future>(clock: &dyn Clock, limit: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    // What is ready at once needs no timer.
    let mut sleep = None;
    poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        let sleep = sleep.get_or_insert_with(|| clock.sleep(bounded(limit)));
        sleep.as_mut().poll(context).map(|()| None)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn within_gives_the_value_or_gives_up() {
        let clock = SystemClock;
        let ready = within(&clock, Duration::from_secs(60), async { 7 }).await;
        assert_eq!(ready, Some(7));
        let never = within(
            &clock,
            Duration::from_millis(5),
            std::future::pending::<()>(),
        )
        .await;
        assert_eq!(never, None);
    }

    #[tokio::test]
    async fn any_limit_can_be_given() {
        for clock in clocks() {
            for limit in [Duration::ZERO, Duration::MAX] {
                let later = async {
                    tokio::task::yield_now().await;
                    7
                };
                let given = within(&*clock, limit, later).await;
                assert!(given == Some(7) || limit.is_zero());
            }
        }
    }

    #[test]
    fn a_limit_of_nothing_is_refused() {
        let words = time_limit("deadline", Duration::ZERO).unwrap_err();
        assert_eq!(words, "a deadline of 0 seconds lets nothing through");
        time_limit("deadline", Duration::from_nanos(1)).unwrap();
    }

    fn clocks() -> Vec<Box<dyn Clock>> {
        vec![
            Box::new(SystemClock),
            #[cfg(feature = "tokio-clock")]
            Box::new(TokioClock),
        ]
    }
}
