//! What a user's token says without being checked.

use authing_core::Secret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

#[derive(Deserialize)]
struct Claims {
    sub: Option<String>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    id: Option<String>,
}

/// The user that a JSON Web Token names: its `sub`, or `data.id` in tokens of
/// old servers. The signature is not checked.
pub(super) fn user_id(token: &Secret) -> Option<String> {
    let payload = token.expose().split('.').nth(1)?;
    let json = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&json).ok()?;
    claims
        .sub
        .or_else(|| claims.data?.id)
        .filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(payload: &str) -> Option<String> {
        let token = format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(payload));
        user_id(&token.into())
    }

    #[test]
    fn both_kinds_of_tokens_name_their_user() {
        assert_eq!(
            named(r#"{"sub":"u1","data":{"id":"u2"}}"#).as_deref(),
            Some("u1")
        );
        assert_eq!(named(r#"{"data":{"id":"u2"}}"#).as_deref(), Some("u2"));
    }

    #[test]
    fn other_text_names_nobody() {
        for payload in ["{}", "[]", r#"{"sub":""}"#, r#"{"sub":7}"#, "x"] {
            assert_eq!(named(payload), None, "{payload}");
        }
        for token in ["", "opaque", "a.b.c", "..", "é.é.é"] {
            assert_eq!(user_id(&token.into()), None, "{token}");
        }
    }
}
