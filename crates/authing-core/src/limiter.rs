//! A client's own limit on how fast it calls.

use std::time::Duration;

use tokio::sync::Mutex;

use crate::clock::Clock;

/// Spaces calls out evenly, letting a tenth of a second's worth go at once.
#[derive(Debug)]
pub(crate) struct Limiter {
    interval: Duration,
    burst: Duration,
    /// When the next call would be due if all came evenly. Whoever waits for
    /// its turn holds it, and the others queue up behind: one that leaves the
    /// queue leaves no gap.
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

    /// Waits for the next place in the queue.
    pub(crate) async fn turn(&self, clock: &dyn Clock) {
        let mut due = self.due.lock().await;
        let now = clock.elapsed();
        let own = (*due).max(now);
        let wait = own.saturating_sub(self.burst).saturating_sub(now);
        if !wait.is_zero() {
            clock.sleep(wait).await;
        }
        *due = own.saturating_add(self.interval);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::time::Instant;

    use super::*;
    use crate::BoxFuture;

    /// Tokio's paused time.
    #[derive(Debug)]
    struct Paused(Instant);

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
    fn paused() -> Arc<Paused> {
        Arc::new(Paused(Instant::now()))
    }

    /// How many of the calls that come at once may go within the first second.
    async fn in_the_first_second(calls_per_second: u32) -> usize {
        let limiter = Limiter::per_second(calls_per_second);
        let clock = paused();
        let mut gone = 0;
        while clock.elapsed() < Duration::from_secs(1) {
            limiter.turn(&*clock).await;
            gone += 1;
        }
        // The last one went when the second was over.
        gone - 1
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_holds_with_a_small_burst() {
        assert_eq!(in_the_first_second(1).await, 1);
        assert_eq!(in_the_first_second(0).await, 1);
        assert_eq!(in_the_first_second(10).await, 10);
        let calls = in_the_first_second(300).await;
        assert!((300..=330).contains(&calls), "{calls}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_late_does_not_wait() {
        let limiter = Limiter::per_second(10);
        let clock = paused();
        for second in 1..100 {
            tokio::time::advance(Duration::from_secs(1)).await;
            limiter.turn(&*clock).await;
            assert_eq!(clock.elapsed().as_secs(), second);
        }
        limiter.turn(&*clock).await;
        assert!(clock.elapsed() >= Duration::from_millis(99_100));
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_leaves_no_gap() {
        let limiter = Limiter::per_second(1);
        let clock = paused();
        limiter.turn(&*clock).await;
        for _ in 0..500 {
            let turn = tokio::time::timeout(Duration::from_millis(1), limiter.turn(&*clock));
            turn.await.unwrap_err();
        }
        limiter.turn(&*clock).await;
        assert!(clock.elapsed() < Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_that_leaves_makes_room() {
        let limiter = Arc::new(Limiter::per_second(1));
        let clock = paused();
        limiter.turn(&*clock).await;
        let crowd: Vec<_> = (0..1000)
            .map(|_| {
                let (limiter, clock) = (Arc::clone(&limiter), Arc::clone(&clock));
                tokio::spawn(async move { limiter.turn(&*clock).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(10)).await;
        crowd.iter().for_each(tokio::task::JoinHandle::abort);
        limiter.turn(&*clock).await;
        assert!(clock.elapsed() < Duration::from_secs(3));
    }
}
