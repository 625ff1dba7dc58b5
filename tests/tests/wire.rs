//! The exact request of every operation, compared with a committed snapshot.
//!
//! `cargo xtask wire` rewrites them, `cargo xtask wire --check` compares.

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authing::{OperationInfo, TransportError, transport_fn};
use authing_tests::cases::{Case, cases, of_a_verifier};
use authing_tests::clients::Clients;
use bytes::Bytes;
use serde_json::Value;

#[tokio::test]
async fn every_request_is_as_it_was() {
    for case in all_cases() {
        let request = request_of(&case).await;
        insta::with_settings!({
            snapshot_path => "wire",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(case.name(), show(&request));
        });
    }
}

fn all_cases() -> Vec<Case> {
    [cases(), of_a_verifier()].concat()
}

/// What the case sends, and only once.
async fn request_of(case: &Case) -> http::Request<Bytes> {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&sent);
    // Its own answer, and not that of another case of the operation.
    let mut all = all_cases();
    all.insert(0, case.clone());
    let server = transport_fn(move |request: http::Request<Bytes>| {
        let id = request.extensions().get::<OperationInfo>().unwrap().id();
        let answer = all
            .iter()
            .find(|case| case.id == id)
            .unwrap()
            .answer
            .to_string();
        record.lock().unwrap().push((id, request));
        async { Ok::<_, TransportError>(http::Response::new(Bytes::from(answer))) }
    });
    let clients = Clients::at("https://core.authing.cn", server, Duration::from_secs(10)).unwrap();
    let output = (case.send)(clients).await.unwrap();
    assert!(output.contains(case.shows), "{}: {output}", case.id);
    let mut sent = std::mem::take(&mut *sent.lock().unwrap());
    sent.retain(|(id, _)| *id == case.id);
    assert_eq!(sent.len(), 1, "{} was sent {} times", case.id, sent.len());
    sent.remove(0).1
}

/// What sends a password unencrypted, because the API wants it so.
const CLEAR: [&str; 1] = ["query checkPasswordStrength("];

/// Writes a request down as a person would read it.
fn show(request: &http::Request<Bytes>) -> String {
    let info = request.extensions().get::<OperationInfo>().unwrap();
    let mut text = format!("repeat: {:?}\n", info.repeat());
    writeln!(text, "{} {}", request.method(), request.uri()).unwrap();
    let mut headers: Vec<_> = request.headers().iter().collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in headers {
        let mut value = value.to_str().unwrap().to_owned();
        if value.starts_with("Basic ") {
            "Basic <id and secret>".clone_into(&mut value);
        }
        if ["user-agent", "x-authing-sdk-version"].contains(&name.as_str()) {
            // A release must not change every snapshot.
            value.truncate(value.find(char::is_numeric).unwrap());
            value.push_str("<version>");
        }
        writeln!(text, "{name}: {value}").unwrap();
    }
    if request.body().is_empty() {
        return text;
    }
    if request.headers()["content-type"] == "application/x-www-form-urlencoded" {
        text.push('\n');
        for (name, value) in form_urlencoded::parse(request.body()) {
            let hidden = [
                "client_secret",
                "code",
                "code_verifier",
                "refresh_token",
                "token",
            ];
            let value = match hidden.contains(&&*name) {
                true => "<secret>".into(),
                false => value,
            };
            writeln!(text, "{name}: {value}").unwrap();
        }
        return text;
    }
    let mut body: Value = serde_json::from_slice(request.body()).unwrap();
    if !request.uri().path().starts_with("/graphql") {
        hide(&mut body);
        writeln!(text, "\n{body:#}").unwrap();
        return text;
    }
    let keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["query", "variables"]);
    let document = body["query"].as_str().unwrap().to_owned();
    if !CLEAR.iter().any(|start| document.starts_with(start)) {
        hide(&mut body["variables"]);
    }
    writeln!(text, "\n{}", document.trim_end()).unwrap();
    writeln!(text, "\n{:#}", body["variables"]).unwrap();
    text
}

/// Replaces what differs each time, and what must not be kept.
fn hide(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), &*value) {
                    ("password" | "oldPassword" | "newPassword", Value::String(cipher)) => {
                        // 128 bytes in base64: the 1024-bit key of the cloud.
                        assert_eq!(cipher.len(), 172, "the password is not encrypted");
                        *value = "<encrypted>".into();
                    }
                    ("secret" | "token", _) => *value = "<secret>".into(),
                    _ => hide(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}
