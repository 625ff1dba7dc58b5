use authing_core::{Payload, operation};
use serde::Deserialize;

use super::claims::OtherClaims;

/// What the server says about itself (OpenID Connect Discovery).
#[derive(Debug, Clone, Deserialize)]
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
    #[serde(default)]
    pub scopes_supported: Vec<String>,
    /// How ID tokens may be signed.
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// All else that the server said.
    #[serde(flatten)]
    pub other: OtherClaims,
}

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
