//! Work that is done once for all who want it at the same time.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{Shared, WeakShared};

use crate::BoxFuture;

/// A piece of work under way, of which there is at most one at a time.
///
/// It belongs to all who wait for it: whoever began it may leave, and the
/// others carry it on from where it is. When the last of them leaves, so that
/// nobody is left to carry it on, it is dropped.
#[doc(hidden)]
pub struct Flight<T>(Mutex<Option<WeakShared<BoxFuture<'static, T>>>>);

impl<T: Clone> Flight<T> {
    /// Whether somebody waits for it.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        under_way(running.as_ref()).is_some()
    }

    /// Joins the work under way, or begins it.
    pub fn join_or_begin<B>(&self, begin: B) -> impl Future<Output = T> + Send + use<T, B>
    where
        B: FnOnce() -> BoxFuture<'static, T>,
        T: Send + Sync + 'static,
    {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        under_way(running.as_ref()).unwrap_or_else(|| {
            let work = begin().shared();
            *running = work.downgrade();
            work
        })
    }
}

/// The work, unless it has its outcome: then it has landed, though somebody may
/// still hold it.
fn under_way<T: Clone>(
    running: Option<&WeakShared<BoxFuture<'static, T>>>,
) -> Option<Shared<BoxFuture<'static, T>>> {
    running?.upgrade().filter(|work| work.peek().is_none())
}

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> fmt::Debug for Flight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flight")
    }
}
