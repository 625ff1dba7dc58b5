use authing_core::__private::encode_form;
use authing_core::{Error, Result, Secret};

use super::client::OidcClient;

/// [`OidcClient::build_logout_url`]: set the options, then
/// [`build`](Self::build).
#[derive(Debug, Clone)]
#[must_use = "it is no address until it is built"]
pub struct BuildLogoutUrl {
    client: OidcClient,
    id_token: Option<Secret>,
    redirect_uri: Option<String>,
    state: Option<String>,
}

impl BuildLogoutUrl {
    pub(super) fn new(client: OidcClient) -> Self {
        Self {
            client,
            id_token: None,
            redirect_uri: None,
            state: None,
        }
    }

    /// The ID token of the login, so that the server knows who logs out and
    /// need not ask. It will be in the address, which others may see.
    pub fn id_token_hint(mut self, id_token: impl Into<Secret>) -> Self {
        self.id_token = Some(id_token.into());
        self
    }

    /// Where the server sends the browser afterwards: one of the logout
    /// callbacks in the application's settings. Needs an
    /// [`id_token_hint`](Self::id_token_hint).
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(uri.into());
        self
    }

    /// What the browser brings along to the redirect URI, unchanged.
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Makes the address.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a
    /// redirect URI without an ID token, or a state without a redirect URI.
    pub fn build(self) -> Result<String> {
        if self.redirect_uri.is_some() && self.id_token.is_none() {
            return Err(Error::invalid_input(
                "a redirect after the logout needs an ID token",
            ));
        }
        if self.state.is_some() && self.redirect_uri.is_none() {
            return Err(Error::invalid_input(
                "a state without a redirect goes nowhere",
            ));
        }
        let query = [
            ("id_token_hint", self.id_token.as_ref().map(Secret::expose)),
            ("post_logout_redirect_uri", self.redirect_uri.as_deref()),
            ("state", self.state.as_deref()),
        ];
        let query = encode_form(
            query
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let url = self.client.pipeline.url("/oidc/session/end")?;
        Ok(match &*query {
            "" => url,
            query => [&url, "?", query].concat(),
        })
    }
}
