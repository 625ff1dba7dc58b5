//! OpenID Connect, where a client of the SDK would not go.

use authing_emulator::{ClientAuthentication, Emulator};
use serde_json::Value;

use crate::client::Client;

const AUTH: &str = "redirect_uri=http%3A%2F%2Flocalhost%3A1%2Fcb%3Fa%3D1&scope=openid&state=s%261";

fn location(emulator: &Emulator, query: &str) -> (u16, String) {
    let path = format!("/oidc/auth?client_id={}&{query}", emulator.app_id());
    let answer = Client::nobody(emulator).send_raw("GET", &path, "", "");
    let location = answer
        .head
        .lines()
        .find_map(|line| line.strip_prefix("location: "));
    (answer.status, location.unwrap_or_default().to_owned())
}

#[test]
fn discovery_names_what_is_there() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let told = nobody.get("/oidc/.well-known/openid-configuration").body;
    let issuer = told["issuer"].as_str().unwrap();
    assert_eq!(issuer, format!("{}/oidc", emulator.url()));
    for (name, value) in told.as_object().unwrap() {
        let Some(path) = value
            .as_str()
            .and_then(|url| url.strip_prefix(emulator.url()))
        else {
            continue;
        };
        let status = match name.as_str() {
            "issuer" => continue,
            // Whoever says nothing is told what is wrong with that.
            "authorization_endpoint" => 400,
            "jwks_uri" | "end_session_endpoint" => 200,
            "userinfo_endpoint" => 401,
            _ => 405,
        };
        assert_eq!(
            nobody.send_raw("GET", path, "", "").status,
            status,
            "{name}"
        );
    }
    let keys = nobody.get("/oidc/.well-known/jwks.json").body;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert_eq!(keys["keys"][0]["n"].as_str().unwrap().len(), 342);
}

#[test]
fn mistakes_go_back_to_the_application() {
    let emulator = Emulator::start().unwrap();
    for (query, error) in [
        ("response_type=token", "unsupported_response_type"),
        ("scope=x", "unsupported_response_type"),
        (
            "response_type=code&response_mode=web_message",
            "invalid_request",
        ),
        ("response_type=code&prompt=none+login", "invalid_request"),
        ("response_type=code&prompt=none", "login_required"),
        (
            "response_type=code&code_challenge_method=S256",
            "invalid_request",
        ),
        ("response_type=code&code_challenge=short", "invalid_request"),
        ("response_type=code&response_type=code", "invalid_request"),
    ] {
        let query = match query {
            "scope=x" => AUTH.to_owned(),
            query => format!("{AUTH}&{query}"),
        };
        let (status, location) = location(&emulator, &query);
        let start = format!("http://localhost:1/cb?a=1&error={error}&");
        assert_eq!(status, 303, "{query}");
        assert!(location.starts_with(&start), "{query}: {location}");
        assert!(location.ends_with("&state=s%261"), "{location}");
    }
    let fragment = format!("{AUTH}&response_type=code&response_mode=fragment&prompt=none");
    let (_, location) = location(&emulator, &fragment);
    assert!(location.starts_with("http://localhost:1/cb?a=1#error=login_required&"));
}

#[test]
fn an_application_without_a_secret_needs_pkce() {
    let emulator = Emulator::builder()
        .client_authentication(ClientAuthentication::None)
        .start()
        .unwrap();
    let (_, without) = location(&emulator, &format!("{AUTH}&response_type=code"));
    assert!(without.contains("error=invalid_request"), "{without}");
    let challenge = "x".repeat(43);
    let query = format!("{AUTH}&response_type=code&code_challenge={challenge}");
    assert_eq!(location(&emulator, &query), (200, String::new()));
}

#[test]
fn the_token_endpoint_refuses_in_the_words_of_oauth() {
    let emulator = Emulator::start().unwrap();
    let own = format!(
        "client_id={}&client_secret={}",
        emulator.app_id(),
        emulator.app_secret()
    );
    for (form, status, error) in [
        (String::new(), 401, "invalid_client"),
        (own.clone(), 400, "invalid_request"),
        (
            format!("{own}&grant_type=password"),
            400,
            "unsupported_grant_type",
        ),
        (
            format!("{own}&grant_type=authorization_code"),
            400,
            "invalid_grant",
        ),
        (
            format!("{own}&grant_type=refresh_token&refresh_token=x"),
            400,
            "invalid_grant",
        ),
        (
            format!("{own}&grant_type=a&grant_type=b"),
            400,
            "invalid_request",
        ),
    ] {
        let kind = "application/x-www-form-urlencoded";
        let answer = Client::nobody(&emulator).send_raw("POST", "/oidc/token", kind, &form);
        let body: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(
            (answer.status, &body["error"]),
            (status, &Value::from(error)),
            "{form}"
        );
        assert!(body["error_description"].is_string());
        assert!(
            answer.head.contains("cache-control: no-store"),
            "{}",
            answer.head
        );
    }
}

#[test]
fn pages_load_nothing_and_cannot_be_framed() {
    let emulator = Emulator::start().unwrap();
    let path = format!(
        "/oidc/auth?client_id={}&{AUTH}&response_type=code",
        emulator.app_id()
    );
    let page = Client::nobody(&emulator).send_raw("GET", &path, "", "");
    assert_eq!(page.status, 200);
    assert!(
        page.head
            .contains("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
    );
    for other in ["http:", "https:", "src=", "<script", "@import", "url("] {
        assert!(!page.text.contains(other), "{other}");
    }
}
