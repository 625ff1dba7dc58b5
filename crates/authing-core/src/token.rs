//! The administrator's token: fetched once, shared, renewed in time.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use crate::clock::Clock;
use crate::{Error, Result, Secret};

/// A token just issued.
#[derive(Debug)]
#[non_exhaustive]
pub struct IssuedToken {
    /// The token.
    pub token: Secret,
    /// How long it is valid from now; `None` if the server did not say.
    pub lifetime: Option<Duration>,
}

impl IssuedToken {
    /// A token that is valid for `lifetime`.
    #[must_use]
    pub fn new(token: Secret, lifetime: Option<Duration>) -> Self {
        Self { token, lifetime }
    }
}

/// Where a [`TokenCache`] gets its tokens.
#[async_trait]
pub trait TokenSource: fmt::Debug + Send + Sync + 'static {
    /// Asks for a new token.
    ///
    /// # Errors
    ///
    /// Whatever went wrong; all who wait for this token are told.
    async fn fetch(&self) -> Result<IssuedToken>;
}

/// Keeps one token and renews it.
///
/// - Nothing is fetched before it is needed, and one fetch serves all who wait.
/// - In the last tenth of its life (at most five minutes) one caller renews the
///   token while the others go on with it; if that fails, so does nobody, and
///   it is tried again after a tenth of that time.
/// - A token is not given out in the last twentieth of its life (at most half
///   a minute), so that no call leaves with one that expires on the way.
/// - Life is counted by this machine's clock from before the fetch, so a server
///   whose clock is off does no harm.
#[derive(Debug)]
pub struct TokenCache {
    source: Box<dyn TokenSource>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Held by the caller that fetches.
    flight: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Arc<Cached>>,
    /// How many fetches have ended, and the error of the last if it failed.
    landed: u64,
    failure: Option<Error>,
    /// No renewal before this: the last one failed.
    pause_until: Option<SystemTime>,
}

#[derive(Debug)]
pub(crate) struct Cached {
    pub(crate) secret: Secret,
    renew_at: Option<SystemTime>,
    dead_at: Option<SystemTime>,
    /// How long to wait after a renewal that failed.
    pause: Duration,
}

impl Cached {
    fn new(issued: IssuedToken, asked_at: SystemTime) -> Self {
        const RENEW: Duration = Duration::from_secs(5 * 60);
        const MARGIN: Duration = Duration::from_secs(30);
        let before_end = |window: Duration| {
            let lifetime = issued.lifetime?;
            asked_at.checked_add(lifetime.saturating_sub(window))
        };
        let lifetime = issued.lifetime.unwrap_or_default();
        let window = (lifetime / 10).min(RENEW);
        Self {
            renew_at: before_end(window),
            pause: window / 10,
            dead_at: before_end((lifetime / 20).min(MARGIN)),
            secret: issued.token,
        }
    }

    fn is_alive(&self, now: SystemTime) -> bool {
        self.dead_at.is_none_or(|end| now < end)
    }

    fn is_fresh(&self, now: SystemTime) -> bool {
        self.is_alive(now) && self.renew_at.is_none_or(|end| now < end)
    }
}

impl TokenCache {
    /// A cache that is empty until somebody asks.
    pub fn new(source: impl TokenSource, clock: Arc<dyn Clock>) -> Self {
        Self {
            source: Box::new(source),
            clock,
            state: Mutex::default(),
            flight: tokio::sync::Mutex::new(()),
        }
    }

    /// A token that is valid now.
    ///
    /// # Errors
    ///
    /// The error of the fetch, if one was needed and failed.
    pub async fn token(&self) -> Result<Secret> {
        Ok(self.get().await?.secret.clone())
    }

    pub(crate) async fn get(&self) -> Result<Arc<Cached>> {
        let (held, landed, pause_until) = {
            let state = self.state();
            (state.token.clone(), state.landed, state.pause_until)
        };
        let now = self.clock.now();
        let pauses = pause_until.is_some_and(|end| now < end);
        match held.filter(|token| token.is_alive(now)) {
            Some(token) if pauses || token.is_fresh(now) => Ok(token),
            Some(token) => match self.flight.try_lock() {
                // Somebody may have renewed it just now; whatever goes wrong,
                // the token at hand is still good.
                Ok(_flight) => match self.outcome_since(landed) {
                    Some(outcome) => Ok(outcome.unwrap_or(token)),
                    None => Ok(self.fetch().await.unwrap_or(token)),
                },
                Err(_) => Ok(token),
            },
            None => {
                let _flight = self.flight.lock().await;
                if let Some(outcome) = self.outcome_since(landed) {
                    return outcome;
                }
                self.fetch().await
            }
        }
    }

    /// What the fetch brought that ended while this caller waited for it.
    fn outcome_since(&self, landed: u64) -> Option<Result<Arc<Cached>>> {
        let state = self.state();
        if state.landed == landed {
            return None;
        }
        if let Some(error) = &state.failure {
            return Some(Err(error.clone()));
        }
        let now = self.clock.now();
        state
            .token
            .clone()
            .filter(|token| token.is_alive(now))
            .map(Ok)
    }

    async fn fetch(&self) -> Result<Arc<Cached>> {
        let asked_at = self.clock.now();
        let outcome = self.source.fetch().await;
        let mut state = self.state();
        state.landed += 1;
        match outcome {
            Ok(issued) => {
                let token = Arc::new(Cached::new(issued, asked_at));
                state.token = Some(Arc::clone(&token));
                state.failure = None;
                state.pause_until = None;
                Ok(token)
            }
            Err(error) => {
                state.failure = Some(error.clone());
                let pause = state.token.as_ref().map(|token| token.pause);
                state.pause_until = pause.and_then(|pause| self.clock.now().checked_add(pause));
                Err(error)
            }
        }
    }

    /// Throws the token away if it is still the one that was refused: a newer
    /// one must not suffer for a late answer.
    pub(crate) fn reject(&self, refused: &Arc<Cached>) {
        let mut state = self.state();
        if state
            .token
            .as_ref()
            .is_some_and(|token| Arc::ptr_eq(token, refused))
        {
            state.token = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

    use super::*;
    use crate::BoxFuture;

    /// A clock that stands still until it is turned.
    #[derive(Debug, Clone, Default)]
    struct Hands(Arc<AtomicU64>);

    impl Hands {
        fn turn(&self, seconds: u64) {
            self.0.fetch_add(seconds, Ordering::SeqCst);
        }
    }

    impl Clock for Hands {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::SeqCst))
        }

        fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
    }

    /// Numbers its tokens, and fails while `broken`.
    #[derive(Debug, Clone, Default)]
    struct Mint {
        lifetime: Option<Duration>,
        fetches: Arc<AtomicUsize>,
        broken: Arc<Mutex<bool>>,
    }

    impl Mint {
        fn living(seconds: u64) -> Self {
            Self {
                lifetime: Some(Duration::from_secs(seconds)),
                ..Self::default()
            }
        }

        fn fetches(&self) -> usize {
            self.fetches.load(Ordering::SeqCst)
        }

        fn break_down(&self, broken: bool) {
            *self.broken.lock().unwrap() = broken;
        }
    }

    #[async_trait]
    impl TokenSource for Mint {
        async fn fetch(&self) -> Result<IssuedToken> {
            let number = self.fetches.fetch_add(1, Ordering::SeqCst) + 1;
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            match *self.broken.lock().unwrap() {
                true => Err(Error::api(None, format!("failure {number}"))),
                false => Ok(IssuedToken::new(format!("t{number}").into(), self.lifetime)),
            }
        }
    }

    fn cache(mint: &Mint) -> (Arc<TokenCache>, Hands) {
        let hands = Hands::default();
        let cache = TokenCache::new(mint.clone(), Arc::new(hands.clone()));
        (Arc::new(cache), hands)
    }

    async fn all(cache: &Arc<TokenCache>, callers: usize) -> Vec<Result<Secret>> {
        let tasks: Vec<_> = (0..callers)
            .map(|_| {
                let cache = Arc::clone(cache);
                tokio::spawn(async move { cache.token().await })
            })
            .collect();
        let mut tokens = Vec::new();
        for task in tasks {
            tokens.push(task.await.unwrap());
        }
        tokens
    }

    #[tokio::test]
    async fn one_fetch_serves_all_who_start_at_once() {
        let mint = Mint::living(3600);
        let (cache, _) = cache(&mint);
        for token in all(&cache, 100).await {
            assert_eq!(token.unwrap().expose(), "t1");
        }
        assert_eq!(mint.fetches(), 1);
    }

    #[tokio::test]
    async fn one_failure_is_shared_and_not_kept() {
        let mint = Mint::living(3600);
        mint.break_down(true);
        let (cache, _) = cache(&mint);
        for outcome in all(&cache, 100).await {
            assert_eq!(outcome.unwrap_err().message(), "failure 1");
        }
        assert_eq!(mint.fetches(), 1);
        mint.break_down(false);
        assert_eq!(cache.token().await.unwrap().expose(), "t2");
    }

    #[tokio::test]
    async fn short_lives_are_used_but_not_to_the_end() {
        let mint = Mint::living(60);
        let (cache, hands) = cache(&mint);
        for (turn, expected) in [(0, "t1"), (53, "t1"), (1, "t2"), (58, "t3")] {
            hands.turn(turn);
            assert_eq!(
                cache.token().await.unwrap().expose(),
                expected,
                "after {turn} s"
            );
        }
        assert_eq!(mint.fetches(), 3);
    }

    #[tokio::test]
    async fn a_valid_token_survives_a_failed_renewal() {
        let mint = Mint::living(3600);
        let (cache, hands) = cache(&mint);
        cache.token().await.unwrap();
        mint.break_down(true);
        hands.turn(3600 - 200);
        assert_eq!(cache.token().await.unwrap().expose(), "t1");
        hands.turn(180);
        assert_eq!(cache.token().await.unwrap_err().message(), "failure 3");
    }

    #[tokio::test]
    async fn a_failed_renewal_is_not_tried_again_at_once() {
        let mint = Mint::living(3600);
        let (cache, hands) = cache(&mint);
        cache.token().await.unwrap();
        mint.break_down(true);
        hands.turn(3600 - 250);
        for _ in 0..20 {
            assert_eq!(cache.token().await.unwrap().expose(), "t1");
        }
        assert_eq!(mint.fetches(), 2);
        mint.break_down(false);
        hands.turn(30);
        assert_eq!(cache.token().await.unwrap().expose(), "t3");
    }

    #[tokio::test]
    async fn others_go_on_while_one_renews() {
        let mint = Mint::living(3600);
        let (cache, hands) = cache(&mint);
        cache.token().await.unwrap();
        hands.turn(3600 - 200);
        let tokens = all(&cache, 20).await;
        let old = tokens
            .iter()
            .filter(|token| token.as_ref().unwrap().expose() == "t1")
            .count();
        assert!(
            old >= 1,
            "somebody waited although the token was still good"
        );
        assert_eq!(mint.fetches(), 2);
    }

    #[tokio::test]
    async fn a_cancelled_fetch_is_taken_over() {
        let mint = Mint::living(3600);
        let (cache, _) = cache(&mint);
        let first = tokio::spawn({
            let cache = Arc::clone(&cache);
            async move { cache.token().await }
        });
        tokio::task::yield_now().await;
        let waiting = tokio::spawn({
            let cache = Arc::clone(&cache);
            async move { cache.token().await }
        });
        tokio::task::yield_now().await;
        first.abort();
        assert_eq!(waiting.await.unwrap().unwrap().expose(), "t2");
    }

    #[tokio::test]
    async fn only_the_refused_token_is_thrown_away() {
        let mint = Mint::living(3600);
        let (cache, _) = cache(&mint);
        let first = cache.get().await.unwrap();
        cache.reject(&first);
        let second = cache.get().await.unwrap();
        assert_eq!(second.secret.expose(), "t2");
        cache.reject(&first);
        assert_eq!(cache.token().await.unwrap().expose(), "t2");
        assert_eq!(mint.fetches(), 2);
    }

    #[tokio::test]
    async fn a_token_without_an_end_is_kept() {
        let mint = Mint::default();
        let (cache, hands) = cache(&mint);
        cache.token().await.unwrap();
        hands.turn(1_000_000_000);
        assert_eq!(cache.token().await.unwrap().expose(), "t1");
    }
}
