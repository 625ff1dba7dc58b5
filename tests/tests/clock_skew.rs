//! A machine whose clock is wrong works like any other: the server's time is
//! learned from its answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use authing::oidc::OidcClient;
use authing::v2::ManagementClient;
use authing::{BoxFuture, Clock, ErrorKind, HttpTransport, OperationInfo, TransportError};
use authing_core::TokioClock;
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, OffClock};
use authing_tests::oidc::World;
use authing_tests::raw::{RawServer, answer, read_request};
use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;

both_transports!(
    a_login_on_a_machine_that_is_ahead,
    an_id_token_that_has_expired_at_the_server,
    a_token_that_does_not_say_when_it_was_issued,
);

const HOURS: i64 = 3600;

/// The application's client on a machine with this clock.
fn application(world: &World, backend: Backend, clock: OffClock) -> OidcClient {
    OidcClient::builder(world.emulator.app_id())
        .secret(world.emulator.app_secret())
        .host(world.emulator.url())
        .transport(backend.transport().unwrap())
        .clock(clock)
        .build()
        .unwrap()
}

async fn a_login_on_a_machine_that_is_ahead(backend: Backend) {
    for off in [2 * HOURS, -2 * HOURS] {
        let life = Emulator::builder().access_token_life(Duration::from_secs(600));
        let mut world = World::of(backend, life).await;
        let clock = OffClock::by(off);
        let client = application(&world, backend, clock.clone());
        let begun = world.begin();
        let code = world.code(&begun).await;
        let tokens = client.get_access_token_by_code(code).await.unwrap();
        assert_eq!(tokens.claims.unwrap().sub, world.user_id);
        // It is compared with the clock of this machine.
        let left = tokens.expires_at.unwrap().duration_since(clock.now());
        assert!((590..=600).contains(&left.unwrap().as_secs()));
    }
}

async fn an_id_token_that_has_expired_at_the_server(backend: Backend) {
    let server = RawServer::start(|mut stream| {
        Box::pin(async move {
            while read_request(&mut stream).await?.is_some() {
                // It has expired two hours before what Date says.
                let payload = r#"{"sub":"u","iss":"https://a.example","aud":"app","exp":1795000000}"#;
                let token = format!("e30.{}.c2ln", base64(payload));
                let body = format!(r#"{{"access_token":"t","id_token":"{token}"}}"#);
                let text = format!(
                    "HTTP/1.1 200 OK\r\ndate: Wed, 18 Nov 2026 13:06:40 GMT\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(text.as_bytes()).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    // By this machine's clock it has a minute to live.
    let clock = Standing(1_795_000_000 - 60);
    let client = OidcClient::builder("app")
        .host(server.url())
        .issuer("https://a.example")
        .transport(backend.transport().unwrap())
        .clock(clock)
        .build()
        .unwrap();
    let error = client
        .get_new_access_token_by_refresh_token("r")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Untrusted, "{error}");
    assert!(error.to_string().contains("expired"), "{error}");
}

/// A clock that stands at so many seconds after 1970.
#[derive(Debug)]
struct Standing(u64);

impl Clock for Standing {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        TokioClock::default().sleep(duration)
    }
}

fn base64(text: &str) -> String {
    use ::base64::Engine as _;
    ::base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

async fn a_token_that_does_not_say_when_it_was_issued(backend: Backend) {
    // It expires an hour after this Date. On a machine that is two hours
    // ahead the token looks dead, and a new one would be fetched for each call.
    let text = r#"{"data":{"accessToken":{"accessToken":"t","exp":1795100000},"users":{"totalCount":3,"list":[]}}}"#;
    let dated =
        answer("200 OK", text).replacen("\r\n", "\r\ndate: Thu, 19 Nov 2026 13:53:20 GMT\r\n", 1);
    let server = RawServer::start(move |mut stream| {
        let dated = dated.clone();
        Box::pin(async move {
            while read_request(&mut stream).await?.is_some() {
                stream.write_all(dated.as_bytes()).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    let transport = Counting {
        inner: backend.transport().unwrap(),
        tokens: Arc::default(),
    };
    let admin = ManagementClient::builder("pool-1", "secret")
        .host(server.url())
        .transport(transport.clone())
        .clock(Standing(1_795_100_000 + HOURS.unsigned_abs()))
        .build()
        .unwrap();
    for _ in 0..5 {
        assert_eq!(admin.users().list().await.unwrap().total_count, 3);
    }
    assert_eq!(transport.tokens.load(Ordering::SeqCst), 1);
}

/// Counts the tokens that are asked for.
#[derive(Debug, Clone)]
struct Counting {
    inner: Arc<dyn HttpTransport>,
    tokens: Arc<AtomicUsize>,
}

#[async_trait::async_trait]
impl HttpTransport for Counting {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let info = request.extensions().get::<OperationInfo>();
        if info.unwrap().id() == "management.access_token" {
            self.tokens.fetch_add(1, Ordering::SeqCst);
        }
        self.inner.send(request).await
    }
}
