//! The emulator as a process of its own, so that its memory can be told from the test's.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub(crate) struct Server {
    process: Child,
    settings: Vec<(String, String)>,
    /// It stops when it cannot say what it has to say.
    _output: BufReader<ChildStdout>,
}

/// All that came back before the connection was closed.
pub(crate) struct Answer(pub(crate) Vec<u8>);

impl Answer {
    /// 0 for no answer.
    pub(crate) fn status(&self) -> u16 {
        let text = String::from_utf8_lossy(&self.0);
        let mut words = text.strip_prefix("HTTP/1.").unwrap_or_default().split(' ');
        words.nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
    }

    pub(crate) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.0);
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        body.unwrap_or_default()
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let start = &self.0[..self.0.len().min(500)];
        f.write_str(&String::from_utf8_lossy(start))
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_authing-emulator"))
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut settings = Vec::new();
        for line in output.by_ref().lines() {
            let line = line.unwrap();
            if let Some((name, value)) = line
                .strip_prefix("export ")
                .and_then(|line| line.split_once('='))
            {
                settings.push((name.to_owned(), value.to_owned()));
            } else if !settings.is_empty() {
                break;
            }
        }
        Self {
            process,
            settings,
            _output: output,
        }
    }

    fn setting(&self, name: &str) -> &str {
        let found = self.settings.iter().find(|(other, _)| other == name);
        &found.unwrap().1
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let address = self.setting("AUTHING_HOST").strip_prefix("http://");
        TcpStream::connect(address.unwrap()).unwrap()
    }

    /// Sends and reads to the end. Where no answer can be waited for, it says first that this was all; a server need
    /// not listen to the end of nonsense.
    pub(crate) fn send(&self, request: &[u8], wait: bool) -> Answer {
        let mut stream = self.connect();
        let mut answer = Vec::new();
        if stream.write_all(request).is_ok() && !wait {
            let _ = stream.shutdown(std::net::Shutdown::Write);
        }
        let _ = stream.read_to_end(&mut answer);
        Answer(answer)
    }

    /// A whole request, to whose answer one waits.
    fn post(&self, body: &Value, token: &str) -> Answer {
        let mut stream = self.connect();
        stream.write_all(&request(body, token)).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        Answer(answer)
    }

    pub(crate) fn graphql(&self, query: &str) -> Answer {
        self.post(&json!({"query": query}), "")
    }

    /// With the fields of a query.
    pub(crate) fn administrator(&self, fields: &str) -> Answer {
        self.post(&json!({"query": format!("{{ {fields} }}")}), &self.token())
    }

    /// The bytes of such a request.
    pub(crate) fn ask_as_administrator(&self, fields: &str) -> Vec<u8> {
        request(&json!({"query": format!("{{ {fields} }}")}), &self.token())
    }

    fn token(&self) -> String {
        let query = "query token($pool: String!, $secret: String!) {
            accessToken(userPoolId: $pool, secret: $secret) { accessToken }
        }";
        let pool = self.setting("AUTHING_USERPOOL_ID");
        let secret = self.setting("AUTHING_USERPOOL_SECRET");
        let variables = json!({"pool": pool, "secret": secret});
        let answer = self.post(&json!({"query": query, "variables": variables}), "");
        let answer: Value = serde_json::from_str(&answer.text()).unwrap();
        let token = &answer["data"]["accessToken"]["accessToken"];
        token.as_str().unwrap().to_owned()
    }

    /// Users who are all in one group.
    pub(crate) fn fill(&self, users: usize) {
        let token = self.token();
        let create = (0..users).map(|number| {
            format!("u{number}: createUser(userInfo: {{username: \"u{number}\"}}) {{ id }} ")
        });
        let group = "createGroup(code: \"all\", name: \"all\") { code }";
        let query = format!("mutation {{ {group} {} }}", create.collect::<String>());
        let answer: Value =
            serde_json::from_str(&self.post(&json!({"query": query}), &token).text()).unwrap();
        let all = answer["data"].as_object().unwrap().values();
        let ids: Vec<_> = all.filter_map(|user| user.get("id")).collect();
        assert_eq!(ids.len(), users);
        let query = "mutation add($ids: [String!]!) { addUserToGroup(userIds: $ids, code: \"all\") { code } }";
        let answer = self.post(&json!({"query": query, "variables": {"ids": ids}}), &token);
        assert!(answer.text().contains("200"), "{answer:?}");
    }

    pub(crate) fn fill_with_long_names(&self, users: usize, length: usize) {
        let token = self.token();
        let name = "n".repeat(length);
        for number in 0..users {
            let query = format!(
                "mutation {{ createUser(userInfo: {{username: \"u{number}\", nickname: \"{name}\"}}) {{ id }} }}"
            );
            let answer = self.post(&json!({"query": query}), &token);
            assert!(answer.text().contains("\"id\""), "{answer:?}");
        }
    }

    /// It still does what it is for.
    pub(crate) fn must_be_well(&self) {
        let answer = self.administrator("users { totalCount }");
        assert_eq!(answer.status(), 200);
        assert!(answer.text().contains("totalCount"), "{answer:?}");
    }

    /// The most that it ever had, in KB. Only Linux tells.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }
}

fn request(body: &Value, token: &str) -> Vec<u8> {
    let body = body.to_string();
    let head = format!(
        "POST /graphql/v2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
