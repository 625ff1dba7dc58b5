//! Requests that are none, or none that anybody should send.

use fastrand::Rng;

use crate::documents;
use crate::server::Answer;

pub(crate) struct Request {
    pub(crate) what: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// It is HTTP, so there is an answer.
    pub(crate) is_http: bool,
}

impl Request {
    /// No answer is one to what is no HTTP. The emulator is never the one who is broken.
    pub(crate) fn accepts(&self, answer: &Answer) -> bool {
        match answer.status() {
            0 => !self.is_http,
            status => (200..500).contains(&status),
        }
    }
}

const PATHS: [&str; 8] = [
    "/graphql/v2",
    "/api/v2/users/batch",
    "/api/v2/sms/send",
    "/api/v2/env",
    "/api/v2/mfa/totp/verify",
    "/oidc/token",
    "/oidc/auth",
    "/nowhere",
];

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"];

pub(crate) fn any(random: &mut Rng) -> Request {
    match random.usize(0..100) {
        // Each of these costs as much as dozens of others.
        0..3 => graphql(random),
        some => cheap(some % 9, random),
    }
}

fn cheap(kind: usize, random: &mut Rng) -> Request {
    match kind {
        0 => noise(random),
        1 => broken_head(random),
        2 => mangled(random),
        3 => odd_path(random),
        4 => body("a body that is no JSON", random, not_json),
        5 => body("deep JSON", random, deep_json),
        6 => body("JSON of another shape", random, odd_json),
        7 => body("bytes for a body", random, |random| bytes(random, 4000)),
        _ => variables(random),
    }
}

fn bytes(random: &mut Rng, most: usize) -> Vec<u8> {
    let mut bytes = vec![0; random.usize(0..most)];
    random.fill(&mut bytes);
    bytes
}

fn pick<'a>(random: &mut Rng, some: &[&'a str]) -> &'a str {
    some[random.usize(0..some.len())]
}

fn noise(random: &mut Rng) -> Request {
    Request {
        what: "bytes",
        bytes: bytes(random, 8000),
        is_http: false,
    }
}

fn broken_head(random: &mut Rng) -> Request {
    let head = pick(
        random,
        &[
            "GET / HTTP/9.9\r\n\r\n",
            "GET\r\n\r\n",
            "POST /graphql/v2 HTTP/1.1\r\nContent-Length: -1\r\n\r\n{}",
            "POST /graphql/v2 HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n{}",
            "POST /graphql/v2 HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
            "POST /graphql/v2 HTTP/1.1\r\nContent-Length: 10\r\n\r\n{}",
            "POST /graphql/v2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "POST /graphql/v2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
            "POST /graphql/v2 HTTP/1.1\r\nTransfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
            "GET / HTTP/1.1\r\nno colon\r\n\r\n",
            "GET / HTTP/1.1\r\n: nameless\r\n\r\n",
            "GET / HTTP/1.1\r\nx: \u{0}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "\r\n\r\n\r\n\r\n",
            "GET http://[::1 HTTP/1.1\r\n\r\n",
            "CONNECT x:1 HTTP/1.1\r\n\r\n",
        ],
    );
    Request {
        what: "a broken head",
        bytes: head.as_bytes().to_vec(),
        is_http: false,
    }
}

/// A right request with some bytes changed or cut.
fn mangled(random: &mut Rng) -> Request {
    let body =
        r#"{"query":"{ users(page: 1) { totalCount list { id } } }","variables":{"a":[1,2]}}"#;
    let mut bytes = post("/graphql/v2", body.as_bytes());
    for _ in 0..random.usize(1..6) {
        let place = random.usize(0..bytes.len());
        bytes[place] = random.u8(..);
    }
    if random.bool() {
        bytes.truncate(random.usize(0..bytes.len()));
    }
    Request {
        what: "a mangled request",
        bytes,
        is_http: false,
    }
}

fn odd_path(random: &mut Rng) -> Request {
    let path = match random.usize(0..6) {
        0 => format!("/api/v2/users/{}", "a".repeat(random.usize(0..60_000))),
        1 => format!("/api/v2/users/%{:02x}%{:02x}", random.u8(..), random.u8(..)),
        2 => format!(
            "/api/v2/analysis/user-action?{}",
            "page=1&".repeat(random.usize(0..5000))
        ),
        3 => "/%2e%2e/%2e%2e/etc/passwd".to_owned(),
        4 => format!(
            "/oidc/auth?client_id={0}&redirect_uri={0}&state={0}",
            "%ff".repeat(100)
        ),
        _ => format!(
            "{}{}",
            pick(random, &PATHS),
            "/x".repeat(random.usize(0..2000))
        ),
    };
    let headers = match random.usize(0..4) {
        0 => "x: y\r\n".repeat(random.usize(0..90)),
        1 => format!(
            "Authorization: Bearer {}\r\n",
            "a.".repeat(random.usize(0..5000))
        ),
        2 => format!("Cookie: {}\r\n", "a=b;".repeat(random.usize(0..5000))),
        _ => format!("x-emulator-tag: {}\r\n", "t".repeat(random.usize(0..5000))),
    };
    let method = pick(random, &METHODS);
    Request {
        what: "an odd path",
        bytes: format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n")
            .into_bytes(),
        is_http: true,
    }
}

fn body(what: &'static str, random: &mut Rng, make: impl Fn(&mut Rng) -> Vec<u8>) -> Request {
    let path = pick(random, &PATHS);
    let body = make(random);
    Request {
        what,
        bytes: post(path, &body),
        is_http: true,
    }
}

fn post(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn not_json(random: &mut Rng) -> Vec<u8> {
    let text = pick(
        random,
        &[
            "",
            "{",
            "nul",
            "{\"query\":}",
            "{\"query\":\"{",
            "\u{feff}{}",
            "{'query':1}",
            "[1,]",
            "1e999",
            "\"\\ud800\"",
        ],
    );
    text.as_bytes().to_vec()
}

fn deep_json(random: &mut Rng) -> Vec<u8> {
    let depth = random.usize(100..20_000);
    let (open, close) = *[("[", "]"), ("{\"a\":", "}"), ("{\"variables\":", "}")]
        .get(random.usize(0..3))
        .unwrap();
    let closed = if random.bool() { depth } else { 0 };
    format!("{}1{}", open.repeat(depth), close.repeat(closed)).into_bytes()
}

fn odd_json(random: &mut Rng) -> Vec<u8> {
    let text = pick(
        random,
        &[
            "null",
            "[]",
            "1",
            "{}",
            "{\"query\":null}",
            "{\"query\":1}",
            "{\"query\":[\"{ users { totalCount } }\"]}",
            "{\"query\":\"{ users { totalCount } }\",\"variables\":[]}",
            "{\"query\":\"{ users { totalCount } }\",\"operationName\":\"nobody\"}",
            "{\"ids\":{},\"type\":[],\"phone\":{},\"key\":1,\"totp\":[]}",
            "{\"phone\":\"\",\"scene\":\"\u{202e}\"}",
            "{\"query\":\"query($a: Int!){ users(page: $a) { totalCount } }\",\"variables\":{\"a\":1e400}}",
        ],
    );
    text.as_bytes().to_vec()
}

fn graphql(random: &mut Rng) -> Request {
    // All of them have a test of their own.
    let documents: Vec<_> = documents::too_much()
        .into_iter()
        .filter(|(_, query)| query.len() < 20_000)
        .collect();
    let (what, query) = documents[random.usize(0..documents.len())].clone();
    let body = serde_json::json!({"query": query}).to_string();
    Request {
        what,
        bytes: post("/graphql/v2", body.as_bytes()),
        is_http: true,
    }
}

fn variables(random: &mut Rng) -> Request {
    let value = match random.usize(0..4) {
        0 => serde_json::json!(vec!["x"; random.usize(0..5000)]),
        1 => serde_json::json!("x".repeat(random.usize(0..100_000))),
        2 => serde_json::json!({"a": {"b": [null, {"c": 1.5}]}}),
        _ => serde_json::json!(i64::MIN),
    };
    let kind = pick(
        random,
        &["[String!]!", "String", "Int", "UpdateUserInput!", "Nothing"],
    );
    let query = format!("query q($ids: {kind}) {{ userBatch(ids: $ids) {{ id }} }}");
    let body = serde_json::json!({"query": query, "variables": {"ids": value}}).to_string();
    Request {
        what: "large variables",
        bytes: post("/graphql/v2", body.as_bytes()),
        is_http: true,
    }
}
