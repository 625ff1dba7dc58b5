//! One token's place in a store, and what that may cost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{StoreLock, StoredToken, TokenStore};
use crate::clock::{Clock, within};
use crate::{Error, Result, trace};

/// How long to wait for an operation of a store: longer than most fetches
/// take, and shorter than the deadline of a call.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long to go on without what has hung.
const PAUSE: Duration = Duration::from_secs(60);

/// A place in a store. None of its operations fails or hangs: without the store
/// each process fetches a token of its own.
pub(super) struct Shelf {
    store: Arc<dyn TokenStore>,
    scope: String,
    clock: Arc<dyn Clock>,
    pauses: Mutex<Pauses>,
}

/// Until when the store, or only its lock, is not asked, by the clock's
/// `elapsed`.
#[derive(Default)]
struct Pauses {
    store: Duration,
    lock: Duration,
}

impl Shelf {
    pub(super) fn new(store: Arc<dyn TokenStore>, scope: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            scope,
            clock,
            pauses: Mutex::default(),
        }
    }

    pub(super) fn store(&self) -> &dyn TokenStore {
        &*self.store
    }

    pub(super) async fn load(&self) -> Option<StoredToken> {
        let load = self.store.load(&self.scope);
        self.run("load", |pauses| &mut pauses.store, load).await?
    }

    pub(super) async fn save(&self, token: &StoredToken) {
        let save = self.store.save(&self.scope, token);
        self.run("save", |pauses| &mut pauses.store, save).await;
    }

    /// Another process may keep the lock for good: then only the lock is left
    /// out, and tokens are still shared.
    pub(super) async fn lock(&self) -> Option<StoreLock> {
        let lock = self.store.lock(&self.scope);
        self.run("lock", |pauses| &mut pauses.lock, lock).await
    }

    /// Runs an operation, unless it hung not long ago.
    async fn run<T>(
        &self,
        what: &'static str,
        pause: fn(&mut Pauses) -> &mut Duration,
        operation: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        if self.is_paused(pause) {
            return None;
        }
        let outcome = within(&*self.clock, PATIENCE, operation).await;
        let error = match outcome {
            Some(Ok(value)) => return Some(value),
            Some(Err(error)) => error,
            None => {
                self.pause(pause);
                Error::timeout(format!("it did not answer within {PATIENCE:?}"))
            }
        };
        trace::token_store_failed(what, &error);
        None
    }

    fn is_paused(&self, pause: fn(&mut Pauses) -> &mut Duration) -> bool {
        let now = self.clock.elapsed();
        let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        now < pauses.store.max(*pause(&mut pauses))
    }

    fn pause(&self, pause: fn(&mut Pauses) -> &mut Duration) {
        let end = self.clock.elapsed().saturating_add(PAUSE);
        let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        *pause(&mut pauses) = end;
    }
}
