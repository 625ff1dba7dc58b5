use std::time::SystemTime;

use authing_core::__private::{Record, Slot, epoch_seconds, require};
use authing_core::{Payload, Result, Secret, operation, read_as_record, string_enum};

use super::claims::OtherClaims;
use super::client::{Call, OidcClient};
use super::settings::Identity;

string_enum! {
    /// Where the server should look for a token first.
    pub enum TokenTypeHint {
        /// Among the access tokens.
        AccessToken = "access_token",
        /// Among the refresh tokens.
        RefreshToken = "refresh_token",
    }
}

/// A token to ask or say something about.
#[derive(Debug, Clone)]
struct Subject {
    client: OidcClient,
    token: Secret,
    hint: Option<TokenTypeHint>,
}

impl Subject {
    fn form(&self, path: &'static str, identity: &Identity) -> Result<Payload> {
        let fields = [("token", require("the token", self.token.expose())?)];
        let hint = self.hint.as_ref();
        let hint = hint.map(|hint| ("token_type_hint", hint.as_str()));
        let identity = identity.fields(&self.client.settings.app_id);
        Ok(Payload::form(path, identity.chain(fields).chain(hint)))
    }
}

/// What the server says about a token.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Introspection {
    /// Whether the token is good. If not, nothing else is said.
    pub active: bool,
    /// Whose token it is.
    pub sub: Option<String>,
    /// To which application it was issued.
    pub client_id: Option<String>,
    /// Who issued it. Authing's cloud names its own host here, also where the
    /// token names that of the application.
    pub iss: Option<String>,
    /// The token's own id.
    pub jti: Option<String>,
    /// What it is good for, separated by spaces.
    pub scope: Option<String>,
    /// How it is to be used; `Bearer`.
    pub token_type: Option<String>,
    /// When it expires, in seconds since 1970.
    pub exp: Option<i64>,
    /// When it was issued, in seconds since 1970.
    pub iat: Option<i64>,
    /// All else that the server said.
    pub other: OtherClaims,
}

impl Record for Introspection {
    fn name(&self) -> &'static str {
        "Introspection"
    }

    fn required(&self) -> &'static [&'static str] {
        &["active"]
    }

    fn slot(&mut self, member: &str) -> Slot<'_> {
        match member {
            "active" => Slot::required_flag(&mut self.active),
            "sub" => Slot::text(&mut self.sub),
            "client_id" => Slot::text(&mut self.client_id),
            "iss" => Slot::text(&mut self.iss),
            "jti" => Slot::text(&mut self.jti),
            "scope" => Slot::words(&mut self.scope),
            "token_type" => Slot::text(&mut self.token_type),
            "exp" => Slot::seconds(&mut self.exp),
            "iat" => Slot::seconds(&mut self.iat),
            _ => self.other.slot(),
        }
    }
}

read_as_record!(Introspection);

impl Introspection {
    /// When the token expires.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.exp.and_then(epoch_seconds)
    }
}

/// [`OidcClient::introspect_token`].
#[derive(Debug, Clone)]
pub struct IntrospectToken(Subject);

impl IntrospectToken {
    pub(super) fn new(client: OidcClient, token: Secret) -> Self {
        Self(Subject {
            client,
            token,
            hint: None,
        })
    }
}

impl Call<IntrospectToken> {
    /// Says what kind of token it is, which makes the search shorter.
    pub fn token_type_hint(mut self, hint: TokenTypeHint) -> Self {
        self.0.operation.0.hint = Some(hint);
        self
    }
}

operation! {
    IntrospectToken => Introspection,
    id: "authentication.oidc.introspect_token",
    repeat: Safe,
    oauth: POST |asked, _| {
        asked.0.form("/oidc/token/introspection", &asked.0.client.settings.introspection)
    },
}

/// [`OidcClient::revoke_token`].
#[derive(Debug, Clone)]
pub struct RevokeToken(Subject);

impl RevokeToken {
    pub(super) fn new(client: OidcClient, token: Secret) -> Self {
        Self(Subject {
            client,
            token,
            hint: None,
        })
    }
}

impl Call<RevokeToken> {
    /// Says what kind of token it is, which makes the search shorter.
    pub fn token_type_hint(mut self, hint: TokenTypeHint) -> Self {
        self.0.operation.0.hint = Some(hint);
        self
    }
}

operation! {
    RevokeToken => (),
    id: "authentication.oidc.revoke_token",
    repeat: Idempotent,
    oauth: POST |revoke, _| {
        revoke.0.form("/oidc/token/revocation", &revoke.0.client.settings.revocation)
    },
}
