//! Pages of other origins: what their scripts may read.

use authing_emulator::{Emulator, Fault, Faults, Rule};

use crate::client::{Client, RawAnswer};

const ORIGIN: &str = "http://localhost:5173";

fn header<'a>(answer: &'a RawAnswer, name: &str) -> Option<&'a str> {
    let mut lines = answer.head.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn page(emulator: &Emulator) -> Client<'_> {
    Client::nobody(emulator).header("Origin", ORIGIN)
}

fn preflight(emulator: &Emulator, path: &str) -> RawAnswer {
    page(emulator)
        .header("Access-Control-Request-Method", "POST")
        .header(
            "Access-Control-Request-Headers",
            "content-type,x-authing-app-id",
        )
        .header("Access-Control-Request-Private-Network", "true")
        .send_raw("OPTIONS", path, "", "")
}

/// A script may read the answer, also where it sends cookies along.
fn is_open(answer: &RawAnswer) {
    let allowed = header(answer, "access-control-allow-origin");
    assert_eq!(allowed, Some(ORIGIN), "{}", answer.head);
    assert_eq!(
        header(answer, "access-control-allow-credentials"),
        Some("true")
    );
}

fn is_closed(answer: &RawAnswer) {
    assert!(!answer.head.contains("access-control-"), "{}", answer.head);
}

#[test]
fn a_page_may_ask_for_all_that_is_authings() {
    let emulator = Emulator::start().unwrap();
    for path in ["/graphql/v2", "/oidc/token", "/oidc/me", "/api/v2/sms/send"] {
        let answer = preflight(&emulator, path);
        assert_eq!(answer.status, 200, "{path}");
        is_open(&answer);
        for (name, value) in [
            ("access-control-allow-methods", "POST"),
            (
                "access-control-allow-headers",
                "content-type,x-authing-app-id",
            ),
            ("access-control-allow-private-network", "true"),
            ("access-control-max-age", "600"),
        ] {
            assert_eq!(header(&answer, name), Some(value), "{path}");
        }
        assert!(header(&answer, "vary").is_some_and(|vary| vary.contains("origin")));
    }
    for path in [
        "/oidc/.well-known/openid-configuration",
        "/oidc/.well-known/jwks.json",
        "/api/v2/.well-known",
    ] {
        let answer = page(&emulator).send_raw("GET", path, "", "");
        assert_eq!(answer.status, 200, "{path}");
        is_open(&answer);
    }
    let body = r#"{"query": "{ __typename }"}"#;
    let answer = page(&emulator).send_raw("POST", "/graphql/v2", "application/json", body);
    assert_eq!(answer.status, 200);
    is_open(&answer);
    let exposed = header(&answer, "access-control-expose-headers").unwrap();
    assert!(exposed.contains("x-request-id"), "{exposed}");
    // Nobody but a browser is told any of this.
    let answer = Client::nobody(&emulator).send_raw("GET", "/oidc/me", "", "");
    assert_eq!(header(&answer, "access-control-allow-origin"), None);
}

/// Without it a page would see no more than that something went wrong.
#[test]
fn a_page_may_read_refusals_too() {
    let emulator = Emulator::start().unwrap();
    let json = "application/json";
    let large = "x".repeat(2 * 1024 * 1024 + 1);
    for (method, path, body, status) in [
        ("GET", "/nowhere", "", 404),
        ("DELETE", "/graphql/v2", "", 405),
        ("POST", "/graphql/v2", "{", 400),
        ("POST", "/graphql/v2", large.as_str(), 413),
        ("GET", "/oidc/me", "", 401),
        ("POST", "/oidc/token", "", 415),
        ("GET", "/oidc/auth", "", 400),
        ("POST", "/api/v2/users/batch", "[]", 400),
    ] {
        let answer = page(&emulator).send_raw(method, path, json, body);
        assert_eq!(answer.status, status, "{method} {path}");
        is_open(&answer);
    }
    for (fault, status) in [
        (Fault::TooManyRequests { retry_after: None }, 429),
        (Fault::server_error(503), 503),
        (Fault::GatewayPage, 200),
    ] {
        emulator.set_faults(Faults::seeded(1).rule(Rule::new(fault)));
        let answer = page(&emulator).send_raw("GET", "/oidc/me", "", "");
        assert_eq!(answer.status, status);
        is_open(&answer);
        // What a browser asks by itself is struck by nothing, and counts for nothing.
        let before = emulator.requests().len();
        assert_eq!(preflight(&emulator, "/oidc/me").status, 200);
        assert_eq!(emulator.requests().len(), before);
    }
}

#[test]
fn a_page_does_not_control_the_emulator() {
    let emulator = Emulator::start().unwrap();
    for path in [
        "/_emulator/health",
        "/_emulator/outbox",
        "/_emulator/pools",
        "/_emulator/requests",
        "/_emulator/nothing",
        "/_emulator/",
        "/_emulator",
        "/",
    ] {
        is_closed(&preflight(&emulator, path));
        for method in ["GET", "POST"] {
            is_closed(&page(&emulator).send_raw(method, path, "", ""));
        }
    }
    let answer = Client::controller(&emulator).header("Origin", ORIGIN);
    is_closed(&answer.send_raw("GET", "/_emulator/state", "", ""));
    is_closed(&answer.send_raw("POST", "/_emulator/reset", "", ""));
}
