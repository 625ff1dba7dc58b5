use authing::Error;
use authing::verify::{Claims, Rejection};
use serde_json::{Value, json};

use super::Case;
use crate::jwt::SERVER;

pub(super) fn cases() -> Vec<Case> {
    let answer = json!({"active": true, "sub": "u1", "client_id": "app-1"});
    vec![
        case!("verify.keys", json!({"keys": [SERVER.jwk()]}), shows: "()", |c| {
            c.verifier.preload()
        }),
        case!("verify.introspection", answer.clone(), shows: "sub: \"u1\"", |c| async move {
            outcome(c.verifier.verify(&token()).await)
        }),
        case!(
            "verify.introspection" + "basic",
            answer,
            shows: "sub: \"u1\"",
            |c| async move { outcome(c.verifier_basic.verify(&token()).await) }
        ),
    ]
}

/// An access token that is good in 1970.
fn token() -> String {
    let claims: Value = json!({
        "sub": "u1", "iss": "https://id.example/oidc", "aud": "app-1", "exp": 1_209_600,
        "scope": "openid",
    });
    SERVER.sign(&claims)
}

/// The error behind a rejection.
fn outcome(outcome: Result<Claims, Rejection>) -> Result<Claims, Error> {
    outcome.map_err(|rejection| {
        let cause = std::error::Error::source(&rejection);
        match cause.and_then(|cause| cause.downcast_ref::<Error>()) {
            Some(error) => error.clone(),
            None => panic!("refused: {rejection}"),
        }
    })
}
