use std::sync::Arc;

use authing_core::__private::env_var;
use authing_core::{Credential, Error, Pipeline, Request, Result, Secret, call_type};

use super::authorize::{BuildAuthorizeUrl, PendingLogin};
use super::callback::{self, AuthorizationCode};
use super::discover::Discover;
use super::logout::BuildLogoutUrl;
use super::settings::{Identity, OidcClientBuilder, Settings};
use super::token::{
    GetAccessTokenByClientCredentials, GetAccessTokenByCode, GetNewAccessTokenByRefreshToken,
};
use super::tokens::{IntrospectToken, RevokeToken};
use super::user_info::GetUserInfoByAccessToken;

call_type! {
    /// A call that is ready to be sent: set its options, then await it.
    ///
    /// Which options there are depends on the operation `O`.
    pub struct Call;
}

/// A server-side application that logs its users in with OpenID Connect.
///
/// It holds no user and no token, so one client serves all users of a program
/// at once. Cloning is cheap, and clones share the connections.
#[derive(Debug, Clone)]
pub struct OidcClient {
    pub(super) pipeline: Pipeline,
    pub(super) settings: Arc<Settings>,
}

impl OidcClient {
    pub(super) fn new(pipeline: Pipeline, settings: Settings) -> Self {
        Self {
            pipeline,
            settings: Arc::new(settings),
        }
    }

    /// Starts to set up a client for the application with this id.
    pub fn builder(app_id: impl Into<String>) -> OidcClientBuilder {
        OidcClientBuilder::new(app_id.into())
    }

    /// A client set up by the environment: `AUTHING_APP_ID`,
    /// `AUTHING_APP_HOST` and, unless it has none, `AUTHING_APP_SECRET`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) says what
    /// is missing or wrong.
    pub fn from_env() -> Result<Self> {
        let app_id = env_var("AUTHING_APP_ID")
            .ok_or_else(|| Error::configuration("AUTHING_APP_ID is not set"))?;
        let mut builder = Self::builder(app_id);
        if let Some(host) = env_var("AUTHING_APP_HOST") {
            builder = builder.host(host);
        }
        if let Some(secret) = env_var("AUTHING_APP_SECRET") {
            builder = builder.secret(secret);
        }
        builder.build()
    }

    /// Who ID tokens must come from.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Reads what the server says about itself. No other call needs it.
    pub fn discover(&self) -> Call<Discover> {
        self.call(Credential::None, Discover::new())
    }

    /// Begins a login: where to send the browser, and what to keep until it
    /// comes back to `redirect_uri`, which must be one of those that the
    /// application's settings name.
    pub fn build_authorize_url(&self, redirect_uri: impl Into<String>) -> BuildAuthorizeUrl {
        BuildAuthorizeUrl::new(self.clone(), redirect_uri.into())
    }

    /// Reads what the browser came back with: the query of the address, or the
    /// body if the response mode is
    /// [`FormPost`](super::ResponseMode::FormPost). `login` is what was kept in
    /// the session of this very browser; let it go with this call, since no
    /// login may be finished twice.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Untrusted`](crate::ErrorKind::Untrusted) if the `state` is
    /// not that of `login`. If the login failed, an error whose
    /// [`oauth_error`](crate::Error::oauth_error) says why, such as
    /// `access_denied` or `login_required`.
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if there is
    /// neither a code nor an error.
    pub fn callback(&self, login: &PendingLogin, query: &str) -> Result<AuthorizationCode> {
        callback::read(login, query)
    }

    /// Turns the code of a finished login into tokens, once.
    ///
    /// Fails with the OAuth error `invalid_grant` if the code is wrong, was
    /// used or is older than ten minutes, with `invalid_client` if the
    /// application is not who it says, and with
    /// [`ErrorKind::Untrusted`](crate::ErrorKind::Untrusted) if the ID token is
    /// not for this login.
    pub fn get_access_token_by_code(&self, code: AuthorizationCode) -> Call<GetAccessTokenByCode> {
        let operation = GetAccessTokenByCode::new(self.clone(), code);
        self.call(self.credential(&self.settings.token), operation)
    }

    /// Gets new tokens for a refresh token. The server may send a new refresh
    /// token too and forget the old one: keep that of the answer, which is the
    /// old one if there is no new one.
    ///
    /// Fails with the OAuth error `invalid_grant` if the refresh token is not
    /// good, or no longer: the user has to log in again.
    pub fn get_new_access_token_by_refresh_token(
        &self,
        refresh_token: impl Into<Secret>,
    ) -> Call<GetNewAccessTokenByRefreshToken> {
        let operation = GetNewAccessTokenByRefreshToken::new(self.clone(), refresh_token.into());
        self.call(self.credential(&self.settings.token), operation)
    }

    /// Gets a token for the application itself, or for a programmatic access
    /// account, in nobody's name. Scopes are separated by spaces.
    pub fn get_access_token_by_client_credentials(
        &self,
        scope: impl Into<String>,
    ) -> Call<GetAccessTokenByClientCredentials> {
        let operation = GetAccessTokenByClientCredentials::new(self.clone(), scope.into());
        self.call(self.credential(&self.settings.token), operation)
    }

    /// Reads the user whom an access token belongs to. What is told depends on
    /// the scopes of the token.
    ///
    /// Fails with an error that
    /// [`is_unauthenticated`](crate::Error::is_unauthenticated) if the token is
    /// not good, or no longer.
    pub fn get_user_info_by_access_token(
        &self,
        access_token: impl Into<Secret>,
    ) -> Call<GetUserInfoByAccessToken> {
        let credential = Credential::Bearer(access_token.into());
        self.call(credential, GetUserInfoByAccessToken::new())
    }

    /// Asks the server about an access or refresh token. One that is not good
    /// is no error: see [`Introspection::active`](super::Introspection::active).
    pub fn introspect_token(&self, token: impl Into<Secret>) -> Call<IntrospectToken> {
        let operation = IntrospectToken::new(self.clone(), token.into());
        self.call(self.credential(&self.settings.introspection), operation)
    }

    /// Makes an access or refresh token worthless. One that is so already is no
    /// error.
    pub fn revoke_token(&self, token: impl Into<Secret>) -> Call<RevokeToken> {
        let operation = RevokeToken::new(self.clone(), token.into());
        self.call(self.credential(&self.settings.revocation), operation)
    }

    /// Where to send the browser to end the login at Authing too. End the
    /// application's own session before.
    pub fn build_logout_url(&self) -> BuildLogoutUrl {
        BuildLogoutUrl::new(self.clone())
    }

    fn credential(&self, identity: &Identity) -> Credential {
        identity.credential(&self.settings.app_id)
    }

    fn call<O>(&self, credential: Credential, operation: O) -> Call<O> {
        Call(Request::new(&self.pipeline, credential, operation))
    }
}
