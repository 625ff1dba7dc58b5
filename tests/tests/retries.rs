//! What is sent again, how often, and after which wait.
//!
//! Time is Tokio's, paused: waits pass at once, and are written down.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use authing::v2::{CreateUserInput, ManagementClient};
use authing::{
    Clock, Error, ErrorKind, HttpTransport, OperationInfo, Repeat, RetryPolicy, TransportError,
    TransportErrorKind,
};
use authing_core::{BoxFuture, TokioClock};
use authing_tests::cases::{Case, cases};
use authing_tests::clients::Clients;
use bytes::Bytes;

/// What a server, or the way to it, does to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Event {
    Answers,
    Fails(TransportErrorKind),
    /// Never answers.
    Silent,
    Status(u16),
    /// HTTP 429 or 503 with this `Retry-After`.
    Asks(u16, &'static str),
    Refuses,
}

/// A server that does to each call what the script says for its operation;
/// what the script does not name is answered.
#[derive(Debug, Clone)]
struct Scripted {
    script: Arc<HashMap<&'static str, Vec<Event>>>,
    sent: Arc<Mutex<Vec<(OperationInfo, Event)>>>,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl Scripted {
    /// The last event of a list goes on for ever.
    fn new(script: impl IntoIterator<Item = (&'static str, Vec<Event>)>) -> Self {
        Self {
            script: Arc::new(script.into_iter().collect()),
            sent: Arc::default(),
            waits: Arc::default(),
        }
    }

    fn always(id: &'static str, event: Event) -> Self {
        Self::new([(id, vec![event])])
    }

    /// How often the operation was sent.
    fn count(&self, id: &str) -> usize {
        self.sent
            .lock()
            .unwrap()
            .iter()
            .filter(|(info, _)| info.id() == id)
            .count()
    }

    fn clients(&self, retry: RetryPolicy) -> Clients {
        let limit = Duration::from_secs(10);
        Clients::retrying("https://a.example", self.clone(), limit, retry).unwrap()
    }

    fn admin(&self, retry: RetryPolicy) -> ManagementClient {
        ManagementClient::builder("pool-1", "pool-secret")
            .transport(self.clone())
            .retry(retry)
            .build()
            .unwrap()
    }

    /// The waits between tries: those that are not limits of a call.
    fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl HttpTransport for Scripted {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let info = *request.extensions().get::<OperationInfo>().unwrap();
        let tries = self.count(info.id());
        let event = match self.script.get(info.id()) {
            Some(events) => *events.get(tries).or(events.last()).unwrap(),
            None => Event::Answers,
        };
        self.sent.lock().unwrap().push((info, event));
        let answer = |status: u16, body: String| {
            http::Response::builder()
                .status(status)
                .body(Bytes::from(body))
                .unwrap()
        };
        Ok(match event {
            Event::Answers => {
                let case = cases()
                    .into_iter()
                    .find(|case| case.id == info.id())
                    .unwrap();
                answer(200, case.answer.to_string())
            }
            Event::Fails(kind) => return Err(kind.into()),
            Event::Silent => std::future::pending().await,
            Event::Status(status) => answer(status, "<html>".to_owned()),
            Event::Asks(status, wait) => {
                let mut answer = answer(status, "<html>".to_owned());
                answer
                    .headers_mut()
                    .insert("retry-after", wait.parse().unwrap());
                answer
            }
            Event::Refuses => answer(
                200,
                r#"{"code":500,"message":"no","errors":[{"message":{"code":500,"message":"no"}}]}"#
                    .to_owned(),
            ),
        })
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(Noting {
            waits: Arc::clone(&self.waits),
        })
    }
}

/// Tokio's clock, noting the waits.
#[derive(Debug)]
struct Noting {
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl Clock for Noting {
    fn now(&self) -> SystemTime {
        TokioClock::default().now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // The limits of a try and of a call are not waits.
        if ![Duration::from_secs(10), Duration::from_secs(30)].contains(&duration) {
            self.waits.lock().unwrap().push(duration);
        }
        TokioClock::default().sleep(duration)
    }

    fn elapsed(&self) -> Duration {
        TokioClock::default().elapsed()
    }
}

/// How often the case's own operation was sent, and what came of it.
async fn sent(case: &Case, event: Event) -> (usize, Repeat, Result<String, Error>) {
    let server = Scripted::always(case.id, event);
    let outcome = (case.send)(server.clients(RetryPolicy::new())).await;
    let repeat = server
        .sent
        .lock()
        .unwrap()
        .iter()
        .find(|(info, _)| info.id() == case.id)
        .unwrap()
        .0
        .repeat();
    (server.count(case.id), repeat, outcome)
}

#[tokio::test(start_paused = true)]
async fn every_operation_against_every_event() {
    use TransportErrorKind::{Connect, Interrupted, TooLarge};
    for case in cases() {
        for (event, harmless, other) in [
            (Event::Fails(Connect), 3, 3),
            (Event::Fails(Interrupted), 3, 1),
            (Event::Fails(TooLarge), 1, 1),
            (Event::Silent, 3, 1),
            (Event::Status(429), 3, 3),
            (Event::Status(502), 3, 1),
            (Event::Status(503), 3, 1),
            (Event::Status(504), 3, 1),
            (Event::Asks(429, "1"), 3, 3),
            (Event::Asks(503, "1"), 3, 3),
            (Event::Asks(502, "1"), 3, 1),
            (Event::Status(500), 1, 1),
            (Event::Status(404), 1, 1),
            (Event::Refuses, 1, 1),
        ] {
            if event == Event::Refuses && case.reads_nothing() {
                continue;
            }
            let (count, repeat, outcome) = sent(&case, event).await;
            let expected = match repeat {
                Repeat::Safe | Repeat::Idempotent => harmless,
                _ => other,
            };
            // 3 tries of 10 seconds each meet the limit of 30 for the whole.
            let error = outcome.unwrap_err();
            assert_eq!(count, expected, "{} and {event:?}: {error}", case.id);
            assert_eq!(
                error.tries() as usize,
                expected,
                "{} and {event:?}",
                case.id
            );
            if expected > 1 {
                assert!(error.to_string().contains("3 tries in "), "{error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_recovers() {
    let id = "management.users.list";
    let events = vec![
        Event::Fails(TransportErrorKind::Interrupted),
        Event::Status(502),
        Event::Answers,
    ];
    let server = Scripted::new([(id, events)]);
    server
        .admin(RetryPolicy::new())
        .users()
        .list()
        .await
        .unwrap();
    let sent = server.sent.lock().unwrap();
    let attempts: Vec<_> = sent
        .iter()
        .filter(|(info, _)| info.id() == id)
        .map(|(info, _)| info.attempt())
        .collect();
    assert_eq!(attempts, [1, 2, 3]);
    assert_eq!(server.waits().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_creates_is_sent_once() {
    let id = "management.users.create";
    let events = vec![
        Event::Fails(TransportErrorKind::Interrupted),
        Event::Answers,
    ];
    let server = Scripted::new([(id, events)]);
    let bob = CreateUserInput::new().username("bob");
    let error = server
        .admin(RetryPolicy::new())
        .users()
        .create(bob)
        .await
        .unwrap_err();
    assert_eq!((error.tries(), server.count(id)), (1, 1));
    // Whether it was carried out is not known, so the caller is told.
    assert_eq!(
        error.transport_kind(),
        Some(TransportErrorKind::Interrupted)
    );
}

#[tokio::test(start_paused = true)]
async fn the_server_says_how_long_to_wait() {
    let id = "management.users.list";
    let server = Scripted::new([(id, vec![Event::Asks(429, "7"), Event::Answers])]);
    server
        .admin(RetryPolicy::new())
        .users()
        .list()
        .await
        .unwrap();
    assert_eq!(server.waits(), [Duration::from_secs(7)]);
}

#[tokio::test(start_paused = true)]
async fn no_wait_goes_beyond_the_deadline() {
    let id = "management.users.list";
    let server = Scripted::always(id, Event::Asks(503, "60"));
    let error = server
        .admin(RetryPolicy::new())
        .users()
        .list()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Http);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert!(error.elapsed() < Duration::from_secs(1) && server.waits().is_empty());

    let server = Scripted::always(id, Event::Asks(503, "2"));
    let call = server
        .admin(RetryPolicy::new().max_tries(100))
        .users()
        .list();
    let error = call.deadline(Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(error.tries(), 3, "2 and 4 seconds are within 5");
    assert!(error.elapsed() < Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_covers_everything() {
    for id in ["management.access_token", "management.users.list"] {
        let server = Scripted::always(id, Event::Silent);
        let policy = RetryPolicy::new().max_tries(100);
        let call = server
            .admin(policy)
            .users()
            .list()
            .deadline(Duration::from_secs(12));
        let error = call.await.unwrap_err();
        assert!(error.is_timeout(), "{error}");
        let (least, most) = (Duration::from_millis(11_900), Duration::from_millis(12_100));
        assert!(
            (least..most).contains(&error.elapsed()),
            "{:?}",
            error.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_out_of_time_tells_what_had_failed() {
    let id = "management.users.list";
    let events = vec![Event::Status(503), Event::Silent];
    let server = Scripted::new([(id, events)]);
    let admin = server.admin(RetryPolicy::new());
    let error = admin
        .users()
        .list()
        .deadline(Duration::from_secs(5))
        .await
        .unwrap_err();
    let line = error.to_string();
    assert!(
        line.starts_with("management.users.list failed: not done within 5s (2 tries in 5.0"),
        "{line}"
    );
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("HTTP 503"), "{cause}");

    let server = Scripted::always(id, Event::Silent);
    let call = server.admin(RetryPolicy::none()).users().list();
    let error = call.timeout(Duration::from_secs(2)).await.unwrap_err();
    let line = "management.users.list failed: no answer within 2s";
    assert_eq!(error.to_string(), line);
}

#[tokio::test(start_paused = true)]
async fn client_and_call_can_forbid_it() {
    let id = "management.users.list";
    let server = Scripted::always(id, Event::Status(502));
    server
        .admin(RetryPolicy::none())
        .users()
        .list()
        .await
        .unwrap_err();
    assert_eq!(server.count(id), 1);
    let admin = server.admin(RetryPolicy::new());
    admin
        .users()
        .list()
        .retry(RetryPolicy::none())
        .await
        .unwrap_err();
    assert_eq!(server.count(id), 2);
    admin
        .users()
        .list()
        .retry(RetryPolicy::new().max_tries(5))
        .await
        .unwrap_err();
    assert_eq!(server.count(id), 7);
}

/// How often a creation and its token were asked for, where the server refuses
/// the first token and then fails.
async fn sent_after_a_refused_token(policy: RetryPolicy) -> (usize, usize, Error) {
    let id = "management.users.create";
    let server = Scripted::new([(id, vec![Event::Status(401), Event::Status(429)])]);
    let admin = server.admin(policy);
    let bob = CreateUserInput::new().username("bob");
    let error = admin.users().create(bob).await.unwrap_err();
    let sent = server.count(id);
    assert_eq!(error.tries() as usize, sent);
    // What was refused is not used again.
    admin.users().list().await.unwrap();
    (sent, server.count("management.access_token"), error)
}

#[tokio::test(start_paused = true)]
async fn no_policy_is_exceeded_for_a_refused_token() {
    for policy in [
        RetryPolicy::none(),
        RetryPolicy::new().max_tries(1),
        RetryPolicy::new().max_tries(0),
    ] {
        let (sent, tokens, error) = sent_after_a_refused_token(policy).await;
        assert_eq!((sent, tokens), (1, 2));
        assert!(error.is_unauthenticated(), "{error}");
    }
    for tries in [2, 3, 4] {
        let policy = RetryPolicy::new().max_tries(tries);
        let (sent, tokens, error) = sent_after_a_refused_token(policy).await;
        assert_eq!((sent, tokens), (tries as usize, 2));
        assert_eq!(error.http_status().unwrap(), 429);
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_multiplied() {
    let id = "management.users.list";
    let server = Scripted::always(id, Event::Status(503));
    let admin = server.admin(RetryPolicy::new());
    let calls = 500;
    for _ in 0..calls {
        admin.clone().users().list().await.unwrap_err();
    }
    // The budget of all clones together allows 100 repetitions.
    assert_eq!(server.count(id), calls + 100);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_had_is_not_multiplied() {
    let server = Scripted::always("management.access_token", Event::Status(502));
    let error = server
        .admin(RetryPolicy::new())
        .users()
        .list()
        .await
        .unwrap_err();
    assert_eq!(server.count("management.access_token"), 3);
    assert_eq!(error.operation(), Some("management.access_token"));
    assert_eq!(error.tries(), 3);
}

#[tokio::test(start_paused = true)]
async fn clones_keep_to_the_rate_together() {
    let server = Scripted::new([]);
    let admin = ManagementClient::builder("pool-1", "pool-secret")
        .transport(server.clone())
        .requests_per_second(50)
        .build()
        .unwrap();
    let started = TokioClock::default().elapsed();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let admin = admin.clone();
            tokio::spawn(async move { admin.users().list().await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    // 101 requests with the token's, of which a few go at once.
    let took = TokioClock::default().elapsed() - started;
    assert!((1_850..2_100).contains(&took.as_millis()), "{took:?}");
    assert_eq!(server.count("management.users.list"), 100);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_after_a_wait_that_was_too_long() {
    #[derive(Debug)]
    struct Late;

    impl Clock for Late {
        fn now(&self) -> SystemTime {
            TokioClock::default().now()
        }

        fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
            TokioClock::default().sleep(duration + Duration::from_secs(60))
        }

        fn elapsed(&self) -> Duration {
            TokioClock::default().elapsed()
        }
    }

    let id = "management.users.list";
    let server = Scripted::always(id, Event::Status(503));
    let admin = ManagementClient::builder("pool-1", "pool-secret")
        .transport(server.clone())
        .clock(Late)
        .build()
        .unwrap();
    let error = admin.users().list().await.unwrap_err();
    assert!(error.to_string().contains("not done within 30s"), "{error}");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("HTTP 503"), "{cause}");
    assert_eq!(server.count(id), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_the_cause_where_no_other_comes_in_time() {
    let id = "management.users.list";
    let server = Scripted::new([
        (id, vec![Event::Status(401)]),
        (
            "management.access_token",
            vec![Event::Answers, Event::Silent],
        ),
    ]);
    let admin = server.admin(RetryPolicy::new().max_tries(2));
    let call = admin.users().list().deadline(Duration::from_secs(5));
    let error = call.await.unwrap_err();
    assert!(error.to_string().contains("not done within 5s"), "{error}");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("HTTP 401"), "{cause}");
}
