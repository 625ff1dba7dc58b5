//! The files of the program, and its end.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::sync::mpsc::{Sender, channel};

use serde_json::{Value, json};

use super::{Folder, Running, run, terminated, text};

const USERS: &str = r#"{"query": "query u { users { totalCount } }"}"#;

/// The names of all users of a state.
fn usernames(state: &str) -> HashSet<String> {
    let text = std::fs::read_to_string(state).unwrap();
    let state: Value = serde_json::from_str(&text).unwrap();
    let users = state.pointer("/pools/0/state/users/users").unwrap();
    let names = users.as_array().unwrap().iter();
    names
        .map(|user| user["fields"]["username"].as_str().unwrap().to_owned())
        .collect()
}

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

#[test]
fn every_signal_to_end_saves() {
    let folder = Folder::new("every_signal_to_end_saves");
    for names in [&["TERM"][..], &["INT"], &["HUP"], &["INT", "INT"]] {
        // The program inherits it, and respects it.
        if names.contains(&"HUP") && hangup_is_ignored() {
            eprintln!("SIGHUP is ignored here, as below nohup: it is not tried");
            continue;
        }
        let state = folder.path(&format!("{}.json", names.join("-")));
        let mut running = Running::start(&["--state", &state]);
        for name in names {
            running.signal(name);
        }
        running.must_end_well();
        assert!(usernames(&state).is_empty(), "{names:?}");
    }
}

/// Whether this process ignores SIGHUP (proc(5): the first bit of `SigIgn`).
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & 1 == 1))
}

/// A response that never comes holds up the end for a while, unless it is asked for again.
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
