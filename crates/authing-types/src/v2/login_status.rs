use std::time::SystemTime;

use authing_core::__private::epoch_seconds;
use authing_core::ErrorCode;
use serde::Deserialize;

/// Whether a token is still good, and whose it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct LoginStatus {
    /// 200 for a good token, or why it is not.
    pub code: Option<i64>,
    /// The server's words.
    pub message: Option<String>,
    /// Whether the user is logged in; see [`is_logged_in`](Self::is_logged_in).
    pub status: Option<bool>,
    /// When the token expires, in seconds since 1970.
    pub exp: Option<i64>,
    /// When it was issued, in seconds since 1970.
    pub iat: Option<i64>,
    /// Whose token it is.
    pub data: Option<LoginStatusUser>,
}

/// Whose token it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LoginStatusUser {
    /// The user's id.
    pub id: Option<String>,
    /// The user's pool.
    pub user_pool_id: Option<String>,
    /// The user's resource name.
    pub arn: Option<String>,
}

impl LoginStatus {
    /// Whether the user is logged in.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        self.status == Some(true)
    }

    /// Why the user is not logged in, such as
    /// [`ErrorCode::LOGIN_EXPIRED`].
    #[must_use]
    pub fn refusal(&self) -> Option<ErrorCode> {
        match self.code {
            Some(code) if !self.is_logged_in() => Some(ErrorCode::new(code)),
            _ => None,
        }
    }

    /// When the token expires.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.exp.and_then(epoch_seconds)
    }
}
