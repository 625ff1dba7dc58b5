//! Asking the server about tokens: one question for all who wait for its answer.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use authing::verify::{Application, Introspection, Reason, Verifier};
use authing::{TransportError, transport_fn};
use authing_tests::jwt::{HandClock, NOW, SERVER};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::sync::oneshot;

const HOST: &str = "https://a.example";

fn access() -> Value {
    json!({
        "jti": "t1", "sub": "user-1", "iss": format!("{HOST}/oidc"), "aud": "app-1",
        "iat": NOW - 10, "exp": NOW + 3600, "scope": "openid",
    })
}

fn application() -> Application {
    Application::new("app-1", HOST).secret("0123456789abcdef0123456789abcdef")
}

async fn reason(verifier: &Verifier, token: &str) -> Option<Reason> {
    let outcome = verifier.verify(token).await;
    outcome.err().map(|rejection| rejection.reason())
}

/// A server that is asked about tokens, and answers when it is told to.
#[derive(Debug, Clone, Default)]
struct Desk(Arc<Mutex<Vec<oneshot::Sender<&'static str>>>>);

impl Desk {
    /// A verifier that asks here, with its clock.
    async fn verifier(&self, options: Introspection) -> (Verifier, HandClock) {
        let desk = self.clone();
        let transport = transport_fn(move |request: Request<Bytes>| {
            let answer = request.uri().path().ends_with("introspection").then(|| {
                let (answer, coming) = oneshot::channel();
                desk.0.lock().unwrap().push(answer);
                coming
            });
            async move {
                let body = match answer {
                    None => json!({"keys": [SERVER.jwk()]}).to_string(),
                    Some(coming) => coming.await.unwrap().to_owned(),
                };
                Ok::<_, TransportError>(Response::new(Bytes::from(body)))
            }
        });
        let clock = HandClock::default();
        let verifier = Verifier::builder()
            .application(application())
            .transport(transport)
            .clock(clock.clone())
            .introspection(options)
            .build()
            .unwrap();
        verifier.preload().await.unwrap();
        (verifier, clock)
    }

    /// How many questions were asked.
    fn asked(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Answers the question with this number, and puts it aside.
    fn answer(&self, number: usize, body: &'static str) {
        let (unused, _) = oneshot::channel();
        let answer = std::mem::replace(&mut self.0.lock().unwrap()[number], unused);
        answer.send(body).unwrap();
    }
}

const ACTIVE: &str = r#"{"active":true,"sub":"user-1"}"#;

async fn is_pending(mut call: Pin<&mut impl Future>) -> bool {
    poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_pending())).await
}

#[tokio::test]
async fn those_who_come_with_one_token_share_a_question() {
    let desk = Desk::default();
    let (verifier, clock) = desk.verifier(Introspection::new()).await;
    let token = SERVER.sign(&access());
    let mut calls: Vec<_> = (0..300)
        .map(|_| Box::pin(verifier.verify(&token)))
        .collect();
    for call in &mut calls {
        assert!(is_pending(call.as_mut()).await);
    }
    assert_eq!(desk.asked(), 1);
    // Those who leave take nothing along, whoever asked.
    calls.drain(..100);
    calls.truncate(100);
    // Another token is another question.
    let mut claims = access();
    claims["jti"] = json!("t2");
    let other = SERVER.sign(&claims);
    let mut other = Box::pin(verifier.verify(&other));
    assert!(is_pending(other.as_mut()).await);
    assert_eq!(desk.asked(), 2);
    desk.answer(0, ACTIVE);
    for call in calls {
        call.await.unwrap();
    }
    desk.answer(1, r#"{"active":false}"#);
    assert_eq!(other.await.unwrap_err().reason(), Reason::Revoked);
    verifier.verify(&token).await.unwrap();
    assert_eq!(desk.asked(), 2);
    // An answer that cannot be used is for those who waited for it.
    clock.advance(30);
    let mut calls: Vec<_> = (0..5).map(|_| Box::pin(verifier.verify(&token))).collect();
    for call in &mut calls {
        assert!(is_pending(call.as_mut()).await);
    }
    assert_eq!(desk.asked(), 3);
    desk.answer(2, "{}");
    for call in calls {
        assert_eq!(call.await.unwrap_err().reason(), Reason::Unavailable);
    }
    let mut next = Box::pin(verifier.verify(&token));
    assert!(is_pending(next.as_mut()).await);
    desk.answer(3, ACTIVE);
    next.await.unwrap();
}

#[tokio::test]
async fn a_question_that_all_have_left_is_asked_anew() {
    let desk = Desk::default();
    let (verifier, _) = desk.verifier(Introspection::new()).await;
    let token = SERVER.sign(&access());
    for asked in 1..=3 {
        assert!(is_pending(pin!(verifier.verify(&token))).await);
        assert_eq!(desk.asked(), asked);
    }
    let mut call = Box::pin(verifier.verify(&token));
    assert!(is_pending(call.as_mut()).await);
    desk.answer(3, ACTIVE);
    call.await.unwrap();
}

#[tokio::test]
async fn without_a_cache_each_request_is_a_question() {
    let desk = Desk::default();
    let options = Introspection::new().cache_for(Duration::ZERO);
    let (verifier, _) = desk.verifier(options).await;
    let token = SERVER.sign(&access());
    let (mut early, mut late) = (
        Box::pin(verifier.verify(&token)),
        Box::pin(verifier.verify(&token)),
    );
    assert!(is_pending(early.as_mut()).await);
    // Revoked in between: the first answer says nothing of the second request.
    assert!(is_pending(late.as_mut()).await);
    desk.answer(1, r#"{"active":false}"#);
    desk.answer(0, ACTIVE);
    early.await.unwrap();
    assert_eq!(late.await.unwrap_err().reason(), Reason::Revoked);
}

#[tokio::test]
async fn a_late_answer_does_not_bring_a_revoked_token_back() {
    let desk = Desk::default();
    let (verifier, clock) = desk.verifier(Introspection::new()).await;
    let token = SERVER.sign(&access());
    let mut early = Box::pin(verifier.verify(&token));
    assert!(is_pending(early.as_mut()).await);
    // Its answer would not count any more: the next one does not wait for it.
    clock.advance(30);
    let mut late = Box::pin(verifier.verify(&token));
    assert!(is_pending(late.as_mut()).await);
    assert_eq!(desk.asked(), 2);
    desk.answer(1, r#"{"active":false}"#);
    assert_eq!(late.await.unwrap_err().reason(), Reason::Revoked);
    // The first answer was given before the token was revoked.
    desk.answer(0, ACTIVE);
    early.await.unwrap();
    assert_eq!(reason(&verifier, &token).await, Some(Reason::Revoked));
    assert_eq!(desk.asked(), 2);
}
