//! Corners of a verifier where an attacker would look for a gap.

use std::time::{Duration, SystemTime};

use authing::transport_fn;
use authing::verify::{Application, DenyList, Introspection, Reason, TokenKind, Verifier};
use authing::{TransportError, TransportErrorKind};
use authing_tests::jwt::{HandClock, KeyServer, NOW, SERVER, STRANGER, WEAK, hs256};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

const HOST: &str = "https://a.example";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn access() -> Value {
    json!({
        "jti": "t1", "sub": "user-1", "iss": format!("{HOST}/oidc"), "aud": "app-1",
        "iat": NOW - 10, "exp": NOW + 3600, "scope": "openid",
    })
}

fn application() -> Application {
    Application::new("app-1", HOST).secret(SECRET)
}

async fn reason(verifier: &Verifier, token: &str) -> Option<Reason> {
    let outcome = verifier.verify(token).await;
    outcome.err().map(|rejection| rejection.reason())
}

/// A verifier that asks a server which answers questions about tokens with
/// this.
fn asking(
    options: Introspection,
    answer: impl Fn() -> Result<(u16, &'static str), TransportError> + Send + Sync + 'static,
) -> Verifier {
    let transport = transport_fn(move |request: Request<Bytes>| {
        let answer = match request.uri().path().ends_with("introspection") {
            true => answer(),
            false => Ok((200, "")),
        };
        let keys = json!({"keys": [SERVER.jwk()]}).to_string();
        async move {
            let (status, body) = answer?;
            let body = match body {
                "" => Bytes::from(keys),
                body => Bytes::from_static(body.as_bytes()),
            };
            let answer = Response::builder().status(status).body(body);
            Ok::<_, TransportError>(answer.unwrap())
        }
    });
    Verifier::builder()
        .application(application())
        .transport(transport)
        .clock(HandClock::default())
        .introspection(options)
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_used_is_no_outage() {
    let lenient = || Introspection::new().accept_when_unreachable();
    let token = SERVER.sign(&access());
    for (status, body) in [
        (200, r#"{"active":false,"sub":5}"#),
        (200, r#"{"active":"false"}"#),
        (200, r#"{"active":true,"active":false}"#),
        (200, "{}"),
        (200, "[]"),
        (200, r#"[true,"user-1"]"#),
        (400, r#"{"error":"invalid_request"}"#),
        (401, r#"{"error":"invalid_client"}"#),
        (403, "no"),
        (404, "no"),
        (302, "elsewhere"),
    ] {
        let verifier = asking(lenient(), move || Ok((status, body)));
        let reason = reason(&verifier, &token).await;
        assert_eq!(reason, Some(Reason::Unavailable), "{status} {body}");
    }
    for status in [429, 500, 502, 503, 504] {
        let verifier = asking(lenient(), move || Ok((status, "busy")));
        assert_eq!(reason(&verifier, &token).await, None, "{status}");
        let strict = asking(Introspection::new(), move || Ok((status, "busy")));
        assert_eq!(reason(&strict, &token).await, Some(Reason::Unavailable));
    }
    for kind in [TransportErrorKind::Connect, TransportErrorKind::Timeout] {
        let verifier = asking(lenient(), move || Err(kind.into()));
        assert_eq!(reason(&verifier, &token).await, None, "{kind:?}");
    }
}

#[tokio::test]
async fn a_logout_token_is_no_id_token() {
    // OpenID Connect Back-Channel Logout 1.0, section 2.4.
    let events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let of = |change: Value| {
        let mut claims = access();
        claims.as_object_mut().unwrap().remove("scope");
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    };
    let verifier = |kind| {
        Verifier::builder()
            .application(application())
            .kind(kind)
            .transport(KeyServer::with(&[SERVER.jwk()]))
            .clock(HandClock::default())
            .build()
            .unwrap()
    };
    let id = verifier(TokenKind::Id);
    assert_eq!(reason(&id, &hs256(SECRET, &of(json!({})))).await, None);
    let logout = hs256(SECRET, &of(json!({"events": events, "sid": "s1"})));
    assert_eq!(reason(&id, &logout).await, Some(Reason::Kind));
    // Of one's own making, it may be anything.
    let scoped = SERVER.sign(&of(json!({"events": ["concert"], "scope": "openid"})));
    assert_eq!(reason(&verifier(TokenKind::Access), &scoped).await, None);
}

#[tokio::test]
async fn a_denial_is_not_taken_back_by_a_weaker_one() {
    let clock = HandClock::default();
    let list = DenyList::with_clock(std::sync::Arc::new(clock.clone()));
    let verifier = Verifier::builder()
        .application(application())
        .transport(KeyServer::with(&[SERVER.jwk()]))
        .clock(clock.clone())
        .deny_list(list.clone())
        .build()
        .unwrap();
    let at = |seconds: i64| {
        let since = Duration::from_secs(u64::try_from(NOW + seconds).unwrap());
        SystemTime::UNIX_EPOCH + since
    };
    let token = SERVER.sign(&access());
    // Two messages, of which the later one comes first.
    list.deny_subject("user-1", at(0), at(3600));
    list.deny_subject("user-1", at(-60), at(3600));
    assert_eq!(reason(&verifier, &token).await, Some(Reason::Revoked));
    list.deny_subject("user-1", at(0), at(1));
    clock.advance(700);
    list.deny_id("another", at(3600));
    assert_eq!(reason(&verifier, &token).await, Some(Reason::Revoked));

    let list = verifier.deny_list();
    let mut other = access();
    other["sub"] = json!("user-2");
    let other = SERVER.sign(&other);
    list.deny_id("t1", at(3600));
    list.deny_id("t1", at(701));
    clock.advance(700);
    list.deny_id("another", at(3600));
    assert_eq!(reason(&verifier, &other).await, Some(Reason::Revoked));
}

#[tokio::test]
async fn a_token_without_an_end_stays_denied() {
    let verifier = Verifier::builder()
        .application(application())
        .transport(KeyServer::with(&[SERVER.jwk()]))
        .clock(HandClock::default())
        .build()
        .unwrap();
    let mut claims = access();
    claims["exp"] = json!(i64::MAX);
    let token = SERVER.sign(&claims);
    let claims = verifier.verify(&token).await.unwrap();
    verifier.deny_list().deny(&claims);
    verifier.deny_list().deny(&claims);
    assert_eq!(reason(&verifier, &token).await, Some(Reason::Revoked));
}

#[tokio::test]
async fn claims_of_ones_own_write_no_log_lines() {
    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Address {
        #[expect(dead_code, reason = "no token fits")]
        city: String,
    }
    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Plan {
        Free,
    }
    #[derive(Debug, serde::Deserialize)]
    struct Own {
        #[expect(dead_code, reason = "no token fits")]
        plan: Option<Plan>,
        #[expect(dead_code, reason = "no token fits")]
        address: Option<Address>,
        #[expect(dead_code, reason = "no token fits")]
        age: Option<u8>,
    }
    let verifier = Verifier::builder()
        .application(application())
        .transport(KeyServer::with(&[SERVER.jwk()]))
        .clock(HandClock::default())
        .build()
        .unwrap();
    let text = "x\n2026-11-26 admin logged in, expected canary";
    for (name, value) in [
        ("plan", json!(text)),
        ("address", json!({text: 1})),
        ("age", json!(text)),
    ] {
        let mut claims = access();
        claims[name] = value;
        let rejection = verifier
            .verify_as::<Own>(&SERVER.sign(&claims))
            .await
            .unwrap_err();
        assert_eq!(rejection.reason(), Reason::OwnClaims, "{name}");
        let words = rejection.to_string();
        assert!(
            !words.contains('\n') && !words.contains("canary"),
            "{words}"
        );
        assert!(words.contains("Own") && words.contains("line 1"), "{words}");
    }
}

#[tokio::test]
async fn a_name_that_one_server_knows_is_looked_for_at_another() {
    // Both applications are of one user pool, so the names are the same.
    let keys = KeyServer::with(&[SERVER.jwk()]);
    let behind = KeyServer::with(&[STRANGER.jwk()]);
    let (fresh, late) = (keys.clone(), behind.clone());
    let transport = transport_fn(move |request: Request<Bytes>| {
        let server = match request.uri().host() {
            Some("a.example") => late.clone(),
            _ => fresh.clone(),
        };
        async move { authing::HttpTransport::send(&server, request).await }
    });
    let clock = HandClock::default();
    let verifier = Verifier::builder()
        .application(application())
        .application(Application::new("app-2", "https://b.example"))
        .transport(transport)
        .clock(clock.clone())
        .build()
        .unwrap();
    verifier.preload().await.unwrap();
    // The new key comes to one server before the other.
    behind.publish(&[SERVER.jwk()]);
    let token = SERVER.sign(&access());
    assert_eq!(reason(&verifier, &token).await, None);
    // Forged and foreign tokens cause no more than a look each minute.
    let (asked, others) = (behind.asked(), keys.asked());
    let mut foreign = access();
    foreign["iss"] = json!("https://c.example/oidc");
    for _ in 0..50 {
        let forged = STRANGER.named("server").sign(&access());
        assert_eq!(reason(&verifier, &forged).await, Some(Reason::Signature));
        let foreign = SERVER.sign(&foreign);
        assert_eq!(reason(&verifier, &foreign).await, Some(Reason::Issuer));
    }
    assert_eq!((behind.asked(), keys.asked()), (asked, others));
}

#[tokio::test]
async fn one_issuer_may_be_written_in_several_ways() {
    for host in [
        HOST,
        "https://a.example/",
        "https://a.example:443",
        "HTTPS://A.Example",
    ] {
        for iss in [
            "https://a.example/oidc",
            "https://A.EXAMPLE/oidc",
            "https://a.example:443/oidc",
        ] {
            let verifier = Verifier::builder()
                .application(Application::new("app-1", host))
                .transport(KeyServer::with(&[SERVER.jwk()]))
                .clock(HandClock::default())
                .build()
                .unwrap();
            let mut claims = access();
            claims["iss"] = json!(iss);
            let token = SERVER.sign(&claims);
            assert_eq!(reason(&verifier, &token).await, None, "{host} {iss}");
        }
    }
}

#[test]
fn a_bearer_token_after_a_tab_is_no_request_without_one() {
    let read = |value: &'static str| {
        let mut headers = http::HeaderMap::new();
        headers.insert("authorization", http::HeaderValue::from_static(value));
        let reason = authing::verify::bearer_token(&headers).map_err(|error| error.reason());
        reason.map(str::to_owned)
    };
    // Optional routes let through what has no token.
    for value in [
        "Bearer\ta.b.c",
        " Bearer a.b.c",
        "\tbearer a.b.c",
        "Bearer \ta",
    ] {
        assert_eq!(read(value), Err(Reason::Ambiguous), "{value:?}");
    }
    assert_eq!(read("Basic\ta"), Err(Reason::Missing));
}

#[tokio::test]
async fn one_algorithm_does_not_open_the_applications_of_the_other() {
    // ID tokens of app-1 are HS256, and those of app-2 RS256.
    use authing::verify::Algorithm;
    let keys = KeyServer::with(&[SERVER.jwk()]);
    let verifier = Verifier::builder()
        .application(application())
        .application(
            Application::new("app-2", "https://b.example").id_token_algorithm(Algorithm::Rs256),
        )
        .kind(TokenKind::Id)
        .transport(keys)
        .clock(HandClock::default())
        .build()
        .unwrap();
    let of = |app: &str, host: &str| {
        json!({
            "sub": "user-1", "iss": format!("https://{host}/oidc"), "aud": app,
            "exp": NOW + 60,
        })
    };
    let [one, two] = [of("app-1", "a.example"), of("app-2", "b.example")];
    let pem = SERVER.public_pem();
    let modulus = SERVER.jwk()["n"].as_str().unwrap().to_owned();
    for (name, token, expected) in [
        ("the secret's own", hs256(SECRET, &one), None),
        ("the key's own", SERVER.sign(&two), None),
        (
            "the secret for the other",
            hs256(SECRET, &two),
            Some(Reason::Issuer),
        ),
        (
            "the key for the other",
            SERVER.sign(&one),
            Some(Reason::Issuer),
        ),
        (
            "the public key as a secret",
            hs256(&pem, &two),
            Some(Reason::Signature),
        ),
        (
            "the same for the other",
            hs256(&pem, &one),
            Some(Reason::Signature),
        ),
        (
            "the modulus as a secret",
            hs256(modulus, &two),
            Some(Reason::Signature),
        ),
    ] {
        assert_eq!(reason(&verifier, &token).await, expected, "{name}");
    }
}

#[tokio::test]
async fn forged_names_do_not_keep_a_server_down() {
    // Nobody answers, and somebody floods: the fetch after the outage is had by
    // whoever comes first, and brings the keys for all.
    let keys = KeyServer::with(&[SERVER.jwk()]);
    let clock = HandClock::default();
    let verifier = Verifier::builder()
        .application(application())
        .transport(keys.clone())
        .clock(clock.clone())
        .build()
        .unwrap();
    let token = SERVER.sign(&access());
    let rotated = STRANGER.sign(&access());
    assert_eq!(reason(&verifier, &token).await, None);
    keys.answer(404, "gone");
    let forged = |n: usize| STRANGER.named(&format!("forged-{n}")).sign(&access());
    for n in 0..60 {
        // It may be good, and nobody can say.
        assert_eq!(
            reason(&verifier, &forged(n)).await,
            Some(Reason::Unavailable)
        );
        assert_eq!(reason(&verifier, &token).await, None, "its key is at hand");
        clock.advance(1);
    }
    assert_eq!(keys.asked(), 1 + 12, "once in five seconds");
    keys.publish(&[SERVER.jwk(), STRANGER.jwk()]);
    clock.advance(5);
    assert_eq!(
        reason(&verifier, &forged(60)).await,
        Some(Reason::UnknownKey)
    );
    assert_eq!(reason(&verifier, &rotated).await, None);
    assert_eq!(reason(&verifier, &token).await, None);
}

/// A server of keys, and a verifier that goes by a clock.
fn published() -> (KeyServer, HandClock, Verifier) {
    let (server, clock) = (KeyServer::with(&[]), HandClock::default());
    let verifier = Verifier::builder()
        .application(application())
        .transport(server.clone())
        .clock(clock.clone())
        .build()
        .unwrap();
    (server, clock, verifier)
}

#[tokio::test]
async fn the_words_say_which_keys_are_left_out() {
    let path = "https://a.example/oidc/.well-known/jwks.json";
    let (server, clock, verifier) = published();
    let mut odd = SERVER.jwk();
    odd["n"] = json!(format!("{}=", odd["n"].as_str().unwrap()));
    server.publish(&[odd, WEAK.jwk()]);
    let rejection = verifier.verify(&SERVER.sign(&access())).await.unwrap_err();
    assert_eq!(rejection.reason(), Reason::Unavailable);
    assert_eq!(
        rejection.to_string(),
        format!(
            "no keys could be had from {path}: no key can be used; keys[0] \"server\" has no \
             valid `n`: a number in base64url without padding; keys[1] \"weak\" has 1024 bits: \
             from 2048 to 8192 are accepted"
        )
    );
    // Beside a key that can be used, the others are told of where they matter.
    let mut nameless = SERVER.jwk();
    nameless["kid"] = json!(null);
    server.publish(&[nameless, STRANGER.jwk(), WEAK.jwk()]);
    clock.advance(5);
    let rejection = verifier.verify(&SERVER.sign(&access())).await.unwrap_err();
    let words = rejection.to_string();
    let end =
        "; keys[0] has no `kid`; keys[2] \"weak\" has 1024 bits: from 2048 to 8192 are accepted";
    assert!(words.ends_with(end), "{words}");
    let weak = reason(&verifier, &WEAK.sign(&access())).await;
    assert_eq!(weak, Some(Reason::UnusableKey));
    // Why newer ones could not be fetched is said as well.
    server.answer(404, "no such place");
    clock.advance(3600);
    verifier.verify(&STRANGER.sign(&access())).await.unwrap();
    let words = verifier.verify(&SERVER.sign(&access())).await.unwrap_err();
    let words = words.to_string();
    assert!(
        words.ends_with("the server answered: no such place"),
        "{words}"
    );
}

#[tokio::test]
async fn zeros_in_front_of_a_modulus_are_no_harm() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut jwk = SERVER.jwk();
    let n = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
    jwk["n"] = json!(URL_SAFE_NO_PAD.encode([&[0][..], &n].concat()));
    let (server, _, verifier) = published();
    server.publish(&[jwk]);
    verifier.verify(&SERVER.sign(&access())).await.unwrap();
}
