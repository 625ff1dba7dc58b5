//! The administrator's token: fetched once, shared, renewed in time.

mod cache;
mod file;
mod shelf;
mod store;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::{Result, Secret};

pub(crate) use cache::Cached;
pub use cache::TokenCache;
pub use file::FileTokenStore;
pub use store::{MemoryTokenStore, StoreLock, StoredToken, TokenStore};

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
