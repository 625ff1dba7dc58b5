use authing_core::__private::require;
use authing_core::{Error, operation};
use authing_types::v2::RefreshToken;
use serde::Serialize;

use super::Users;
use crate::v2::Call;

impl Users<'_> {
    /// Issues a new token for a user. Fails with
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such
    /// user.
    pub fn refresh_token(&self, user_id: impl Into<String>) -> Call<RefreshUserToken> {
        self.call(RefreshUserToken { id: user_id.into() })
    }
}

/// [`Users::refresh_token`].
#[derive(Debug, Clone, Serialize)]
pub struct RefreshUserToken {
    id: String,
}

operation! {
    RefreshUserToken => RefreshToken,
    id: "management.users.refresh_token",
    repeat: Never,
    graphql: [include_str!("documents/refresh_token.graphql")] => "refreshToken",
    // Without an id the server would renew the administrator's own token.
    variables: |refresh, _| require("the user id", &refresh.id).map(|_| refresh),
    read: |_, token: Option<RefreshToken>| {
        token.ok_or_else(|| Error::not_found("the user does not exist"))
    },
}
