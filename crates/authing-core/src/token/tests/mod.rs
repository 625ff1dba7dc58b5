//! The cache and its stores, by a clock that is turned by hand.

mod stores;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use super::*;
use crate::clock::Clock;
use crate::{BoxFuture, Error, ErrorKind};

/// A clock that stands still until it is turned.
#[derive(Debug, Clone, Default)]
struct Hands(Arc<AtomicU64>);

impl Hands {
    fn turn(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    /// Tokio's, which the tests that wait have paused.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Numbers its tokens, and fails while `broken`.
#[derive(Debug, Clone, Default)]
struct Mint {
    lifetime: Option<Duration>,
    fetches: Arc<AtomicUsize>,
    broken: Arc<Mutex<bool>>,
    /// The next tokens, in place of numbers.
    texts: Arc<Mutex<VecDeque<String>>>,
    /// Never answers.
    stuck: Arc<AtomicBool>,
    /// How many fetches wait for an answer that does not come.
    held: Arc<AtomicUsize>,
}

struct Held(Arc<AtomicUsize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Mint {
    fn living(seconds: u64) -> Self {
        Self {
            lifetime: Some(Duration::from_secs(seconds)),
            ..Self::default()
        }
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    fn issue(&self, text: &str) {
        self.texts.lock().unwrap().push_back(text.to_owned());
    }

    fn break_down(&self, broken: bool) {
        *self.broken.lock().unwrap() = broken;
    }
}

#[async_trait]
impl TokenSource for Mint {
    async fn fetch(&self) -> Result<IssuedToken> {
        let number = self.fetches.fetch_add(1, Ordering::SeqCst) + 1;
        if self.stuck.load(Ordering::SeqCst) {
            self.held.fetch_add(1, Ordering::SeqCst);
            let _guard = Held(Arc::clone(&self.held));
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        if *self.broken.lock().unwrap() {
            return Err(Error::api(None, format!("failure {number}")));
        }
        let text = self.texts.lock().unwrap().pop_front();
        let text = text.unwrap_or_else(|| format!("t{number}"));
        Ok(IssuedToken::new(text.into(), self.lifetime))
    }
}

fn cache(mint: &Mint) -> (Arc<TokenCache>, Hands) {
    let hands = Hands::default();
    let cache = TokenCache::new(mint.clone(), Arc::new(hands.clone()));
    (Arc::new(cache), hands)
}

async fn poll_once<F: Future + Unpin>(mut future: F) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(Pin::new(&mut future).poll(context))).await
}

async fn all(cache: &Arc<TokenCache>, callers: usize) -> Vec<Result<Secret>> {
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let cache = Arc::clone(cache);
            tokio::spawn(async move { cache.token().await })
        })
        .collect();
    let mut tokens = Vec::new();
    for task in tasks {
        tokens.push(task.await.unwrap());
    }
    tokens
}

#[tokio::test]
async fn one_fetch_serves_all_who_start_at_once() {
    let mint = Mint::living(3600);
    let (cache, _) = cache(&mint);
    for token in all(&cache, 100).await {
        assert_eq!(token.unwrap().expose(), "t1");
    }
    assert_eq!(mint.fetches(), 1);
}

#[tokio::test]
async fn one_failure_is_shared_and_not_kept() {
    let mint = Mint::living(3600);
    mint.break_down(true);
    let (cache, _) = cache(&mint);
    for outcome in all(&cache, 100).await {
        assert_eq!(outcome.unwrap_err().message(), "failure 1");
    }
    assert_eq!(mint.fetches(), 1);
    mint.break_down(false);
    assert_eq!(cache.token().await.unwrap().expose(), "t2");
}

#[tokio::test]
async fn short_lives_are_used_but_not_to_the_end() {
    let mint = Mint::living(60);
    let (cache, hands) = cache(&mint);
    for (turn, expected) in [(0, "t1"), (53, "t1"), (1, "t2"), (58, "t3")] {
        hands.turn(turn);
        assert_eq!(
            cache.token().await.unwrap().expose(),
            expected,
            "after {turn} s"
        );
    }
    assert_eq!(mint.fetches(), 3);
}

#[tokio::test]
async fn a_valid_token_survives_a_failed_renewal() {
    let mint = Mint::living(3600);
    let (cache, hands) = cache(&mint);
    cache.token().await.unwrap();
    mint.break_down(true);
    hands.turn(3600 - 200);
    assert_eq!(cache.token().await.unwrap().expose(), "t1");
    hands.turn(180);
    assert_eq!(cache.token().await.unwrap_err().message(), "failure 3");
}

#[tokio::test]
async fn a_failed_renewal_is_not_tried_again_at_once() {
    let mint = Mint::living(3600);
    let (cache, hands) = cache(&mint);
    cache.token().await.unwrap();
    mint.break_down(true);
    hands.turn(3600 - 250);
    for _ in 0..20 {
        assert_eq!(cache.token().await.unwrap().expose(), "t1");
    }
    assert_eq!(mint.fetches(), 2);
    mint.break_down(false);
    hands.turn(30);
    assert_eq!(cache.token().await.unwrap().expose(), "t3");
}

#[tokio::test]
async fn others_go_on_while_one_renews() {
    let mint = Mint::living(3600);
    let (cache, hands) = cache(&mint);
    cache.token().await.unwrap();
    hands.turn(3600 - 200);
    let tokens = all(&cache, 20).await;
    let old = tokens
        .iter()
        .filter(|token| token.as_ref().unwrap().expose() == "t1")
        .count();
    assert!(
        old >= 1,
        "somebody waited although the token was still good"
    );
    assert_eq!(mint.fetches(), 2);
}

#[tokio::test]
async fn a_cancelled_fetch_is_taken_over() {
    let mint = Mint::living(3600);
    let (cache, _) = cache(&mint);
    let first = tokio::spawn({
        let cache = Arc::clone(&cache);
        async move { cache.token().await }
    });
    tokio::task::yield_now().await;
    let waiting = tokio::spawn({
        let cache = Arc::clone(&cache);
        async move { cache.token().await }
    });
    tokio::task::yield_now().await;
    first.abort();
    // It is carried on from where it was, and not begun anew.
    assert_eq!(waiting.await.unwrap().unwrap().expose(), "t1");
    assert_eq!(mint.fetches(), 1);
}

#[tokio::test]
async fn only_the_refused_token_is_thrown_away() {
    let mint = Mint::living(3600);
    let (cache, _) = cache(&mint);
    let first = cache.get().await.unwrap();
    cache.reject(&first);
    let second = cache.get().await.unwrap();
    assert_eq!(second.secret.expose(), "t2");
    cache.reject(&first);
    assert_eq!(cache.token().await.unwrap().expose(), "t2");
    assert_eq!(mint.fetches(), 2);
}

#[tokio::test]
async fn a_token_without_an_end_is_kept() {
    let mint = Mint::default();
    let (cache, hands) = cache(&mint);
    cache.token().await.unwrap();
    hands.turn(1_000_000_000);
    assert_eq!(cache.token().await.unwrap().expose(), "t1");
}

#[tokio::test]
async fn a_fetch_that_all_have_left_is_kept_for_a_moment() {
    let mint = Mint::living(3600);
    mint.stuck.store(true, Ordering::SeqCst);
    let (cache, hands) = cache(&mint);
    let callers: Vec<_> = (0..3)
        .map(|_| {
            let cache = Arc::clone(&cache);
            tokio::spawn(async move { cache.token().await })
        })
        .collect();
    for caller in callers {
        tokio::task::yield_now().await;
        assert_eq!(mint.held.load(Ordering::SeqCst), 1);
        caller.abort();
        caller.await.unwrap_err();
    }
    mint.stuck.store(false, Ordering::SeqCst);
    assert!(poll_once(pin!(cache.token())).await.is_pending());
    assert_eq!((mint.held.load(Ordering::SeqCst), mint.fetches()), (1, 1));
    // It brought nothing: the next caller does not wait for it.
    hands.turn(1);
    assert_eq!(cache.token().await.unwrap().expose(), "t2");
    assert_eq!(mint.held.load(Ordering::SeqCst), 0, "it goes on for nobody");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_hangs_is_not_waited_for() {
    let mint = Mint::living(3600);
    let (cache, hands) = cache(&mint);
    cache.token().await.unwrap();
    hands.turn(3600 - 250);
    mint.stuck.store(true, Ordering::SeqCst);
    #[expect(clippy::disallowed_methods, reason = "it is Tokio's paused time")]
    let before = tokio::time::Instant::now();
    assert_eq!(cache.token().await.unwrap().expose(), "t1");
    assert!(before.elapsed() < Duration::from_secs(4));
    // Nobody tries again at once.
    assert_eq!(cache.token().await.unwrap().expose(), "t1");
    assert_eq!(mint.fetches(), 2);
    mint.stuck.store(false, Ordering::SeqCst);
    hands.turn(30);
    assert_eq!(cache.token().await.unwrap().expose(), "t3");
    assert_eq!(mint.held.load(Ordering::SeqCst), 0);
}

/// What no header can carry as a token (RFC 6749, appendix A.12).
const UNUSABLE: [&str; 7] = [
    "",
    " ",
    "two words",
    "two\nlines",
    "nul\0",
    "t\u{e9}",
    "t\n",
];

#[tokio::test]
async fn a_token_that_cannot_be_used_is_not_kept() {
    for text in UNUSABLE {
        let mint = Mint::living(15 * 86_400);
        let (cache, hands) = cache(&mint);
        mint.issue(text);
        let error = cache.token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Token, "{text:?}");
        let shown = format!("{error} {error:?}");
        assert!(text.trim().is_empty() || !shown.contains(text), "{shown}");
        assert_eq!(cache.token().await.unwrap().expose(), "t2", "{text:?}");
        // A renewal that brings one leaves the old token in use.
        hands.turn(15 * 86_400 - 200);
        mint.issue(text);
        assert_eq!(cache.token().await.unwrap().expose(), "t2", "{text:?}");
        assert_eq!(cache.token().await.unwrap().expose(), "t2", "{text:?}");
        assert_eq!(mint.fetches(), 3);
        hands.turn(30);
        assert_eq!(cache.token().await.unwrap().expose(), "t4", "{text:?}");
    }
}

#[tokio::test]
async fn a_token_that_has_expired_on_arrival_is_not_kept() {
    let mint = Mint::living(0);
    let (cache, _) = cache(&mint);
    // The server may be wrong about its end: only a call can tell.
    assert_eq!(cache.token().await.unwrap().expose(), "t1");
    assert_eq!(cache.token().await.unwrap().expose(), "t2");
}

#[tokio::test]
async fn an_absurd_expiry_is_not_believed() {
    for seconds in [50 * 365 * 86_400, u64::MAX] {
        let mint = Mint::living(seconds);
        let (cache, hands) = cache(&mint);
        cache.token().await.unwrap();
        hands.turn(29 * 86_400);
        assert_eq!(cache.token().await.unwrap().expose(), "t1");
        hands.turn(86_400);
        assert_eq!(cache.token().await.unwrap().expose(), "t2");
    }
}

#[tokio::test]
async fn callers_who_leave_early_neither_stop_nor_multiply_the_fetch() {
    let mint = Mint::living(3600);
    let (cache, _) = cache(&mint);
    for _ in 0..20 {
        assert!(poll_once(pin!(cache.token())).await.is_pending());
    }
    assert_eq!(cache.token().await.unwrap().expose(), "t1");
    assert_eq!(mint.fetches(), 1);
}
