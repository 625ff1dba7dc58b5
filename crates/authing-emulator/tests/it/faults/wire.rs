//! Faults that are about the bytes of an answer.

use std::io::Write as _;
use std::time::Duration;

use authing_emulator::{Fault, FaultKind, Faults, Outcome, Rule};

use super::{Bench, End, drain, eventually, one_answer};

#[test]
fn a_reset_comes_before_the_first_byte() {
    let [before, after] = Bench::both(&Fault::Reset);
    for (bench, seen) in [&before, &after] {
        assert_eq!((seen.bytes.len(), seen.end), (0, End::Reset));
        let recorded = bench.recorded("bob");
        assert_eq!(recorded.status, 0);
        assert_eq!(recorded.operation.as_deref(), Some("createUser"));
        assert_eq!(recorded.fault, Some(FaultKind::Reset));
        assert_eq!(recorded.executed, bench.has("bob"));
    }
    assert_eq!(before.0.recorded("bob").outcome, None);
    assert!(!before.0.has("bob"));
    assert_eq!(after.0.recorded("bob").outcome, Some(Outcome::Success));
    assert!(after.0.has("bob"));
}

#[test]
fn a_body_breaks_off_by_a_reset_or_a_close() {
    for (fault, end) in [
        (Fault::ResetInBody, End::Reset),
        (Fault::CloseInBody, End::Closed),
    ] {
        let bench = Bench::with(Rule::new(fault.clone()).before());
        // The client would keep the connection.
        let mut stream = bench.connect();
        let request = bench.request("bob", "keep-alive");
        stream.write_all(request.as_bytes()).unwrap();
        let seen = drain(&mut stream);
        assert_eq!((seen.status(), seen.end), (200, end));
        assert!(!seen.body().is_empty());
        assert!(seen.body().len() < seen.promised());
        let recorded = bench.recorded("bob");
        assert_eq!((recorded.status, recorded.executed), (200, true));
        assert_eq!(recorded.fault, Some(fault.kind()));
        assert!(bench.has("bob"));
    }
}

#[test]
fn an_answer_without_a_body_is_cut_in_its_head() {
    let bench = Bench::new();
    let rule = Rule::new(Fault::CloseInBody).method("HEAD");
    bench.emulator.set_faults(Faults::seeded(1).rule(rule));
    let mut stream = bench.connect();
    stream
        .write_all(b"HEAD /api/v2/.well-known HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let seen = drain(&mut stream);
    assert_eq!(seen.end, End::Closed);
    assert!(seen.text().starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(!seen.text().contains("\r\n\r\n"));
}

#[test]
fn a_half_open_connection_says_nothing_any_more() {
    let [before, after] = [Rule::before, Rule::after].map(|timing| {
        let bench = Bench::with(timing(Rule::new(Fault::HalfOpen)));
        let mut stream = bench.connect();
        let wait = Duration::from_millis(100);
        stream.set_read_timeout(Some(wait)).unwrap();
        let request = bench.request("bob", "keep-alive");
        for _ in 0..2 {
            // What is sent later is not answered either.
            stream.write_all(request.as_bytes()).unwrap();
            let seen = drain(&mut stream);
            assert_eq!((seen.bytes.len(), seen.end), (0, End::Open));
        }
        let recorded = bench.recorded("bob");
        assert_eq!(recorded.status, 0);
        assert_eq!(recorded.fault, Some(FaultKind::HalfOpen));
        assert_eq!(recorded.executed, bench.has("bob"));
        eventually(|| bench.emulator.open_connections() == 1);
        drop(stream);
        eventually(|| bench.emulator.open_connections() == 0);
        bench.has("bob")
    });
    assert_eq!((before, after), (false, true));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "measures real time")]
fn a_head_drips() {
    let pause = Duration::from_millis(20);
    let bench = Bench::with(Rule::new(Fault::SlowHead { bytes: 40, pause }));
    let start = std::time::Instant::now();
    let seen = bench.create("bob");
    let pieces = u32::try_from(seen.head().len() / 40).unwrap();
    assert!(pieces >= 2);
    assert!(start.elapsed() >= pause * pieces);
    assert_eq!(seen.json()["data"]["createUser"]["username"], "bob");
    assert_eq!(bench.recorded("bob").fault, Some(FaultKind::SlowHead));
    assert!(bench.recorded("bob").executed);
}

#[test]
fn a_body_drips_and_the_connection_goes_on() {
    let bench = Bench::with(
        Rule::new(Fault::SlowBody {
            bytes: 0,
            pause: Duration::from_millis(1),
        })
        .times(1),
    );
    let mut stream = bench.connect();
    stream
        .write_all(bench.request("bob", "keep-alive").as_bytes())
        .unwrap();
    let seen = one_answer(&mut stream);
    assert_eq!(seen.json()["data"]["createUser"]["username"], "bob");
    assert_eq!(bench.recorded("bob").fault, Some(FaultKind::SlowBody));

    stream
        .write_all(bench.request("eve", "close").as_bytes())
        .unwrap();
    let seen = drain(&mut stream);
    assert_eq!(seen.json()["data"]["createUser"]["username"], "eve");
    assert_eq!(bench.recorded("eve").fault, None);
}

#[test]
fn a_duplicated_answer_is_the_same_bytes_twice() {
    let bench = Bench::with(Rule::new(Fault::Duplicate));
    let seen = bench.create("bob");
    assert_eq!(seen.end, End::Closed);
    let (first, second) = seen.bytes.split_at(seen.bytes.len() / 2);
    assert_eq!(first, second);
    assert!(first.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert_eq!(bench.recorded("bob").fault, Some(FaultKind::Duplicate));
    assert!(bench.has("bob"));
    assert_eq!(bench.emulator.request_count("createUser"), 1);
}
