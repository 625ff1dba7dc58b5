//! The client's own rate limit: who waits for a turn, for how long, and what a
//! call says that gave up.
//!
//! Time is Tokio's, paused.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use authing::v2::{ManagementClient, ManagementClientBuilder, UpdateUserInput};
use authing::{
    Clock, ErrorKind, HttpTransport, OperationInfo, TransportError, TransportErrorKind,
    transport_fn,
};
use authing_core::TokioClock;
use authing_tests::cases::cases;
use bytes::Bytes;
use futures_util::{StreamExt, stream};

/// When each request started, with its operation.
type Starts = Arc<Mutex<Vec<(Duration, &'static str)>>>;

/// A server that answers everything at once.
fn server(starts: &Starts) -> impl HttpTransport + Clone {
    let starts = Arc::clone(starts);
    let answers: HashMap<_, _> = cases()
        .into_iter()
        .map(|case| (case.id, case.answer.to_string()))
        .collect();
    transport_fn(move |request: http::Request<Bytes>| {
        let id = request.extensions().get::<OperationInfo>().unwrap().id();
        starts.lock().unwrap().push((now(), id));
        let answer = Bytes::from(answers[id].clone());
        async { Ok::<_, TransportError>(http::Response::new(answer)) }
    })
}

fn now() -> Duration {
    TokioClock::default().elapsed()
}

fn builder(transport: impl HttpTransport) -> ManagementClientBuilder {
    ManagementClient::builder("pool-1", "pool-secret")
        .transport(transport)
        .clock(TokioClock::default())
}

/// The largest number of requests that started within one second.
fn busiest_second(starts: &Starts) -> usize {
    let starts = starts.lock().unwrap();
    let within = |(first, _): &(Duration, _)| {
        let second = *first..*first + Duration::from_secs(1);
        starts.iter().filter(|(at, _)| second.contains(at)).count()
    };
    starts.iter().map(within).max().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_not_polled_delays_nobody() {
    let starts = Starts::default();
    let admin = builder(server(&starts))
        .requests_per_second(20)
        .build()
        .unwrap();
    admin.users().list().await.unwrap();
    let mut waiting: Vec<_> = (0..50)
        .map(|_| Box::pin(admin.users().detail("u1").send()))
        .collect();
    let mut context = Context::from_waker(Waker::noop());
    for call in &mut waiting {
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    let begun = now();
    for _ in 0..20 {
        let update = admin
            .users()
            .update("u1", UpdateUserInput::new().nickname("x"));
        update.await.unwrap();
    }
    // They take a second where nobody else waits.
    let took = now() - begun;
    assert!(took < Duration::from_millis(1_200), "{took:?}");
    for call in waiting {
        call.await.unwrap();
    }
    assert!(busiest_second(&starts) <= 22);
}

#[tokio::test(start_paused = true)]
async fn the_rate_is_reached_where_calls_wait_for_calls() {
    for (rate, at_once) in [(20, 5), (100, 10), (250, 10), (250, 50), (10, 300)] {
        let starts = Starts::default();
        let client = builder(server(&starts)).requests_per_second(rate);
        let admin = client.deadline(Duration::from_secs(600)).build().unwrap();
        let begun = now();
        let mut details = stream::iter(0..300)
            .map(|_| admin.users().detail("u1").send())
            .buffer_unordered(at_once);
        while let Some(user) = details.next().await {
            let id = user.unwrap().unwrap().id;
            let update = UpdateUserInput::new().nickname("x");
            admin.users().update(&id, update).await.unwrap();
        }
        let took = (now() - begun).as_secs_f64();
        let ideal = 600.0 / f64::from(rate);
        assert!(
            took < ideal * 1.1,
            "{at_once} at once, {rate} a second: {took} s"
        );
        let most = rate as usize + rate as usize / 10;
        assert!(busiest_second(&starts) <= most, "{rate} a second");
    }
}

#[tokio::test(start_paused = true)]
async fn many_calls_at_once_all_succeed_and_keep_their_order() {
    let starts = Starts::default();
    let order = Arc::new(Mutex::new(Vec::new()));
    let admin = builder(server(&starts))
        .requests_per_second(50)
        .build()
        .unwrap();
    let begun = now();
    let tasks: Vec<_> = (0..2_000)
        .map(|number| {
            let (admin, order) = (admin.clone(), Arc::clone(&order));
            tokio::spawn(async move {
                let outcome = admin.users().list().await;
                order.lock().unwrap().push(number);
                outcome
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let took = (now() - begun).as_secs_f64();
    assert!((39.0..41.0).contains(&took), "{took} s");
    assert!(busiest_second(&starts) <= 55);
    assert!(
        order.lock().unwrap().is_sorted(),
        "who comes first goes first"
    );
}

#[tokio::test(start_paused = true)]
async fn a_deadline_holds_in_the_queue() {
    let starts = Starts::default();
    let limited = || builder(server(&starts)).requests_per_second(1);
    let limit = Duration::from_secs(5);
    let of_the_client = limited().deadline(limit).build().unwrap();
    let of_the_call = limited().build().unwrap();
    for (admin, call) in [
        (&of_the_client, of_the_client.users().detail("u1")),
        (
            &of_the_call,
            of_the_call.users().detail("u1").deadline(limit),
        ),
    ] {
        admin.users().list().await.unwrap();
        let others: Vec<_> = (0..30)
            .map(|_| {
                let admin = admin.clone();
                let call = admin.users().list().deadline(Duration::from_secs(300));
                tokio::spawn(call.into_future())
            })
            .collect();
        tokio::task::yield_now().await;
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ClientRateLimit);
        assert_eq!(error.tries(), 0);
        assert!(!error.is_timeout() && error.is_retryable());
        assert_eq!(
            error.to_string(),
            "management.users.detail failed: the client's own rate limit gave the call no turn \
             within 5s; nothing was sent"
        );
        assert!((5..6).contains(&error.elapsed().as_secs()));
        for other in others {
            other.await.unwrap().unwrap();
        }
    }
    let sent = starts.lock().unwrap();
    assert!(sent.iter().all(|(_, id)| *id != "management.users.detail"));
}

/// A server that fails each first attempt, and does not answer each second one
/// of a list.
fn failing() -> impl HttpTransport {
    transport_fn(|request: http::Request<Bytes>| {
        let info = *request.extensions().get::<OperationInfo>().unwrap();
        async move {
            if info.id() == "management.access_token" {
                let text = r#"{"data":{"accessToken":{"accessToken":"t"}}}"#;
                return Ok(http::Response::new(Bytes::from(text)));
            }
            match info.attempt() {
                1 => Err(TransportError::from(TransportErrorKind::Interrupted)),
                _ => std::future::pending().await,
            }
        }
    })
}

#[tokio::test(start_paused = true)]
async fn only_what_was_never_sent_says_so() {
    let admin = builder(failing()).requests_per_second(1).build().unwrap();
    let call = admin.users().list().deadline(Duration::from_millis(1_900));
    // The token has the first turn, and the call the second.
    let error = call.await.unwrap_err();
    assert_eq!((error.kind(), error.tries()), (ErrorKind::Transport, 1));
    let line = "management.users.list failed: not done within 1.9s: \
                the retry had no turn yet under the client's own rate limit";
    assert_eq!(error.to_string(), line);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("the connection broke"), "{cause}");
}

#[tokio::test(start_paused = true)]
async fn the_default_deadline_begins_with_the_turn() {
    let admin = builder(failing()).requests_per_second(1).build().unwrap();
    let others: Vec<_> = (0..100)
        .map(|_| {
            let call = admin.users().list().retry(authing::RetryPolicy::none());
            tokio::spawn(call.into_future())
        })
        .collect();
    tokio::task::yield_now().await;
    let call = admin
        .users()
        .list()
        .retry(authing::RetryPolicy::new().max_tries(9));
    let error = call.await.unwrap_err();
    assert!(error.is_timeout() && error.tries() > 1, "{error}");
    let text = error.to_string();
    assert!(text.contains("not done within 30s, besides 10"), "{text}");
    assert!((130..140).contains(&error.elapsed().as_secs()), "{error}");
    for other in others {
        other.await.unwrap().unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_token_does_not_queue_behind_the_calls_that_need_it() {
    let starts = Starts::default();
    let tokens = Arc::new(AtomicU64::new(0));
    let (record, issued) = (Arc::clone(&starts), Arc::clone(&tokens));
    let begun = now();
    let revoked = begun + Duration::from_secs(5);
    let transport = transport_fn(move |request: http::Request<Bytes>| {
        let id = request.extensions().get::<OperationInfo>().unwrap().id();
        record.lock().unwrap().push((now(), id));
        let text = match id {
            "management.access_token" => {
                let number = issued.fetch_add(1, Ordering::SeqCst) + 1;
                format!(r#"{{"data":{{"accessToken":{{"accessToken":"t{number}"}}}}}}"#)
            }
            _ if request.headers()["authorization"] == "Bearer t1" && now() >= revoked => {
                r#"{"code":2020,"message":"x"}"#.to_owned()
            }
            _ => r#"{"data":{"users":{"totalCount":0,"list":[]}}}"#.to_owned(),
        };
        async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok::<_, TransportError>(http::Response::new(Bytes::from(text)))
        }
    });
    let admin = builder(transport).requests_per_second(50).build().unwrap();
    let tasks: Vec<_> = (0..1_000)
        .map(|_| tokio::spawn(admin.users().list().into_future()))
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(tokens.load(Ordering::SeqCst), 2);
    let took = (now() - begun).as_secs_f64();
    // A few requests meet the refusal before the new token is there.
    assert!((19.0..22.0).contains(&took), "{took} s");
    assert!(busiest_second(&starts) <= 55);
}
