//! A client's own limit on how fast it calls.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Spaces calls out evenly, letting a tenth of a second's worth go at once.
#[derive(Debug)]
pub(crate) struct Limiter {
    interval: Duration,
    burst: Duration,
    /// When the next call would be due if all came evenly.
    due: Mutex<Duration>,
}

impl Limiter {
    /// At most this many calls a second; 0 counts as 1.
    pub(crate) fn per_second(calls: u32) -> Self {
        let interval = Duration::from_secs(1) / calls.max(1);
        Self {
            interval,
            burst: Duration::from_millis(100).saturating_sub(interval),
            due: Mutex::new(Duration::ZERO),
        }
    }

    /// Takes the next place in the queue and tells how long to wait for it.
    pub(crate) fn reserve(&self, now: Duration) -> Duration {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let own = (*due).max(now);
        *due = own.saturating_add(self.interval);
        own.saturating_sub(self.burst).saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of the calls that come at once may go within the first second.
    fn in_the_first_second(calls_per_second: u32) -> usize {
        let limiter = Limiter::per_second(calls_per_second);
        let start = Duration::from_secs(1000);
        (0..10_000)
            .filter(|_| limiter.reserve(start) < Duration::from_secs(1))
            .count()
    }

    #[test]
    fn the_rate_holds_with_a_small_burst() {
        assert_eq!(in_the_first_second(1), 1);
        assert_eq!(in_the_first_second(0), 1);
        assert_eq!(in_the_first_second(10), 10);
        let calls = in_the_first_second(300);
        assert!((300..=330).contains(&calls), "{calls}");
    }

    #[test]
    fn who_comes_late_does_not_wait() {
        let limiter = Limiter::per_second(10);
        for second in 1..100 {
            assert_eq!(limiter.reserve(Duration::from_secs(second)), Duration::ZERO);
        }
        assert_eq!(
            limiter.reserve(Duration::from_secs(99)),
            Duration::from_millis(100)
        );
    }
}
