//! Tokens and callbacks: what comes through a browser or from a caller.

use authing::oidc::{OidcClient, PendingLogin};
use authing::v2::AuthenticationClient;
use authing::{ErrorKind, RetryPolicy};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};

use super::check::{self, CANARY};
use super::hosts::is_issuer;
use super::server::{Answer, NOW, Server, run};

const ISSUER: &str = "https://id.example/oidc";
const STATE: &str = "s+1 é";
const NONCE: &str = "n-1";

fn client(server: &Server) -> OidcClient {
    OidcClient::builder("app-1")
        .secret("app-secret")
        .host("https://a.example")
        .issuer(ISSUER)
        .retry(RetryPolicy::none())
        .transport(server.clone())
        .build()
        .unwrap()
}

fn login() -> PendingLogin {
    let login = json!({
        "state": STATE, "nonce": NONCE, "code_verifier": "v-1",
        "redirect_uri": "https://app.example/callback",
    });
    serde_json::from_value(login).unwrap()
}

/// The token whose payload is this.
fn token(payload: &[u8]) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload))
}

/// A user's token, whole or its payload alone.
pub(super) fn user_token(input: &[u8]) {
    let client = AuthenticationClient::builder()
        .app_id("app-1")
        .transport(Server::default())
        .build()
        .unwrap();
    for text in [String::from_utf8_lossy(input).into_owned(), token(input)] {
        let session = client.session(&text);
        assert_eq!(session.token().expose(), text);
        let id = session.user_id();
        if let Some(id) = &id {
            assert!(!id.is_empty(), "an empty id is nobody's");
            assert!(id.len() <= text.len());
            assert!(text.contains('.'), "{text} is no token");
        }
        if !id.is_some_and(|id| id.contains(CANARY)) {
            check::clean(&session);
        }
        let shows = |session| format!("{session:?}").contains(&text);
        let is_common = text.len() < 20 || shows(client.session(""));
        assert!(is_common || !shows(session), "the token is shown");
    }
}

/// An ID token, whole or its payload alone.
pub(super) fn id_token(input: &[u8]) {
    for text in [String::from_utf8_lossy(input).into_owned(), token(input)] {
        let answer = json!({"access_token": "a-1", "id_token": text}).to_string();
        let server = Server::answering([Answer::new(StatusCode::OK, answer.as_bytes())]);
        let client = client(&server);
        let code = client
            .callback(&login(), "code=c&state=s%2B1+%C3%A9")
            .unwrap();
        match run(client.get_access_token_by_code(code).send()) {
            Ok(tokens) => {
                let claims = tokens.claims.as_ref().unwrap();
                assert!(is_issuer(&claims.iss, ISSUER), "{}", claims.iss);
                assert!(claims.aud.iter().any(|aud| aud == "app-1"));
                let alone = claims.aud.len() == 1;
                assert!(claims.azp.as_deref().map_or(alone, |azp| azp == "app-1"));
                let end = u64::try_from(claims.exp).unwrap();
                assert!(end + 60 > NOW.as_secs(), "it has expired");
                // Read once more, by other means.
                let payload = text.split('.').nth(1).unwrap();
                let payload = URL_SAFE_NO_PAD.decode(payload).unwrap();
                let payload: Value = serde_json::from_slice(&payload).unwrap();
                assert_eq!(payload["nonce"], NONCE);
                assert_eq!(payload["sub"], claims.sub);
                assert_eq!(text.split('.').count(), 3);
                let shown = format!("{tokens:?}");
                assert!(!shown.contains(&text), "the token is shown: {shown}");
            }
            Err(error) => check::error(&error, &[ErrorKind::Untrusted]),
        }
    }
}

/// What the browser brings to the callback.
pub(super) fn callback(input: &[u8]) {
    let query = String::from_utf8_lossy(input);
    let client = client(&Server::default());
    let values = |name: &str| {
        form_urlencoded::parse(query.strip_prefix('?').unwrap_or(&query).as_bytes())
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
            .collect::<Vec<_>>()
    };
    let (states, codes, errors) = (values("state"), values("code"), values("error"));
    match client.callback(&login(), &query) {
        Ok(code) => {
            assert_eq!(states, [STATE], "a login of somebody else");
            assert!(errors.is_empty() && codes.len() == 1 && !codes[0].is_empty());
            check::clean(&code);
        }
        Err(error) => {
            let kinds = [
                ErrorKind::Untrusted,
                ErrorKind::Api,
                ErrorKind::InvalidInput,
            ];
            check::error(&error, &kinds);
            assert!(error.to_string().chars().count() < 1100, "{error}");
            if states != [STATE] {
                assert_eq!(error.kind(), ErrorKind::Untrusted);
            }
        }
    }
}
