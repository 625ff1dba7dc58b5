//! How much memory a call takes above the body of its answer. One test, since
//! the allocator counts for the whole process.

use std::collections::HashSet;
use std::time::Duration;

use authing::ErrorKind;
use authing_tests::cases::{Case, cases, show_no_outputs};
use authing_tests::clients::Clients;
use authing_tests::hostile::server::{Answer, Server, run};
use bytes::Bytes;
use http::StatusCode;
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Long enough that the floor of the bound does not matter.
const LENGTH: usize = 2 << 20;
/// What a call takes besides: clients, requests, the task.
const BESIDES: usize = 64 << 10;

/// Fields of these hold any JSON, which is not bounded.
const ANY_JSON: [&str; 2] = [
    "management.userpool.add_env",
    "management.userpool.remove_env",
];

/// So do what is in these fields, and all that is in claims.
const ANY_VALUE: [&str; 3] = ["/condition", "/something_new", "/value"];

/// Stands where the long part of a body comes.
const MARK: &str = "<long>";

/// The body with one part that is repeated until it is long.
fn long(body: &str, piece: &str, separator: &str) -> Bytes {
    let (start, end) = body.split_once(MARK).unwrap();
    let mut text = String::with_capacity(LENGTH + 1000);
    text.push_str(start);
    while text.len() < LENGTH {
        text.push_str(piece);
        text.push_str(separator);
    }
    text.push_str(piece);
    text.push_str(end);
    text.into()
}

struct Calls {
    token: Bytes,
    too_much: Vec<String>,
}

impl Calls {
    /// Sends the case's operation, and checks what it takes.
    fn check(
        &mut self,
        case: &Case,
        status: StatusCode,
        body: Bytes,
        what: &str,
    ) -> Option<ErrorKind> {
        let server = Server::default();
        let mut answer = Answer::new(status, b"");
        let length = body.len();
        answer.body = body;
        server.now_answer([answer], Some((case.id, self.token.clone())));
        let clients = Clients::at("https://a.example", server, Duration::from_secs(10)).unwrap();
        let call = (case.send)(clients);
        HEAP.reset_peak_usage();
        let before = HEAP.current_usage();
        let outcome = run(call);
        let taken = HEAP.peak_usage().saturating_sub(before);
        if taken > 3 * length + BESIDES {
            let name = case.name();
            self.too_much.push(format!(
                "{name}, {what}: {taken} bytes for a body of {length}"
            ));
        }
        outcome.err().map(|error| error.kind())
    }

    /// Whether the case succeeds with this answer.
    fn succeeds(&self, case: &Case, answer: &Value) -> bool {
        let server = Server::default();
        let answer = Answer::new(StatusCode::OK, answer.to_string().as_bytes());
        server.now_answer([answer], Some((case.id, self.token.clone())));
        let clients = Clients::at("https://a.example", server, Duration::from_secs(10)).unwrap();
        run((case.send)(clients)).is_ok()
    }
}

/// The pointers of all lists.
fn lists(value: &Value, here: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                lists(value, &format!("{here}/{name}"), found);
            }
        }
        Value::Array(items) => {
            found.push(here.to_owned());
            for (index, value) in items.iter().enumerate() {
                lists(value, &format!("{here}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn an_answer_takes_three_times_its_body_at_most() {
    show_no_outputs();
    let all = cases();
    let mut calls = Calls {
        token: all[0].answer.to_string().into(),
        too_much: Vec::new(),
    };
    let mut refused = 0;
    let mut seen = HashSet::new();
    for case in all
        .iter()
        .skip(1)
        .filter(|case| !ANY_JSON.contains(&case.id))
    {
        let mut found = Vec::new();
        lists(&case.answer, "", &mut found);
        found.retain(|pointer| !ANY_VALUE.iter().any(|name| pointer.contains(name)));
        for pointer in found {
            // The shortest item that can be read, and two that cannot.
            let item = case.answer.pointer(&pointer).and_then(|list| list.get(0));
            let mut item = item.cloned().unwrap_or_else(|| json!({}));
            let members = item.as_object().cloned().unwrap_or_default();
            // One list of each kind of item, as far as the answers tell them apart.
            let names: Vec<_> = members.keys().cloned().collect();
            let place = pointer.split('/').next_back().map(str::to_owned);
            if !seen.insert((case.is_graphql(), case.is_oauth(), names, place)) {
                continue;
            }
            for name in members.keys() {
                let mut shorter = item.clone();
                shorter.as_object_mut().unwrap().remove(name);
                let mut answer = case.answer.clone();
                *answer.pointer_mut(&pointer).unwrap() = json!([&shorter]);
                if calls.succeeds(case, &answer) {
                    item = shorter;
                }
            }
            let mut answer = case.answer.clone();
            *answer.pointer_mut(&pointer).unwrap() = json!([MARK]);
            let body = answer.to_string().replace(&format!("\"{MARK}\""), MARK);
            for piece in [&*item.to_string(), "{}", "null", "\"\""] {
                let what = format!("{piece} in {pointer}");
                let outcome = calls.check(case, StatusCode::OK, long(&body, piece, ","), &what);
                refused += usize::from(outcome == Some(ErrorKind::Decode));
            }
        }
    }
    assert!(refused > 20, "only {refused} were refused");

    // One of each dialect and shape of answer.
    for name in [
        "authentication.get_current_user",
        "management.users.list_orgs",
        "authentication.oidc.revoke_token",
        "authentication.oidc.get_access_token_by_client_credentials",
    ] {
        let case = all.iter().find(|case| case.name() == name).unwrap();
        for (body, piece, separator) in [
            // Not JSON, or cut.
            (MARK, "a ", ""),
            (MARK, "<p>", ""),
            (MARK, "[", ""),
            (MARK, "{\"a\":", ""),
            (MARK, "\"", ""),
            // Refusals.
            ("{\"errors\":[<long>]}", "{}", ","),
            ("{\"errors\":[<long>]}", "\"a\"", ","),
            ("{\"errors\":[{\"message\":[<long>]}]}", "[]", ","),
            ("{\"errors\":[{\"message\":\"<long>\"}]}", "\\n", ""),
            (
                "{\"errors\":[{\"message\":{\"code\":1,\"data\":[<long>]}}]}",
                "0",
                ",",
            ),
            ("{\"code\":1,\"message\":[<long>]}", "\"a\"", ","),
            ("{\"code\":1,\"message\":\"<long>\"}", "\\u0001", ""),
            ("{\"code\":1,\"message\":{\"a\":[<long>]}}", "{}", ","),
            ("{\"code\":1,\"data\":[<long>]}", "1", ","),
            ("{\"error\":\"<long>\"}", "\\\"", ""),
            (
                "{\"error\":\"a\",\"error_description\":\"<long>\"}",
                "a b",
                "",
            ),
            // What is in the place of something else.
            ("{\"data\":[<long>]}", "{}", ","),
            ("{\"data\":\"<long>\"}", "\u{200b}", ""),
            ("{\"code\":200,\"data\":\"<long>\"}", "\u{200b}", ""),
            ("{\"code\":200,\"data\":<long>}", "1", ""),
            ("{\"code\":<long>}", "1", ""),
            ("{\"code\":200,\"data\":[<long>]}", "[]", ","),
            (
                "{\"data\":{\"user\":{\"id\":\"u\",\"name\":\"<long>\"}}}",
                "\\u00e9",
                "",
            ),
            (
                "{\"data\":{\"user\":{\"id\":\"u\",\"loginsCount\":\"<long>\"}}}",
                "\u{300}",
                "",
            ),
            (
                "{\"data\":{\"user\":{\"id\":\"u\",\"loginsCount\":<long>}}}",
                "9",
                "",
            ),
            (
                "{\"data\":{\"user\":{\"id\":\"u\",\"identities\":[<long>]}}}",
                "{}",
                ",",
            ),
            (
                "{\"data\":{\"user\":{\"id\":\"u\",<long>}}}",
                "\"new\":{}",
                ",",
            ),
            (
                "{\"data\":{\"user\":{\"id\":\"u\",<long>}}}",
                "\"name\":\"\"",
                ",",
            ),
            (
                "{\"data\":{\"user\":{\"id\":\"u\"}},<long>}",
                "\"x\":[[]]",
                ",",
            ),
            ("{<long>}", "\"access_token\":\"\"", ","),
            ("{\"access_token\":\"a\",\"scope\":[<long>]}", "\"\"", ","),
            (
                "{\"access_token\":\"a\",\"expires_in\":\"<long>\"}",
                "1",
                "",
            ),
        ] {
            let body_text = long(body, piece, separator);
            if !body.contains("user") {
                calls.check(case, StatusCode::BAD_REQUEST, body_text.clone(), body);
            }
            calls.check(case, StatusCode::OK, body_text, body);
        }
    }
    let name = "authentication.oidc.get_user_info_by_access_token";
    let case = all.iter().find(|case| case.name() == name).unwrap();
    for (body, piece, separator) in [
        ("{\"sub\":\"a\",\"address\":{<long>}}", "\"a\":[]", ","),
        ("{\"sub\":\"a\",\"email\":[<long>]}", "[{}]", ","),
    ] {
        calls.check(case, StatusCode::OK, long(body, piece, separator), body);
    }
    assert!(calls.too_much.is_empty(), "{:#?}", calls.too_much);
}
