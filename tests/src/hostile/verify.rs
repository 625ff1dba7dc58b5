//! A verifier: tokens, sets of keys, and what a server says of a token.

use std::sync::LazyLock;

use authing::verify::tower::Guard;
use authing::verify::{
    Application, Claims, Introspection, Reason, Rejection, TokenKind, Verifier, bearer_token,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::headers;
use super::hosts::is_issuer;
use super::server::{Answer, NOW, Server, run};
use crate::jwt::{self, SERVER};

const ISSUER: &str = "https://a.example/oidc";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn builder(kind: TokenKind, server: &Server) -> authing::verify::VerifierBuilder {
    let application = Application::new("app-1", "https://a.example").secret(SECRET);
    Verifier::builder()
        .application(application)
        .kind(kind)
        .transport(server.clone())
}

fn published() -> Vec<u8> {
    json!({"keys": [SERVER.jwk()]}).to_string().into_bytes()
}

fn verifier(kind: TokenKind) -> Verifier {
    let server = Server::answering([Answer::new(StatusCode::OK, &published())]);
    builder(kind, &server).build().unwrap()
}

/// One of each kind.
static VERIFIERS: LazyLock<[Verifier; 3]> =
    LazyLock::new(|| [TokenKind::Access, TokenKind::Id, TokenKind::User].map(verifier));

/// An honest access token.
static HONEST: LazyLock<String> = LazyLock::new(|| {
    let now = NOW.as_secs();
    SERVER.sign(&json!({
        "sub": "user-1", "iss": ISSUER, "aud": "app-1", "iat": now, "exp": now + 10_000_000,
        "scope": "openid",
    }))
});

static CLAIMS: LazyLock<Claims> = LazyLock::new(|| run(VERIFIERS[0].verify(&HONEST)).unwrap());

/// What holds for every rejection.
fn rejection(rejection: &Rejection, token: &str) {
    let words = rejection.to_string();
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    assert!(!words.contains(breaks), "more than a line: {words:?}");
    assert!(words.len() < 4096, "{} bytes of words", words.len());
    let signature = token.rsplit('.').next().unwrap_or_default();
    let shown = format!("{rejection:?}");
    let is_shown = signature.len() > 30 && shown.contains(signature);
    assert!(!is_shown && !shown.contains(SECRET), "{shown}");
    match rejection.reason() {
        Reason::Unavailable => assert_eq!(rejection.status(), 503),
        _ => assert_eq!(
            (
                rejection.status().as_u16(),
                rejection.challenge("a").unwrap()
            ),
            (
                401,
                HeaderValue::from_static(r#"Bearer realm="a", error="invalid_token""#)
            ),
        ),
    }
}

/// A token as it came; then a header in the first line and claims in the
/// others, signed as an honest server would sign them.
pub(super) fn token(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for verifier in &*VERIFIERS {
        // It is not signed with the keys of this run.
        let error = run(verifier.verify(&text)).unwrap_err();
        rejection(&error, &text);
    }
    let (header, claims) = text
        .split_once('\n')
        .unwrap_or((r#"{"alg":"HS256"}"#, &text));
    let token = jwt::hs256_text(SECRET, header, claims);
    signed(&token, header, claims, &VERIFIERS[1]);
    signed(&token, header, claims, &VERIFIERS[2]);
    // A signature of RSA takes long, so only what has a chance gets one.
    let hopeful = serde_json::from_str::<Value>(claims)
        .is_ok_and(|claims| claims.get("scope").is_some() && claims["aud"] == "app-1");
    if hopeful {
        let token = SERVER.sign_text(header, claims);
        signed(&token, header, claims, &VERIFIERS[0]);
    }
}

fn signed(token: &str, header: &str, text: &str, verifier: &Verifier) {
    let outcome = run(verifier.verify(token));
    let now = verifier.verify_now::<Value>(token);
    assert_eq!(outcome.is_ok(), now.is_ok(), "{outcome:?} {now:?}");
    let known = match outcome {
        Ok(known) => known,
        Err(error) => return rejection(&error, token),
    };
    // Read once more, by other means.
    let header: Value = serde_json::from_str(header).unwrap();
    let claims: Value = serde_json::from_str(text).unwrap();
    let is_access = known.kind() == TokenKind::Access;
    assert_eq!(header["alg"], if is_access { "RS256" } else { "HS256" });
    for name in ["crit", "jwk", "jku", "x5u", "x5c", "b64", "enc", "zip"] {
        assert_eq!(header.get(name), None, "{name}");
    }
    assert!(!is_access || header["kid"] == "server");
    assert_eq!(claims["sub"], json!(known.sub));
    assert!(is_issuer(claims["iss"].as_str().unwrap(), ISSUER));
    assert!(!known.sub.is_empty());
    let is_for = |aud: &Value| aud == "app-1";
    let aud = &claims["aud"];
    assert!(is_for(aud) || aud.as_array().unwrap().iter().any(is_for));
    assert!(claims["azp"].is_null() || claims["azp"] == "app-1");
    let seconds = |name: &str| claims.get(name).map(|value| value.as_f64().unwrap());
    let now = NOW.as_secs_f64();
    assert!(seconds("exp").unwrap() > now - 60.0);
    for name in ["nbf", "iat"] {
        // Fractions of a second do not count.
        assert!(seconds(name).is_none_or(|seconds| (0.0..now + 61.0).contains(&seconds)));
    }
    let has = |name: &str| !claims[name].is_null();
    match known.kind() {
        TokenKind::Access => assert!(has("scope") && !has("data") && !has("nonce")),
        TokenKind::Id => assert!(!has("scope") && !has("data")),
        _ => assert_eq!(claims["data"]["type"], "user"),
    }
    assert_eq!(format!("{known:?}").matches('\n').count(), 0);
}

/// A number of a key, however many zero bytes are in front of it.
fn number(text: &Value) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text.as_str()?).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

/// A set of keys, in which `$N` stands for the modulus of the honest one.
pub(super) fn keys(input: &[u8]) {
    let jwk = SERVER.jwk();
    let modulus = jwk["n"].as_str().unwrap();
    let text = String::from_utf8_lossy(input).replace("$N", modulus);
    let server = Server::answering([Answer::new(StatusCode::OK, text.as_bytes())]);
    let verifier = builder(TokenKind::Access, &server).build().unwrap();
    match run(verifier.verify(&HONEST)) {
        Ok(_) => {
            let set: Value = serde_json::from_str(&text).unwrap();
            let keys = set["keys"].as_array().unwrap();
            let is_it = |key: &Value| {
                let [kty, kid] = [&key["kty"], &key["kid"]];
                let is_public = key["d"].is_null() && number(&key["e"]) == number(&jwk["e"]);
                let is_same = number(&key["n"]) == number(&jwk["n"]);
                kty == "RSA" && kid == "server" && is_same && is_public
            };
            assert!(keys.iter().any(is_it) && keys.len() <= 100, "{text}");
        }
        Err(error) => {
            let reason = error.reason();
            let known = [
                Reason::Unavailable,
                Reason::UnknownKey,
                Reason::UnusableKey,
                Reason::Signature,
            ];
            assert!(known.contains(&reason), "{error:?}");
            rejection(&error, &HONEST);
        }
    }
    // The answer tells how long the keys are good for.
    assert!(server.asked().len() <= 10, "{} times", server.asked().len());
}

/// What a server answers about an honest token: status, headers and body.
pub(super) fn introspection(input: &[u8]) {
    let answer = headers::answer(input);
    for lenient in [false, true] {
        let options = match lenient {
            true => Introspection::new().accept_when_unreachable(),
            false => Introspection::new(),
        };
        let server = Server::default();
        let only = ("verify.introspection", published().into());
        server.now_answer([answer.clone()], Some(only));
        let verifier = builder(TokenKind::Access, &server)
            .introspection(options)
            .build()
            .unwrap();
        let status = answer.status;
        let is_outage = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        match run(verifier.verify(&HONEST)) {
            Ok(_) if status.is_success() => {
                #[derive(serde::Deserialize)]
                struct Body {
                    active: bool,
                    sub: Option<String>,
                }
                let body: Body = serde_json::from_slice(&answer.body).unwrap();
                assert!(body.active);
                assert!(body.sub.is_none_or(|sub| sub == "user-1"));
            }
            Ok(_) => assert!(lenient && is_outage, "{status}"),
            Err(error) => {
                let known = [Reason::Unavailable, Reason::Revoked];
                assert!(known.contains(&error.reason()), "{error:?}");
                assert!(!lenient || !is_outage, "{error:?}");
                rejection(&error, &HONEST);
            }
        }
    }
}

/// A realm in the first line, a scope in the others; and all of it as an
/// `Authorization` header.
pub(super) fn challenge(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (realm, scope) = text.split_once('\n').unwrap_or((&text, ""));
    let rejections = [
        Guard::scope(scope).check(&CLAIMS).err(),
        Some(Rejection::new(Reason::Expired, scope)),
        Some(Rejection::new(Reason::Missing, scope)),
    ];
    for rejection in rejections.into_iter().flatten() {
        let header = rejection.challenge(realm).unwrap();
        let header = header.to_str().unwrap();
        let names = parameters(header.strip_prefix("Bearer ").unwrap());
        let known = [
            &["realm"][..],
            &["realm", "error"],
            &["realm", "error", "scope"],
        ];
        assert!(known.contains(&&*names), "{header}");
    }
    let Ok(value) = HeaderValue::from_bytes(input) else {
        return;
    };
    let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, value)]);
    match bearer_token(&headers) {
        Ok(token) => {
            assert!(!token.is_empty() && !token.contains('\t') && token == token.trim());
            assert!(text[..7].eq_ignore_ascii_case("bearer "), "{text}");
        }
        Err(error) if error.reason() == Reason::Missing => {
            let first = text.split_ascii_whitespace().next().unwrap_or_default();
            assert!(!first.eq_ignore_ascii_case("bearer"), "{text}");
        }
        Err(error) => assert_eq!(error.status(), 400),
    }
}

/// The names of `name="value"`, separated by commas (RFC 9110, section 11.4).
fn parameters(mut text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    loop {
        let (name, rest) = text.split_once("=\"").unwrap();
        let (value, rest) = rest.split_once('"').unwrap();
        assert!(!value.contains('\\') && value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        names.push(name);
        match rest {
            "" => return names,
            rest => text = rest.strip_prefix(", ").unwrap(),
        }
    }
}
