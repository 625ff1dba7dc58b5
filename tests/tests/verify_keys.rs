//! Where the keys come from: when they are fetched, how often, and what
//! happens when they cannot be.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use authing::verify::{Application, Reason, TokenKind, Verifier};
use authing::{BoxFuture, TransportErrorKind};
use authing_tests::jwt::{HandClock, KeyServer, NOW, RsaKey, SERVER, STRANGER, WEAK};
use serde_json::{Value, json};

const HOST: &str = "https://a.example";

fn claims() -> Value {
    json!({
        "jti": "t1", "sub": "user-1", "iss": format!("{HOST}/oidc"), "aud": "app-1",
        "iat": NOW, "exp": NOW + 90 * 86_400, "scope": "",
    })
}

fn token(key: &RsaKey) -> String {
    key.sign(&claims())
}

/// A server with one key, and a verifier that goes by a clock.
fn world() -> (KeyServer, HandClock, Verifier) {
    let server = KeyServer::with(&[SERVER.jwk()]);
    let clock = HandClock::default();
    let verifier = Verifier::builder()
        .application(Application::new("app-1", HOST))
        .transport(server.clone())
        .clock(clock.clone())
        .build()
        .unwrap();
    (server, clock, verifier)
}

async fn reason(verifier: &Verifier, token: &str) -> Reason {
    verifier.verify(token).await.unwrap_err().reason()
}

#[tokio::test]
async fn one_fetch_serves_until_the_keys_are_old() {
    let (server, clock, verifier) = world();
    assert_eq!(server.asked(), 0, "nothing is sent before it is needed");
    let early = verifier.verify_now::<Value>(&token(&SERVER)).unwrap_err();
    assert_eq!(early.reason(), Reason::Unavailable);
    assert_eq!(early.status(), 503);
    assert_eq!(early.challenge("x"), None);
    for _ in 0..100 {
        verifier.verify(&token(&SERVER)).await.unwrap();
        verifier.verify_now::<Value>(&token(&SERVER)).unwrap();
        clock.advance(35);
    }
    assert_eq!(server.asked(), 1);
    clock.advance(100);
    for _ in 0..10 {
        verifier.verify(&token(&SERVER)).await.unwrap();
    }
    assert_eq!(server.asked(), 2, "an hour has passed");
}

#[tokio::test]
async fn preloading_is_fetching() {
    let (server, _, verifier) = world();
    verifier.preload().await.unwrap();
    assert_eq!(server.asked(), 1);
    verifier.verify_now::<Value>(&token(&SERVER)).unwrap();
    verifier.verify(&token(&SERVER)).await.unwrap();
    assert_eq!(server.asked(), 1);
    server.answer(404, "no");
    let error = verifier.preload().await.unwrap_err();
    assert_eq!(error.operation(), Some("verify.keys"));
    verifier.verify(&token(&SERVER)).await.unwrap();
}

/// Publishes the server's key with these two headers.
fn publish_for(server: &KeyServer, cache_control: &'static str, age: &'static str) {
    let body = json!({"keys": [SERVER.jwk()]}).to_string();
    server.act(move |_| {
        let answer = http::Response::builder()
            .header("cache-control", cache_control)
            .header("age", age)
            .body(body.clone().into())
            .unwrap();
        Box::pin(async move { Ok(answer) })
    });
}

#[tokio::test]
async fn the_server_says_how_long() {
    for (max_age, later, asked) in [
        ("max-age=120", 119, 1),
        ("max-age=120", 120, 2),
        ("max-age=0", 59, 1), // never more often than each minute
        ("max-age=0", 60, 2),
        ("max-age=999999", 3599, 1), // never longer than an hour
        ("max-age=999999", 3600, 2),
    ] {
        let (server, clock, verifier) = world();
        publish_for(&server, max_age, "0");
        verifier.verify(&token(&SERVER)).await.unwrap();
        clock.advance(later);
        verifier.verify(&token(&SERVER)).await.unwrap();
        assert_eq!(server.asked(), asked, "{max_age} after {later} s");
    }
}

#[tokio::test]
async fn the_time_in_caches_counts_against_what_the_server_says() {
    for (age, later, asked) in [
        ("0", 3599, 1),
        ("3000", 599, 1),
        ("3000", 600, 2),
        ("3590", 59, 1), // never more often than each minute
        ("3590", 60, 2),
        ("99999999999999999999", 59, 1),
        ("99999999999999999999", 60, 2),
        ("soon", 3599, 1),
    ] {
        let (server, clock, verifier) = world();
        publish_for(&server, "public, max-age=3600, s-maxage=5", age);
        verifier.verify(&token(&SERVER)).await.unwrap();
        clock.advance(later);
        verifier.verify(&token(&SERVER)).await.unwrap();
        assert_eq!(server.asked(), asked, "{age} after {later} s");
    }
}

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it() {
    let (server, clock, verifier) = world();
    verifier.verify(&token(&SERVER)).await.unwrap();
    // Rotated: the old key stays for a while.
    server.publish(&[STRANGER.jwk(), SERVER.jwk()]);
    verifier.verify(&token(&STRANGER)).await.unwrap();
    verifier.verify(&token(&SERVER)).await.unwrap();
    assert_eq!(server.asked(), 2);
    // The old one is withdrawn, and noticed at the next fetch.
    server.publish(&[STRANGER.jwk()]);
    clock.advance(3600);
    assert_eq!(reason(&verifier, &token(&SERVER)).await, Reason::UnknownKey);
    let rejection = verifier.verify(&token(&SERVER)).await.unwrap_err();
    let words = rejection.to_string();
    assert!(words.contains("\"server\" was withdrawn"), "{words}");
    assert!(
        words.contains("/oidc/.well-known/jwks.json had \"stranger\""),
        "{words}"
    );
}

#[tokio::test]
async fn a_flood_of_made_up_names_is_no_flood_of_fetches() {
    let (server, clock, verifier) = world();
    verifier.verify(&token(&SERVER)).await.unwrap();
    let forged = |n: usize| STRANGER.named(&format!("forged-{n}")).sign(&claims());
    for n in 0..20 {
        assert_eq!(reason(&verifier, &forged(n)).await, Reason::UnknownKey);
    }
    assert_eq!(server.asked(), 2, "one fetch for all of them");
    clock.advance(59);
    assert_eq!(reason(&verifier, &forged(1)).await, Reason::UnknownKey);
    assert_eq!(server.asked(), 2);
    clock.advance(1);
    server.publish(&[STRANGER.jwk(), SERVER.jwk()]);
    verifier.verify(&token(&STRANGER)).await.unwrap();
    assert_eq!(server.asked(), 3);
    verifier.verify(&token(&SERVER)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_ask_at_the_same_time_share_a_fetch() {
    let (server, _, verifier) = world();
    let all = |token: String| {
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (verifier, token) = (verifier.clone(), token.clone());
                tokio::spawn(async move { verifier.verify(&token).await.map(|_| ()) })
            })
            .collect();
        async move {
            for task in tasks {
                task.await.unwrap().unwrap();
            }
        }
    };
    all(token(&SERVER)).await;
    assert_eq!(server.asked(), 1);
    server.publish(&[STRANGER.jwk(), SERVER.jwk()]);
    all(token(&STRANGER)).await;
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn the_last_good_keys_survive_an_outage() {
    let not_keys = json!({"keys": []}).to_string();
    let many: Vec<_> = (0..101)
        .map(|n| SERVER.named(&n.to_string()).jwk())
        .collect();
    let many = json!({"keys": many}).to_string();
    let large = format!("{{\"keys\":[],\"x\":\"{}\"}}", "y".repeat(300 * 1024));
    let weak = json!({"keys": [WEAK.jwk()]}).to_string();
    for (status, body) in [
        (500, ""),
        (404, "no"),
        (302, ""),
        (200, ""),
        (200, "<html>"),
        (200, "[]"),
        (200, &*not_keys),
        (200, &*many),
        (200, &*large),
        (200, &*weak),
    ] {
        let (server, clock, verifier) = world();
        verifier.verify(&token(&SERVER)).await.unwrap();
        server.answer(status, body);
        let name = format!("{status} {}", &body[..body.len().min(20)]);
        for _ in 0..23 {
            clock.advance(3600);
            let outcome = verifier.verify(&token(&SERVER)).await;
            outcome.unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
        }
        // A day is enough.
        clock.advance(3600);
        let rejection = verifier.verify(&token(&SERVER)).await.unwrap_err();
        assert_eq!(rejection.reason(), Reason::Unavailable, "{name}");
        assert!(std::error::Error::source(&rejection).is_some(), "{name}");
        server.publish(&[SERVER.jwk()]);
        clock.advance(5);
        verifier.verify(&token(&SERVER)).await.unwrap();
    }
}

#[tokio::test]
async fn an_outage_is_not_made_worse() {
    let (server, clock, verifier) = world();
    server.answer(404, "no");
    for _ in 0..20 {
        assert_eq!(
            reason(&verifier, &token(&SERVER)).await,
            Reason::Unavailable
        );
    }
    assert_eq!(server.asked(), 1, "one try each five seconds");
    clock.advance(5);
    assert_eq!(
        reason(&verifier, &token(&SERVER)).await,
        Reason::Unavailable
    );
    assert_eq!(server.asked(), 2);
    server.publish(&[SERVER.jwk()]);
    clock.advance(5);
    verifier.verify(&token(&SERVER)).await.unwrap();
    // A name that nobody knows, when nobody can be asked: it may be good.
    server.answer(404, "no");
    for _ in 0..20 {
        assert_eq!(
            reason(&verifier, &token(&STRANGER)).await,
            Reason::Unavailable
        );
    }
    assert_eq!(server.asked(), 4);
    server.publish(&[SERVER.jwk(), STRANGER.jwk()]);
    clock.advance(5);
    verifier.verify(&token(&STRANGER)).await.unwrap();
}

#[tokio::test]
async fn keys_do_not_come_from_where_a_redirect_leads() {
    let (server, _, verifier) = world();
    server.act(|_| {
        let answer = http::Response::builder()
            .status(307)
            .header("location", "https://evil.example/jwks.json")
            .body("".into())
            .unwrap();
        Box::pin(async move { Ok(answer) })
    });
    let error = verifier.preload().await.unwrap_err();
    assert!(error.message().contains("redirects"), "{error}");
    assert_eq!(server.asked(), 1);
}

fn never() -> BoxFuture<'static, Result<http::Response<bytes::Bytes>, authing::TransportError>> {
    Box::pin(std::future::pending())
}

#[tokio::test(start_paused = true)]
async fn a_slow_server_stops_nobody_who_has_keys() {
    let (server, clock, verifier) = world();
    server.act(|_| never());
    let rejection = verifier.verify(&token(&SERVER)).await.unwrap_err();
    assert_eq!(rejection.reason(), Reason::Unavailable);
    let error = std::error::Error::source(&rejection).unwrap();
    assert!(error.to_string().contains("verify.keys"), "{error}");
    server.publish(&[SERVER.jwk()]);
    clock.advance(5);
    verifier.verify(&token(&SERVER)).await.unwrap();
    let asked = server.asked();
    server.act(|_| never());
    clock.advance(3600);
    // One of them asks, and gives it up; nobody is refused.
    for _ in 0..10 {
        verifier.verify(&token(&SERVER)).await.unwrap();
    }
    assert_eq!(server.asked(), asked + 1);
}

#[tokio::test]
async fn who_hangs_up_neither_floods_nor_uses_up_the_fetch() {
    let (server, clock, verifier) = world();
    verifier.verify(&token(&SERVER)).await.unwrap();
    server.act(|_| never());
    for n in 0..20 {
        let forged = STRANGER.named(&format!("forged-{n}")).sign(&claims());
        let call = verifier.verify(&forged);
        let _ = tokio::time::timeout(Duration::from_millis(5), call).await;
    }
    assert_eq!(server.asked(), 2, "one fetch was begun");
    server.publish(&[SERVER.jwk(), STRANGER.jwk()]);
    clock.advance(1);
    verifier.verify(&token(&STRANGER)).await.unwrap();
    // The same where it is the age of the keys that makes them be fetched.
    clock.advance(3600);
    server.act(|_| never());
    let asked = server.asked();
    for _ in 0..20 {
        let call = verifier.verify("x.y.z");
        let _ = tokio::time::timeout(Duration::from_millis(5), call).await;
        let known = token(&SERVER);
        let call = verifier.verify(&known);
        let _ = tokio::time::timeout(Duration::from_millis(5), call).await;
    }
    assert_eq!(server.asked(), asked + 1);
}

/// Publishes these keys from now on, in answers that take this many steps.
fn publish_slowly(server: &KeyServer, keys: &[Value], steps: usize) {
    let body = json!({"keys": keys}).to_string();
    server.act(move |_| {
        let body = body.clone();
        Box::pin(async move {
            for _ in 0..steps {
                tokio::task::yield_now().await;
            }
            Ok(http::Response::new(body.into()))
        })
    });
}

async fn poll_once<F: Future + Unpin>(mut future: F) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(Pin::new(&mut future).poll(context))).await
}

/// Shows the verifier a token, and hangs up at once.
async fn hang_up(verifier: &Verifier, token: &str) {
    let polled = poll_once(pin!(verifier.verify(token))).await;
    assert!(polled.is_pending(), "it was answered at once");
}

#[tokio::test]
async fn who_hangs_up_keeps_nobody_from_the_first_keys() {
    for attacks in [1, 5, 15] {
        let (server, _, verifier) = world();
        publish_slowly(&server, &[SERVER.jwk()], 20);
        for n in 0..attacks {
            let forged = STRANGER.named(&format!("forged-{n}")).sign(&claims());
            hang_up(&verifier, &forged).await;
        }
        verifier.verify(&token(&SERVER)).await.unwrap();
        assert_eq!(server.asked(), 1, "{attacks} hung up");
    }
}

#[tokio::test]
async fn who_hangs_up_keeps_nobody_from_a_new_key() {
    let (server, clock, verifier) = world();
    verifier.verify(&token(&SERVER)).await.unwrap();
    publish_slowly(&server, &[SERVER.jwk(), STRANGER.jwk()], 20);
    for n in 0..10 {
        let forged = STRANGER.named(&format!("forged-{n}")).sign(&claims());
        hang_up(&verifier, &forged).await;
    }
    verifier.verify(&token(&STRANGER)).await.unwrap();
    assert_eq!(server.asked(), 2);
    // The fetch was answered, so it counts: there is no other for a minute.
    for (later, asked) in [(59, 2), (1, 3)] {
        clock.advance(later);
        let forged = STRANGER.named("forged").sign(&claims());
        assert_eq!(reason(&verifier, &forged).await, Reason::UnknownKey);
        assert_eq!(server.asked(), asked);
    }
}

#[tokio::test]
async fn who_hangs_up_keeps_nobody_from_newer_keys() {
    let (server, clock, verifier) = world();
    verifier.verify(&token(&SERVER)).await.unwrap();
    clock.advance(3600);
    publish_slowly(&server, &[SERVER.jwk()], 20);
    // Its signature is of no use, and is not looked at before.
    let forged = STRANGER.named("server").sign(&claims());
    for _ in 0..10 {
        hang_up(&verifier, &forged).await;
    }
    verifier.verify(&token(&SERVER)).await.unwrap();
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn who_hangs_up_now_and_then_multiplies_no_fetches() {
    let (server, clock, verifier) = world();
    server.act(|_| never());
    for n in 0..60 {
        let forged = STRANGER.named(&format!("forged-{n}")).sign(&claims());
        hang_up(&verifier, &forged).await;
        hang_up(&verifier, &forged).await;
        clock.advance(1);
    }
    assert_eq!(server.asked(), 60, "one in a second");
    server.publish(&[SERVER.jwk()]);
    verifier.verify(&token(&SERVER)).await.unwrap();
    assert_eq!(server.asked(), 61);
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    let (server, _, verifier) = world();
    let body = json!({"keys": [SERVER.jwk()]}).to_string();
    server.act(move |before| {
        let body = body.clone();
        Box::pin(async move {
            match before {
                0 => Err(TransportErrorKind::Interrupted.into()),
                _ => Ok(http::Response::new(body.into())),
            }
        })
    });
    verifier.verify(&token(&SERVER)).await.unwrap();
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_server_that_hangs_holds_up_no_tokens_of_another() {
    let transport = authing::transport_fn(|request: http::Request<bytes::Bytes>| async move {
        if request.uri().host() == Some("a.example") {
            std::future::pending::<()>().await;
        }
        let body = json!({"keys": [SERVER.jwk()]}).to_string();
        Ok::<_, authing::TransportError>(http::Response::new(body.into()))
    });
    let verifier = || {
        Verifier::builder()
            .application(Application::new("app-1", HOST))
            .application(Application::new("app-2", "https://b.example"))
            .transport(transport)
            .clock(HandClock::default())
            .build()
            .unwrap()
    };
    let mut other = claims();
    other["aud"] = json!("app-2");
    other["iss"] = json!("https://b.example/oidc");
    let other = SERVER.sign(&other);
    let asked = verifier();
    let mut call = Box::pin(asked.verify(&other));
    let answer = poll_once(&mut call).await.map(Result::unwrap);
    assert!(answer.is_ready());
    // Nor are the keys of one kept from the other while all are fetched.
    let loaded = verifier();
    let mut load = Box::pin(loaded.preload());
    assert!(poll_once(&mut load).await.is_pending());
    loaded.verify_now::<Value>(&other).unwrap();
}

#[tokio::test]
async fn several_applications_each_by_its_own_keys() {
    let server = KeyServer::with(&[SERVER.jwk(), STRANGER.jwk()]);
    let verifier = Verifier::builder()
        .application(Application::new("app-1", HOST))
        .application(Application::new("app-2", HOST))
        .application(Application::new("app-3", "https://b.example"))
        .transport(server.clone())
        .clock(HandClock::default())
        .build()
        .unwrap();
    let of = |app: &str, host: &str| {
        let mut claims = claims();
        claims["aud"] = json!(app);
        claims["iss"] = json!(format!("{host}/oidc"));
        SERVER.sign(&claims)
    };
    for (app, host) in [
        ("app-1", HOST),
        ("app-2", HOST),
        ("app-3", "https://b.example"),
    ] {
        let claims = verifier.verify(&of(app, host)).await.unwrap();
        assert_eq!(claims.app_id(), app);
    }
    assert_eq!(server.asked(), 2, "once for each address");
    let rejection = verifier.verify(&of("app-3", HOST)).await.unwrap_err();
    assert_eq!(rejection.reason(), Reason::Audience, "{rejection}");
    let rejection = verifier
        .verify(&of("app-1", "https://b.example"))
        .await
        .unwrap_err();
    assert_eq!(rejection.reason(), Reason::Audience, "{rejection}");

    // With a secret each, nobody can sign for another.
    let secret = |letter: &str| letter.repeat(32);
    let verifier = Verifier::builder()
        .application(Application::new("app-1", HOST).secret(secret("a")))
        .application(Application::new("app-2", HOST).secret(secret("b")))
        .kind(TokenKind::Id)
        .clock(HandClock::default())
        .build()
        .unwrap();
    let of = |letter: &str, app: &str| {
        let mut claims = claims();
        claims["aud"] = json!(app);
        claims.as_object_mut().unwrap().remove("scope");
        authing_tests::jwt::hs256(secret(letter), &claims)
    };
    for (letter, app) in [("a", "app-1"), ("b", "app-2")] {
        let claims = verifier.verify(&of(letter, app)).await.unwrap();
        assert_eq!(claims.app_id(), app);
    }
    for (letter, app, reason) in [
        ("a", "app-2", Reason::Audience),
        ("b", "app-1", Reason::Audience),
        ("c", "app-1", Reason::Signature),
    ] {
        let rejection = verifier.verify(&of(letter, app)).await.unwrap_err();
        assert_eq!(rejection.reason(), reason, "{letter} {app}");
    }
}

#[test]
fn what_cannot_be_right_is_told_at_once() {
    let refused = |build: Box<dyn FnOnce() -> authing::Result<Verifier>>| {
        let error = build().unwrap_err();
        assert_eq!(error.kind(), authing::ErrorKind::Configuration);
        error.to_string()
    };
    let with = |application: Application| Verifier::builder().application(application);
    let app = || Application::new("app-1", HOST);
    for (build, word) in [
        (
            Box::new(|| Verifier::builder().build()) as Box<dyn FnOnce() -> _>,
            "application",
        ),
        (
            Box::new(move || with(Application::new("", HOST)).build()),
            "empty",
        ),
        (
            Box::new(move || with(Application::new("a", "a.example")).build()),
            "https",
        ),
        (
            Box::new(move || with(Application::new("a", "http://a.example")).build()),
            "https",
        ),
        (
            Box::new(move || with(app().jwks_url("keys")).build()),
            "JWKS",
        ),
        (
            Box::new(move || with(app().jwks_url("http://b.example/keys")).build()),
            "https",
        ),
        (
            Box::new(move || with(app()).kind(TokenKind::Id).build()),
            "secret",
        ),
        (
            Box::new(move || with(app().secret("short")).kind(TokenKind::User).build()),
            "too short",
        ),
        (
            Box::new(move || with(app()).leeway(Duration::from_secs(601)).build()),
            "leeway",
        ),
    ] {
        let words = refused(build);
        assert!(words.contains(word), "{words}");
    }
}
