//! What the emulator costs: `cargo run --release -p authing-emulator --example figures`.
//!
//! Everything goes over a real socket of this machine, with a client of a few lines in the same process. The CPU time
//! is that of the server's thread, and the memory that of the process, which only Linux tells.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "it measures real time, and is run by hand"
)]

use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use authing_emulator::Emulator;
use serde_json::{Value, json};

const USERS: usize = 10_000;
const MANY: usize = 100_000;
const REQUESTS: usize = 10_000;
const LIST: &str = "query users($page: Int, $limit: Int, $sortBy: SortByEnum) {
    users(page: $page, limit: $limit, sortBy: $sortBy) { totalCount list { id username email nickname createdAt } }
}";

fn main() -> io::Result<()> {
    let mut out = String::new();
    starts(&mut out);
    requests(&mut out);
    memory(&mut out);
    io::stdout().write_all(out.as_bytes())
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

fn starts(out: &mut String) {
    let (_, first) = timed(|| Emulator::start().unwrap());
    let mut later: Vec<Duration> = (0..50)
        .map(|_| timed(|| Emulator::start().unwrap()).1)
        .collect();
    later.sort();
    writeln!(out, "start, the first of a process      {first:?}").unwrap();
    writeln!(
        out,
        "start, each later one, median      {:?}",
        later[later.len() / 2]
    )
    .unwrap();
}

fn requests(out: &mut String) {
    let emulator = Emulator::start().unwrap();
    let mut client = Client::administrator(&emulator);
    let create = "mutation c($info: CreateUserInput!) { createUser(userInfo: $info) { id } }";
    let ((), spent) = timed(|| {
        for number in 0..USERS {
            let info = json!({"username": format!("user-{number}"), "email": format!("user-{number}@example.com")});
            client.ask(create, &json!({"info": info}));
        }
    });
    writeln!(out, "{USERS} users created                {spent:?}").unwrap();
    for limit in [500, 10] {
        let ((), spent) = timed(|| {
            for page in 1..=USERS / limit {
                let answer = client.ask(LIST, &json!({"page": page, "limit": limit}));
                assert_eq!(answer["users"]["list"].as_array().unwrap().len(), limit);
            }
        });
        writeln!(out, "all of them listed by {limit:>3}          {spent:?}").unwrap();
    }
    for sort_by in ["CREATEDAT_DESC", "UPDATEDAT_DESC"] {
        let cpu = server_cpu();
        let variables = json!({"limit": 10, "sortBy": sort_by});
        let ((), spent) = timed(|| {
            for _ in 0..REQUESTS {
                client.ask(LIST, &variables);
            }
        });
        let count = f64::from(u32::try_from(REQUESTS).unwrap());
        let cpu = server_cpu().saturating_sub(cpu).as_secs_f64() / count;
        let rate = count / spent.as_secs_f64();
        writeln!(
            out,
            "users(limit: 10) by {sort_by}  {rate:.0} a second on one connection, {:.0} us of CPU each",
            cpu * 1e6
        )
        .unwrap();
    }
}

fn memory(out: &mut String) {
    let seed: String = (0..MANY).fold("users:\n".to_owned(), |mut seed, number| {
        writeln!(
            seed,
            "- {{username: user-{number}, email: user-{number}@example.com}}"
        )
        .unwrap();
        seed
    });
    let seed = seed.parse().unwrap();
    let before = resident();
    let (emulator, spent) = timed(|| Emulator::builder().seed(seed).start().unwrap());
    let each = resident().saturating_sub(before) / u64::try_from(MANY).unwrap();
    writeln!(
        out,
        "start with {MANY} users           {spent:?}, {each} bytes each"
    )
    .unwrap();
    let (snapshot, spent) = timed(|| emulator.snapshot());
    let (text, written) = timed(|| snapshot.to_json());
    let megabytes = text.len() / 1_000_000;
    writeln!(
        out,
        "their snapshot                     {spent:?}, {megabytes} MB of JSON in {written:?}"
    )
    .unwrap();
}

/// A connection that is kept.
struct Client {
    stream: BufReader<TcpStream>,
    host: String,
    token: String,
}

impl Client {
    fn administrator(emulator: &Emulator) -> Self {
        let host = emulator.url().trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut client = Self {
            stream: BufReader::new(stream),
            host,
            token: String::new(),
        };
        let answer = client.ask(
            "query t($pool: String!, $secret: String!) { accessToken(userPoolId: $pool, secret: $secret) { accessToken } }",
            &json!({"pool": emulator.user_pool_id(), "secret": emulator.secret()}),
        );
        answer["accessToken"]["accessToken"]
            .as_str()
            .unwrap()
            .clone_into(&mut client.token);
        client
    }

    fn ask(&mut self, query: &str, variables: &Value) -> Value {
        let body = json!({"query": query, "variables": variables}).to_string();
        let request = format!(
            "POST /graphql/v2 HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            self.token,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            if let Some(text) = line.strip_prefix("content-length: ") {
                length = text.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        let mut answer: Value = serde_json::from_slice(&body).unwrap();
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].take()
    }
}

/// Of all servers that have run, by Linux's count in hundredths of a second.
fn server_cpu() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let ticks = threads.flatten().filter_map(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).ok()?;
        let (name, rest) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
        name.contains("authing-emula")
            .then(|| Some(ticks(11)? + ticks(12)?))?
    });
    Duration::from_millis(10 * ticks.sum::<u64>())
}

/// Bytes of memory that the process holds.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}
