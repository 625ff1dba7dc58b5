//! A call may be dropped at any point: nothing is held, nobody is stuck.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use authing::v2::ManagementClient;
use authing::{OperationInfo, RetryPolicy, TransportError, TransportErrorKind, transport_fn};
use authing_core::{Clock, TokioClock};
use authing_tests::cases::cases;
use bytes::Bytes;

/// A server that takes its time, and fails each first try of a list.
fn slow(tokens: &Arc<AtomicUsize>) -> impl authing::HttpTransport + Clone {
    let tokens = Arc::clone(tokens);
    let answers: Arc<Vec<_>> = Arc::new(
        cases()
            .into_iter()
            .map(|case| (case.id, case.answer.to_string()))
            .collect(),
    );
    transport_fn(move |request: http::Request<Bytes>| {
        let info = *request.extensions().get::<OperationInfo>().unwrap();
        if info.id() == "management.access_token" {
            tokens.fetch_add(1, Ordering::SeqCst);
        }
        let answers = Arc::clone(&answers);
        async move {
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
            if info.id() == "management.users.list" && info.attempt() == 1 {
                return Err(TransportError::from(TransportErrorKind::Interrupted));
            }
            let (_, answer) = answers.iter().find(|(id, _)| *id == info.id()).unwrap();
            Ok(http::Response::new(Bytes::from(answer.clone())))
        }
    })
}

/// Waits pass after a few polls, whatever they are.
#[derive(Debug)]
struct Hasty;

impl Clock for Hasty {
    fn now(&self) -> std::time::SystemTime {
        TokioClock::default().now()
    }

    fn sleep(&self, duration: Duration) -> authing_core::BoxFuture<'static, ()> {
        let long = duration >= Duration::from_secs(10);
        Box::pin(async move {
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            if long {
                std::future::pending::<()>().await;
            }
        })
    }
}

#[tokio::test]
async fn dropped_after_any_number_of_steps() {
    for somebody_waits in [false, true] {
        let mut steps = 0;
        while !drop_after(steps, somebody_waits).await {
            steps += 1;
            assert!(steps < 1000, "the call never ends");
        }
        // The token, a failure, a wait, and the answer: each takes some.
        assert!(steps > 15, "only {steps} steps");
    }
}

/// Polls a cold client's call this many times, drops it, and sees that the
/// client still works; tells whether the call had come to its end.
async fn drop_after(steps: u32, somebody_waits: bool) -> bool {
    let tokens = Arc::new(AtomicUsize::new(0));
    let admin = ManagementClient::builder("pool-1", "pool-secret")
        .transport(slow(&tokens))
        .clock(Hasty)
        .retry(RetryPolicy::new())
        .build()
        .unwrap();
    let mut context = Context::from_waker(Waker::noop());
    let mut dropped = Box::pin(admin.users().list().send());
    let mut waiting = Box::pin(admin.users().detail("u1").send());
    let mut ended = false;
    for step in 0..steps {
        if let Poll::Ready(outcome) = dropped.as_mut().poll(&mut context) {
            outcome.unwrap();
            ended = true;
            break;
        }
        if somebody_waits && step == 0 {
            assert!(waiting.as_mut().poll(&mut context).is_pending());
        }
    }
    drop(dropped);
    let rest = async {
        waiting.await.unwrap().unwrap();
        admin.users().list().await.unwrap();
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), rest).await;
    assert!(in_time.is_ok(), "stuck after {steps} steps");
    assert!(tokens.load(Ordering::SeqCst) <= 2, "{steps} steps");
    ended
}
