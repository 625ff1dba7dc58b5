//! How clients are set up, and what is wrong with how they are.

use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authing::v2::{AuthenticationClient, CreateUserInput, ManagementClient};
use authing::{
    Error, ErrorKind, LocalRateLimiter, OperationInfo, RateLimiter, SystemClock, TransportError,
    transport_fn,
};
use authing_emulator::Emulator;
use bytes::Bytes;

fn refused(outcome: Result<impl Sized, Error>) -> String {
    let Err(error) = outcome else {
        panic!("the client was made");
    };
    assert_eq!(error.kind(), ErrorKind::Configuration);
    error.to_string()
}

#[test]
fn what_cannot_be_right_is_refused() {
    let empty = refused(ManagementClient::builder("pool-1", "").build());
    assert!(empty.contains("secret"), "{empty}");
    let nobody = refused(ManagementClient::builder("", "secret").build());
    assert!(nobody.contains("userpool"), "{nobody}");
    let nothing = refused(AuthenticationClient::builder().build());
    assert!(nothing.contains("application"), "{nothing}");
    let builder = || AuthenticationClient::builder().app_id("app-1");
    let plain = refused(builder().host("http://a.example").build());
    assert!(plain.contains("https"), "{plain}");
    refused(builder().language("two\nlines").build());
    refused(builder().public_key("nonsense").build());
    refused(AuthenticationClient::builder().app_id("").build());
    builder()
        .host("http://a.example")
        .allow_insecure_http()
        .build()
        .unwrap();
}

#[tokio::test]
async fn limits_that_let_nothing_through_are_refused() {
    let builder = || AuthenticationClient::builder().app_id("app-1");
    let admin = || ManagementClient::builder("pool-1", "secret");
    for (what, outcome) in [
        (
            "timeout",
            builder().timeout(Duration::ZERO).build().map(drop),
        ),
        (
            "deadline",
            builder().deadline(Duration::ZERO).build().map(drop),
        ),
        (
            "rate limit",
            builder().requests_per_second(0).build().map(drop),
        ),
        ("timeout", admin().timeout(Duration::ZERO).build().map(drop)),
        (
            "deadline",
            admin().deadline(Duration::ZERO).build().map(drop),
        ),
        (
            "rate limit",
            admin().requests_per_second(0).build().map(drop),
        ),
    ] {
        let words = refused(outcome);
        assert!(words.contains(what) && words.contains('0'), "{words}");
    }
    // The last of the two holds.
    let limiter = LocalRateLimiter::per_second(1, Arc::new(SystemClock::default())).unwrap();
    let limiter = Arc::new(limiter);
    let own = builder().requests_per_second(0).rate_limiter(limiter);
    own.build().unwrap();

    let server = transport_fn(|_: http::Request<Bytes>| async { panic!("a request was sent") });
    let admin = admin().transport(server).build().unwrap();
    let list = || admin.users().list();
    for (what, call) in [
        ("timeout", list().timeout(Duration::ZERO)),
        ("deadline", list().deadline(Duration::ZERO)),
    ] {
        let error = call.await.unwrap_err();
        assert_eq!((error.kind(), error.tries()), (ErrorKind::InvalidInput, 0));
        assert!(error.to_string().contains(what), "{error}");
    }
}

#[tokio::test]
async fn a_rate_limiter_can_be_anybodys() {
    /// Refuses what is not urgent, and notes what was asked for.
    #[derive(Debug, Default)]
    struct TokensOnly(Mutex<Vec<(&'static str, u32)>>);

    #[async_trait::async_trait]
    impl RateLimiter for TokensOnly {
        async fn acquire(&self, request: OperationInfo) -> Result<(), Error> {
            self.0
                .lock()
                .unwrap()
                .push((request.id(), request.attempt()));
            match request.is_urgent() {
                true => Ok(()),
                false => Err(Error::new(ErrorKind::ClientRateLimit, "closed today")),
            }
        }
    }

    let server = transport_fn(|_: http::Request<Bytes>| async {
        let text = r#"{"data":{"accessToken":{"accessToken":"t"}}}"#;
        Ok::<_, TransportError>(http::Response::new(Bytes::from(text)))
    });
    let limiter = Arc::new(TokensOnly::default());
    let builder = ManagementClient::builder("pool-1", "secret").transport(server);
    let admin = builder.rate_limiter(Arc::clone(&limiter)).build().unwrap();
    let error = admin.users().list().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.tries()),
        (ErrorKind::ClientRateLimit, 0)
    );
    assert_eq!(
        error.to_string(),
        "management.users.list failed: closed today"
    );
    let asked = limiter.0.lock().unwrap().clone();
    assert_eq!(
        asked,
        [("management.access_token", 1), ("management.users.list", 1)]
    );
}

#[tokio::test]
async fn headers_are_the_deployments_own() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let server = transport_fn(move |request: http::Request<Bytes>| {
        record.lock().unwrap().push(request.headers().clone());
        let text =
            r#"{"data":{"accessToken":{"accessToken":"t"},"users":{"totalCount":0,"list":[]}}}"#;
        async move { Ok::<_, TransportError>(http::Response::new(Bytes::from(text))) }
    });
    let builder = || ManagementClient::builder("pool-1", "secret").transport(server.clone());
    let admin = builder()
        .header("x-region", "cn-1")
        .header("user-agent", "acme/1")
        .header_name("x-authing-userpool-id", "x-acme-pool")
        .build()
        .unwrap();
    let call = admin.users().list().header("x-region", "cn-2");
    call.header("Accept-Encoding", "gzip").await.unwrap();
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    let regions: Vec<_> = seen.iter().map(|headers| &headers["x-region"]).collect();
    // The token's request is the client's, and not this call's.
    assert_eq!(regions, ["cn-1", "cn-2"]);
    // Without the header any coding is acceptable (RFC 9110, section 12.5.3).
    let codings: Vec<_> = seen
        .iter()
        .map(|headers| &headers["accept-encoding"])
        .collect();
    assert_eq!(codings, ["identity", "gzip"]);
    for headers in &seen {
        assert_eq!(headers["x-acme-pool"], "pool-1");
        assert_eq!(headers["user-agent"], "acme/1");
        assert!(!headers.contains_key("x-authing-userpool-id"));
        assert_eq!(headers["x-authing-request-from"], "sdk");
    }
    refused(builder().header("content-length", "1").build());
    refused(builder().header("two words", "1").build());
    refused(builder().header_name("accept", "x-accept").build());
    let error = admin.users().list().header("Transfer-Encoding", "chunked");
    assert_eq!(error.await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// Runs an ignored test of this file with these variables alone.
fn run(child: &str, variables: &[(&str, String)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--ignored", "--nocapture"])
        .env_remove("AUTHING_USERPOOL_ID")
        .env_remove("AUTHING_USERPOOL_SECRET")
        .env_remove("AUTHING_APP_ID")
        .env_remove("AUTHING_HOST")
        .env_remove("AUTHING_PUBLIC_KEY")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        // Nobody listens there; and a proxy could not reach this machine's loopback anyway.
        .env("http_proxy", "http://127.0.0.1:9")
        .env("all_proxy", "http://127.0.0.1:9")
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .unwrap()
}

#[test]
fn the_environment_sets_clients_up() {
    let emulator = Emulator::start().unwrap();
    let variables = [
        ("AUTHING_USERPOOL_ID", emulator.user_pool_id().to_owned()),
        // As it is read from a file.
        (
            "AUTHING_USERPOOL_SECRET",
            format!("{}\n", emulator.secret()),
        ),
        ("AUTHING_APP_ID", emulator.app_id().to_owned()),
        ("AUTHING_HOST", format!("{}/", emulator.url())),
        ("AUTHING_PUBLIC_KEY", emulator.public_key().to_owned()),
    ];
    let output = run("child", &variables);
    assert!(output.status.success(), "{output:?}");
    let mut application = variables.to_vec();
    application.retain(|(name, _)| !name.contains("USERPOOL"));
    let output = run("child_of_an_application", &application);
    assert!(output.status.success(), "{output:?}");
    for missing in ["AUTHING_USERPOOL_ID", "AUTHING_USERPOOL_SECRET"] {
        let mut rest = variables.to_vec();
        rest.retain(|(name, _)| *name != missing);
        let output = run("child", &rest);
        assert!(!output.status.success());
        let shown = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(shown.contains(&format!("{missing} is not set")), "{shown}");
    }
}

#[tokio::test]
#[ignore = "run by the_environment_sets_clients_up, with variables set"]
async fn child() {
    let admin = ManagementClient::from_env().unwrap();
    let client = AuthenticationClient::from_env().unwrap();
    let bob = CreateUserInput::new()
        .username("bob")
        .password("correct horse");
    admin.users().create(bob).await.unwrap();
    let session = client
        .login_by_username("bob", "correct horse")
        .await
        .unwrap();
    assert!(session.check_login_status().await.unwrap().is_logged_in());
}

#[tokio::test]
#[ignore = "run by the_environment_sets_clients_up, with variables set"]
async fn child_of_an_application() {
    let client = AuthenticationClient::from_env().unwrap();
    client
        .login_by_username("bob", "correct horse")
        .await
        .unwrap();
}
