use authing_core::Secret;
use serde::{Deserialize, Serialize, Serializer};

/// An account of a user at an identity provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Identity {
    /// The provider, such as `wechat` or `ad`.
    pub provider: Option<String>,
    /// The user's id at the provider.
    pub user_id_in_idp: Option<String>,
    /// The id that a social provider gives the user for one app.
    pub openid: Option<String>,
    /// The user that the account belongs to.
    pub user_id: Option<String>,
    /// The user's pool.
    pub user_pool_id: Option<String>,
    /// The connection to the provider, as it is set up in the pool.
    pub connection_id: Option<String>,
    /// Whether the provider is a social one, not one of enterprises.
    pub is_social: Option<bool>,
    /// Which of the provider's ids `user_id_in_idp` is, such as `unionid`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// An account at an identity provider that a user is created with.
///
/// ```
/// use authing_types::v2::CreateUserIdentityInput;
///
/// let account = CreateUserIdentityInput::new("github", "4711").is_social(true);
/// # let _ = account;
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct CreateUserIdentityInput {
    provider: String,
    user_id_in_idp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    openid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_social: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    access_token: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    refresh_token: Option<Secret>,
}

impl CreateUserIdentityInput {
    /// The account with this id at this provider.
    pub fn new(provider: impl Into<String>, user_id_in_idp: impl Into<String>) -> Self {
        Self {
            provider: provider.into(),
            user_id_in_idp: user_id_in_idp.into(),
            openid: None,
            is_social: None,
            connection_id: None,
            access_token: None,
            refresh_token: None,
        }
    }

    /// The id that a social provider gives the user for one app.
    pub fn openid(mut self, openid: impl Into<String>) -> Self {
        self.openid = Some(openid.into());
        self
    }

    /// Whether the provider is a social one, not one of enterprises.
    pub fn is_social(mut self, is_social: bool) -> Self {
        self.is_social = Some(is_social);
        self
    }

    /// The connection to the provider, as it is set up in the pool.
    pub fn connection_id(mut self, connection: impl Into<String>) -> Self {
        self.connection_id = Some(connection.into());
        self
    }

    /// The provider's token to act for the user.
    pub fn access_token(mut self, token: impl Into<Secret>) -> Self {
        self.access_token = Some(token.into());
        self
    }

    /// The provider's token to renew the access token.
    pub fn refresh_token(mut self, token: impl Into<Secret>) -> Self {
        self.refresh_token = Some(token.into());
        self
    }
}

fn exposed<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_travel_but_are_not_shown() {
        let account = CreateUserIdentityInput::new("github", "4711")
            .is_social(false)
            .access_token("hunter2");
        assert_eq!(
            serde_json::to_string(&account).unwrap(),
            r#"{"provider":"github","userIdInIdp":"4711","isSocial":false,"accessToken":"hunter2"}"#
        );
        assert!(!format!("{account:?}").contains("hunter2"));
    }
}
