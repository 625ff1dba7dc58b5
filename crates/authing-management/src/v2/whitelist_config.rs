use serde::Deserialize;

/// Which identifiers must be on a whitelist for their owner to register.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WhitelistConfig {
    /// Whether phone numbers must be listed.
    pub phone_enabled: Option<bool>,
    /// Whether e-mail addresses must be listed.
    pub email_enabled: Option<bool>,
    /// Whether usernames must be listed.
    pub username_enabled: Option<bool>,
}
