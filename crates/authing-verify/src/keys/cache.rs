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
/// How long to wait after a fetch that everybody gave up who waited for it.
const AFTER_GIVING_UP: Duration = Duration::from_secs(1);

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
/// Reading takes no lock. One fetch serves all who wait for it; a fetch that
/// fails leaves the set as it was. Nothing runs but in the futures of callers.
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
    /// No fetch before this: the last one came to nothing.
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

impl KeyCache {
    pub(crate) fn new(pipeline: Pipeline, path: String, options: KeyOptions) -> Self {
        Self {
            shared: Arc::new(Shared {
                clock: pipeline.clock(),
                pipeline,
                path,
                options,
                held: ArcSwapOption::empty(),
                timing: Mutex::default(),
            }),
            flight: Flight::default(),
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
        self.load_after(None)
    }

    /// The same, unless there was a fetch since this one.
    fn load_after(&self, seen: Option<u64>) -> impl Future<Output = Result<()>> + Send + use<> {
        let shared = Arc::clone(&self.shared);
        self.flight.join_or_begin(move || shared.fetch(seen))
    }

    /// Does what can be done to have a key of this name. Whether it helped, the
    /// set tells.
    pub(crate) async fn prepare(&self, id: &str) {
        if self.state(id) == State::Ready {
            return;
        }
        let seen = self.shared.timing().fetches;
        let goes = match self.state(id) {
            State::Ready => false,
            State::Old => return self.renew(seen).await,
            State::Empty => self.flight.is_under_way() || !self.shared.pauses(),
            State::Unknown => self.flight.is_under_way() || self.shared.may_look_for_unknown(),
        };
        if goes {
            // The failure is kept, to explain the rejection that follows.
            let _ = self.load_after(Some(seen)).await;
        }
    }

    /// Whether [`prepare`](Self::prepare) would do anything.
    pub(crate) fn would_wait(&self, id: &str) -> bool {
        let now = self.shared.clock.elapsed();
        match self.state(id) {
            State::Ready => false,
            State::Old => !self.flight.is_under_way(),
            State::Empty => self.flight.is_under_way() || !self.shared.pauses(),
            State::Unknown => {
                let timing = self.shared.timing();
                now >= timing.unknown_until.max(timing.pause_until) || self.flight.is_under_way()
            }
        }
    }

    /// One caller asks for newer keys; the others go on with those at hand.
    async fn renew(&self, seen: u64) {
        if self.flight.is_under_way() {
            return;
        }
        let clock = Arc::clone(&self.shared.clock);
        if within(&*clock, PATIENCE, self.load_after(Some(seen)))
            .await
            .is_none()
        {
            self.shared.postpone(AFTER_FAILURE);
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
        let held = shared.held.load();
        let Some(held) = held.as_deref().filter(|held| now < held.good_until) else {
            let words = format!("no keys could be fetched from {}", shared.address());
            return Rejection::unavailable(words, failure);
        };
        if failure.is_some() {
            let words = format!(
                "no key at hand has the name {name}, and newer ones could not be fetched from {}",
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
            "{what}: {} had {} {age} s ago, and is asked for unknown ones again in {wait} s at the earliest",
            shared.address(),
            names.join(", "),
        );
        Rejection::new(Reason::UnknownKey, words)
    }
}

impl Shared {
    fn fetch(self: Arc<Self>, seen: Option<u64>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            if seen.is_some_and(|seen| seen != self.timing().fetches) {
                return Ok(());
            }
            let mut given_up = GivenUp(Some(&self));
            let outcome = fetch(&self.pipeline, &self.path).await;
            given_up.0 = None;
            let now = self.clock.elapsed();
            let mut timing = self.timing();
            match outcome {
                Ok(fetched) => {
                    timing.fetches += 1;
                    timing.failure = None;
                    let ttl = fetched.max_age.unwrap_or(self.options.ttl);
                    let ttl = ttl.min(self.options.ttl).max(SHORTEST_TTL);
                    self.keep(fetched.set, now, ttl);
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

    /// A fetch came to nothing: waits a while before the next, for whatever
    /// sake.
    fn pause(&self, wait: Duration) {
        let end = self.clock.elapsed().saturating_add(wait);
        let mut timing = self.timing();
        timing.pause_until = end;
        // It was not answered, so it does not count for the cool-down.
        timing.unknown_until = timing.unknown_until.min(end);
        drop(timing);
        self.postpone(wait);
    }

    fn pauses(&self) -> bool {
        self.clock.elapsed() < self.timing().pause_until
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

    /// Whether a fetch for the sake of an unknown name is allowed now; if so,
    /// no other is for a while.
    fn may_look_for_unknown(&self) -> bool {
        let now = self.clock.elapsed();
        let mut timing = self.timing();
        let may = now >= timing.unknown_until.max(timing.pause_until);
        if may {
            timing.unknown_until = now.saturating_add(self.options.cooldown);
        }
        may
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

/// Notices when everybody leaves who waited for a fetch. Whoever sends tokens
/// with made-up names and hangs up must not use up the fetch of those who come
/// after, nor cause a flood of them.
struct GivenUp<'a>(Option<&'a Shared>);

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        if let Some(shared) = self.0 {
            shared.pause(AFTER_GIVING_UP);
        }
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
