//! The fault layer, seen from a socket.

mod answers;
mod connections;
mod journal;
mod plans;
mod tokens;
mod wire;

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use authing_emulator::{Emulator, Fault, Faults, RecordedRequest, Rule};
use serde_json::{Value, json};

use crate::client::Client;

/// Longer than anything takes on a machine that is busy, so that only what hangs comes to it.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Closed,
    Reset,
    /// Not at all, for as long as was waited.
    Open,
}

/// All that came over a connection.
#[derive(Debug)]
struct Seen {
    bytes: Vec<u8>,
    end: End,
}

impl Seen {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    fn status(&self) -> u16 {
        let text = self.text();
        text.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn head(&self) -> String {
        let text = self.text();
        text.split_once("\r\n\r\n").unwrap().0.to_owned()
    }

    fn header(&self, name: &str) -> Option<String> {
        let head = self.head();
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let (_, value) = lines.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        Some(value.to_owned())
    }

    fn body(&self) -> Vec<u8> {
        let head = self.head().len() + 4;
        self.bytes[head..].to_vec()
    }

    fn promised(&self) -> usize {
        self.header("content-length").unwrap().parse().unwrap()
    }

    /// The body of an answer to which nothing has happened.
    fn json(&self) -> Value {
        assert_eq!(self.body().len(), self.promised());
        serde_json::from_slice(&self.body()).unwrap()
    }
}

/// An emulator and its administrator, who was there before the faults.
struct Bench {
    emulator: Emulator,
    token: String,
}

impl Bench {
    fn new() -> Self {
        let emulator = Emulator::start().unwrap();
        let token = Client::administrator(&emulator).bearer().to_owned();
        Self { emulator, token }
    }

    /// Creating users has this fault, and nothing else has any.
    fn with(rule: Rule) -> Self {
        let bench = Self::new();
        bench
            .emulator
            .set_faults(Faults::seeded(1).rule(rule.on("createUser")));
        bench
    }

    fn connect(&self) -> TcpStream {
        let address = self.emulator.url().strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// The bytes of a request that creates a user, tagged with its name.
    fn request(&self, username: &str, connection: &str) -> String {
        let query = "mutation createUser($info: CreateUserInput!) { createUser(userInfo: $info) { id username } }";
        let body =
            json!({"query": query, "variables": {"info": {"username": username}}}).to_string();
        format!(
            "POST /graphql/v2 HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\nAuthorization: Bearer {}\r\n\
             X-Emulator-Tag: {username}\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )
    }

    /// Creates a user over a connection of its own, and reads to its end.
    fn create(&self, username: &str) -> Seen {
        let mut stream = self.connect();
        let request = self.request(username, "close");
        stream.write_all(request.as_bytes()).unwrap();
        drain(&mut stream)
    }

    /// Whether a user has been created.
    fn has(&self, username: &str) -> bool {
        let exists = Client::nobody(&self.emulator).ok(
            "query isUserExists($name: String) { isUserExists(username: $name) }",
            json!({"name": username}),
        );
        exists.as_bool().unwrap()
    }

    /// What the journal says of the only request with this tag.
    fn recorded(&self, tag: &str) -> RecordedRequest {
        let mut requests = self.emulator.requests();
        requests.retain(|request| request.tag.as_deref() == Some(tag));
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.remove(0)
    }

    /// Creates a user once before and once after the operation is carried out, and says what was seen.
    fn both(fault: &Fault) -> [(Self, Seen); 2] {
        [Rule::before, Rule::after].map(|timing| {
            let bench = Self::with(timing(Rule::new(fault.clone())));
            let seen = bench.create("bob");
            (bench, seen)
        })
    }
}

fn drain(stream: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    let end = match stream.read_to_end(&mut bytes) {
        Ok(_) => End::Closed,
        Err(error) => match error.kind() {
            io::ErrorKind::ConnectionReset => End::Reset,
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => End::Open,
            other => unreachable!("{other}"),
        },
    };
    Seen { bytes, end }
}

/// One answer of a connection that stays open.
fn one_answer(stream: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
    let mut seen = Seen {
        bytes,
        end: End::Open,
    };
    let mut body = vec![0; seen.promised()];
    stream.read_exact(&mut body).unwrap();
    seen.bytes.extend(body);
    seen
}

/// Waits for what another thread brings about.
#[track_caller]
fn eventually(what: impl Fn() -> bool) {
    let step = Duration::from_millis(5);
    for _ in 0..PATIENCE.as_millis() / step.as_millis() {
        if what() {
            return;
        }
        std::thread::sleep(step);
    }
    assert!(what());
}
