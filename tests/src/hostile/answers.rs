//! The three envelopes, with any JSON for what they hold.

use authing::{Error, ErrorKind};
use authing_core::{GraphQl, Payload, operation};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::check::{self, all, fields, once};
use super::server::{Answer, outcome};

/// How an answer may fail that says of itself that it did not.
const READ: [ErrorKind; 2] = [ErrorKind::Api, ErrorKind::Decode];
/// How an answer with an HTTP error may fail.
const REFUSED: [ErrorKind; 2] = [ErrorKind::Api, ErrorKind::Http];

#[derive(Serialize)]
struct AskGraphQl {}

operation! {
    AskGraphQl => Value,
    id: "test.graphql",
    repeat: Never,
    graphql: ["query ask { ask }"] => "ask",
}

struct AskRest;

operation! {
    AskRest => Value,
    id: "test.rest",
    repeat: Never,
    rest: GET |_, _| Ok(Payload::new("/api/v2/ask", None)),
}

struct AskOAuth;

operation! {
    AskOAuth => Value,
    id: "test.oauth",
    repeat: Never,
    oauth: POST |_, _| Ok(Payload::new("/oidc/ask", None)),
}

/// Checks an outcome by itself, and gives the output if there is one.
fn judge(input: &[u8], status: StatusCode, outcome: Result<Value, Error>) -> Option<Value> {
    match outcome {
        Ok(output) => {
            assert!(status.is_success(), "{status} passes for a success");
            check::proportion(&output.to_string(), input);
            let again: Value = serde_json::from_str(&output.to_string()).unwrap();
            assert_eq!(again, output, "it does not read back");
            Some(output)
        }
        Err(error) => {
            assert_eq!(error.http_status(), Some(status));
            check::error(&error, if status.is_success() { &READ } else { &REFUSED });
            check::unquoted(&error, input);
            None
        }
    }
}

const STATUSES: [StatusCode; 3] = [
    StatusCode::OK,
    StatusCode::BAD_REQUEST,
    StatusCode::BAD_GATEWAY,
];

/// The body of an answer to a GraphQL call.
pub(super) fn graphql(input: &[u8]) {
    let fields = fields(input);
    for status in STATUSES {
        let whole = GraphQl::<Value>::new("query ask { ask }", json!({}));
        let outcomes = [
            outcome(AskGraphQl {}, Answer::new(status, input)),
            outcome(whole, Answer::new(status, input)),
        ];
        let [root, whole] = outcomes.map(|outcome| judge(input, status, outcome));
        let (Some(output), Some(fields)) = (&root, &fields) else {
            continue;
        };
        for errors in all(fields, "errors") {
            let none = errors.is_null() || errors.as_array().is_some_and(Vec::is_empty);
            assert!(none, "errors pass for a success: {errors}");
        }
        let data = all(fields, "data").last().unwrap();
        assert_eq!(&data["ask"], output);
        assert_eq!(Some(data), whole.as_ref());
    }
}

/// The body of an answer of the REST API.
pub(super) fn rest(input: &[u8]) {
    let fields = fields(input);
    for status in STATUSES {
        let output = judge(input, status, outcome(AskRest, Answer::new(status, input)));
        let (Some(output), Some(fields)) = (output, &fields) else {
            continue;
        };
        let codes = ["code", "statusCode"].map(|name| once(fields, name).unwrap_or(&Value::Null));
        assert!(codes.iter().any(|code| !code.is_null()), "no code");
        for code in codes.into_iter().filter(|code| !code.is_null()) {
            let text = code
                .as_str()
                .map_or_else(|| code.to_string(), str::to_owned);
            assert_eq!(text.parse(), Ok(200), "a refusal passes for a success");
        }
        assert_eq!(&output, once(fields, "data").unwrap_or(&Value::Null));
    }
}

/// The body of an answer of the OAuth endpoints.
pub(super) fn oauth(input: &[u8]) {
    let fields = fields(input);
    for status in STATUSES {
        let output = judge(input, status, outcome(AskOAuth, Answer::new(status, input)));
        if let (Some(_), Some(fields)) = (output, &fields) {
            let mut errors = all(fields, "error");
            assert!(
                !errors.any(Value::is_string),
                "an error passes for a success"
            );
        }
    }
}
