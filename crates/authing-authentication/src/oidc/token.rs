use std::time::{Duration, SystemTime};

use authing_core::__private::{Record, Slot, require};
use authing_core::{Credential, Error, Payload, Result, Secret, operation, read_as_record};

use super::callback::AuthorizationCode;
use super::client::{Call, OidcClient};
use super::id_token::{Expected, IdTokenClaims};
use super::settings::Identity;

const PATH: &str = "/oidc/token";

/// What the token endpoint gave.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TokenSet {
    /// Opens the user info, and the APIs of the application.
    pub access_token: Secret,
    /// How the access token is to be used; `Bearer`.
    pub token_type: Option<String>,
    /// How long the access token is good, in seconds; `None` where the server
    /// does not say it, or in a form that means nothing.
    pub expires_in: Option<u64>,
    /// When the access token expires, by this machine's clock.
    pub expires_at: Option<SystemTime>,
    /// Gets new tokens; only with the scope `offline_access`.
    pub refresh_token: Option<Secret>,
    /// The ID token as it came, for the logout.
    pub id_token: Option<Secret>,
    /// What the ID token says, after the checks that
    /// [the module](super#what-is-checked) names.
    pub claims: Option<IdTokenClaims>,
    /// What was granted, separated by spaces.
    pub scope: Option<String>,
}

/// An answer of the token endpoint. The code that it came for is spent, so
/// nothing but the access token has to be as it should be.
#[derive(Default)]
struct Answer {
    access_token: Option<Secret>,
    token_type: Option<String>,
    expires_in: Option<u64>,
    refresh_token: Option<Secret>,
    id_token: Option<Secret>,
    scope: Option<String>,
}

impl Record for Answer {
    fn name(&self) -> &'static str {
        "TokenSet"
    }

    fn required(&self) -> &'static [&'static str] {
        &["access_token"]
    }

    fn slot(&mut self, member: &str) -> Slot<'_> {
        match member {
            "access_token" => Slot::secret(&mut self.access_token).strict(),
            "token_type" => Slot::text(&mut self.token_type),
            // Some endpoints of Authing leave out the s.
            "expires_in" | "expire_in" => Slot::span(&mut self.expires_in),
            "refresh_token" => Slot::secret(&mut self.refresh_token),
            "id_token" => Slot::secret(&mut self.id_token),
            "scope" => Slot::words(&mut self.scope),
            _ => Slot::nothing(),
        }
    }
}

read_as_record!(Answer);

impl Answer {
    fn check(self, client: &OidcClient, nonce: Option<&Secret>) -> Result<TokenSet> {
        let access_token = self.access_token.filter(|token| !token.expose().is_empty());
        let Some(access_token) = access_token else {
            return Err(Error::untrusted("the access token is empty"));
        };
        let expected = Expected {
            settings: &client.settings,
            now: client.pipeline.server_time(),
            nonce,
            access_token: &access_token,
        };
        // The caller compares it with the clock of this machine.
        let here = client.pipeline.clock().now();
        let claims = self.id_token.as_ref().map(|token| expected.read(token));
        Ok(TokenSet {
            expires_at: self
                .expires_in
                .and_then(|life| here.checked_add(Duration::from_secs(life))),
            claims: claims.transpose()?,
            access_token,
            token_type: self.token_type,
            expires_in: self.expires_in,
            refresh_token: self.refresh_token,
            id_token: self.id_token,
            scope: self.scope,
        })
    }
}

fn form<'a>(
    client: &'a OidcClient,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Payload {
    let settings = &client.settings;
    let identity = settings.token.fields(&settings.app_id);
    Payload::form(PATH, identity.chain(fields))
}

/// [`OidcClient::get_access_token_by_code`].
#[derive(Debug, Clone)]
pub struct GetAccessTokenByCode {
    client: OidcClient,
    code: AuthorizationCode,
}

impl GetAccessTokenByCode {
    pub(super) fn new(client: OidcClient, code: AuthorizationCode) -> Self {
        Self { client, code }
    }
}

operation! {
    GetAccessTokenByCode => TokenSet,
    id: "authentication.oidc.get_access_token_by_code",
    repeat: Never,
    oauth: POST |get, _| Ok(form(&get.client, [
        ("grant_type", "authorization_code"),
        ("code", get.code.code.expose()),
        ("redirect_uri", &get.code.login.redirect_uri),
        ("code_verifier", get.code.login.code_verifier.expose()),
    ])),
    read: |get, answer: Answer| {
        let tokens = answer.check(&get.client, Some(&get.code.login.nonce))?;
        match tokens.claims {
            Some(_) => Ok(tokens),
            None => Err(Error::untrusted("the answer has no ID token")),
        }
    },
}

/// [`OidcClient::get_new_access_token_by_refresh_token`].
#[derive(Debug, Clone)]
pub struct GetNewAccessTokenByRefreshToken {
    client: OidcClient,
    refresh_token: Secret,
    subject: Option<String>,
}

impl GetNewAccessTokenByRefreshToken {
    pub(super) fn new(client: OidcClient, refresh_token: Secret) -> Self {
        Self {
            client,
            refresh_token,
            subject: None,
        }
    }
}

impl Call<GetNewAccessTokenByRefreshToken> {
    /// The user whom the first ID token named. A new one for anybody else is
    /// refused, as OpenID Connect asks for.
    pub fn subject(mut self, sub: impl Into<String>) -> Self {
        self.0.operation.subject = Some(sub.into());
        self
    }
}

operation! {
    GetNewAccessTokenByRefreshToken => TokenSet,
    id: "authentication.oidc.get_new_access_token_by_refresh_token",
    repeat: Never,
    oauth: POST |get, _| Ok(form(&get.client, [
        ("grant_type", "refresh_token"),
        ("refresh_token", require("the refresh token", get.refresh_token.expose())?),
    ])),
    read: |get, answer: Answer| {
        let mut tokens = answer.check(&get.client, None)?;
        if let (Some(subject), Some(claims)) = (&get.subject, &tokens.claims)
            && *subject != claims.sub
        {
            return Err(Error::untrusted("the ID token is for another user"));
        }
        let new = tokens.refresh_token.take().filter(|token| !token.expose().is_empty());
        tokens.refresh_token = Some(new.unwrap_or_else(|| get.refresh_token.clone()));
        Ok(tokens)
    },
}

/// [`OidcClient::get_access_token_by_client_credentials`].
#[derive(Debug, Clone)]
pub struct GetAccessTokenByClientCredentials {
    client: OidcClient,
    scope: String,
    access_key: Option<(String, Secret)>,
}

impl GetAccessTokenByClientCredentials {
    pub(super) fn new(client: OidcClient, scope: String) -> Self {
        Self {
            client,
            scope,
            access_key: None,
        }
    }

    fn payload(&self) -> Result<Payload> {
        let fields = [
            ("grant_type", "client_credentials"),
            ("scope", require("the scope", &self.scope)?),
        ];
        let settings = &self.client.settings;
        match (&self.access_key, &settings.token) {
            (Some((key, secret)), _) => {
                let identity = [
                    ("client_id", require("the access key", key)?),
                    ("client_secret", secret.expose()),
                ];
                Ok(Payload::form(PATH, identity.into_iter().chain(fields)))
            }
            (None, Identity::Public) => Err(Error::configuration(
                "an application without a secret gets no token for itself",
            )),
            (None, _) => Ok(form(&self.client, fields)),
        }
    }
}

impl Call<GetAccessTokenByClientCredentials> {
    /// Asks in the name of a programmatic access account instead of the
    /// application. Its key and secret travel as fields of the form.
    pub fn access_key(mut self, key: impl Into<String>, secret: impl Into<Secret>) -> Self {
        self.0.operation.access_key = Some((key.into(), secret.into()));
        Self(self.0.credential(Credential::None))
    }
}

operation! {
    GetAccessTokenByClientCredentials => TokenSet,
    id: "authentication.oidc.get_access_token_by_client_credentials",
    repeat: Idempotent,
    oauth: POST |get, _| get.payload(),
    read: |get, answer: Answer| answer.check(&get.client, None),
}
