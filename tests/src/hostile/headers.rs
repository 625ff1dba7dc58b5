//! Status and headers of an answer, above all `Retry-After`.

use std::time::Duration;

use authing::{ErrorKind, RetryPolicy};
use authing_core::{Credential, Payload, Pipeline, Request, operation};
use http::{HeaderName, HeaderValue, StatusCode};

use super::check;
use super::server::{Answer, NOW, Server, run};

struct Ask;

operation! {
    Ask => (),
    id: "test.headers",
    repeat: Safe,
    rest: GET |_, _| Ok(Payload::new("/api/v2/ask", None)),
}

const TRIES: u32 = 3;
const DEADLINE: Duration = Duration::from_secs(30);

/// The status in the first line, then headers, one a line, then an empty line
/// and the body. What is not valid HTTP is left out: no HTTP library gives it.
pub(super) fn answer(input: &[u8]) -> Answer {
    let mut answer = Answer::default();
    let mut rest = input;
    let mut line = || {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after.get(1..).unwrap_or_default();
        line
    };
    let status = std::str::from_utf8(line())
        .ok()
        .and_then(|text| text.parse().ok());
    answer.status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    loop {
        let header = line();
        let Some(colon) = header.iter().position(|byte| *byte == b':') else {
            break;
        };
        let (name, value) = header.split_at(colon);
        let name = HeaderName::from_bytes(name);
        let value = HeaderValue::from_bytes(value[1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            answer.headers.append(name, value);
        }
    }
    answer.body = rest.to_vec().into();
    answer
}

/// An answer with its status and headers.
pub(super) fn headers(input: &[u8]) {
    let answer = answer(input);
    let asked = answer.headers.get("retry-after").cloned();
    let server = Server::answering([answer]);
    let pipeline = Pipeline::builder()
        .host("https://a.example")
        .transport(server.clone())
        .deadline(DEADLINE)
        .retry(RetryPolicy::new().max_tries(TRIES))
        .build(|| unreachable!("a transport was given"))
        .unwrap();
    let outcome = run(Request::new(&pipeline, Credential::None, Ask).send());
    let sent = u32::try_from(server.asked().len()).unwrap();
    assert!((1..=TRIES).contains(&sent), "sent {sent} times");
    let Err(error) = outcome else { return };
    let kinds = [ErrorKind::Api, ErrorKind::Decode, ErrorKind::Http];
    check::error(&error, &kinds);
    assert_eq!(error.tries(), sent);
    assert!(error.elapsed() <= DEADLINE, "{:?}", error.elapsed());
    let wait = error.retry_after();
    // What was asked for is waited for, or the call is over.
    if let Some(wait) = wait {
        assert!(error.elapsed() >= wait.saturating_mul(sent - 1));
        assert!(wait < DEADLINE || sent == 1, "waited for {wait:?}");
    }
    let text = asked.as_ref().and_then(|value| value.to_str().ok());
    match text.map(|text| text.trim().parse::<u64>()) {
        Some(Ok(seconds)) => assert_eq!(wait, Some(Duration::from_secs(seconds))),
        // A date: years have four digits.
        Some(Err(_)) => assert!(wait.is_none_or(|wait| wait.as_secs() < 260_000_000_000)),
        None => assert_eq!(wait, None),
    }
    assert!(NOW > DEADLINE);
}
