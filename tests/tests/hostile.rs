//! Answers that no honest server gives: no panic, and an error that fits.

use std::time::Duration;

use authing::{Error, ErrorKind, OperationInfo, TransportError, transport_fn};
use authing_tests::cases::{Case, cases};
use authing_tests::clients::Clients;
use authing_tests::hostile::lenient;
use bytes::Bytes;
use serde_json::{Value, json};

/// What comes of the case when its own call is answered with `body`.
async fn outcome(case: &Case, body: Vec<u8>) -> Result<String, Error> {
    let token = cases().remove(0);
    assert_eq!(token.id, "management.access_token");
    let own = case.id;
    let body = Bytes::from(body);
    let server = transport_fn(move |request: http::Request<Bytes>| {
        let id = request.extensions().get::<OperationInfo>().unwrap().id();
        let answer = match id == own {
            true => body.clone(),
            false => Bytes::from(token.answer.to_string()),
        };
        async { Ok::<_, TransportError>(http::Response::new(answer)) }
    });
    let clients = Clients::at("https://a.example", server, Duration::from_secs(10)).unwrap();
    (case.send)(clients).await
}

/// The paths of all values in a JSON text.
fn paths(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Object(fields) => {
            fields
                .iter()
                .for_each(|(key, value)| paths(value, &format!("{here}/{key}"), found));
        }
        Value::Array(items) => {
            let each = items.iter().enumerate();
            each.for_each(|(index, value)| paths(value, &format!("{here}/{index}"), found));
        }
        _ => {}
    }
}

#[tokio::test]
async fn every_value_replaced_by_every_kind_of_value() {
    let strange = [
        json!(null),
        json!("x"),
        json!(-1),
        json!(1e300),
        json!(true),
        json!([]),
        json!({}),
    ];
    for case in cases() {
        let mut found = Vec::new();
        paths(&case.answer, "", &mut found);
        for path in found {
            for value in &strange {
                let mut answer = case.answer.clone();
                *answer.pointer_mut(&path).unwrap() = value.clone();
                if let Err(error) = outcome(&case, answer.to_string().into_bytes()).await {
                    let fits = matches!(
                        error.kind(),
                        ErrorKind::Decode
                            | ErrorKind::Api
                            | ErrorKind::NotFound
                            | ErrorKind::Token
                            | ErrorKind::Untrusted
                            | ErrorKind::InvalidInput
                    );
                    assert!(fits, "{} with {value} at {path}: {error:?}", case.id);
                }
            }
        }
    }
}

#[test]
fn an_optional_value_of_any_kind_leaves_the_rest_intact() {
    for row in lenient::rows() {
        row.check();
    }
}

#[tokio::test]
async fn an_array_is_no_object() {
    // The values of the object without their names, as serde reads structs by default.
    for case in cases() {
        let unnamed = |value: &Value| match value {
            Value::Object(fields) => fields.values().cloned().collect(),
            other => other.clone(),
        };
        let body = unnamed(&case.answer).to_string().into_bytes();
        if let Ok(output) = outcome(&case, body).await {
            assert!(case.reads_nothing(), "{}: {output}", case.id);
        }
    }
}

#[tokio::test]
async fn every_optional_field_of_a_user_may_be_null_or_missing() {
    let case = cases()
        .into_iter()
        .find(|case| case.id == "management.users.detail")
        .unwrap();
    let user = case.answer["data"]["user"].as_object().unwrap().clone();
    for key in user.keys().filter(|key| *key != "id") {
        let mut missing = case.answer.clone();
        missing["data"]["user"].as_object_mut().unwrap().remove(key);
        let mut null = case.answer.clone();
        null["data"]["user"][key] = Value::Null;
        for answer in [missing, null] {
            outcome(&case, answer.to_string().into_bytes())
                .await
                .unwrap();
        }
    }
}

#[tokio::test]
async fn every_answer_cut_at_every_byte() {
    for case in cases() {
        let whole = case.answer.to_string().into_bytes();
        for length in usize::from(case.reads_nothing())..whole.len() {
            let error = outcome(&case, whole[..length].to_vec()).await.unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::Decode,
                "{} cut at {length}",
                case.id
            );
        }
    }
}

#[tokio::test]
async fn deep_nesting_does_not_overflow() {
    let deep = "[".repeat(100_000);
    for case in cases() {
        for text in [
            deep.clone(),
            format!("{{\"data\":{deep}"),
            format!("{{\"errors\":{deep}"),
        ] {
            let error = outcome(&case, text.into_bytes()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{}", case.id);
        }
    }
}
