//! The emulator's process, and what it must live through.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy takes only functions marked as tests for tests, and not their helpers"
)]

mod documents;
mod requests;
mod server;

use std::io::Write as _;
use std::thread;

use server::{Answer, Server};

const REQUESTS: usize = 10_000;
const CLIENTS: usize = 4;

/// Far above what it takes at rest, and far below what one of these requests would take without limits.
const MOST_MEMORY: u64 = 300 * 1024;

/// Named by an environment variable to repeat a failure.
fn seed() -> u64 {
    let named = std::env::var("SURVIVES_SEED").ok();
    named.and_then(|seed| seed.parse().ok()).unwrap_or(7)
}

#[test]
fn malformed_requests_do_no_harm() {
    let server = Server::start();
    let before = server.peak_memory();
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let server = &server;
            scope.spawn(move || {
                let seed = seed() + client as u64;
                let mut random = fastrand::Rng::with_seed(seed);
                for number in 0..REQUESTS / CLIENTS {
                    let request = requests::any(&mut random);
                    let answer = server.send(&request.bytes, request.is_http);
                    assert!(
                        request.accepts(&answer),
                        "seed {seed}, number {number}, {}: {answer:?}",
                        request.what
                    );
                }
            });
        }
    });
    server.must_be_well();
    assert_memory(&server, before, "10,000 malformed requests");
}

#[test]
fn documents_have_limits() {
    let server = Server::start();
    let before = server.peak_memory();
    for (what, query) in documents::too_much() {
        let answer = server.graphql(&query);
        let text = answer.text();
        assert!(text.contains("\"errors\""), "{what}: {}", start(&text));
        assert!(text.len() < 100_000, "{what}: {} bytes", text.len());
        assert!([200, 400].contains(&answer.status()), "{what}: {answer:?}");
    }
    for (what, query) in documents::just_enough() {
        let text = server.graphql(&query).text();
        assert!(!text.contains("\"errors\""), "{what}: {}", start(&text));
    }
    server.must_be_well();
    assert_memory(&server, before, "documents");
}

#[test]
fn answers_have_a_limit() {
    let server = Server::start();
    server.fill(70);
    let nested = "users { list { id groups { list { code users(limit: 500) { list { id
        groups { list { users(limit: 500) { list { id username nickname } } } } } } } } } }";
    let answer = server.administrator(&nested.replacen("users", "users(limit: 500)", 1));
    assert!(answer.text().contains("返回内容过大"), "{answer:?}");
    let answer = server.administrator("users(limit: 500) { totalCount list { id username } }");
    assert!(answer.text().contains("\"totalCount\":70"), "{answer:?}");
    server.must_be_well();
}

#[test]
fn large_bodies_are_not_read() {
    const HEAD: &str = "POST /graphql/v2 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let server = Server::start();
    let before = server.peak_memory();
    let announced = format!("{HEAD}Content-Length: 104857600\r\n\r\n");
    assert_eq!(server.send(announced.as_bytes(), true).status(), 413);

    // 100 MB without a word about how much it will be.
    let mut stream = server.connect();
    let head = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
    let sent = (0..1600).take_while(|_| stream.write_all(&chunk).is_ok());
    assert!(sent.count() < 1600, "somebody reads all of it");
    server.must_be_well();
    assert_memory(&server, before, "large bodies");
}

#[test]
fn idle_and_slow_connections_keep_nobody_out() {
    let server = Server::start();
    let before = server.peak_memory();
    let idle: Vec<_> = (0..400).map(|_| server.connect()).collect();
    let mut slow: Vec<_> = (0..400).map(|_| server.connect()).collect();
    for part in ["POST /graphql/v2 HTTP/1.1\r\n", "Host: x\r\n", "Content-Le"] {
        for stream in &mut slow {
            stream.write_all(part.as_bytes()).unwrap();
        }
        server.must_be_well();
    }
    assert_memory(&server, before, "800 connections");
    drop((idle, slow));
    server.must_be_well();
}

/// More than the sockets of a machine hold by themselves.
#[test]
fn answers_that_nobody_reads_are_given_up() {
    let server = Server::start();
    server.fill_with_long_names(10, 1_500_000);
    let ask = server.ask_as_administrator("users(limit: 500) { list { id nickname } }");
    let before = server.peak_memory();
    let clients: Vec<_> = (0..25)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(&ask).unwrap();
            stream
        })
        .collect();
    // Those who read have their answers meanwhile.
    for _ in 0..2 {
        assert!(server.send(&ask, true).0.len() > 15_000_000);
    }
    server.must_be_well();
    assert_memory(&server, before, "answers that nobody reads");
    drop(clients);
}

/// Nor are requests that never end.
#[test]
fn bodies_that_never_end_are_given_up() {
    let server = Server::start();
    let before = server.peak_memory();
    let head = "POST /graphql/v2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n";
    let body = vec![b' '; 1_900_000];
    let clients: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = server.connect();
            let _ = stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(&body));
            stream
        })
        .collect();
    server.must_be_well();
    assert_memory(&server, before, "bodies that never end");
    drop(clients);
}

fn assert_memory(server: &Server, before: Option<u64>, what: &str) {
    let peak = server.peak_memory();
    eprintln!("{what}: peak memory in KB before {before:?}, after {peak:?}");
    assert!(peak.is_none_or(|peak| peak < MOST_MEMORY), "{peak:?} KB");
}

fn start(text: &str) -> String {
    text.chars().take(300).collect()
}

#[test]
fn an_answer_is_told_from_none() {
    assert_eq!(
        Answer(b"HTTP/1.1 404 Not Found\r\n\r\nx".to_vec()).status(),
        404
    );
    assert_eq!(Answer(Vec::new()).status(), 0);
}
