//! JSON web tokens signed with HS256, and what a token is for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

pub(crate) fn sign(claims: &Value, secret: &str) -> String {
    let header = encode(&json!({"alg": "HS256", "typ": "JWT"}));
    let signed = format!("{header}.{}", encode(claims));
    let signature = mac(secret, &signed)
        .map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
        .unwrap_or_default();
    format!("{signed}.{signature}")
}

/// What a signed token is for. The secret of an application signs tokens of several kinds, so whoever reads one asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// OpenID Connect's token for APIs.
    Access,
    /// OpenID Connect's statement about a login.
    Id,
    /// The token of a session of the v2 API.
    Session,
    /// The token of a login that waits for its second factor.
    SecondFactor,
}

impl TokenKind {
    pub(crate) fn of(claims: &Value) -> Self {
        match claims.get("data") {
            Some(data) if data.get("stage").is_some() => Self::SecondFactor,
            Some(_) => Self::Session,
            None if claims.get("scope").is_some() => Self::Access,
            None => Self::Id,
        }
    }
}

/// The claims of a token that the secret signed. Says nothing about its time.
pub(crate) fn verify(token: &str, secret: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    // Compares in constant time.
    mac(secret, signed)?.verify_slice(&signature).ok()?;
    let (header, claims) = signed.split_once('.')?;
    (decode(header)?.get("alg")? == "HS256").then(|| decode(claims))?
}

/// What a token claims, whether it is valid or not.
pub(crate) fn unverified(token: &str) -> Option<Value> {
    decode(token.split('.').nth(1)?)
}

fn mac(secret: &str, text: &str) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256>>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn decode(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifies_what_it_signed() {
        let claims = json!({"sub": "a", "exp": 5});
        let token = sign(&claims, "secret");
        assert_eq!(verify(&token, "secret"), Some(claims));
        assert_eq!(verify(&token, "Secret"), None);
        assert_eq!(verify(&format!("{token}A"), "secret"), None);
    }

    #[test]
    fn refuses_other_algorithms_and_nonsense() {
        let header = encode(&json!({"alg": "none"}));
        let signed = format!("{header}.{}", encode(&json!({"sub": "a"})));
        assert_eq!(verify(&format!("{signed}."), "secret"), None);
        let signature = mac("secret", &signed).unwrap().finalize().into_bytes();
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(verify(&token, "secret"), None);
        for nonsense in ["", ".", "..", "a.b.c", "a"] {
            assert_eq!(verify(nonsense, "secret"), None);
        }
    }
}
