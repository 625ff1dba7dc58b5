//! A call may be dropped at any point: nothing is held, nobody is stuck.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use authing::v2::ManagementClient;
use authing::{
    Error, MemoryTokenStore, OperationInfo, RetryPolicy, StoreLock, StoredToken, TokenStore,
    TransportError, TransportErrorKind, transport_fn,
};
use authing_core::Clock;
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

/// Waits pass after a few polls, whatever they are, and the time with them.
#[derive(Debug, Default)]
struct Hasty(Arc<Mutex<Duration>>);

impl Clock for Hasty {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.elapsed()
    }

    fn sleep(&self, duration: Duration) -> authing_core::BoxFuture<'static, ()> {
        let long = duration >= Duration::from_secs(10);
        let end = self.elapsed() + duration;
        let elapsed = Arc::clone(&self.0);
        Box::pin(async move {
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            if long {
                std::future::pending::<()>().await;
            }
            let mut elapsed = elapsed.lock().unwrap();
            *elapsed = end.max(*elapsed);
        })
    }

    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

/// A store that takes its time, and whose lock shows when it is kept.
#[derive(Debug, Clone, Default)]
struct SlowStore(MemoryTokenStore);

#[async_trait::async_trait]
impl TokenStore for SlowStore {
    async fn load(&self, scope: &str) -> Result<Option<StoredToken>, Error> {
        tokio::task::yield_now().await;
        self.0.load(scope).await
    }

    async fn save(&self, scope: &str, token: &StoredToken) -> Result<(), Error> {
        tokio::task::yield_now().await;
        self.0.save(scope, token).await
    }

    async fn lock(&self, scope: &str) -> Result<StoreLock, Error> {
        tokio::task::yield_now().await;
        self.0.lock(scope).await
    }
}

/// What a client holds that a dropped call could keep.
#[derive(Debug, Clone, Copy)]
enum Holding {
    Nothing,
    /// A place in the queue of the rate limit.
    Place,
    /// The lock of a token store.
    Lock,
}

#[tokio::test]
async fn dropped_after_any_number_of_steps() {
    for holding in [Holding::Nothing, Holding::Place, Holding::Lock] {
        for somebody_waits in [false, true] {
            let mut steps = 0;
            while !drop_after(steps, somebody_waits, holding).await {
                steps += 1;
                assert!(steps < 1000, "the call never ends");
            }
            // The token, a failure, a wait, and the answer: each takes some.
            assert!(steps > 15, "only {steps} steps");
        }
    }
}

/// Polls a cold client's call this many times, drops it, and sees that the
/// client still works; tells whether the call had come to its end.
async fn drop_after(steps: u32, somebody_waits: bool, holding: Holding) -> bool {
    let tokens = Arc::new(AtomicUsize::new(0));
    let builder = ManagementClient::builder("pool-1", "pool-secret")
        .transport(slow(&tokens))
        .clock(Hasty::default())
        .retry(RetryPolicy::new());
    let builder = match holding {
        Holding::Nothing => builder,
        Holding::Place => builder.requests_per_second(1),
        Holding::Lock => builder.token_store(SlowStore::default()),
    };
    let admin = builder.build().unwrap();
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
    assert!(in_time.is_ok(), "stuck after {steps} steps, {holding:?}");
    // A fetch that somebody waits for goes on where the dropped call left it.
    let most = if somebody_waits && steps > 0 { 1 } else { 2 };
    let fetched = tokens.load(Ordering::SeqCst);
    assert!(
        fetched <= most,
        "{fetched} tokens, {steps} steps, {holding:?}"
    );
    ended
}
