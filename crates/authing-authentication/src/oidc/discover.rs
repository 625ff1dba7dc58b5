use authing_core::__private::{Record, Slot};
use authing_core::{Payload, operation, read_as_record};

use super::claims::OtherClaims;

/// What the server says about itself (OpenID Connect Discovery).
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ProviderMetadata {
    /// Who its ID tokens come from.
    pub issuer: String,
    /// Where logins begin.
    pub authorization_endpoint: Option<String>,
    /// Where codes become tokens.
    pub token_endpoint: Option<String>,
    /// Where users are told about.
    pub userinfo_endpoint: Option<String>,
    /// Where its public keys are.
    pub jwks_uri: Option<String>,
    /// Where logins end.
    pub end_session_endpoint: Option<String>,
    /// Where tokens are told about.
    pub introspection_endpoint: Option<String>,
    /// Where tokens are revoked.
    pub revocation_endpoint: Option<String>,
    /// What can be asked for.
    pub scopes_supported: Vec<String>,
    /// How ID tokens may be signed.
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// All else that the server said.
    pub other: OtherClaims,
}

impl Record for ProviderMetadata {
    fn name(&self) -> &'static str {
        "ProviderMetadata"
    }

    fn required(&self) -> &'static [&'static str] {
        &["issuer"]
    }

    fn slot(&mut self, member: &str) -> Slot<'_> {
        match member {
            "issuer" => Slot::required_text(&mut self.issuer),
            "authorization_endpoint" => Slot::text(&mut self.authorization_endpoint),
            "token_endpoint" => Slot::text(&mut self.token_endpoint),
            "userinfo_endpoint" => Slot::text(&mut self.userinfo_endpoint),
            "jwks_uri" => Slot::text(&mut self.jwks_uri),
            "end_session_endpoint" => Slot::text(&mut self.end_session_endpoint),
            "introspection_endpoint" => Slot::text(&mut self.introspection_endpoint),
            "revocation_endpoint" => Slot::text(&mut self.revocation_endpoint),
            "scopes_supported" => Slot::texts(&mut self.scopes_supported),
            "id_token_signing_alg_values_supported" => {
                Slot::texts(&mut self.id_token_signing_alg_values_supported)
            }
            _ => self.other.slot(),
        }
    }
}

read_as_record!(ProviderMetadata);

/// [`OidcClient::discover`](super::OidcClient::discover).
#[derive(Debug, Clone)]
pub struct Discover(());

impl Discover {
    pub(super) fn new() -> Self {
        Self(())
    }
}

operation! {
    Discover => ProviderMetadata,
    id: "authentication.oidc.discover",
    repeat: Safe,
    oauth: GET |_, _| Ok(Payload::new("/oidc/.well-known/openid-configuration", None)),
}
