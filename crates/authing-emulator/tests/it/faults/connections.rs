//! The listener, and how much is open.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use authing_emulator::{Emulator, Fault, FaultKind, Faults, Rule};

use super::{Bench, End, drain, eventually, one_answer};

const LONG: Duration = Duration::from_secs(3600);

fn is_refused(emulator: &Emulator) -> bool {
    let address = emulator.url().strip_prefix("http://").unwrap();
    match TcpStream::connect(address) {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
            true
        }
    }
}

#[test]
fn a_refusal_window_ends_and_open_connections_go_on() {
    let bench = Bench::new();
    let mut open = bench.connect();
    open.write_all(bench.request("bob", "keep-alive").as_bytes())
        .unwrap();
    one_answer(&mut open);

    bench.emulator.refuse_connections(LONG);
    assert!(is_refused(&bench.emulator));
    open.write_all(bench.request("eve", "keep-alive").as_bytes())
        .unwrap();
    let seen = one_answer(&mut open);
    assert_eq!(seen.json()["data"]["createUser"]["username"], "eve");

    // It starts anew, and is over soon. Then the same port is open.
    bench.emulator.refuse_connections(Duration::from_millis(50));
    eventually(|| !is_refused(&bench.emulator));
    assert!(bench.has("eve"));
    open.write_all(bench.request("tom", "close").as_bytes())
        .unwrap();
    assert_eq!(drain(&mut open).status(), 200);
}

#[test]
fn clearing_the_faults_lets_connections_in() {
    let bench = Bench::new();
    for _ in 0..3 {
        bench.emulator.refuse_connections(LONG);
        assert!(is_refused(&bench.emulator));
        bench.emulator.clear_faults();
        assert!(!is_refused(&bench.emulator));
    }
}

#[test]
fn connections_that_wait_to_be_accepted_are_open() {
    let bench = Bench::new();
    let mut waiting: Vec<TcpStream> = (0..20).map(|_| bench.connect()).collect();
    bench.emulator.refuse_connections(LONG);
    for (number, stream) in waiting.iter_mut().enumerate() {
        let request = bench.request(&format!("user{number}"), "close");
        stream.write_all(request.as_bytes()).unwrap();
        assert_eq!(drain(stream).status(), 200);
    }
}

#[test]
fn a_request_can_close_the_door() {
    let bench = Bench::with(Rule::new(Fault::Refuse { during: LONG }).after().times(1));
    let seen = bench.create("bob");
    assert_eq!((seen.bytes.len(), seen.end), (0, End::Reset));
    assert!(is_refused(&bench.emulator));
    let recorded = bench.recorded("bob");
    assert_eq!((recorded.status, recorded.executed), (0, false));
    assert_eq!(recorded.fault, Some(FaultKind::Refuse));
    bench.emulator.clear_faults();
    assert!(!bench.has("bob"));
}

#[test]
fn connections_are_counted() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(emulator.open_connections(), 0);
    assert_eq!(emulator.accepted_connections(), 0);
    let address = emulator.url().strip_prefix("http://").unwrap();
    let streams: Vec<TcpStream> = (0..3)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    eventually(|| emulator.open_connections() == 3);
    drop(streams);
    eventually(|| emulator.open_connections() == 0);
    assert_eq!(emulator.accepted_connections(), 3);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "measures real time")]
fn dropping_it_ends_every_fault_at_once() {
    let slow = [
        Rule::new(Fault::latency(LONG)).on("createUser"),
        Rule::new(Fault::HalfOpen).after().on("createUser"),
        Rule::new(Fault::SlowHead {
            bytes: 1,
            pause: LONG,
        })
        .on("createUser"),
        Rule::new(Fault::SlowBody {
            bytes: 1,
            pause: LONG,
        })
        .on("createUser"),
        Rule::new(Fault::Refuse { during: LONG }).on("createUser"),
    ];
    let bench = Bench::new();
    let plan = slow
        .into_iter()
        .fold(Faults::seeded(1), |plan, rule| plan.rule(rule.times(1)));
    bench.emulator.set_faults(plan);
    let mut streams: Vec<TcpStream> = (0..5)
        .map(|number| {
            let mut stream = bench.connect();
            let request = bench.request(&format!("user{number}"), "keep-alive");
            stream.write_all(request.as_bytes()).unwrap();
            eventually(|| bench.emulator.faults_injected().len() == number + 1);
            stream
        })
        .collect();
    eventually(|| is_refused(&bench.emulator));

    let start = std::time::Instant::now();
    drop(bench);
    assert!(start.elapsed() < LONG / 60);
    for stream in &mut streams {
        assert_ne!(drain(stream).end, End::Open);
    }
}
