//! Every duration that a program can give, at its ends: it is refused, or works.
//! Nothing panics, also in a task of somebody else's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, SystemTime};

use authing::v2::{CreateUserInput, ManagementClient, ManagementClientBuilder};
use authing::verify::{Application, Introspection, Verifier};
use authing::{
    Clock, Error, ErrorKind, HttpTransport, HyperTransport, ReqwestTransport, RetryPolicy,
    SystemClock, TransportError, TransportErrorKind, transport_fn,
};
use authing_core::{IssuedToken, TokenCache, TokenSource, TokioClock};
use authing_emulator::{Emulator, Fault, Faults, RetryAfter, Rule, Webhook};
use authing_tests::clients::Clients;
use authing_tests::jwt::{HandClock, KeyServer, NOW, RsaKey, SERVER};
use bytes::Bytes;
use futures_util::FutureExt as _;
use serde_json::json;

static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Notes every panic of this process but those of this file's assertions.
fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map_or("", |place| place.file());
            if !place.ends_with("durations.rs") {
                PANICS.lock().unwrap().push(panic.to_string());
            }
            before(panic);
        }));
    });
}

fn no_panics() {
    // Not within the assertion: the hook would wait for the lock.
    let panics = PANICS.lock().unwrap().clone();
    assert_eq!(panics, [""; 0]);
}

const LONG: [Duration; 4] = [
    Duration::from_secs(1_000 * 365 * 86_400),
    Duration::from_secs(i64::MAX as u64),
    Duration::from_secs(u64::MAX),
    Duration::MAX,
];

fn all() -> impl Iterator<Item = Duration> {
    [Duration::ZERO, Duration::from_nanos(1)]
        .into_iter()
        .chain(LONG)
}

/// Takes two polls for each answer, so that timers are set.
fn server() -> impl HttpTransport + Clone {
    transport_fn(|_: http::Request<Bytes>| async {
        tokio::task::yield_now().await;
        let text = r#"{"data":{"accessToken":{"accessToken":"t"},"users":{"totalCount":0}}}"#;
        Ok::<_, TransportError>(http::Response::new(Bytes::from(text)))
    })
}

fn admin(transport: impl HttpTransport) -> ManagementClientBuilder {
    ManagementClient::builder("pool-1", "secret").transport(transport)
}

#[tokio::test]
async fn limits_of_clients_and_calls() {
    watch();
    let clocks: [Arc<dyn Clock>; 2] = [
        Arc::new(SystemClock::default()),
        Arc::new(TokioClock::default()),
    ];
    for clock in clocks {
        let builder = || admin(server()).clock(Shared(Arc::clone(&clock)));
        let plain = builder().build().unwrap();
        for limit in all() {
            for built in [
                builder().timeout(limit).build(),
                builder().deadline(limit).build(),
            ] {
                let outcome = match built {
                    Ok(client) => client.users().list().await.map(drop),
                    Err(error) => Err(error),
                };
                judge(limit, outcome, ErrorKind::Configuration);
            }
            let call = plain.users().list();
            let calls = [call.clone().timeout(limit), call.clone().deadline(limit)];
            for call in calls {
                judge(limit, call.await.map(drop), ErrorKind::InvalidInput);
            }
        }
    }
    no_panics();
}

/// None at all is refused, too little is a timeout, and any other is enough.
fn judge(limit: Duration, outcome: Result<(), Error>, refusal: ErrorKind) {
    match outcome {
        Ok(()) => assert!(!limit.is_zero()),
        Err(error) if limit.is_zero() => assert_eq!(error.kind(), refusal, "{error}"),
        Err(error) => assert!(error.is_timeout() && limit.as_nanos() == 1, "{error}"),
    }
}

/// One clock for several clients.
#[derive(Debug)]
struct Shared(Arc<dyn Clock>);

impl Clock for Shared {
    fn now(&self) -> SystemTime {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> authing::BoxFuture<'static, ()> {
        // What no clock need be able to count.
        assert!(
            duration < Duration::from_secs(100 * 365 * 86_400),
            "{duration:?}"
        );
        self.0.sleep(duration)
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

#[tokio::test]
async fn waits_between_attempts() {
    watch();
    let failing = transport_fn(|_: http::Request<Bytes>| async {
        Err::<http::Response<Bytes>, _>(TransportError::from(TransportErrorKind::Connect))
    });
    let busy = transport_fn(|_: http::Request<Bytes>| async {
        let mut answer = http::Response::new(Bytes::new());
        *answer.status_mut() = http::StatusCode::TOO_MANY_REQUESTS;
        let seconds = u64::MAX.to_string().parse().unwrap();
        answer.headers_mut().insert("retry-after", seconds);
        Ok::<_, TransportError>(answer)
    });
    for wait in all() {
        let policy = RetryPolicy::new()
            .first_delay(wait)
            .max_delay(wait)
            .max_tries(2);
        let clock = Shared(Arc::new(TokioClock::default()));
        let client = admin(failing).retry(policy).clock(clock).build().unwrap();
        for deadline in [Duration::from_secs(1), Duration::MAX] {
            let call = client.users().list().deadline(deadline);
            // A wait of centuries is begun only where the deadline is as far.
            if let Some(outcome) = call.into_future().now_or_never() {
                assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Transport);
            }
        }
    }
    let clock = Shared(Arc::new(TokioClock::default()));
    let client = admin(busy)
        .deadline(Duration::MAX)
        .clock(clock)
        .build()
        .unwrap();
    assert!(client.users().list().into_future().now_or_never().is_none());
    no_panics();
}

#[tokio::test]
async fn lives_of_tokens() {
    #[derive(Debug)]
    struct Source(Duration);

    #[async_trait::async_trait]
    impl TokenSource for Source {
        async fn fetch(&self) -> Result<IssuedToken, Error> {
            Ok(IssuedToken::new("t".into(), Some(self.0)))
        }
    }

    watch();
    for life in all() {
        let cache = TokenCache::new(Source(life), Arc::new(SystemClock::default()));
        cache.token().await.unwrap();
        cache.token().await.unwrap();
    }
    no_panics();
}

#[tokio::test]
async fn limits_of_connections() {
    watch();
    let emulator = Emulator::start().unwrap();
    let transports = |connect: Option<Duration>, idle: Option<Duration>| {
        let mut reqwest = ReqwestTransport::builder();
        let mut hyper = HyperTransport::builder();
        if let Some(limit) = connect {
            reqwest = reqwest.connect_timeout(limit);
            hyper = hyper.connect_timeout(limit);
        }
        if let Some(limit) = idle {
            reqwest = reqwest.pool_idle_timeout(limit);
            hyper = hyper.pool_idle_timeout(limit);
        }
        let reqwest = reqwest.build().map(authing_tests::clients::shared);
        [reqwest, hyper.build().map(authing_tests::clients::shared)]
    };
    for limit in all() {
        for built in transports(Some(limit), None) {
            let Ok(transport) = built else {
                assert!(limit.is_zero());
                assert_eq!(built.unwrap_err().kind(), ErrorKind::Configuration);
                continue;
            };
            let outcome = calls(&emulator, transport).await;
            assert!(
                outcome.is_ok() || limit.as_nanos() == 1,
                "{limit:?}: {outcome:?}"
            );
        }
        for built in transports(None, Some(limit)) {
            calls(&emulator, built.unwrap()).await.unwrap();
        }
    }
    no_panics();
}

/// Some calls on one connection, with time for the tasks of the HTTP library.
async fn calls(emulator: &Emulator, transport: Arc<dyn HttpTransport>) -> Result<(), Error> {
    let once = RetryPolicy::none();
    let clients = Clients::of(emulator, transport)?;
    for _ in 0..3 {
        clients.admin.users().list().retry(once).await?;
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

#[tokio::test]
async fn times_of_a_verifier() {
    watch();
    const HOST: &str = "https://a.example";
    let token = SERVER.sign(&json!({
        "jti": "t1", "sub": "user-1", "iss": format!("{HOST}/oidc"), "aud": "app-1",
        "iat": NOW, "exp": NOW + 60, "scope": "",
    }));
    let unknown = RsaKey::named(&SERVER, "unknown").sign(&json!({}));
    for time in all() {
        let build = |number: usize| {
            let keys = KeyServer::with(&[SERVER.jwk()]);
            let builder = Verifier::builder().clock(HandClock::default());
            let plain = Application::new("app-1", HOST);
            let asked = Introspection::new().cache_for(time);
            let online = transport_fn(move |request: http::Request<Bytes>| {
                let keys = keys.clone();
                async move {
                    match request.method() {
                        &http::Method::GET => keys.send(request).await,
                        _ => Ok(http::Response::new(Bytes::from(r#"{"active":true}"#))),
                    }
                }
            });
            match number {
                0 => builder.application(plain).leeway(time),
                1 => builder.application(plain).timeout(time),
                2 => builder.application(plain).key_ttl(time),
                3 => builder.application(plain).stale_keys(time),
                4 => builder.application(plain).unknown_key_cooldown(time),
                _ => builder.application(plain.secret("s")).introspection(asked),
            }
            .transport(online)
            .build()
        };
        for number in 0..6 {
            let refused = number == 0 && LONG.contains(&time) || number == 1 && time.is_zero();
            match build(number) {
                Err(error) => {
                    assert!(refused, "{number} {time:?}: {error}");
                    assert_eq!(error.kind(), ErrorKind::Configuration);
                }
                Ok(verifier) => {
                    assert!(!refused, "{number} {time:?}");
                    for _ in 0..2 {
                        verifier.verify(&token).await.unwrap();
                        verifier.verify(&unknown).await.unwrap_err();
                    }
                }
            }
        }
    }
    no_panics();
}

/// Logs a user in, and reads what a token is about. At some times no token can
/// be used, or even issued, but nothing breaks.
async fn log_in(emulator: &Emulator) {
    let backend = authing_tests::clients::Backend::Hyper;
    let clients = Clients::of(emulator, backend.transport().unwrap()).unwrap();
    let _ = clients.admin.users().list().await;
    let login = clients.client.login_by_username("bob", "correct horse");
    if let Ok(session) = login.await {
        let _ = session.get_current_user().await;
    }
}

#[tokio::test]
async fn times_of_the_emulator() {
    watch();
    let backend = authing_tests::clients::Backend::Hyper;
    for time in all() {
        let emulator = Emulator::builder()
            .user_token_life(time)
            .access_token_life(time)
            .start()
            .unwrap();
        let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
        let bob = CreateUserInput::new()
            .username("bob")
            .password("correct horse");
        clients.admin.users().create(bob).await.unwrap();
        clients
            .client
            .login_by_username("bob", "correct horse")
            .await
            .unwrap();
        let nowhere = Webhook::to("http://127.0.0.1:9/").retries(u32::MAX, time);
        emulator.set_webhook(nowhere).unwrap();
        emulator.advance(time);
        log_in(&emulator).await;
        emulator.freeze_time();
        emulator.advance(time);
        emulator.unfreeze_time();
        log_in(&emulator).await;
        let _ = (emulator.now(), emulator.deliveries());

        let emulator = Emulator::builder()
            .management_token_life(time)
            .start()
            .unwrap();
        let clients = Clients::of(&emulator, backend.transport().unwrap());
        let admin = clients.unwrap().admin;
        let expired = Faults::seeded(1).rule(Rule::new(Fault::ExpiredToken).times(2));
        emulator.set_faults(expired);
        // Such a token may have expired already when it is sent.
        let _ = admin.users().list().await;
        let _ = admin.users().list().await;

        for fault in [
            Fault::latency(time),
            Fault::Latency {
                from: Duration::ZERO,
                to: time,
            },
            Fault::Latency {
                from: time,
                to: time,
            },
            Fault::Refuse { during: time },
            Fault::SlowHead {
                bytes: 1,
                pause: time,
            },
            Fault::SlowBody {
                bytes: 1,
                pause: time,
            },
            Fault::TooManyRequests {
                retry_after: Some(RetryAfter::Date(time)),
            },
            Fault::ServerError {
                status: 503,
                retry_after: Some(RetryAfter::Date(time)),
            },
        ] {
            emulator.set_faults(Faults::seeded(1).rule(Rule::new(fault).times(1)));
            let call = admin.users().list().retry(RetryPolicy::none());
            let _ = call.timeout(Duration::from_millis(20)).await;
            emulator.clear_faults();
        }
        emulator.refuse_connections(time);
        emulator.clear_faults();
        let epoch = SystemTime::UNIX_EPOCH;
        let ends = [epoch.checked_add(time), epoch.checked_sub(time)];
        for end in ends.into_iter().flatten() {
            emulator.set_time(end);
            let _ = admin.users().list().await;
        }
    }
    no_panics();
}

/// The names of the public functions below a folder that take a duration.
fn setters(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            setters(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for function in text.split("pub fn ").skip(1) {
            let (signature, _) = function.split_once('{').unwrap_or((function, ""));
            let (name, rest) = signature.split_once('(').unwrap();
            let arguments = rest.split("->").next().unwrap();
            if arguments.contains("Duration") {
                found.insert(name.to_owned());
            }
        }
    }
}

#[test]
fn no_function_is_left_out() {
    let mut found = BTreeSet::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    for entry in fs::read_dir(crates).unwrap() {
        setters(&entry.unwrap().path().join("src"), &mut found);
    }
    let known = [
        // For the crates alone: they give constants.
        "lingering",
        // What bounds and refuses them.
        "bounded",
        "time_limit",
        // Clients, calls, transports, retries and tokens.
        "connect_timeout",
        "deadline",
        "first_delay",
        "max_delay",
        "new",
        "pool_idle_timeout",
        "timeout",
        // The verifier.
        "cache_for",
        "key_ttl",
        "leeway",
        "stale_keys",
        "unknown_key_cooldown",
        // The emulator.
        "access_token_life",
        "advance",
        "latency",
        "management_token_life",
        "refuse_connections",
        "retries",
        "user_token_life",
    ];
    // Who adds a function adds it to a test above, too.
    assert_eq!(
        found.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        known.into()
    );
}
