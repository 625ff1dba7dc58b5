//! What the check of a token takes from the heap: what the claims need that it
//! gives, and nothing else for each request.
//!
//! A test of its own, with one function: its allocator counts for the process.

use std::alloc::System;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use authing::verify::{Application, OtherClaims, TokenKind, Verifier};
use authing_tests::jwt::{HandClock, KeyServer, NOW, SERVER, hs256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The fields that all claims have, read by serde_json alone.
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is read to count what that takes")]
struct Fields {
    sub: String,
    iss: String,
    aud: Vec<String>,
    azp: Option<String>,
    jti: Option<String>,
    scope: Option<String>,
}

/// The claims as they came, which are kept to be read as another type.
const KEPT: usize = 1;

/// The list of the audiences behind the first, where a token has several: they
/// are compared before they are copied.
const SEVERAL_AUDIENCES: usize = 1;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// How often the heap is asked. The least of several, since threads of others
/// may ask as well.
fn count<T>(mut act: impl FnMut() -> T) -> usize {
    // What is made once.
    black_box(act());
    let once = |_| {
        let region = Region::new(HEAP);
        black_box(act());
        let change = region.change();
        change.allocations + change.reallocations
    };
    (0..20).map(once).min().unwrap()
}

fn claims(aud: &[&str], own: Value) -> Value {
    let mut claims = json!({
        "jti": "t1", "sub": "user-1", "iss": "https://a.example/oidc", "aud": aud,
        "iat": NOW, "exp": NOW + 60, "azp": "app-1",
    });
    for (name, value) in own.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn verifier(kind: TokenKind) -> Verifier {
    Verifier::builder()
        .application(Application::new("app-1", "https://a.example").secret(SECRET))
        .kind(kind)
        .transport(KeyServer::with(&[SERVER.jwk()]))
        .clock(HandClock::default())
        .build()
        .unwrap()
}

/// What ring asks for itself: it reads the key anew for each signature.
fn of_ring(token: &str) -> usize {
    let number = |name: &str| {
        let jwk = SERVER.jwk();
        URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap()
    };
    let key = RsaPublicKeyComponents {
        n: number("n"),
        e: number("e"),
    };
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let check = || key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature);
    check().unwrap();
    count(check)
}

#[test]
fn nothing_but_the_claims_is_allocated() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let access = json!({"scope": "openid orders:read", "roles": ["editor"], "plan": "free"});
    let id = json!({"nonce": "n1", "nickname": "\u{67d0}", "address": {"country": "CN"}});
    for (kind, aud, own) in [
        (TokenKind::Access, &["app-1"][..], access.clone()),
        (TokenKind::Access, &["app-2", "app-1", "app-3"], access),
        (TokenKind::Access, &["app-1"], json!({"scope": ""})),
        (TokenKind::Id, &["app-1"], id.clone()),
        (TokenKind::Id, &["app-2", "app-1"], id),
    ] {
        let claims = claims(aud, own);
        let text = claims.to_string();
        let (token, ring) = match kind {
            TokenKind::Access => {
                let token = SERVER.sign(&claims);
                let ring = of_ring(&token);
                (token, ring)
            }
            _ => (hs256(SECRET, &claims), 0),
        };
        let verifier = verifier(kind);
        runtime.block_on(verifier.preload()).unwrap();
        let fields = count(|| serde_json::from_str::<Fields>(&text).unwrap());
        let others = count(|| serde_json::from_str::<OtherClaims>(&text).unwrap());
        let several = match aud {
            [_] => 0,
            _ => SEVERAL_AUDIENCES,
        };
        let least = fields + KEPT + several + ring;

        let plain = count(|| verifier.verify_now::<OtherClaims>(&token).unwrap());
        assert_eq!(plain, least + others, "{claims}");
        // The same where one could wait, and with a type that keeps nothing.
        let waiting = count(|| {
            let verified = pin!(verifier.verify(&token));
            match verified.poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(outcome) => outcome.unwrap(),
                Poll::Pending => panic!("the keys are at hand"),
            }
        });
        assert_eq!(waiting, plain, "{claims}");
        #[derive(Deserialize)]
        struct Nothing {}
        let bare = count(|| verifier.verify_now::<Nothing>(&token).unwrap());
        assert_eq!(bare, least, "{claims}");
    }
}
