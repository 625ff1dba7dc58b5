//! What stays the same while an emulator runs: its user pool and application.

use std::fmt;
use std::time::Duration;

use crate::ids;

const DAY: Duration = Duration::from_secs(86_400);

/// The user pool and its one application.
pub(crate) struct Pool {
    /// Where the server is, without a slash at the end.
    pub(crate) host: String,
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) jwt_secret: String,
    pub(crate) app_id: String,
    pub(crate) app_secret: String,
    /// The pool that Authing itself keeps its customers in: management tokens name it, and not the customer's pool.
    pub(crate) root_id: String,
    /// The customer: the user of the root pool in whose name an administrator acts.
    pub(crate) owner_id: String,
    pub(crate) management_key: String,
    pub(crate) management_token_life: Duration,
    pub(crate) user_token_life: Duration,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            host: String::new(),
            id: ids::id(),
            secret: ids::secret(),
            jwt_secret: ids::secret(),
            app_id: ids::id(),
            app_secret: ids::secret(),
            root_id: ids::id(),
            owner_id: ids::id(),
            management_key: ids::secret(),
            management_token_life: 15 * DAY,
            user_token_life: 14 * DAY,
        }
    }
}

impl Pool {
    /// `arn:cn:authing:<pool>:<kind>:<id>`
    pub(crate) fn arn(&self, kind: &str, id: &str) -> String {
        format!("arn:cn:authing:{}:{kind}:{id}", self.id)
    }
}

/// Without the secrets.
impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("id", &self.id)
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}
