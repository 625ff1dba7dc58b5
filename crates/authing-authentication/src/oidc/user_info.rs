use authing_core::__private::{Record, Slot};
use authing_core::{Error, Payload, operation, read_as_record};

use super::claims::Claims;
use super::client::Call;

/// The user whom an access token belongs to.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct UserInfo {
    /// The user's id.
    pub sub: String,
    /// What the token's scopes let it say about the user.
    pub claims: Claims,
}

impl Record for UserInfo {
    fn name(&self) -> &'static str {
        "UserInfo"
    }

    fn required(&self) -> &'static [&'static str] {
        &["sub"]
    }

    fn slot(&mut self, member: &str) -> Slot<'_> {
        match member {
            "sub" => Slot::required_text(&mut self.sub),
            other => self.claims.slot(other),
        }
    }
}

read_as_record!(UserInfo);

/// [`OidcClient::get_user_info_by_access_token`](super::OidcClient::get_user_info_by_access_token).
#[derive(Debug, Clone)]
pub struct GetUserInfoByAccessToken {
    subject: Option<String>,
}

impl GetUserInfoByAccessToken {
    pub(super) fn new() -> Self {
        Self { subject: None }
    }
}

impl Call<GetUserInfoByAccessToken> {
    /// The user whom the ID token named. An answer about anybody else is
    /// refused, as OpenID Connect asks for.
    pub fn subject(mut self, sub: impl Into<String>) -> Self {
        self.0.operation.subject = Some(sub.into());
        self
    }
}

operation! {
    GetUserInfoByAccessToken => UserInfo,
    id: "authentication.oidc.get_user_info_by_access_token",
    repeat: Safe,
    oauth: GET |_, _| Ok(Payload::new("/oidc/me", None)),
    read: |asked, user: UserInfo| match &asked.subject {
        Some(subject) if *subject != user.sub => {
            Err(Error::untrusted("the answer is about another user"))
        }
        _ => Ok(user),
    },
}
