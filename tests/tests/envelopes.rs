//! The envelopes around any JSON: success is read, and nothing else is.

use std::time::Duration;

use authing::{Error, ErrorKind};
use authing_core::{GraphQl, Payload, operation};
use authing_tests::hostile::feed;
use authing_tests::hostile::server::{Answer, NOW, outcome};
use http::{HeaderValue, StatusCode};
use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

struct Ask;

operation! {
    Ask => Value,
    id: "test.rest",
    repeat: Never,
    rest: GET |_, _| Ok(Payload::new("/api/v2/ask", None)),
}

struct AskOAuth;

operation! {
    AskOAuth => Value,
    id: "test.oauth",
    repeat: Never,
    oauth: GET |_, _| Ok(Payload::new("/oidc/ask", None)),
}

fn answer(body: &Value) -> Answer {
    Answer::new(StatusCode::OK, body.to_string().as_bytes())
}

fn graphql(body: &Value) -> Result<Value, Error> {
    let ask = GraphQl::<Value>::new("query ask { ask }", json!({}));
    feed("graphql", body.to_string().as_bytes());
    outcome(ask, answer(body))
}

fn rest(body: &Value) -> Result<Value, Error> {
    feed("rest", body.to_string().as_bytes());
    outcome(Ask, answer(body))
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            hash_map(".{0,6}", inner, 0..4).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// A code as a number, or the same in text.
fn code(number: i64, in_text: bool) -> Value {
    match in_text {
        true => number.to_string().into(),
        false => number.into(),
    }
}

fn no_success() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), 0_i64..3000].prop_filter("success", |code| *code != 200)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_data_is_read(data in any_json(), more in any_json()) {
        let body = json!({"data": &data, "extensions": &more});
        match graphql(&body) {
            Ok(read) => prop_assert_eq!(&read, &data),
            // No data is no answer.
            Err(error) => {
                prop_assert!(data.is_null());
                prop_assert_eq!(error.kind(), ErrorKind::Decode);
            }
        }
        for name in ["code", "statusCode"] {
            let body = json!({name: 200, "message": &more, "data": &data});
            prop_assert_eq!(&rest(&body).unwrap(), &data);
        }
    }

    #[test]
    fn errors_are_never_a_success(
        errors in any_json().prop_filter("none", |errors| !errors.is_null() && *errors != json!([])),
        data in any_json(),
    ) {
        let error = graphql(&json!({"data": data, "errors": errors})).unwrap_err();
        prop_assert!(matches!(error.kind(), ErrorKind::Api | ErrorKind::Decode));
    }

    #[test]
    fn a_code_is_never_a_success(
        given in any_json().prop_filter("success", |code| *code != 200 && *code != "200"),
        beside in prop_oneof![Just(Value::Null), Just(json!(200))],
        data in any_json(),
    ) {
        if !given.is_null() {
            rest(&json!({"code": &given, "statusCode": &beside, "data": &data})).unwrap_err();
            rest(&json!({"code": &beside, "statusCode": &given, "data": &data})).unwrap_err();
        }
        rest(&json!({"data": data})).unwrap_err();
    }

    #[test]
    fn an_oauth_error_is_never_a_success(
        name in ".{0,20}",
        words in any_json(),
        more in hash_map("[a-z_]{1,8}", any_json(), 0..4),
    ) {
        let mut body: serde_json::Map<_, _> = more.into_iter().collect();
        body.insert("error".to_owned(), name.into());
        body.insert("error_description".to_owned(), words);
        let body = Value::from(body);
        feed("oauth", body.to_string().as_bytes());
        let error = outcome(AskOAuth, answer(&body)).unwrap_err();
        prop_assert_eq!(error.kind(), ErrorKind::Api);
        prop_assert!(error.oauth_error().is_some());
    }

    #[test]
    fn a_refusal_keeps_its_code_words_and_data(
        number in no_success(),
        in_text in any::<bool>(),
        words in ".{0,20}[a-z]",
        data in any_json(),
    ) {
        let code = code(number, in_text);
        let told = json!({"code": &code, "message": &words, "data": &data});
        for refusal in [
            graphql(&json!({"errors": [{"message": &told}], "data": null})),
            graphql(&told),
            rest(&told),
            rest(&json!({"statusCode": &code, "message": &words, "data": &data})),
        ] {
            let error = refusal.unwrap_err();
            prop_assert_eq!(error.kind(), ErrorKind::Api);
            prop_assert_eq!(error.code().map(authing::ErrorCode::number), Some(number));
            prop_assert_eq!(error.message(), &words);
            let kept = error.data::<Value>().unwrap_or_default();
            prop_assert_eq!(&kept, &data);
        }
    }

    #[test]
    fn retry_after_is_what_was_asked_for(seconds in any::<u64>(), offset in 0_u64..10_000_000_000) {
        let wait = |value: &str| {
            let mut answer = Answer::new(StatusCode::SERVICE_UNAVAILABLE, b"");
            let value = HeaderValue::from_str(value).unwrap();
            answer.headers.insert("retry-after", value);
            outcome(Ask, answer).unwrap_err().retry_after()
        };
        prop_assert_eq!(wait(&seconds.to_string()), Some(Duration::from_secs(seconds)));
        let date = |time: Duration| {
            httpdate::fmt_http_date(std::time::SystemTime::UNIX_EPOCH + time)
        };
        let offset = Duration::from_secs(offset);
        prop_assert_eq!(wait(&date(NOW + offset)), Some(offset));
        prop_assert_eq!(wait(&date(NOW.saturating_sub(offset))), Some(Duration::ZERO));
    }

    #[test]
    fn any_retry_after_ends(value in "[ -~]{0,40}", status in 400_u16..600) {
        let input = format!("{status}\nRetry-After: {value}\n\n");
        feed("headers", input.as_bytes());
    }
}
