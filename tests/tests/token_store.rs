//! Processes that share one token through a file.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use authing::v2::ManagementClient;
use authing::{FileTokenStore, OperationInfo, TransportError, transport_fn};
use authing_core::TokioClock;
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, OffClock};
use bytes::Bytes;

both_transports!(
    processes_fetch_one_token_together,
    a_refused_token_is_replaced_for_all,
);

/// A folder of its own, gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("authing-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("tokens.json")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn admin(backend: Backend, emulator: &Emulator, file: &Path) -> ManagementClient {
    ManagementClient::builder(emulator.user_pool_id(), emulator.secret())
        .host(emulator.url())
        .transport(backend.transport().unwrap())
        .token_store(FileTokenStore::open(file).unwrap())
        .build()
        .unwrap()
}

/// Starts another process that lists the users of the emulator.
fn start(emulator: &Emulator, backend: Backend, file: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env("AUTHING_HOST", emulator.url())
        .env("AUTHING_USERPOOL_ID", emulator.user_pool_id())
        .env("AUTHING_USERPOOL_SECRET", emulator.secret())
        .env("AUTHING_TEST_BACKEND", format!("{backend:?}"))
        .env("AUTHING_TEST_STORE", file)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test]
#[ignore = "run by processes_fetch_one_token_together, with variables set"]
async fn child() {
    let get = |name: &str| std::env::var(name).unwrap();
    let backend = match &*get("AUTHING_TEST_BACKEND") {
        "Hyper" => Backend::Hyper,
        _ => Backend::Reqwest,
    };
    let admin =
        ManagementClient::builder(get("AUTHING_USERPOOL_ID"), get("AUTHING_USERPOOL_SECRET"))
            .host(get("AUTHING_HOST"))
            .transport(backend.transport().unwrap())
            .token_store(FileTokenStore::open(get("AUTHING_TEST_STORE")).unwrap())
            .build()
            .unwrap();
    for _ in 0..3 {
        admin.users().list().await.unwrap();
    }
}

async fn processes_fetch_one_token_together(backend: Backend) {
    let emulator = Emulator::start().unwrap();
    let folder = Folder::new(&format!("processes-{backend:?}"));
    let children: Vec<_> = (0..6)
        .map(|_| start(&emulator, backend, &folder.file()))
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let shown = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{shown}");
    }
    assert_eq!(emulator.request_count("users"), 18);
    assert_eq!(emulator.request_count("accessToken"), 1);
    // One that comes later finds it there.
    let admin = admin(backend, &emulator, &folder.file());
    admin.users().list().await.unwrap();
    assert_eq!(emulator.request_count("accessToken"), 1);
    let names: Vec<_> = std::fs::read_dir(&folder.0)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "drafts were left behind: {names:?}");
}

async fn a_refused_token_is_replaced_for_all(backend: Backend) {
    let emulator = Emulator::start().unwrap();
    let folder = Folder::new(&format!("refused-{backend:?}"));
    let first = admin(backend, &emulator, &folder.file());
    let second = admin(backend, &emulator, &folder.file());
    first.users().list().await.unwrap();
    second.users().list().await.unwrap();
    // The server's time goes on, and only it knows.
    emulator.advance(Duration::from_secs(16 * 86_400));
    first.users().list().await.unwrap();
    second.users().list().await.unwrap();
    assert_eq!(emulator.request_count("accessToken"), 2);
    assert_eq!(emulator.request_count("users"), 6, "each was refused once");
}

#[tokio::test]
async fn pools_do_not_share() {
    let (one, other) = (Emulator::start().unwrap(), Emulator::start().unwrap());
    let folder = Folder::new("pools");
    for emulator in [&one, &other, &one, &other] {
        let admin = admin(Backend::Hyper, emulator, &folder.file());
        admin.users().list().await.unwrap();
    }
    for emulator in [one, other] {
        assert_eq!(emulator.request_count("accessToken"), 1);
    }
}

#[tokio::test]
async fn an_expired_token_is_not_taken() {
    let emulator = Emulator::builder()
        .management_token_life(Duration::from_secs(60))
        .start()
        .unwrap();
    let folder = Folder::new("expired");
    let clock = OffClock::default();
    for fetched in [1, 1, 2] {
        let admin = ManagementClient::builder(emulator.user_pool_id(), emulator.secret())
            .host(emulator.url())
            .transport(Backend::Hyper.transport().unwrap())
            .clock(clock.clone())
            .token_store(FileTokenStore::open(folder.file()).unwrap())
            .build()
            .unwrap();
        admin.users().list().await.unwrap();
        assert_eq!(emulator.request_count("accessToken"), fetched);
        clock.advance(30);
        emulator.advance(Duration::from_secs(30));
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_is_stuck_with_the_lock_costs_no_call() {
    let folder = Folder::new("stuck");
    let store = FileTokenStore::open(folder.file()).unwrap();
    let lock = std::fs::File::open(folder.0.join("tokens.json.lock")).unwrap();
    lock.lock().unwrap();
    let server = transport_fn(|request: http::Request<Bytes>| {
        let info = request.extensions().get::<OperationInfo>().unwrap();
        let text = match info.id() {
            "management.access_token" => {
                r#"{"data":{"accessToken":{"accessToken":"t","exp":9999,"iat":0}}}"#
            }
            _ => r#"{"data":{"users":{"totalCount":7,"list":[]}}}"#,
        };
        async move { Ok::<_, TransportError>(http::Response::new(Bytes::from(text))) }
    });
    for deadline in [2, 8, 30] {
        let admin = ManagementClient::builder("pool-1", "secret")
            .host(format!("https://{deadline}.example"))
            .transport(server)
            .clock(TokioClock::default())
            .token_store(store.clone())
            .deadline(Duration::from_secs(deadline))
            .build()
            .unwrap();
        for _ in 0..2 {
            assert_eq!(admin.users().list().await.unwrap().total_count, 7);
        }
    }
}
