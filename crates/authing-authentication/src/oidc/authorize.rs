use std::fmt;

use authing_core::__private::{encode_form, require};
use authing_core::{Error, Result, Secret};
use serde::{Deserialize, Serialize, Serializer};

use super::client::OidcClient;
use super::pkce;

/// The scopes that Authing's other SDKs ask for.
const SCOPES: &str = "openid profile email phone address";

/// What [`BuildAuthorizeUrl`] sets itself, and so must not be set otherwise.
const OWN: [&str; 11] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "login_hint",
];

authing_core::string_enum! {
    /// What the server shows although it need not, or may not show.
    pub enum Prompt {
        /// Nothing: fail with `login_required` where a login is needed.
        None = "none",
        /// The login page, also to a user who is logged in.
        Login = "login",
        /// The question whether the application may have what it asks for.
        Consent = "consent",
    }
}

authing_core::string_enum! {
    /// How the browser brings the answer.
    pub enum ResponseMode {
        /// In the query of the address.
        Query = "query",
        /// As a form that the browser posts. Its session cookie then needs
        /// `SameSite=None`, since the post comes from another site.
        FormPost = "form_post",
    }
}

/// [`OidcClient::build_authorize_url`]: set the options, then
/// [`build`](Self::build).
#[derive(Debug, Clone)]
#[must_use = "nothing is begun until it is built"]
pub struct BuildAuthorizeUrl {
    client: OidcClient,
    redirect_uri: String,
    scope: String,
    prompt: Option<Prompt>,
    response_mode: Option<ResponseMode>,
    login_hint: Option<String>,
    more: Vec<(String, String)>,
}

impl BuildAuthorizeUrl {
    pub(super) fn new(client: OidcClient, redirect_uri: String) -> Self {
        Self {
            client,
            redirect_uri,
            scope: SCOPES.to_owned(),
            prompt: None,
            response_mode: None,
            login_hint: None,
            more: Vec::new(),
        }
    }

    /// What to ask for, separated by spaces, instead of
    /// `openid profile email phone address`. `openid` must be among it. For a
    /// refresh token add `offline_access`, and see [`prompt`](Self::prompt).
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// What to show. By default the server decides; with `offline_access` it is
    /// [`Prompt::Consent`], since Authing gives no refresh token otherwise.
    pub fn prompt(mut self, prompt: Prompt) -> Self {
        self.prompt = Some(prompt);
        self
    }

    /// How the answer comes; by default in the query.
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.response_mode = Some(mode);
        self
    }

    /// Whom the login page should expect: a user name, email address or phone
    /// number.
    pub fn login_hint(mut self, hint: impl Into<String>) -> Self {
        self.login_hint = Some(hint.into());
        self
    }

    /// A further parameter, such as Authing's `tenant_id`. One that the SDK
    /// sets itself makes the build fail.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.more.push((name.into(), value.into()));
        self
    }

    /// Makes `state`, `nonce` and PKCE verifier, each of 256 random bits, and
    /// the address that goes with them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the
    /// redirect URI is empty, the scopes lack `openid`, or a parameter is set
    /// twice.
    pub fn build(self) -> Result<AuthorizeUrl> {
        require("the redirect URI", &self.redirect_uri)?;
        let has = |scope| self.scope.split_whitespace().any(|asked| asked == scope);
        if !has("openid") {
            return Err(Error::invalid_input("the scopes lack openid"));
        }
        let offline = has("offline_access").then_some(Prompt::Consent);
        let prompt = self.prompt.or(offline);
        let login = PendingLogin {
            state: pkce::random()?.into(),
            nonce: pkce::random()?.into(),
            code_verifier: pkce::random()?.into(),
            redirect_uri: self.redirect_uri,
        };
        let challenge = pkce::challenge(&login.code_verifier);
        let mut query = vec![
            ("client_id", &*self.client.settings.app_id),
            ("redirect_uri", &login.redirect_uri),
            ("response_type", "code"),
            ("scope", &self.scope),
            ("state", login.state.expose()),
            ("nonce", login.nonce.expose()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in [
            ("prompt", prompt.as_ref().map(Prompt::as_str)),
            (
                "response_mode",
                self.response_mode.as_ref().map(ResponseMode::as_str),
            ),
            ("login_hint", self.login_hint.as_deref()),
        ] {
            query.extend(value.map(|value| (name, value)));
        }
        for (name, value) in &self.more {
            let twice = OWN.contains(&&**name) || query.iter().any(|(other, _)| other == name);
            if twice || name.is_empty() {
                return Err(Error::invalid_input(format!(
                    "the parameter {name:?} is the SDK's own, empty, or set twice"
                )));
            }
            query.push((name, value));
        }
        let path = ["/oidc/auth?", &encode_form(query)].concat();
        Ok(AuthorizeUrl {
            url: self.client.pipeline.url(&path)?,
            login,
        })
    }
}

/// A login that begins.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuthorizeUrl {
    /// Where to send the browser.
    pub url: String,
    /// What to keep until it comes back.
    pub login: PendingLogin,
}

/// What must be remembered of a login until the browser comes back.
///
/// It can be written to JSON and the like, to be kept in the user's session.
/// Keep it where only this one browser can reach it, and where not even its
/// user can read it: on the server, or in an encrypted cookie.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingLogin {
    #[serde(serialize_with = "expose")]
    pub(super) state: Secret,
    #[serde(serialize_with = "expose")]
    pub(super) nonce: Secret,
    #[serde(serialize_with = "expose")]
    pub(super) code_verifier: Secret,
    pub(super) redirect_uri: String,
}

impl PendingLogin {
    /// The `state` that the browser will bring: a key under which an
    /// application may keep the login that belongs to it.
    #[must_use]
    pub fn state(&self) -> &str {
        self.state.expose()
    }
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogin")
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}

fn expose<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}
