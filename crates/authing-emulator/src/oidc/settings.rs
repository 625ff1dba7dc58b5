//! How the application is set up.

use std::time::Duration;

use axum::http::Uri;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::loopback::is_loopback;

/// How the application has to prove to the token endpoint who it is. Any other way is refused with `invalid_client`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `client_secret_post`: id and secret in the form.
    #[default]
    SecretPost,
    /// `client_secret_basic`: id and secret in the `Authorization` header.
    SecretBasic,
    /// `none`: the id alone, and PKCE.
    None,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) authentication: ClientAuthentication,
    /// Any address of this machine when not set.
    pub(crate) redirect_uris: Option<Vec<String>>,
    /// Any address of this machine when not set.
    pub(crate) logout_redirect_uris: Option<Vec<String>>,
    /// HS256 with the application's secret when false.
    pub(crate) rs256_id_tokens: bool,
    pub(crate) access_token_life: Duration,
    pub(crate) roles_in_access_tokens: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            authentication: ClientAuthentication::default(),
            redirect_uris: None,
            logout_redirect_uris: None,
            rs256_id_tokens: false,
            access_token_life: Duration::from_secs(14 * 86_400),
            roles_in_access_tokens: false,
        }
    }
}

/// Whether a browser may be sent to this address.
pub(super) fn is_registered(list: Option<&[String]>, uri: &str) -> bool {
    match list {
        Some(list) => list.iter().any(|registered| registered == uri),
        None => is_on_this_machine(uri),
    }
}

fn is_on_this_machine(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else {
        return false;
    };
    uri.scheme_str() == Some("http")
        && uri.host().is_some_and(is_loopback)
        && !text.contains(['#', '@', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_registered_unless_there_is_a_list() {
        for good in [
            "http://127.0.0.1:3000/callback?a=1",
            "http://localhost/",
            "http://LOCALHOST:8080/cb",
            "http://localhost.:8080/cb",
            "http://app.localhost:8080/cb",
            "http://[::1]:8080/x",
        ] {
            assert!(is_registered(None, good), "{good}");
        }
        for bad in [
            "",
            "/callback",
            "https://example.com",
            "http://localhost.example.com/",
            "http://notlocalhost/",
            "https://app.localhost/",
            "http://127.0.0.1@example.com/",
            "http://127.0.0.1:3000/#x",
            "javascript:alert(1)",
        ] {
            assert!(!is_registered(None, bad), "{bad}");
        }
        let list = ["https://example.com/callback".to_owned()];
        assert!(is_registered(Some(&list), "https://example.com/callback"));
        for bad in ["https://example.com/callback/", "http://127.0.0.1/"] {
            assert!(!is_registered(Some(&list), bad), "{bad}");
        }
    }
}
