//! What the journal says of each request.

use std::io::Write as _;
use std::time::Duration;

use authing_emulator::{Emulator, Fault, FaultKind, Outcome, Rule};
use serde_json::json;

use super::{Bench, eventually};
use crate::client::Client;

#[test]
fn requests_have_outcomes() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    Client::administrator(&emulator).get("/api/v2/userpools/detail");
    nobody.refused("query users { users { totalCount } }", json!(null));
    nobody.graphql("query q { nonsense }", json!(null));
    nobody.send("POST", "/graphql/v2", "not json");
    nobody.get("/api/v2/userpools/detail");
    nobody.send("POST", "/api/v2/users/batch", "[]");
    nobody.get("/nowhere");
    nobody.get("/graphql/v2");
    nobody.get("/api/v2/.well-known");
    nobody.get("/oidc/me");
    nobody.get("/oidc/.well-known/jwks.json");
    nobody.send("DELETE", "/oidc/me", "");
    let outcomes: Vec<_> = emulator
        .requests()
        .into_iter()
        .map(|request| (request.status, request.executed, request.outcome.unwrap()))
        .collect();
    let expected = [
        (200, true, Outcome::Success),
        (200, true, Outcome::Success),
        (200, true, Outcome::Refused(2020)),
        (400, false, Outcome::Refused(400)),
        (400, false, Outcome::Refused(400)),
        (200, true, Outcome::Refused(2020)),
        (400, false, Outcome::Refused(400)),
        (404, false, Outcome::Refused(404)),
        (405, false, Outcome::Refused(405)),
        (200, true, Outcome::Success),
        (401, true, Outcome::Refused(401)),
        (200, true, Outcome::Success),
        (405, false, Outcome::Refused(405)),
    ];
    assert_eq!(outcomes, expected);
}

#[test]
fn a_tag_is_kept() {
    let bench = Bench::new();
    bench.create("bob");
    let recorded = bench.recorded("bob");
    assert_eq!(recorded.tag.as_deref(), Some("bob"));
    assert_eq!((recorded.executed, recorded.fault), (true, None));
    assert_eq!(bench.emulator.requests()[0].tag, None);
}

#[test]
fn its_capacity_can_be_chosen() {
    let emulator = Emulator::builder().journal_capacity(2).start().unwrap();
    for path in ["/1", "/2", "/3"] {
        Client::nobody(&emulator).get(path);
    }
    let paths: Vec<String> = emulator
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(paths, ["/2", "/3"]);
}

#[test]
fn who_hangs_up_before_the_operation_has_not_executed_it() {
    let bench = Bench::with(Rule::new(Fault::latency(Duration::from_secs(3600))).before());
    let mut stream = bench.connect();
    let request = bench.request("bob", "keep-alive");
    stream.write_all(request.as_bytes()).unwrap();
    eventually(|| !bench.emulator.faults_injected().is_empty());
    drop(stream);
    eventually(|| bench.emulator.request_count("createUser") == 1);
    let recorded = bench.recorded("bob");
    assert_eq!((recorded.status, recorded.executed), (0, false));
    assert_eq!(recorded.outcome, None);
    assert_eq!(recorded.fault, Some(FaultKind::Latency));
    assert!(!bench.has("bob"));
}

#[test]
fn who_hangs_up_after_the_operation_has_executed_it() {
    let bench = Bench::with(Rule::new(Fault::latency(Duration::from_secs(3600))).after());
    let mut stream = bench.connect();
    let request = bench.request("bob", "keep-alive");
    stream.write_all(request.as_bytes()).unwrap();
    // It is recorded although nobody has an answer yet.
    eventually(|| bench.emulator.request_count("createUser") == 1);
    drop(stream);
    eventually(|| bench.emulator.open_connections() == 0);
    let recorded = bench.recorded("bob");
    assert_eq!((recorded.status, recorded.executed), (200, true));
    assert_eq!(recorded.outcome, Some(Outcome::Success));
    assert!(bench.has("bob"));
}

#[test]
fn who_hangs_up_in_the_middle_of_a_request_is_recorded() {
    let bench = Bench::new();
    let mut stream = bench.connect();
    let request = bench.request("bob", "keep-alive");
    stream
        .write_all(&request.as_bytes()[..request.len() - 1])
        .unwrap();
    eventually(|| bench.emulator.open_connections() == 1);
    drop(stream);
    let recorded = || {
        let requests = bench.emulator.requests();
        requests
            .into_iter()
            .find(|request| request.tag.as_deref() == Some("bob"))
    };
    eventually(|| recorded().is_some());
    assert!(!recorded().unwrap().executed);
    assert!(!bench.has("bob"));
}

#[test]
fn what_clients_hang_up_on_is_executed_and_recorded_or_neither() {
    let bench = Bench::new();
    for number in 0..50 {
        let mut stream = bench.connect();
        let request = bench.request(&format!("user{number}"), "keep-alive");
        stream.write_all(request.as_bytes()).unwrap();
        drop(stream);
    }
    eventually(|| bench.emulator.open_connections() == 0);
    for request in bench.emulator.requests() {
        if let Some(username) = &request.tag {
            assert_eq!(bench.has(username), request.executed, "{request:?}");
        }
    }
}
