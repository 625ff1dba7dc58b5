//! The administrator's token, against the emulator over real sockets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authing::v2::ManagementClient;
use authing::{
    Clock, ErrorCode, ErrorKind, HttpTransport, OperationInfo, RetryPolicy, TransportError,
    transport_fn,
};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients, OffClock};
use authing_tests::raw::{RawServer, answer, read_request};
use bytes::Bytes;

both_transports!(
    a_hundred_cold_calls_fetch_one_token,
    short_lives_never_leave_expired,
    a_refused_token_is_replaced_once,
    a_wrong_secret_is_told,
    clones_share_the_token,
    a_calls_own_timeout_covers_the_token,
    an_empty_token_is_none,
);

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
    let clock = OffClock::default();
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

/// Refuses the first call of each token as `refuse` says, and tells which tries came with which token.
async fn refused_once(
    refuse: fn() -> http::Response<Bytes>,
) -> (Result<u64, authing::Error>, Vec<(u32, String)>) {
    let tries = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&tries);
    let tokens = Arc::new(AtomicU64::new(0));
    let server = transport_fn(move |request: http::Request<Bytes>| {
        let info = request.extensions().get::<OperationInfo>().unwrap();
        let answer = if info.id() == "management.access_token" {
            let number = tokens.fetch_add(1, Ordering::SeqCst) + 1;
            let text = format!(
                r#"{{"data":{{"accessToken":{{"accessToken":"t{number}","exp":9999,"iat":0}}}}}}"#
            );
            http::Response::new(Bytes::from(text))
        } else {
            let bearer = request.headers()["authorization"].to_str().unwrap();
            let mut tries = record.lock().unwrap();
            tries.push((info.attempt(), bearer.to_owned()));
            match tries.len() {
                1 => refuse(),
                _ => http::Response::new(Bytes::from_static(
                    br#"{"data":{"users":{"totalCount":7,"list":[]}}}"#,
                )),
            }
        };
        async { Ok::<_, TransportError>(answer) }
    });
    let twice = RetryPolicy::new().max_tries(2);
    let limit = Duration::from_secs(10);
    let clients = Clients::retrying("https://a.example", server, limit, twice).unwrap();
    let outcome = clients.admin.users().list().await;
    let tries = std::mem::take(&mut *tries.lock().unwrap());
    (outcome.map(|page| page.total_count), tries)
}

#[tokio::test]
async fn every_refusal_of_a_token_leads_to_a_second_try() {
    let refusals: [fn() -> http::Response<Bytes>; 5] = [
        || {
            refusal(
                200,
                r#"{"errors":[{"message":{"code":2020,"message":"x"}}]}"#,
            )
        },
        || {
            refusal(
                200,
                r#"{"errors":[{"message":{"code":2206,"message":"x"}}]}"#,
            )
        },
        || {
            refusal(
                200,
                r#"{"errors":[{"message":{"code":2207,"message":"x"}}]}"#,
            )
        },
        || refusal(401, "<html>"),
        || refusal(200, r#"{"code":2020,"message":"x"}"#),
    ];
    for refuse in refusals {
        let (outcome, tries) = refused_once(refuse).await;
        assert_eq!(outcome.unwrap(), 7);
        let expected = [(1, "Bearer t1".to_owned()), (2, "Bearer t2".to_owned())];
        assert_eq!(tries, expected);
    }
}

#[tokio::test]
async fn no_other_refusal_does() {
    let refusals: [fn() -> http::Response<Bytes>; 4] = [
        || {
            refusal(
                200,
                r#"{"errors":[{"message":{"code":1001,"message":"x"}}]}"#,
            )
        },
        || refusal(200, r#"{"errors":[{"message":"x"}]}"#),
        || refusal(403, "<html>"),
        || refusal(500, ""),
    ];
    for refuse in refusals {
        let (outcome, tries) = refused_once(refuse).await;
        outcome.unwrap_err();
        assert_eq!(tries.len(), 1);
    }
}

fn refusal(status: u16, text: &'static str) -> http::Response<Bytes> {
    let mut answer = http::Response::new(Bytes::from_static(text.as_bytes()));
    *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
    answer
}

#[test]
fn a_boxed_transport_keeps_its_clock() {
    #[derive(Debug)]
    struct Clocked(OffClock);

    #[async_trait::async_trait]
    impl HttpTransport for Clocked {
        async fn send(
            &self,
            _: http::Request<Bytes>,
        ) -> Result<http::Response<Bytes>, TransportError> {
            Ok(refusal(200, "{}"))
        }

        fn clock(&self) -> Arc<dyn Clock> {
            Arc::new(self.0.clone())
        }
    }

    let seen = OffClock::default();
    let wrapped: Arc<dyn HttpTransport> = Arc::new(Box::new(Clocked(seen.clone())));
    assert!(format!("{:?}", wrapped.clock()).contains("OffClock"));
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_costs_one_call() {
    let tokens = Arc::new(AtomicU64::new(0));
    let issued = Arc::clone(&tokens);
    let server = transport_fn(move |request: http::Request<Bytes>| {
        let info = request.extensions().get::<OperationInfo>().unwrap();
        let is_token = info.id() == "management.access_token";
        let token = match is_token.then(|| issued.fetch_add(1, Ordering::SeqCst)) {
            Some(0) => r"two\nlines",
            _ => "good",
        };
        let text = match is_token {
            true => format!(
                r#"{{"data":{{"accessToken":{{"accessToken":"{token}","exp":1296000,"iat":0}}}}}}"#
            ),
            false => r#"{"data":{"users":{"totalCount":7,"list":[]}}}"#.to_owned(),
        };
        async { Ok::<_, TransportError>(http::Response::new(Bytes::from(text))) }
    });
    let clients = Clients::at("https://a.example", server, Duration::from_secs(10)).unwrap();
    let error = clients.admin.users().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token, "{error}");
    assert_eq!(clients.admin.users().list().await.unwrap().total_count, 7);
    assert_eq!(tokens.load(Ordering::SeqCst), 2);
}
