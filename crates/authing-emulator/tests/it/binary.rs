//! The program, as people and other programs start it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

#[cfg(unix)]
mod state;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authing-emulator"));
    command.env_remove("AUTHING_EMULATOR_TOKEN");
    command
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// Sorted.
    fn names(&self) -> Vec<String> {
        let all = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = all
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One that runs, with the line that it wrote when it was ready.
struct Running {
    child: Child,
    ready: Value,
    output: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        Self::start_by(program(), arguments)
    }

    /// From a shell that does something else before it.
    #[cfg(unix)]
    fn start_after(words: &str, arguments: &[&str]) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{words}; exec \"$0\" \"$@\"")]);
        shell.arg(program().get_program());
        Self::start_by(shell, arguments)
    }

    fn start_by(mut command: Command, arguments: &[&str]) -> Self {
        let mut child = command
            .env_remove("AUTHING_EMULATOR_TOKEN")
            .arg("--json")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        Self {
            child,
            ready: serde_json::from_str(&line).unwrap(),
            output,
        }
    }

    fn env(&self, name: &str) -> &str {
        self.ready["env"][name].as_str().unwrap()
    }

    fn port(&self) -> &str {
        self.env("AUTHING_HOST").rsplit_once(':').unwrap().1
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let host = format!("127.0.0.1:{}", self.port());
        let token = self.env("AUTHING_EMULATOR_TOKEN");
        let mut stream = TcpStream::connect(&host).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\
             Content-Type: application/json\r\nx-emulator-token: {token}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// As an orderly shutdown of a machine or a container does it.
    fn terminate(&mut self) {
        self.signal("TERM");
        self.must_end_well();
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    fn must_end_well(&mut self) {
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "a clean exit");
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(format!("127.0.0.1:{}", self.port())).unwrap()
    }

    fn administrator(&self) -> String {
        let query = "query t($pool: String!, $secret: String!) {
            accessToken(userPoolId: $pool, secret: $secret) { accessToken }
        }";
        let variables = json!({
            "pool": self.env("AUTHING_USERPOOL_ID"),
            "secret": self.env("AUTHING_USERPOOL_SECRET"),
        });
        let body = json!({"query": query, "variables": variables}).to_string();
        let answer = self.ask("POST", "/graphql/v2", &body).1;
        let token = answer.pointer("/data/accessToken/accessToken");
        token.and_then(Value::as_str).unwrap().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn help_teaches() {
    let help = run(&["--help"]);
    assert!(help.status.success());
    let shown = text(&help.stdout);
    for word in [
        "--seed",
        "--state",
        "authing.yaml",
        "healthcheck",
        "schema",
        "_emulator/reset",
    ] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    assert!(!run(&["--sede", "x"]).status.success());
}

#[test]
fn the_schema_is_printed() {
    let shown = run(&["schema"]);
    assert!(shown.status.success());
    let schema: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(
        schema,
        serde_json::from_str::<Value>(&authing_emulator::Seed::json_schema()).unwrap()
    );
}

#[cfg(unix)]
#[test]
fn it_is_ready_answers_and_ends() {
    let mut running = Running::start(&["--port", "0", "--token", "s3cret"]);
    assert_eq!(running.ready["event"], "ready");
    assert_eq!(running.ready["controlToken"], "s3cret");
    assert_eq!(
        running.ready["pools"][0]["id"],
        running.env("AUTHING_USERPOOL_ID")
    );
    assert!(
        run(&["healthcheck", "--port", running.port()])
            .status
            .success()
    );
    assert_eq!(running.ask("GET", "/nowhere", "").0, 404);
    let mut line = String::new();
    running.output.read_line(&mut line).unwrap();
    let logged: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&logged["event"], &logged["path"]),
        (&json!("request"), &json!("/nowhere"))
    );
    assert_eq!(logged["status"], 404);
    let port = running.port().to_owned();
    running.terminate();
    let unwell = run(&["healthcheck", "--port", &port]);
    assert_eq!(unwell.status.code(), Some(1));
    assert!(text(&unwell.stderr).contains(&port));
}

#[cfg(unix)]
#[test]
fn people_get_words_and_lines_to_export() {
    let mut child = program()
        .args(["--random-seed", "7"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut shown = Vec::new();
    for line in lines.by_ref() {
        let is_last = line.starts_with("Ctrl-C");
        shown.push(line);
        if is_last {
            break;
        }
    }
    let again = authing_emulator::Emulator::builder()
        .random_seed(7)
        .start()
        .unwrap();
    let pool = format!("export AUTHING_USERPOOL_ID={}", again.user_pool_id());
    assert!(shown.contains(&pool), "{shown:?}");
    assert!(
        shown
            .iter()
            .any(|line| line.starts_with("export AUTHING_EMULATOR_TOKEN="))
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Starts the program, and once it is ready and `meanwhile` is done, ends it.
#[cfg(unix)]
fn terminated(arguments: &[&str], meanwhile: impl FnOnce()) -> Output {
    let mut child = program()
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut String::new()).unwrap();
    meanwhile();
    let id = child.id().to_string();
    let told = Command::new("kill").args(["-TERM", &id]).status();
    assert!(told.unwrap().success());
    child.wait_with_output().unwrap()
}

/// Who has changed the seed would look for the change in vain.
#[cfg(unix)]
#[test]
fn a_seed_that_has_no_effect_is_told_of() {
    let folder = Folder::new("a_seed_that_has_no_effect_is_told_of");
    let seed = folder.write("seed.yaml", "users: [{username: ann}]\n");
    let state = folder.path("state.json");
    for has_effect in [true, false] {
        let ended = terminated(&["--json", "--seed", &seed, "--state", &state], || ());
        assert_eq!(ended.status.code(), Some(0));
        let told = text(&ended.stderr).contains("seed.yaml has no effect");
        assert_eq!(told, !has_effect);
    }
}

#[test]
fn it_tells_its_version() {
    let told = run(&["--version"]);
    assert_eq!(told.status.code(), Some(0));
    let version = format!("authing-emulator {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(text(&told.stdout), version);
}

#[test]
fn mistakes_end_it_with_a_reason() {
    let folder = Folder::new("mistakes_end_it_with_a_reason");
    let typo = folder.write("typo.yaml", "users:\n- username: a\n- emial: b\n");
    let twice = folder.write("twice.yaml", "users:\n- username: a\n- username: a\n");
    let state = folder.write("state.json", "{\"version\": 77}");
    let itself = folder.0.to_str().unwrap();
    for (arguments, reasons) in [
        (
            vec!["--seed", &typo],
            vec!["typo.yaml: line 3: users[1].emial: unknown field, did you mean email?"],
        ),
        (
            vec!["--seed", &twice],
            vec![
                "twice.yaml: ",
                "line 3: users[1]: a user with this username exists already",
            ],
        ),
        (vec!["--seed", "/nowhere.yaml"], vec!["/nowhere.yaml: "]),
        (
            vec!["--import", &state],
            vec!["state.json: the state has version 77"],
        ),
        (
            vec!["--state", "/nowhere/state.json"],
            vec!["/nowhere/state.json: "],
        ),
        (vec!["--state", itself], vec![itself, "is a directory"]),
        (
            vec!["--export", "/nowhere/state.json"],
            vec!["/nowhere/state.json: "],
        ),
        (vec!["--limit", "steps=0"], vec!["--limit steps=0"]),
        (vec!["--limit", "stepz=1"], vec!["--limit stepz=1"]),
        (
            vec!["--address", "0.0.0.0"],
            vec!["0.0.0.0 can be reached from other machines", "--public"],
        ),
    ] {
        let ended = run(&arguments);
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}");
        let shown = text(&ended.stderr);
        for reason in reasons {
            assert!(shown.contains(reason), "{shown}");
        }
    }
}
