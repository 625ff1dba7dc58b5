//! The program, as people and other programs start it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
#[cfg(unix)]
use std::sync::mpsc::{Sender, channel};

use serde_json::{Value, json};

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

/// The names of all users of a state.
#[cfg(unix)]
fn usernames(state: &str) -> std::collections::HashSet<String> {
    let text = std::fs::read_to_string(state).unwrap();
    let state: Value = serde_json::from_str(&text).unwrap();
    let users = state.pointer("/pools/0/state/users/users").unwrap();
    let names = users.as_array().unwrap().iter();
    names
        .map(|user| user["fields"]["username"].as_str().unwrap().to_owned())
        .collect()
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

const USERS: &str = r#"{"query": "query u { users { totalCount } }"}"#;

#[cfg(unix)]
#[test]
fn state_outlives_the_program() {
    let folder = Folder::new("state_outlives_the_program");
    let seed = folder.write("seed.yaml", "users: [{username: ann}]\n");
    let (state, copy) = (folder.path("state.json"), folder.path("copy.json"));
    let mut first = Running::start(&["--seed", &seed, "--state", &state, "--export", &copy]);
    let pool = first.env("AUTHING_USERPOOL_ID").to_owned();
    assert_eq!(
        first
            .ask("POST", "/_emulator/clock", r#"{"advanceMs": 86400000}"#)
            .0,
        200
    );
    first.terminate();
    assert_eq!(
        std::fs::read(&state).unwrap(),
        std::fs::read(&copy).unwrap()
    );

    for arguments in [["--state", &state], ["--import", &copy]] {
        let mut next = Running::start(&arguments);
        assert_eq!(next.env("AUTHING_USERPOOL_ID"), pool);
        let (_, exported) = next.ask("GET", "/_emulator/state", "");
        let users = exported.pointer("/pools/0/state/users/users").unwrap();
        assert_eq!(users[0]["fields"]["username"], "ann");
        assert!(exported["clock"]["ahead"].as_i64().unwrap() >= 86_400_000);
        assert_eq!(next.ask("POST", "/graphql/v2", USERS).0, 200);
        next.terminate();
    }
}

/// Another program may be writing its own beside it.
#[cfg(unix)]
#[test]
fn the_start_leaves_the_files_of_others_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new("the_start_leaves_the_files_of_others_alone");
    let (state, copy) = (folder.path("state.json"), folder.path("copy.json"));
    let theirs = folder.write("state.json.new", "half of a state");
    // As everybody may read it, it must not stay so.
    std::fs::set_permissions(&theirs, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut running = Running::start(&["--state", &state, "--export", &copy]);
    assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "half of a state");
    running.terminate();
    assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "half of a state");
    for file in [&state, &copy] {
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let all = [
        "copy.json",
        "copy.json.lock",
        "state.json",
        "state.json.lock",
        "state.json.new",
    ];
    assert_eq!(folder.names(), all);
}

/// Another user may have put it there.
#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;

    let folder = Folder::new("links_are_not_followed");
    let victim = folder.write("victim", "precious");
    let state = folder.path("state.json");
    symlink("victim", folder.path("state.json.new")).unwrap();
    Running::start(&["--state", &state]).terminate();
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
    assert!(usernames(&state).is_empty());

    for link in ["linked.json", "other.json.lock"] {
        symlink("victim", folder.path(link)).unwrap();
        let file = folder.path(link.trim_end_matches(".lock"));
        for flag in ["--state", "--export"] {
            let ended = run(&[flag, &file]);
            assert_eq!(ended.status.code(), Some(1), "{link}");
            let shown = text(&ended.stderr);
            assert!(shown.contains("symbolic link"), "{shown}");
        }
    }
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
}

/// Each would write its own state over the other's.
#[cfg(unix)]
#[test]
fn a_state_belongs_to_one_emulator() {
    let folder = Folder::new("a_state_belongs_to_one_emulator");
    let state = folder.path("state.json");
    let mut first = Running::start(&["--state", &state]);
    for flag in ["--state", "--export"] {
        let second = run(&[flag, &state]);
        assert_eq!(second.status.code(), Some(1), "{flag}");
        let shown = text(&second.stderr);
        assert!(
            shown.contains("state.json: another emulator keeps its state here"),
            "{shown}"
        );
    }
    first.terminate();
    // Killed, it cannot give the file back.
    drop(Running::start(&["--state", &state]));
    Running::start(&["--state", &state, "--export", &state]).terminate();
}

/// Clients create users until they are told that the server is gone.
#[cfg(unix)]
fn create_until_the_end(
    running: &Running,
    token: &str,
    client: usize,
    done: &Sender<()>,
) -> Vec<String> {
    let mut stream = BufReader::new(running.connect());
    let mut created = Vec::new();
    for number in 0.. {
        let name = format!("user-{client}-{number}");
        let query =
            format!("mutation {{ createUser(userInfo: {{username: \"{name}\"}}) {{ id }} }}");
        let body = json!({"query": query}).to_string();
        let head = format!(
            "POST /graphql/v2 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let sent = stream.get_mut().write_all((head + &body).as_bytes());
        let mut status = String::new();
        if sent.is_err() || stream.read_line(&mut status).is_err() {
            break;
        }
        let mut length = 0;
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            if stream.read_line(&mut line).unwrap_or(0) == 0 {
                return created;
            }
            if let Some(text) = line.strip_prefix("content-length: ") {
                length = text.trim().parse().unwrap();
            }
        }
        let mut answer = vec![0; length];
        if stream.read_exact(&mut answer).is_err() {
            break;
        }
        if status.starts_with("HTTP/1.1 200") && text(&answer).contains("\"id\"") {
            created.push(name);
            let _ = done.send(());
        }
    }
    created
}

#[cfg(unix)]
#[test]
fn what_was_acknowledged_is_kept() {
    let folder = Folder::new("what_was_acknowledged_is_kept");
    let state = folder.path("state.json");
    let mut running = Running::start(&["--quiet", "--state", &state]);
    let token = running.administrator();
    let (done, news) = channel();
    let created: Vec<String> = std::thread::scope(|scope| {
        let (running, token) = (&running, token.as_str());
        let clients: Vec<_> = (0..16)
            .map(|client| {
                let done = done.clone();
                scope.spawn(move || create_until_the_end(running, token, client, &done))
            })
            .collect();
        for _ in 0..400 {
            news.recv().unwrap();
        }
        running.signal("TERM");
        let all = clients
            .into_iter()
            .flat_map(|client| client.join().unwrap());
        all.collect()
    });
    running.must_end_well();
    let kept = usernames(&state);
    let lost: Vec<_> = created
        .iter()
        .filter(|name| !kept.contains(*name))
        .collect();
    assert!(created.len() >= 400 && lost.is_empty(), "{lost:?}");
}

#[cfg(unix)]
#[test]
fn every_signal_to_end_saves() {
    let folder = Folder::new("every_signal_to_end_saves");
    for names in [&["TERM"][..], &["INT"], &["HUP"], &["INT", "INT"]] {
        let state = folder.path(&format!("{}.json", names.join("-")));
        let mut running = Running::start(&["--state", &state]);
        for name in names {
            running.signal(name);
        }
        running.must_end_well();
        assert!(usernames(&state).is_empty(), "{names:?}");
    }
}

/// A response that never comes holds up the end for a while, unless it is asked for again.
#[cfg(unix)]
#[test]
fn a_request_that_is_never_answered_does_not_keep_it_alive() {
    let folder = Folder::new("a_request_that_is_never_answered");
    let state = folder.path("state.json");
    let mut running = Running::start(&["--state", &state]);
    let plan = json!({"rules": [{"fault": "half-open", "timing": "after"}]}).to_string();
    let (status, problem) = running.ask("PUT", "/_emulator/faults", &plan);
    assert_eq!(status, 200, "{problem}");
    let mut stream = running.connect();
    stream
        .write_all(b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut line = String::new();
    running.output.read_line(&mut line).unwrap();
    assert!(line.contains("half-open"), "{line}");
    running.signal("TERM");
    running.signal("TERM");
    running.must_end_well();
    assert!(usernames(&state).is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn nohup_is_respected() {
    let mut running = Running::start_after("trap '' HUP", &[]);
    running.signal("HUP");
    assert_eq!(running.ask("GET", "/_emulator/health", "").0, 200);
    running.terminate();
}

#[cfg(unix)]
#[test]
fn it_saves_when_all_descriptors_are_used() {
    let folder = Folder::new("it_saves_when_all_descriptors_are_used");
    let state = folder.path("state.json");
    let mut running = Running::start_after("ulimit -n 40", &["--state", &state]);
    let connections: Vec<_> = (0..60).map(|_| running.connect()).collect();
    running.terminate();
    assert!(usernames(&state).is_empty());
    drop(connections);
}

#[cfg(unix)]
#[test]
fn a_full_disk_keeps_the_state_of_before() {
    let folder = Folder::new("a_full_disk_keeps_the_state_of_before");
    let seed = folder.write("seed.yaml", "users: [{username: ann}]\n");
    let state = folder.path("state.json");
    Running::start(&["--seed", &seed, "--state", &state]).terminate();
    let before = std::fs::read(&state).unwrap();
    // Files have room for a kilobyte at the most.
    let mut running = Running::start_after("trap '' XFSZ; ulimit -f 1", &["--state", &state]);
    running.signal("TERM");
    assert_eq!(running.child.wait().unwrap().code(), Some(1));
    assert!(std::fs::read(&state).unwrap() == before);
    let names = ["seed.yaml", "state.json", "state.json.lock"];
    assert_eq!(folder.names(), names);
}

/// Far more lines than a pipe holds.
#[cfg(unix)]
#[test]
fn output_that_nobody_reads_holds_nothing_up() {
    let folder = Folder::new("output_that_nobody_reads_holds_nothing_up");
    let state = folder.path("state.json");
    let mut running = Running::start(&["--state", &state]);
    let mut stream = running.connect();
    stream
        .set_read_timeout(Some(std::time::Duration::from_secs(60)))
        .unwrap();
    let path = "x".repeat(400);
    let request = format!("GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    for _ in 0..1000 {
        stream.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        while !line.contains("\"code\"") {
            line.clear();
            let mut byte = [0];
            while !line.ends_with('\n') && !line.ends_with('}') {
                answers.read_exact(&mut byte).unwrap();
                line.push(char::from(byte[0]));
            }
        }
    }
    running.terminate();
    assert!(usernames(&state).is_empty());
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

#[cfg(unix)]
#[test]
fn each_file_that_cannot_be_saved_is_told_of() {
    let folder = Folder::new("each_file_that_cannot_be_saved_is_told_of");
    let (state, copy) = (folder.path("state.json"), folder.path("copy.json"));
    let ended = terminated(&["--json", "--state", &state, "--export", &copy], || {
        std::fs::remove_dir_all(&folder.0).unwrap();
    });
    assert_eq!(ended.status.code(), Some(1));
    let shown = text(&ended.stderr);
    let lines = shown.lines().collect::<Vec<_>>();
    assert_eq!(lines.len(), 2, "{shown}");
    assert!(
        lines[0].contains(&state) && lines[1].contains(&copy),
        "{shown}"
    );
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
