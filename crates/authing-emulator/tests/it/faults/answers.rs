//! Faults whose answer is a correct message of HTTP.

use std::time::Duration;

use authing_emulator::{Fault, FaultKind, Outcome, RetryAfter, Rule};
use serde_json::Value;

use super::{Bench, End};

fn date_of(text: &str) -> jiff::Timestamp {
    let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text);
    parsed.unwrap()
}

#[test]
fn too_many_requests_are_refused_before_anything_is_done() {
    for rule in [Rule::new, |fault| Rule::new(fault).after()] {
        let bench = Bench::with(rule(Fault::TooManyRequests { retry_after: None }));
        let seen = bench.create("bob");
        assert_eq!((seen.status(), seen.end), (429, End::Closed));
        assert_eq!(seen.header("retry-after"), None);
        assert_eq!(seen.json()["statusCode"], 429);
        assert!(seen.json()["message"].is_string());
        assert!(seen.json().get("apiCode").is_none());
        assert!(!bench.has("bob"));
        let recorded = bench.recorded("bob");
        assert_eq!(recorded.status, 429);
        assert_eq!(recorded.operation.as_deref(), Some("createUser"));
        assert_eq!((recorded.executed, recorded.outcome), (false, None));
        assert_eq!(recorded.fault, Some(FaultKind::TooManyRequests));
    }
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let answers = |retry_after| {
        let faults = [
            Fault::TooManyRequests { retry_after },
            Fault::ServerError {
                status: 503,
                retry_after,
            },
        ];
        faults.map(|fault| Bench::with(Rule::new(fault)).create("bob"))
    };
    for seen in answers(Some(RetryAfter::Seconds(7))) {
        assert_eq!(seen.header("retry-after").as_deref(), Some("7"));
    }
    for seen in answers(Some(RetryAfter::Date(Duration::from_secs(3600)))) {
        let [now, then] = ["date", "retry-after"].map(|name| date_of(&seen.header(name).unwrap()));
        let seconds = then.duration_since(now).as_secs();
        // The two were written one after the other, and each is a whole second.
        assert!((3590..=3602).contains(&seconds), "{seconds}");
    }
    for seen in answers(None) {
        assert_eq!(seen.header("retry-after"), None);
    }
}

#[test]
fn a_date_to_retry_after_goes_by_the_clock_that_was_turned() {
    let bench = Bench::with(Rule::new(Fault::TooManyRequests {
        retry_after: Some(RetryAfter::Date(Duration::from_secs(60))),
    }));
    bench.emulator.advance(Duration::from_secs(86_400));
    let seen = bench.create("bob");
    let [now, then] = ["date", "retry-after"].map(|name| date_of(&seen.header(name).unwrap()));
    let wait = then.duration_since(now).as_secs();
    assert!((59..600).contains(&wait), "{wait}");
}

#[test]
fn a_server_error_is_a_page_at_either_moment() {
    for status in [500, 502, 503, 504] {
        let [before, after] = Bench::both(&Fault::server_error(status));
        for (_, seen) in [&before, &after] {
            assert_eq!((seen.status(), seen.end), (status, End::Closed));
            assert!(
                seen.header("content-type")
                    .unwrap()
                    .starts_with("text/html")
            );
            assert_eq!(seen.header("x-request-id"), None);
            assert!(seen.text().contains(&format!("<h1>{status} ")));
            assert_eq!(seen.body().len(), seen.promised());
        }
        let recorded = before.0.recorded("bob");
        assert_eq!((recorded.status, recorded.executed), (status, false));
        assert_eq!(recorded.outcome, None);
        assert!(!before.0.has("bob"));
        let recorded = after.0.recorded("bob");
        assert_eq!((recorded.status, recorded.executed), (status, true));
        assert_eq!(recorded.outcome, Some(Outcome::Success));
        assert_eq!(recorded.fault, Some(FaultKind::ServerError));
        assert!(after.0.has("bob"));
    }
}

#[test]
fn a_gateway_can_answer_with_a_page_and_200() {
    let [before, after] = Bench::both(&Fault::GatewayPage);
    for (bench, seen) in [&before, &after] {
        assert_eq!(seen.status(), 200);
        assert!(
            seen.header("content-type")
                .unwrap()
                .starts_with("text/html")
        );
        assert!(seen.text().contains("<html>"));
        assert_eq!(bench.recorded("bob").status, 200);
        assert_eq!(bench.recorded("bob").fault, Some(FaultKind::GatewayPage));
    }
    assert_eq!((before.0.has("bob"), after.0.has("bob")), (false, true));
}

#[test]
fn json_can_call_itself_a_page() {
    let bench = Bench::with(Rule::new(Fault::WrongContentType));
    let seen = bench.create("bob");
    assert!(
        seen.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert_eq!(seen.json()["data"]["createUser"]["username"], "bob");
    assert!(bench.has("bob"));
    assert_eq!(
        bench.recorded("bob").fault,
        Some(FaultKind::WrongContentType)
    );
}

#[test]
fn truncated_json_is_a_whole_message() {
    let bench = Bench::with(Rule::new(Fault::TruncatedJson).before());
    let seen = bench.create("bob");
    assert_eq!((seen.status(), seen.end), (200, End::Closed));
    assert_eq!(seen.body().len(), seen.promised());
    assert!(seen.body().starts_with(b"{\"data\":{"));
    assert!(serde_json::from_slice::<Value>(&seen.body()).is_err());
    let recorded = bench.recorded("bob");
    assert_eq!((recorded.status, recorded.executed), (200, true));
    assert_eq!(recorded.fault, Some(FaultKind::TruncatedJson));
    assert!(bench.has("bob"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "measures real time")]
fn latency_waits_before_or_after() {
    let wait = Duration::from_millis(60);
    let start = std::time::Instant::now();
    for (bench, seen) in Bench::both(&Fault::latency(wait)) {
        assert_eq!(seen.json()["data"]["createUser"]["username"], "bob");
        let recorded = bench.recorded("bob");
        assert_eq!((recorded.status, recorded.executed), (200, true));
        assert_eq!(recorded.fault, Some(FaultKind::Latency));
    }
    assert!(start.elapsed() >= wait * 2);
}
