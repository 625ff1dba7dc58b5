use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderValue;

use super::shelf::Shelf;
use super::{IssuedToken, StoredToken, TokenSource, TokenStore};
use crate::clock::{Clock, within};
use crate::flight::Flight;
use crate::pipeline::authorization;
use crate::{BoxFuture, Error, ErrorKind, Result, Secret, trace};

/// How long a caller that has a good token waits for a better one.
const RENEWAL_PATIENCE: Duration = Duration::from_secs(3);

/// For how long a fetch that its callers left is kept for the next one.
const LINGER: Duration = Duration::from_secs(1);

/// As long as a token may be used without asking for a new one. What lives
/// longer, such as an expiry in milliseconds, is more likely wrong.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How far the clocks of machines that share a store may differ. A token that
/// was issued later than that is not believed.
const MOST_AHEAD: Duration = Duration::from_secs(5 * 60);

/// Keeps one token and renews it.
///
/// - Nothing is fetched before it is needed, and one fetch serves all who wait.
///   It goes on as long as one of them does, whoever began it. When all have
///   left, the next caller within a second carries it on.
/// - A failed fetch is told to those who waited for it, and the next who needs
///   a token tries again.
/// - A token that no `Authorization` header can carry counts as a failed fetch:
///   an empty one, or one with other characters than visible ASCII (RFC 6749,
///   appendix A.12). It is neither kept nor taken from a store.
/// - In the last tenth of its life (at most five minutes) one caller renews the
///   token while the others go on with it. If that fails, or takes more than
///   three seconds, that caller goes on with it as well, and it is tried again
///   after a tenth of that time.
/// - A token is not given out in the last twentieth of its life (at most half
///   a minute), so that no call leaves with one that expires on the way. Its
///   life is taken for 30 days at most. One that has expired on arrival serves
///   the callers who wait for it, and no other.
/// - Life is counted by this machine's clock from before the fetch, so a server
///   whose clock is off does no harm.
/// - With a [`TokenStore`] the token is shared with other processes. A store
///   that fails costs a fetch, and never a call. One that hangs is given up
///   after a second, and not asked again for a minute.
pub struct TokenCache {
    inner: Arc<Inner>,
    flight: Flight<Result<Arc<Cached>>>,
}

struct Inner {
    source: Arc<dyn TokenSource>,
    clock: Arc<dyn Clock>,
    store: Option<Shelf>,
    state: Mutex<State>,
    /// The request to the server alone: it is kept when all leave, and holds
    /// no lock of a store.
    request: Flight<Result<Arc<Cached>>>,
}

#[derive(Default)]
struct State {
    token: Option<Arc<Cached>>,
    /// The last token that the server refused: a store may still have it.
    refused: Option<Secret>,
    /// No renewal before this: the last one failed.
    pause_until: Option<SystemTime>,
}

pub(crate) struct Cached {
    pub(super) secret: Secret,
    /// What calls send, made once.
    pub(crate) header: HeaderValue,
    renew_at: Option<SystemTime>,
    dead_at: Option<SystemTime>,
    end: Option<SystemTime>,
    /// How long to wait after a renewal that failed.
    pause: Duration,
}

impl Cached {
    /// # Errors
    ///
    /// The token cannot stand in a header.
    fn new(issued: IssuedToken, asked_at: SystemTime) -> Result<Self> {
        const RENEW: Duration = Duration::from_secs(5 * 60);
        const MARGIN: Duration = Duration::from_secs(30);
        let text = issued.token.expose();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::new(
                ErrorKind::Token,
                "the token is empty or not valid in an HTTP header",
            ));
        }
        let lifetime = issued.lifetime.map(|life| life.min(LONGEST_LIFE));
        let before_end = |window: Duration| asked_at.checked_add(lifetime?.saturating_sub(window));
        let lifetime = lifetime.unwrap_or_default();
        let window = (lifetime / 10).min(RENEW);
        Ok(Self {
            renew_at: before_end(window),
            pause: window / 10,
            dead_at: before_end((lifetime / 20).min(MARGIN)),
            end: before_end(Duration::ZERO),
            header: authorization("Bearer ", text)?,
            secret: issued.token,
        })
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
        Self::with_shelf(source, clock, None)
    }

    /// A cache that shares its token through `store`. The scope says whose
    /// token it is: caches with the same scope share one.
    pub fn with_store(
        source: impl TokenSource,
        clock: Arc<dyn Clock>,
        store: Arc<dyn TokenStore>,
        scope: impl Into<String>,
    ) -> Self {
        let shelf = Shelf::new(store, scope.into(), Arc::clone(&clock));
        Self::with_shelf(source, clock, Some(shelf))
    }

    fn with_shelf(source: impl TokenSource, clock: Arc<dyn Clock>, store: Option<Shelf>) -> Self {
        Self {
            inner: Arc::new(Inner {
                source: Arc::new(source),
                request: Flight::lingering(Arc::clone(&clock), LINGER),
                clock,
                store,
                state: Mutex::default(),
            }),
            flight: Flight::default(),
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
        let now = self.inner.clock.now();
        let (held, pauses) = {
            let state = self.inner.state();
            let pauses = state.pause_until.is_some_and(|end| now < end);
            (state.token.clone(), pauses)
        };
        let Some(token) = held.filter(|token| token.is_alive(now)) else {
            return self.flight.join_or_begin(|| self.work()).await;
        };
        if pauses || token.is_fresh(now) || self.flight.is_attended() {
            return Ok(token);
        }
        let renewal = self.flight.join_or_begin(|| self.work());
        match within(&*self.inner.clock, RENEWAL_PATIENCE, renewal).await {
            Some(Ok(renewed)) => Ok(renewed),
            // Whatever went wrong, the token at hand is still good.
            Some(Err(_)) => Ok(token),
            None => {
                self.inner.pause(&mut self.inner.state());
                Ok(token)
            }
        }
    }

    fn work(&self) -> BoxFuture<'static, Result<Arc<Cached>>> {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move { inner.obtain().await })
    }

    /// Throws the token away if it is still the one that was refused: a newer
    /// one must not suffer for a late answer.
    pub(crate) fn reject(&self, refused: &Arc<Cached>) {
        let mut state = self.inner.state();
        if state
            .token
            .as_ref()
            .is_some_and(|token| Arc::ptr_eq(token, refused))
        {
            state.token = None;
            state.refused = Some(refused.secret.clone());
        }
    }
}

impl Inner {
    /// A token that is fresh: at hand, from the store, or from the server.
    async fn obtain(&self) -> Result<Arc<Cached>> {
        // Somebody may have renewed it since this was asked for.
        if let Some(token) = self.at_hand() {
            return Ok(token);
        }
        let Some(shelf) = &self.store else {
            return self.fetch().await;
        };
        if let Some(token) = self.stored(shelf).await {
            return Ok(token);
        }
        let lock = shelf.lock().await;
        // Whoever held the lock may have fetched one.
        if let Some(token) = self.stored(shelf).await {
            return Ok(token);
        }
        let asked_at = self.clock.now();
        let token = self.fetch().await?;
        if token.is_alive(self.clock.now()) {
            let secret = token.secret.clone();
            shelf
                .save(&StoredToken::new(secret, asked_at, token.end))
                .await;
        }
        drop(lock);
        Ok(token)
    }

    fn at_hand(&self) -> Option<Arc<Cached>> {
        let now = self.clock.now();
        let state = self.state();
        state.token.clone().filter(|token| token.is_fresh(now))
    }

    /// The token of the store, if it is better than the one at hand.
    async fn stored(&self, shelf: &Shelf) -> Option<Arc<Cached>> {
        let stored = shelf.load().await?;
        let now = self.clock.now();
        if stored.issued_at > now.checked_add(MOST_AHEAD)? {
            return None;
        }
        let lifetime = match stored.expires_at {
            Some(end) => Some(end.duration_since(stored.issued_at).ok()?),
            None => None,
        };
        let issued = IssuedToken::new(stored.token, lifetime);
        let token = match Cached::new(issued, stored.issued_at) {
            Ok(token) => token,
            Err(error) => {
                trace::token_store_failed("load", &error);
                return None;
            }
        };
        let mut state = self.state();
        let is_refused = state
            .refused
            .as_ref()
            .is_some_and(|refused| refused.expose() == token.secret.expose());
        if is_refused || !token.is_fresh(now) {
            return None;
        }
        Some(state.keep(Arc::new(token)))
    }

    async fn fetch(&self) -> Result<Arc<Cached>> {
        let request = self.request.join_or_begin(|| {
            let (source, clock) = (Arc::clone(&self.source), Arc::clone(&self.clock));
            Box::pin(async move {
                let asked_at = clock.now();
                let issued = source.fetch().await?;
                Cached::new(issued, asked_at).map(Arc::new)
            })
        });
        let outcome = request.await;
        let mut state = self.state();
        match outcome {
            Ok(token) => Ok(state.keep(token)),
            Err(error) => {
                self.pause(&mut state);
                Err(error)
            }
        }
    }

    /// Tries no renewal for a while.
    fn pause(&self, state: &mut State) {
        let pause = state.token.as_ref().map(|token| token.pause);
        state.pause_until = pause.and_then(|pause| self.clock.now().checked_add(pause));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn keep(&mut self, token: Arc<Cached>) -> Arc<Cached> {
        self.token = Some(Arc::clone(&token));
        self.pause_until = None;
        token
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("source", &self.inner.source)
            .field("store", &self.inner.store.as_ref().map(Shelf::store))
            .finish_non_exhaustive()
    }
}
