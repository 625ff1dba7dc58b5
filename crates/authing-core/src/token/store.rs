//! Where several processes keep the token that they share.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::{Result, Secret};

/// A token in a [`TokenStore`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StoredToken {
    /// The token.
    pub token: Secret,
    /// When it was asked for, by the clock of the machine that did.
    pub issued_at: SystemTime,
    /// When it expires by the same clock; `None` if the server did not say.
    pub expires_at: Option<SystemTime>,
}

impl StoredToken {
    /// A token with its times.
    #[must_use]
    pub fn new(token: Secret, issued_at: SystemTime, expires_at: Option<SystemTime>) -> Self {
        Self {
            token,
            issued_at,
            expires_at,
        }
    }
}

/// Keeps administrators' tokens outside of a client, so that several share one:
/// the processes of a web server, or a tool that runs again and again.
///
/// [`FileTokenStore`](crate::FileTokenStore) serves the processes of one machine,
/// [`MemoryTokenStore`] the clients of one process; for others, such as a
/// database that several machines use, implement this trait. Those machines'
/// clocks should agree within a few seconds.
///
/// The scope tells one user pool's token from another's: a client uses what it
/// is given for its own. A store need not check whether a token is still valid:
/// the client does, and takes none that has expired, that was issued more than
/// five minutes in the future, or that is not valid in a header.
///
/// Calls go on without the store. An error costs a fetch, and is told to
/// `tracing` in its [`message`](crate::Error::message), which must hold no
/// secret. Each operation is given a second. After that it is dropped, and for a
/// minute the client fetches its tokens itself; when the lock took too long, it
/// still loads and saves. An operation that blocks its thread cannot be given
/// up: it blocks the executor's thread as well.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// The token that was saved last under this scope.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    async fn load(&self, scope: &str) -> Result<Option<StoredToken>>;

    /// Replaces the token under this scope.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    async fn save(&self, scope: &str, token: &StoredToken) -> Result<()>;

    /// Waits until nobody else fetches a token for this scope, and keeps others
    /// waiting until the lock is dropped. Without it, which is the default, all
    /// who share the store fetch when the token ends.
    ///
    /// It may be dropped while it waits. A caller may stop to poll it: what is
    /// granted to a caller in a queue can be kept from all others.
    ///
    /// # Errors
    ///
    /// The lock cannot be had.
    async fn lock(&self, scope: &str) -> Result<StoreLock> {
        let _ = scope;
        Ok(StoreLock::none())
    }
}

/// Keeps others from fetching a token until it is dropped.
#[must_use = "others go on when it is dropped"]
pub struct StoreLock(Option<Box<dyn Any + Send + Sync>>);

impl StoreLock {
    /// A lock that is given back when `guard` is dropped.
    pub fn new(guard: impl Any + Send + Sync) -> Self {
        Self(Some(Box::new(guard)))
    }

    /// No lock at all.
    pub fn none() -> Self {
        Self(None)
    }
}

impl fmt::Debug for StoreLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreLock").field(&self.0.is_some()).finish()
    }
}

/// Shares tokens among the clients of one process that are set up apart from
/// each other. Clones of one client share their token without it.
///
/// Clones of the store share what is in it.
#[derive(Debug, Clone, Default)]
pub struct MemoryTokenStore(Arc<Mutex<HashMap<String, Entry>>>);

#[derive(Debug, Default)]
struct Entry {
    token: Option<StoredToken>,
    turn: Arc<Turn>,
}

/// A lock that goes to whoever takes it first. One that is handed to the next
/// in a queue would stay with a caller who is not polled.
#[derive(Debug, Default)]
struct Turn {
    is_taken: AtomicBool,
    is_free: Notify,
}

impl Turn {
    async fn take(self: Arc<Self>) -> Taken {
        loop {
            let mut freed = pin!(self.is_free.notified());
            freed.as_mut().enable();
            if !self.is_taken.swap(true, Ordering::AcqRel) {
                return Taken(Arc::clone(&self));
            }
            freed.await;
        }
    }
}

struct Taken(Arc<Turn>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.is_taken.store(false, Ordering::Release);
        self.0.is_free.notify_waiters();
    }
}

impl MemoryTokenStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn load(&self, scope: &str) -> Result<Option<StoredToken>> {
        let entries = self.entries();
        Ok(entries.get(scope).and_then(|entry| entry.token.clone()))
    }

    async fn save(&self, scope: &str, token: &StoredToken) -> Result<()> {
        let mut entries = self.entries();
        entries.entry(scope.to_owned()).or_default().token = Some(token.clone());
        Ok(())
    }

    async fn lock(&self, scope: &str) -> Result<StoreLock> {
        let turn = {
            let mut entries = self.entries();
            Arc::clone(&entries.entry(scope.to_owned()).or_default().turn)
        };
        Ok(StoreLock::new(turn.take().await))
    }
}
