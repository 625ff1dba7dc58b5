//! Keeps a set of keys, and fetches it anew when that is due.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use authing_core::__private::{Flight, within};
use authing_core::{BoxFuture, Clock, Error, Pipeline, Result};

use super::fetch::fetch;
use super::{Found, KeySet};
use crate::rejection::{Reason, Rejection, quoted};

/// No set is asked for more often than this because of its age.
const SHORTEST_TTL: Duration = Duration::from_secs(60);
/// How long a caller waits for newer keys who could go on with older ones.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long to wait after a fetch that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// For how long a fetch that its callers left is kept for the next one. Callers
/// need no valid token to begin a fetch and leave: that must neither use up the
/// fetch of those who come after, nor multiply fetches.
const LINGER: Duration = Duration::from_secs(1);

/// How long keys are kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyOptions {
    /// After this a set is fetched anew.
    pub(crate) ttl: Duration,
    /// Without a newer one it is used for this long.
    pub(crate) stale: Duration,
    /// Between two fetches because of names that nobody knows.
    pub(crate) cooldown: Duration,
}

impl Default for KeyOptions {
    fn default() -> Self {
        Self {
            ttl: Duration::from_secs(60 * 60),
            stale: Duration::from_secs(24 * 60 * 60),
            cooldown: Duration::from_secs(60),
        }
    }
}

/// A set of keys that is kept.
///
/// Reading takes no lock. One fetch serves all who wait for it, and goes on with
/// the next caller when they leave; a fetch that fails leaves the set as it was.
/// Nothing runs but in the futures of callers.
pub(crate) struct KeyCache {
    shared: Arc<Shared>,
    flight: Flight<Result<()>>,
}

struct Shared {
    pipeline: Pipeline,
    path: String,
    clock: Arc<dyn Clock>,
    options: KeyOptions,
    held: ArcSwapOption<Held>,
    timing: Mutex<Timing>,
}

/// A set, and until when it is good, by the clock's `elapsed`.
struct Held {
    set: Arc<KeySet>,
    /// The names that were in the set before this one.
    withdrawn: Vec<String>,
    fetched_at: Duration,
    fresh_until: Duration,
    good_until: Duration,
}

#[derive(Default)]
struct Timing {
    /// How many fetches brought a set.
    fetches: u64,
    /// No fetch before this: the last one failed.
    pause_until: Duration,
    /// No fetch for the sake of an unknown name before this.
    unknown_until: Duration,
    /// Why the last fetch failed, if it did.
    failure: Option<Error>,
}

/// What is at hand for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// There is a key, or it is known why there is none to use.
    Ready,
    /// There is a key, and it is time to see whether there are newer ones.
    Old,
    /// Keys are at hand, and none has the name.
    Unknown,
    /// There are no keys.
    Empty,
}

/// Why a fetch is made: what was at hand for a token, after so many fetches.
#[derive(Debug, Clone, Copy)]
struct Because {
    state: State,
    seen: u64,
}

impl KeyCache {
    pub(crate) fn new(pipeline: Pipeline, path: String, options: KeyOptions) -> Self {
        let clock = pipeline.clock();
        Self {
            flight: Flight::lingering(Arc::clone(&clock), LINGER),
            shared: Arc::new(Shared {
                clock,
                pipeline,
                path,
                options,
                held: ArcSwapOption::empty(),
                timing: Mutex::default(),
            }),
        }
    }

    /// What is at hand for a key of this name.
    pub(crate) fn state(&self, id: &str) -> State {
        let now = self.shared.clock.elapsed();
        match self.shared.held.load().as_deref() {
            Some(held) if now < held.good_until => match held.set.find(id) {
                Found::Nothing => State::Unknown,
                _ if now < held.fresh_until => State::Ready,
                _ => State::Old,
            },
            _ => State::Empty,
        }
    }

    /// Uses the key of this name.
    pub(crate) fn with_key<T>(&self, id: &str, use_it: impl FnOnce(Found<'_>) -> T) -> T {
        let now = self.shared.clock.elapsed();
        match self.shared.held.load().as_deref() {
            Some(held) if now < held.good_until => use_it(held.set.find(id)),
            _ => use_it(Found::Nothing),
        }
    }

    /// Fetches the keys, or joins those who do.
    pub(crate) fn load(&self) -> impl Future<Output = Result<()>> + Send + use<> {
        self.load_because(None)
    }

    /// The same because of a token, unless there was a fetch since it was looked
    /// at.
    fn load_because(
        &self,
        because: Option<Because>,
    ) -> impl Future<Output = Result<()>> + Send + use<> {
        let shared = Arc::clone(&self.shared);
        self.flight
            .join_or_begin(move || Arc::clone(&shared).fetch(because))
    }

    /// Does what can be done to have a key of this name. Whether it helped, the
    /// set tells.
    pub(crate) async fn prepare(&self, id: &str) {
        if self.state(id) == State::Ready {
            return;
        }
        let seen = self.shared.timing().fetches;
        let state = self.state(id);
        if !self.would_wait_in(state) {
            return;
        }
        let load = self.load_because(Some(Because { state, seen }));
        if state != State::Old {
            // The failure is kept, to explain the rejection that follows.
            let _ = load.await;
            return;
        }
        // One caller asks for newer keys; the others go on with those at hand.
        let clock = Arc::clone(&self.shared.clock);
        if within(&*clock, PATIENCE, load).await.is_none() {
            self.shared.postpone(AFTER_FAILURE);
        }
    }

    /// Whether [`prepare`](Self::prepare) would do anything.
    pub(crate) fn would_wait(&self, id: &str) -> bool {
        self.would_wait_in(self.state(id))
    }

    fn would_wait_in(&self, state: State) -> bool {
        match state {
            State::Ready => false,
            State::Old => !self.flight.is_attended(),
            State::Empty | State::Unknown => {
                self.flight.is_under_way() || self.shared.may_fetch(state)
            }
        }
    }

    /// Why there is no key of this name.
    pub(crate) fn explain(&self, id: &str) -> Rejection {
        let shared = &*self.shared;
        let now = shared.clock.elapsed();
        let name = quoted(id);
        let (failure, wait) = {
            let timing = shared.timing();
            let wait = timing.unknown_until.saturating_sub(now);
            (timing.failure.clone(), wait.as_secs())
        };
        // Loggers show the words, and not what lies beneath.
        let why = failure
            .as_ref()
            .map_or_else(String::new, |failure| format!(": {}", failure.message()));
        let held = shared.held.load();
        let Some(held) = held.as_deref().filter(|held| now < held.good_until) else {
            let words = format!("no keys could be had from {}{why}", shared.address());
            return Rejection::unavailable(words, failure);
        };
        if failure.is_some() {
            let words = format!(
                "no key at hand has the name {name}, and newer ones could not be had from {}{why}",
                shared.address()
            );
            return Rejection::unavailable(words, failure);
        }
        let names: Vec<_> = held.set.ids().take(8).map(quoted).collect();
        let age = now.saturating_sub(held.fetched_at).as_secs();
        let what = match held.withdrawn.iter().any(|withdrawn| withdrawn == id) {
            true => format!("the key {name} was withdrawn"),
            false => format!("no key has the name {name}"),
        };
        let words = format!(
            "{what}: {} had {} {age} s ago, and is asked for unknown ones again in {wait} s at the earliest{}",
            shared.address(),
            names.join(", "),
            held.set.left_out(),
        );
        Rejection::new(Reason::UnknownKey, words)
    }
}

impl Shared {
    fn fetch(self: Arc<Self>, because: Option<Because>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            if because.is_some_and(|because| !self.is_needed(because)) {
                return Ok(());
            }
            let asked_at = self.clock.elapsed();
            let outcome = fetch(&self.pipeline, &self.path).await;
            let mut timing = self.timing();
            match outcome {
                Ok(fetched) => {
                    timing.fetches += 1;
                    timing.failure = None;
                    if because.is_some_and(|because| because.state == State::Unknown) {
                        timing.unknown_until = asked_at.saturating_add(self.options.cooldown);
                    }
                    let ttl = fetched.fresh_for.unwrap_or(self.options.ttl);
                    let ttl = ttl.min(self.options.ttl).max(SHORTEST_TTL);
                    self.keep(fetched.set, asked_at, ttl);
                    Ok(())
                }
                Err(error) => {
                    timing.failure = Some(error.clone());
                    drop(timing);
                    self.pause(AFTER_FAILURE);
                    Err(error)
                }
            }
        })
    }

    /// Whether a fetch is still to be made: another one may have come to its end
    /// since the token was looked at.
    fn is_needed(&self, because: Because) -> bool {
        because.seen == self.timing().fetches
            && (because.state == State::Old || self.may_fetch(because.state))
    }

    fn keep(&self, set: KeySet, now: Duration, ttl: Duration) {
        /// So many names are enough to explain a rejection.
        const REMEMBERED: usize = 16;
        let before = self.held.load();
        let gone = before.iter().flat_map(|held| {
            let earlier = held.withdrawn.iter().map(String::as_str);
            held.set.ids().chain(earlier)
        });
        let withdrawn = gone
            .filter(|id| matches!(set.find(id), Found::Nothing))
            .take(REMEMBERED)
            .map(str::to_owned)
            .collect();
        self.held.store(Some(Arc::new(Held {
            set: Arc::new(set),
            withdrawn,
            fetched_at: now,
            fresh_until: now.saturating_add(ttl),
            good_until: now.saturating_add(ttl.max(self.options.stale)),
        })));
    }

    /// A fetch failed: waits a while before the next, for whatever sake.
    fn pause(&self, wait: Duration) {
        let end = self.clock.elapsed().saturating_add(wait);
        let mut timing = self.timing();
        timing.pause_until = end;
        // It was not answered, so it does not count for the cool-down.
        timing.unknown_until = timing.unknown_until.min(end);
        drop(timing);
        self.postpone(wait);
    }

    /// Goes on with the set at hand for a while before it is tried again.
    fn postpone(&self, wait: Duration) {
        let fresh_until = self.clock.elapsed().saturating_add(wait);
        self.held.rcu(|held| {
            held.as_ref().map(|held| {
                Arc::new(Held {
                    set: Arc::clone(&held.set),
                    withdrawn: held.withdrawn.clone(),
                    fresh_until: held.fresh_until.max(fresh_until),
                    ..**held
                })
            })
        });
    }

    /// Whether a fetch is allowed now when there is no key of a name.
    fn may_fetch(&self, state: State) -> bool {
        let now = self.clock.elapsed();
        let timing = self.timing();
        let is_cooling = state == State::Unknown && now < timing.unknown_until;
        now >= timing.pause_until && !is_cooling
    }

    fn address(&self) -> String {
        self.pipeline
            .url(&self.path)
            .unwrap_or_else(|_| self.path.clone())
    }

    fn timing(&self) -> MutexGuard<'_, Timing> {
        self.timing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.shared.held.load();
        f.debug_struct("KeyCache")
            .field("address", &self.shared.address())
            .field("options", &self.shared.options)
            .field("set", &held.as_ref().map(|held| &held.set))
            .finish_non_exhaustive()
    }
}
