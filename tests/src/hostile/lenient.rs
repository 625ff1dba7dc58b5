//! Answers in which one optional value is of another kind than it should be.
//!
//! A row is an answer whose values can be told apart. Each value that need not
//! be there is replaced by each kind of JSON value, and all others must still be
//! in the output.

use std::fmt;
use std::time::Duration;

use authing::Error;
use authing::oidc::PendingLogin;
use authing_core::BoxFuture;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::server::{Answer, Server, run};
use crate::cases::cases;
use crate::clients::Clients;

/// One answer.
#[non_exhaustive]
pub struct Row {
    id: &'static str,
    answer: Value,
    /// The pointers of the values that must be there, as they are.
    required: &'static [&'static str],
    /// What the server sends to tell this.
    body: fn(&Value) -> Value,
    /// Sends the operation; gives the `Debug` of what must survive.
    send: fn(Clients) -> BoxFuture<'static, Result<String, Error>>,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Row").field(&self.id).finish()
    }
}

macro_rules! row {
    ($id:literal, required: [$($required:literal),*], $answer:expr, |$clients:ident| $call:expr) => {
        row!($id, required: [$($required),*], $answer, Value::clone, |$clients| $call)
    };
    ($id:literal, required: [$($required:literal),*], $answer:expr, $body:expr, |$clients:ident| $call:expr) => {
        Row {
            id: $id,
            answer: $answer,
            required: &[$($required),*],
            body: $body,
            send: |$clients| {
                Box::pin(async move { $call.await.map(|output| format!("{output:?}")) })
            },
        }
    };
}

/// The answers that are tried.
#[must_use]
pub fn rows() -> Vec<Row> {
    let tokens = json!({
        "access_token": "at-1", "token_type": "type-1", "expires_in": 7_777_001,
        "refresh_token": "rt-1", "scope": "scope-1",
    });
    vec![
        row!(
            "authentication.oidc.get_access_token_by_client_credentials",
            required: ["/access_token"],
            tokens.clone(),
            |c| c.oidc.get_access_token_by_client_credentials("scope")
        ),
        row!(
            "authentication.oidc.get_new_access_token_by_refresh_token",
            required: ["/access_token"],
            tokens,
            |c| c.oidc.get_new_access_token_by_refresh_token("rt-0")
        ),
        row!(
            "authentication.oidc.get_access_token_by_code",
            required: ["/sub", "/iss", "/aud", "/exp", "/nonce", "/azp"],
            claims(json!({
                "sub": "sub-1", "iss": "https://id.example/oidc", "aud": "app-1", "azp": "app-1",
                "exp": 1_209_601, "iat": 1_209_602, "auth_time": 1_209_603, "nonce": "n-1",
            })),
            |claims| json!({"access_token": "at-1", "id_token": jwt(claims)}),
            |c| async move {
                let code = c.oidc.callback(&login(), "code=c&state=s-1")?;
                c.oidc.get_access_token_by_code(code).await
            }
        ),
        row!(
            "authentication.oidc.get_user_info_by_access_token",
            required: ["/sub"],
            claims(json!({"sub": "sub-1"})),
            |c| c.oidc.get_user_info_by_access_token("at-1")
        ),
        row!(
            "authentication.oidc.introspect_token",
            required: ["/active"],
            json!({
                "active": true, "sub": "sub-1", "client_id": "client-1", "iss": "iss-1",
                "jti": "jti-1", "scope": "scope-1", "token_type": "type-1", "exp": 7_777_001,
                "iat": 7_777_002, "other-1": {"a": 1},
            }),
            |c| c.oidc.introspect_token("at-1")
        ),
        row!(
            "authentication.oidc.discover",
            required: ["/issuer"],
            json!({
                "issuer": "issuer-1", "authorization_endpoint": "authorization-1",
                "token_endpoint": "token-1", "userinfo_endpoint": "userinfo-1",
                "jwks_uri": "jwks-1", "end_session_endpoint": "end-1",
                "introspection_endpoint": "introspection-1", "revocation_endpoint": "revocation-1",
                "scopes_supported": ["scope-1", "scope-2"],
                "id_token_signing_alg_values_supported": ["alg-1"], "other-1": [1],
            }),
            |c| c.oidc.discover()
        ),
        row!(
            "management.access_token",
            required: ["/data/accessToken/accessToken", "/data/accessToken", "/data"],
            json!({"data": {"accessToken": {"accessToken": "at-1", "exp": 1_296_000, "iat": 0}}}),
            |c| c.admin.roles().list()
        ),
    ]
}

/// These claims and those about a user.
fn claims(mut own: Value) -> Value {
    let user = json!({
        "name": "name-1", "given_name": "given-1", "family_name": "family-1",
        "middle_name": "middle-1", "nickname": "nick-1", "preferred_username": "preferred-1",
        "username": "username-1", "profile": "profile-1", "picture": "picture-1",
        "website": "website-1", "email": "email-1", "email_verified": true, "gender": "gender-1",
        "birthdate": "birth-1", "zoneinfo": "zone-1", "locale": "locale-1",
        "phone_number": "phone-1", "phone_number_verified": true,
        "address": {
            "country": "country-1", "region": "region-1", "locality": "locality-1",
            "postal_code": "postal-1", "street_address": "street-1", "formatted": "formatted-1",
        },
        "updated_at": "2026-11-22", "external_id": "external-1", "other-1": {"a": [1]},
    });
    let members = own.as_object_mut().unwrap();
    members.extend(user.as_object().unwrap().clone());
    own
}

fn jwt(claims: &Value) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn login() -> PendingLogin {
    let login = json!({
        "state": "s-1", "nonce": "n-1", "code_verifier": "v-1",
        "redirect_uri": "https://app.example/callback",
    });
    serde_json::from_value(login).unwrap()
}

/// Each kind of value, and text that is almost another.
fn odd_values() -> [Value; 16] {
    [
        json!(null),
        json!(true),
        json!(false),
        json!(""),
        json!("x"),
        json!("7"),
        json!("true"),
        json!(0),
        json!(-1),
        json!(7.5),
        json!(1e300),
        json!(u64::MAX),
        json!([]),
        json!([[null], "x", 7]),
        json!({}),
        json!({"a": {"b": []}}),
    ]
}

/// The pointers of all values below this one, with the values.
fn values<'v>(value: &'v Value, here: &str, found: &mut Vec<(String, &'v Value)>) {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(i, v)| (i.to_string(), v))
            .collect(),
        _ => Vec::new(),
    };
    for (name, part) in parts {
        let pointer = format!("{here}/{name}");
        found.push((pointer.clone(), part));
        values(part, &pointer, found);
    }
}

impl Row {
    /// Tries all of it.
    ///
    /// # Panics
    ///
    /// The operation fails, or another value is missing from its output.
    pub fn check(&self) {
        let whole = self
            .run(&self.answer)
            .unwrap_or_else(|error| panic!("{}: {error}", self.id));
        let mut all = Vec::new();
        values(&self.answer, "", &mut all);
        for (pointer, _) in &all {
            if self.required.contains(&&**pointer) {
                continue;
            }
            for odd in odd_values() {
                let mut answer = self.answer.clone();
                *answer.pointer_mut(pointer).unwrap() = odd.clone();
                let place = format!("{} with {odd} at {pointer}", self.id);
                let output = self
                    .run(&answer)
                    .unwrap_or_else(|error| panic!("{place}: {error}"));
                for (other, value) in &all {
                    let (Some(text), false) = (leaf(value), touches(pointer, other)) else {
                        continue;
                    };
                    assert!(
                        !whole.contains(&text) || output.contains(&text),
                        "{place}: {other} is lost: {output}"
                    );
                }
            }
        }
    }

    fn run(&self, answer: &Value) -> Result<String, Error> {
        let server = Server::default();
        let body = (self.body)(answer).to_string();
        let other = match self.id {
            "management.access_token" => {
                r#"{"data":{"roles":{"totalCount":0,"list":[]}}}"#.to_owned()
            }
            _ => cases()[0].answer.to_string(),
        };
        let own = Answer::new(StatusCode::OK, body.as_bytes());
        server.now_answer([own], Some((self.id, Bytes::from(other))));
        let clients = Clients::at("https://a.example", server, Duration::from_secs(10)).unwrap();
        run((self.send)(clients))
    }
}

/// What is seen of a value in an output, if it can be told from others.
fn leaf(value: &Value) -> Option<String> {
    match value {
        Value::String(_) => Some(value.to_string()),
        Value::Number(number) if number.as_i64()? > 1000 => Some(number.to_string()),
        _ => None,
    }
}

/// Whether one is the other, or part of it.
fn touches(pointer: &str, other: &str) -> bool {
    let within = |a: &str, b: &str| {
        a.strip_prefix(b)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    within(pointer, other) || within(other, pointer)
}
