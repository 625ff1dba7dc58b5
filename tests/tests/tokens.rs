//! The administrator's token, against the emulator over real sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use authing::v2::ManagementClient;
use authing::{Clock, ErrorCode, ErrorKind, SystemClock};
use authing_core::BoxFuture;
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use authing_tests::raw::{RawServer, answer, read_request};

both_transports!(
    a_hundred_cold_calls_fetch_one_token,
    short_lives_never_leave_expired,
    a_refused_token_is_replaced_once,
    a_wrong_secret_is_told,
    clones_share_the_token,
    a_calls_own_timeout_covers_the_token,
    an_empty_token_is_none,
);

/// The system's clock, some time ahead.
#[derive(Debug, Clone, Default)]
struct Ahead(Arc<AtomicU64>);

impl Ahead {
    fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Ahead {
    fn now(&self) -> SystemTime {
        SystemClock::default().now() + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock::default().sleep(duration)
    }
}

async fn a_hundred_cold_calls_fetch_one_token(backend: Backend) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let admin = clients.admin.clone();
            tokio::spawn(async move { admin.users().list().await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(emulator.request_count("accessToken"), 1);
    assert_eq!(emulator.request_count("users"), 100);
}

async fn short_lives_never_leave_expired(backend: Backend) {
    // The Python SDK asks for a new token at every call when tokens live under
    // an hour, and sends expired ones when they live just over it.
    let emulator = Emulator::builder()
        .management_token_life(Duration::from_secs(60))
        .start()
        .unwrap();
    let clock = Ahead::default();
    let admin = ManagementClient::builder(emulator.user_pool_id(), emulator.secret())
        .host(emulator.url())
        .transport(backend.transport().unwrap())
        .clock(clock.clone())
        .build()
        .unwrap();
    const CALLS: u64 = 40;
    for _ in 0..CALLS {
        admin.users().list().await.unwrap();
        clock.advance(10);
        emulator.advance(Duration::from_secs(10));
    }
    // A refused call would be sent twice.
    assert_eq!(emulator.request_count("users") as u64, CALLS);
    // 400 seconds of a token that is renewed after 54.
    let fetched = emulator.request_count("accessToken");
    assert!((7..=8).contains(&fetched), "{fetched} tokens were fetched");
}

async fn a_refused_token_is_replaced_once(backend: Backend) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    clients.admin.users().list().await.unwrap();
    // The server's time goes on, the client's does not: it cannot know.
    emulator.advance(Duration::from_secs(16 * 86_400));
    clients.admin.users().list().await.unwrap();
    assert_eq!(emulator.request_count("accessToken"), 2);
    assert_eq!(emulator.request_count("users"), 3);
    // Calls that change something are safe to send again too: they were refused.
    emulator.advance(Duration::from_secs(16 * 86_400));
    let bob = authing::v2::CreateUserInput::new().username("bob");
    clients.admin.users().create(bob).await.unwrap();
    assert_eq!(clients.admin.users().list().await.unwrap().total_count, 1);
}

async fn a_wrong_secret_is_told(backend: Backend) {
    let emulator = Emulator::start().unwrap();
    let admin = ManagementClient::builder(emulator.user_pool_id(), "wrong")
        .host(emulator.url())
        .transport(backend.transport().unwrap())
        .build()
        .unwrap();
    let error = admin.users().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.operation(), Some("management.access_token"));
    let admin = ManagementClient::builder("000000000000000000000000", emulator.secret())
        .host(emulator.url())
        .transport(backend.transport().unwrap())
        .build()
        .unwrap();
    let error = admin.users().list().await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::USER_POOL_NOT_FOUND));
}

async fn clones_share_the_token(backend: Backend) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    for _ in 0..3 {
        clients.admin.clone().users().list().await.unwrap();
    }
    assert_eq!(emulator.request_count("accessToken"), 1);
}

async fn a_calls_own_timeout_covers_the_token(backend: Backend) {
    let server = RawServer::start(|mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await?;
            std::future::pending().await
        })
    })
    .await
    .unwrap();
    let patience = Duration::from_secs(60);
    let clients = Clients::at(server.url(), backend.transport().unwrap(), patience).unwrap();
    let call = clients.admin.users().list();
    let call = call.timeout(Duration::from_millis(50)).into_future();
    let outcome = tokio::time::timeout(Duration::from_secs(5), call).await;
    let error = outcome.expect("the call outlived its timeout").unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(error.operation(), Some("management.users.list"));
}

async fn an_empty_token_is_none(backend: Backend) {
    let text = r#"{"data":{"accessToken":{"accessToken":"","exp":1000,"iat":0}}}"#;
    let server = RawServer::answering(answer("200 OK", text)).await.unwrap();
    let patience = Duration::from_secs(10);
    let clients = Clients::at(server.url(), backend.transport().unwrap(), patience).unwrap();
    let error = clients.admin.users().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token, "{error}");
}
