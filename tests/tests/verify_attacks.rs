//! Attacks on a verifier, one a line: what the attacker sends, and the check
//! that must stop it. Beside each stands the honest token that must pass, so
//! that nothing is refused for being unusual.
//!
//! The verifier is that of the application `app-1` at `https://a.example`. The
//! application `app-2` is in the same user pool, so the same key signs for it.
//! The keys of the server are public; `SECRET` is not.

use authing::verify::{Algorithm, Application, Reason, Rejection, TokenKind, Verifier};
use authing_tests::jwt::{
    EXPOSED, HandClock, KeyServer, NOW, SERVER, STRANGER, WEAK, encode, hs256, hs256_text,
};
use serde_json::{Value, json};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const ISSUER: &str = "https://a.example/oidc";

/// The claims of an honest access token, with a change.
fn access(change: impl FnOnce(&mut Value)) -> Value {
    changed(
        json!({
            "jti": "t1", "sub": "user-1", "iss": ISSUER, "aud": "app-1",
            "iat": NOW - 10, "exp": NOW + 3600, "scope": "openid orders:read",
        }),
        change,
    )
}

/// The claims of an honest ID token, with a change.
fn id(change: impl FnOnce(&mut Value)) -> Value {
    changed(
        json!({
            "sub": "user-1", "iss": ISSUER, "aud": "app-1", "iat": NOW - 10, "exp": NOW + 3600,
            "nonce": "n1", "at_hash": "x", "nickname": "Bobby", "picture": null,
        }),
        change,
    )
}

/// The claims of an honest user token of the v2 API, with a change.
fn user(change: impl FnOnce(&mut Value)) -> Value {
    changed(
        json!({
            "sub": "user-1", "iss": ISSUER, "aud": "app-1", "iat": NOW - 10, "exp": NOW + 3600,
            "userpool_id": "pool-1", "email": null,
            "data": {"type": "user", "userPoolId": "pool-1", "appId": "app-1", "id": "user-1"},
        }),
        change,
    )
}

fn changed(mut claims: Value, change: impl FnOnce(&mut Value)) -> Value {
    change(&mut claims);
    claims
}

fn set(name: &'static str, value: Value) -> impl FnOnce(&mut Value) {
    move |claims| claims[name] = value
}

fn without(name: &'static str) -> impl FnOnce(&mut Value) {
    move |claims| {
        claims.as_object_mut().unwrap().remove(name);
    }
}

/// An access token with a header of the attacker's, signed by the server's key.
fn headed(header: &str) -> String {
    SERVER.sign_text(header, &access(|_| ()).to_string())
}

/// An honest access token with claims as raw text.
fn worded(claims: &str) -> String {
    SERVER.sign_text(r#"{"alg":"RS256","kid":"server"}"#, claims)
}

fn verifier(kind: TokenKind, keys: &KeyServer) -> Verifier {
    let application = Application::new("app-1", "https://a.example/")
        .secret(SECRET)
        .user_pool_id("pool-1");
    build(kind, application, keys)
}

fn build(kind: TokenKind, application: Application, keys: &KeyServer) -> Verifier {
    Verifier::builder()
        .application(application)
        .kind(kind)
        .transport(keys.clone())
        .clock(HandClock::default())
        .build()
        .unwrap()
}

/// What a server publishes that knows of one good key and of several others.
fn key_server() -> KeyServer {
    let twin = STRANGER.named("twin").jwk();
    let other_twin = SERVER.named("twin").jwk();
    let changed_key = |id: &str, name: &'static str, value: Value| {
        changed(SERVER.named(id).jwk(), set(name, value))
    };
    KeyServer::with(&[
        json!({"kty": "EC", "crv": "P-256", "kid": "curve", "x": "AA", "y": "AA"}),
        SERVER.jwk(),
        SERVER.jwk(),
        WEAK.jwk(),
        twin,
        other_twin,
        changed_key("encryption", "use", json!("enc")),
        changed_key("other-alg", "alg", json!("RS512")),
        changed_key("exponent-1", "e", json!("AQ")),
        changed_key("exponent-long", "e", SERVER.jwk()["n"].clone()),
        changed_key("even", "n", json!(encode([0xfe; 256]))),
        changed_key("signer", "key_ops", json!(["sign"])),
        changed(EXPOSED.named("private").jwk(), set("d", json!("AQAB"))),
        changed(EXPOSED.named("half-private").jwk(), set("p", json!("AQAB"))),
        EXPOSED.jwk(),
        // One name for two purposes, which can be told apart.
        changed_key("both", "use", json!("enc")),
        SERVER.named("both").jwk(),
        json!("no key at all"),
    ])
}

type Attack = (&'static str, String, Reason);

async fn all_are_refused(kind: TokenKind, attacks: Vec<Attack>) {
    for (name, token, reason) in attacks {
        let verifier = verifier(kind, &key_server());
        let rejection = match verifier.verify(&token).await {
            Ok(claims) => panic!("{name}: passed as {claims:?}"),
            Err(rejection) => rejection,
        };
        assert_eq!(rejection.reason(), reason, "{name}: {rejection}");
        says_little(name, &token, &rejection);
        // Without waiting the answer is the same.
        let now = verifier.verify_now::<Value>(&token).unwrap_err();
        let is_known = [reason, Reason::Unavailable].contains(&now.reason());
        assert!(is_known, "{name}: {now}");
    }
}

async fn all_pass(kind: TokenKind, honest: Vec<(&'static str, String)>) {
    for (name, token) in honest {
        let outcome = verifier(kind, &key_server()).verify(&token).await;
        let claims = outcome.unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
        assert_eq!(claims.sub, "user-1", "{name}");
        assert_eq!(claims.kind(), kind, "{name}");
    }
}

/// Neither the logs nor the caller get the token or the secret.
fn says_little(name: &str, token: &str, rejection: &Rejection) {
    let words = format!("{rejection} {rejection:?}");
    let signature = token.rsplit('.').next().unwrap_or_default();
    let is_telling = signature.len() > 20 && words.contains(signature) || words.contains(SECRET);
    assert!(!is_telling, "{name}: {words}");
    assert!(
        words.len() < 2000 && !words.contains('\n'),
        "{name}: {words}"
    );
    let challenge = rejection.challenge("api").unwrap();
    assert_eq!(
        challenge, r#"Bearer realm="api", error="invalid_token""#,
        "{name}"
    );
    assert_eq!(rejection.status(), 401, "{name}");
}

#[tokio::test]
#[rustfmt::skip] // one attack a line
async fn forms_and_headers() {
    let honest = SERVER.sign(&access(|_| ()));
    let (signed, signature) = honest.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let public_pem = SERVER.public_pem();
    let jwk = STRANGER.jwk();
    let payload = access(|_| ()).to_string();
    let from_stranger = |header: &str| STRANGER.sign_text(header, &payload);
    let none = |alg: &str, signature: &str| {
        format!(
            "{}.{claims}.{signature}",
            encode(format!(r#"{{"alg":"{alg}"}}"#))
        )
    };
    all_are_refused(
        TokenKind::Access,
        vec![
            // No JWT.
            ("nothing", String::new(), Reason::Malformed),
            ("a word", "token".into(), Reason::Malformed),
            ("two parts", signed.into(), Reason::Malformed),
            ("empty parts", "..".into(), Reason::Malformed),
            ("no header", format!(".{claims}.{signature}"), Reason::Malformed),
            ("no claims", format!("{header}..{signature}"), Reason::Signature),
            ("a JWS as JSON", json!({"payload": claims, "protected": header, "signature": signature}).to_string(), Reason::Malformed),
            ("a token in a token", SERVER.sign_text(r#"{"alg":"RS256","kid":"server","cty":"JWT"}"#, &honest), Reason::Malformed),
            ("four parts", format!("{honest}.x"), Reason::Malformed),
            ("a megabyte", "a".repeat(1 << 20), Reason::TooLong),
            ("a megabyte of dots", ".".repeat(1 << 20), Reason::TooLong),
            ("a megabyte that is signed", worded(&access(set("x", json!("y".repeat(1 << 20)))).to_string()), Reason::TooLong),
            ("encrypted (JWE)", format!("{}.a.b.c.d", encode(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#)), Reason::Encrypted),
            ("JWE header on three parts", headed(r#"{"alg":"RS256","enc":"A256GCM","kid":"server"}"#), Reason::Encrypted),
            // base64url that could be read in two ways.
            ("a line at the end", format!("{honest}\n"), Reason::Malformed),
            ("a space before", format!(" {honest}"), Reason::Malformed),
            ("padding", format!("{honest}=="), Reason::Malformed),
            ("the other alphabet", format!("{signed}.{}+/", &signature[..340]), Reason::Malformed),
            ("bits behind the end", format!("{signed}.{}", last_bit_set(signature)), Reason::Malformed),
            // The same, where the server's key signs it as it is.
            ("bits behind the header", SERVER.sign_encoded(&loose(r#"{"alg":"RS256","kid":"server"}"#), claims), Reason::Malformed),
            ("bits behind the claims", SERVER.sign_encoded(header, &loose(&payload)), Reason::Malformed),
            ("a padded header", SERVER.sign_encoded(&format!("{header}="), claims), Reason::Malformed),
            ("padded claims", SERVER.sign_encoded(header, &format!("{claims}=")), Reason::Malformed),
            ("a line in the header", SERVER.sign_encoded(&header.replacen('J', "J\n", 1), claims), Reason::Malformed),
            ("a space in the claims", SERVER.sign_encoded(header, &claims.replacen('J', "J ", 1)), Reason::Malformed),
            ("claims that are not encoded", SERVER.sign_encoded(header, &payload), Reason::Malformed),
            ("bytes behind the signature", format!("{honest}AAAA"), Reason::Signature),
            ("bytes behind the claims", format!("{header}.{claims}AAAA.{signature}"), Reason::Signature),
            ("no signature", format!("{signed}."), Reason::Signature),
            ("a short signature", format!("{signed}.{}", &signature[..340]), Reason::Signature),
            ("a signature of zeros", format!("{signed}.{}", encode([0; 256])), Reason::Signature),
            ("a signature beyond the modulus", format!("{signed}.{}", encode([0xff; 256])), Reason::Signature),
            ("a signature of 16 KB", format!("{signed}.{}", "A".repeat(12_000)), Reason::Malformed),
            // The algorithm.
            ("alg none", none("none", ""), Reason::Algorithm),
            ("alg none with a signature", none("none", signature), Reason::Algorithm),
            ("alg NONE", none("NoNe", ""), Reason::Algorithm),
            ("alg in small letters", headed(r#"{"alg":"rs256","kid":"server"}"#), Reason::Algorithm),
            ("alg RS512", headed(r#"{"alg":"RS512","kid":"server"}"#), Reason::Algorithm),
            ("alg PS256", headed(r#"{"alg":"PS256","kid":"server"}"#), Reason::Algorithm),
            ("no alg", headed(r#"{"kid":"server"}"#), Reason::Malformed),
            ("alg is a number", headed(r#"{"alg":1,"kid":"server"}"#), Reason::Malformed),
            ("alg is null", headed(r#"{"alg":null,"kid":"server"}"#), Reason::Malformed),
            ("alg of 40 letters", headed(&format!(r#"{{"alg":"{}","kid":"server"}}"#, "RS256".repeat(8))), Reason::Algorithm),
            ("alg with a NUL", headed(r#"{"alg":"RS256\u0000","kid":"server"}"#), Reason::Algorithm),
            ("alg in an array", headed(r#"{"alg":["RS256"],"kid":"server"}"#), Reason::Malformed),
            ("HS256 with the public key", hs256_text(&public_pem, r#"{"alg":"HS256","kid":"server"}"#, &payload), Reason::Algorithm),
            ("HS256 with the modulus", hs256_text(jwk["n"].as_str().unwrap(), r#"{"alg":"HS256","kid":"server"}"#, &payload), Reason::Algorithm),
            ("HS256 with the secret", hs256(SECRET, &access(|_| ())), Reason::Algorithm),
            ("RS256, though the MAC of the public key", hs256_text(&public_pem, r#"{"alg":"RS256","kid":"server"}"#, &payload), Reason::Signature),
            // The key.
            ("another's signature", from_stranger(r#"{"alg":"RS256","kid":"server"}"#), Reason::Signature),
            ("another's key by name", from_stranger(r#"{"alg":"RS256","kid":"stranger"}"#), Reason::UnknownKey),
            ("no kid", headed(r#"{"alg":"RS256"}"#), Reason::KeyId),
            ("an empty kid", headed(r#"{"alg":"RS256","kid":""}"#), Reason::KeyId),
            ("kid null", headed(r#"{"alg":"RS256","kid":null}"#), Reason::Malformed),
            ("kid is a number", headed(r#"{"alg":"RS256","kid":1}"#), Reason::Malformed),
            ("kid in an array", headed(r#"{"alg":"RS256","kid":["server"]}"#), Reason::Malformed),
            ("kid with a NUL", headed(r#"{"alg":"RS256","kid":"server\u0000"}"#), Reason::UnknownKey),
            ("kid twice", headed(r#"{"alg":"RS256","kid":"server","kid":"server"}"#), Reason::Malformed),
            ("kid twice, once escaped", headed(r#"{"alg":"RS256","kid":"server","\u006bid":"stranger"}"#), Reason::Malformed),
            ("kid in other letters", headed(r#"{"alg":"RS256","kid":"Server"}"#), Reason::UnknownKey),
            ("kid is a path", headed(r#"{"alg":"RS256","kid":"../../../../dev/null"}"#), Reason::UnknownKey),
            ("kid is a query", headed(r#"{"alg":"RS256","kid":"x' UNION SELECT 'key"}"#), Reason::UnknownKey),
            ("kid with a line", headed(r#"{"alg":"RS256","kid":"a\nHTTP/1.1 200 OK\u0000"}"#), Reason::UnknownKey),
            ("kid of 300 bytes", headed(&format!(r#"{{"alg":"RS256","kid":"{}"}}"#, "k".repeat(300))), Reason::KeyId),
            ("kid of two different keys", SERVER.named("twin").sign(&access(|_| ())), Reason::UnusableKey),
            ("a weak key", WEAK.sign(&access(|_| ())), Reason::UnusableKey),
            ("a key for encryption", SERVER.named("encryption").sign(&access(|_| ())), Reason::UnusableKey),
            ("a key for RS512", SERVER.named("other-alg").sign(&access(|_| ())), Reason::UnusableKey),
            ("a key with the exponent 1", SERVER.named("exponent-1").sign(&access(|_| ())), Reason::UnusableKey),
            ("a key that is even", SERVER.named("even").sign(&access(|_| ())), Reason::UnusableKey),
            ("a key with a long exponent", SERVER.named("exponent-long").sign(&access(|_| ())), Reason::UnusableKey),
            ("a key to sign with", SERVER.named("signer").sign(&access(|_| ())), Reason::UnusableKey),
            ("a key that everybody has", EXPOSED.named("private").sign(&access(|_| ())), Reason::UnusableKey),
            ("a key that everybody can work out", EXPOSED.named("half-private").sign(&access(|_| ())), Reason::UnusableKey),
            ("another name of such a key", EXPOSED.sign(&access(|_| ())), Reason::UnusableKey),
            ("an elliptic curve", SERVER.named("curve").sign(&access(|_| ())), Reason::UnusableKey),
            // Keys that the token brings.
            ("jwk", from_stranger(&json!({"alg": "RS256", "kid": "server", "jwk": jwk}).to_string()), Reason::Header),
            ("jwk null", headed(r#"{"alg":"RS256","kid":"server","jwk":null}"#), Reason::Header),
            ("jku", from_stranger(r#"{"alg":"RS256","kid":"stranger","jku":"https://evil.example/jwks.json"}"#), Reason::Header),
            ("x5u", from_stranger(r#"{"alg":"RS256","kid":"stranger","x5u":"https://evil.example/cert.pem"}"#), Reason::Header),
            ("x5c", from_stranger(r#"{"alg":"RS256","kid":"stranger","x5c":["AAAA"]}"#), Reason::Header),
            // Other parts of the header.
            ("crit", headed(r#"{"alg":"RS256","kid":"server","crit":["exp"],"exp":1}"#), Reason::Header),
            ("crit, empty", headed(r#"{"alg":"RS256","kid":"server","crit":[]}"#), Reason::Header),
            ("b64", headed(r#"{"alg":"RS256","kid":"server","b64":false}"#), Reason::Malformed),
            ("typ of another protocol", headed(r#"{"alg":"RS256","kid":"server","typ":"secevent+jwt"}"#), Reason::Header),
            ("typ of a proof", headed(r#"{"alg":"RS256","kid":"server","typ":"dpop+jwt"}"#), Reason::Header),
            ("typ null", headed(r#"{"alg":"RS256","kid":"server","typ":null}"#), Reason::Malformed),
            ("typ twice", headed(r#"{"alg":"RS256","kid":"server","typ":"JWT","typ":"JWT"}"#), Reason::Malformed),
            ("typ of 40 letters", headed(&format!(r#"{{"alg":"RS256","kid":"server","typ":"{}"}}"#, "JWT+".repeat(10))), Reason::Header),
            ("alg twice", headed(r#"{"alg":"none","alg":"RS256","kid":"server"}"#), Reason::Malformed),
            ("alg twice, once escaped", headed(r#"{"alg":"RS256","\u0061lg":"none","kid":"server"}"#), Reason::Malformed),
            ("something twice", headed(r#"{"alg":"RS256","kid":"server","x":{"a":1,"a":2}}"#), Reason::Malformed),
            ("unicode for alg", headed("{\"\u{430}lg\":\"RS256\",\"kid\":\"server\"}"), Reason::Malformed),
            ("unicode in alg", headed("{\"alg\":\"R\u{405}256\",\"kid\":\"server\"}"), Reason::Algorithm),
            ("a mark before the header", headed("\u{feff}{\"alg\":\"RS256\",\"kid\":\"server\"}"), Reason::Malformed),
            ("no UTF-8", format!("{}.{claims}.{signature}", encode(b"{\"alg\":\"\xff\"}")), Reason::Malformed),
            ("half a surrogate", headed(r#"{"alg":"RS256","kid":"\ud800"}"#), Reason::Malformed),
            ("a header that goes on", headed(r#"{"alg":"RS256","kid":"server"}{}"#), Reason::Malformed),
            ("a header that is an array", headed(r#"[{"alg":"RS256"}]"#), Reason::Malformed),
            ("a header of 2 KB", headed(&format!(r#"{{"alg":"RS256","kid":"server","x":"{}"}}"#, "y".repeat(2000))), Reason::Malformed),
            ("a header nested 200 deep", headed(&format!(r#"{{"alg":"RS256","x":{}{}}}"#, "[".repeat(200), "]".repeat(200))), Reason::Malformed),
        ],
    )
    .await;
}

/// An object, encoded with bits behind its end.
fn loose(json: &str) -> String {
    let spaces = " ".repeat((4 - json.len() % 3) % 3);
    let honest = encode(format!("{json}{spaces}"));
    let loose = last_bit_set(&honest);
    assert_ne!(honest, loose);
    loose
}

/// Sets the bits of the last letter that belong to no byte.
fn last_bit_set(signature: &str) -> String {
    let (start, last) = signature.split_at(signature.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let value = alphabet.find(last).unwrap();
    format!("{start}{}", &alphabet[value | 1..=value | 1])
}

#[tokio::test]
#[rustfmt::skip] // one attack a line
async fn claims_of_access_tokens() {
    let token = |change: Box<dyn FnOnce(&mut Value)>| SERVER.sign(&access(change));
    let to = |name: &'static str, value: Value| token(Box::new(set(name, value)));
    let no = |name: &'static str| token(Box::new(without(name)));
    let text = access(|_| ()).to_string();
    let twice = |member: &str| worded(&text.replacen('{', &format!("{{{member},"), 1));
    all_are_refused(
        TokenKind::Access,
        vec![
            ("expired", to("exp", json!(NOW - 60)), Reason::Expired),
            ("expired long ago", to("exp", json!(1)), Reason::Expired),
            ("expired before 1970", to("exp", json!(-1)), Reason::Malformed),
            ("no exp", no("exp"), Reason::Expired),
            ("exp null", to("exp", json!(null)), Reason::Malformed),
            ("exp as text", to("exp", json!((NOW + 60).to_string())), Reason::Malformed),
            ("exp beyond all time", to("exp", json!(1e300)), Reason::Malformed),
            ("exp beyond 63 bits", to("exp", json!(u64::MAX)), Reason::Malformed),
            ("exp that is infinite", worded(&text.replacen(&format!(r#""exp":{}"#, NOW + 3600), r#""exp":1e999"#, 1)), Reason::Malformed),
            ("exp that is no number", worded(&text.replacen(&format!(r#""exp":{}"#, NOW + 3600), r#""exp":NaN"#, 1)), Reason::Malformed),
            ("exp in an array", to("exp", json!([NOW + 60])), Reason::Malformed),
            ("exp true", to("exp", json!(true)), Reason::Malformed),
            ("exp a fraction too early", to("exp", json!(NOW as f64 - 59.5)), Reason::Expired),
            ("exp in milliseconds of 1970", to("exp", json!(0.5)), Reason::Expired),
            ("nbf as text", to("nbf", json!("0")), Reason::Malformed),
            ("nbf null", to("nbf", json!(null)), Reason::Malformed),
            ("nbf a fraction too late", to("nbf", json!(NOW as f64 + 61.5)), Reason::NotYetValid),
            ("nbf at the end of time", to("nbf", json!(i64::MAX)), Reason::NotYetValid),
            ("iat as text", to("iat", json!(NOW.to_string())), Reason::Malformed),
            ("iat before 1970", to("iat", json!(-1)), Reason::Malformed),
            ("iat in milliseconds", to("iat", json!(NOW * 1000)), Reason::IssuedAt),
            ("exp twice", twice(r#""exp":99999999999"#), Reason::Malformed),
            ("exp twice, once escaped", twice(r#""\u0065xp":99999999999"#), Reason::Malformed),
            ("not yet valid", to("nbf", json!(NOW + 61)), Reason::NotYetValid),
            ("issued in the future", to("iat", json!(NOW + 61)), Reason::IssuedAt),
            ("issued in the far future", to("iat", json!(i64::MAX)), Reason::IssuedAt),
            ("another issuer", to("iss", json!("https://evil.example/oidc")), Reason::Issuer),
            ("the issuer with a slash", to("iss", json!("https://a.example/oidc/")), Reason::Issuer),
            ("the issuer by http", to("iss", json!("http://a.example/oidc")), Reason::Issuer),
            ("the issuer's path in capitals", to("iss", json!("https://a.example/OIDC")), Reason::Issuer),
            ("the issuer at another port", to("iss", json!("https://a.example:80/oidc")), Reason::Issuer),
            ("the issuer as a user's name", to("iss", json!("https://a.example:443@evil.example/oidc")), Reason::Issuer),
            ("the issuer and more", to("iss", json!("https://a.example/oidc.evil.example")), Reason::Issuer),
            ("the introspection endpoint's issuer", to("iss", json!("https://core.authing.cn/oidc")), Reason::Issuer),
            ("the issuer and a NUL", to("iss", json!("https://a.example/oidc\0")), Reason::Issuer),
            ("the issuer in other letters", to("iss", json!("https://\u{430}.example/oidc")), Reason::Issuer),
            ("iss null", to("iss", json!(null)), Reason::Issuer),
            ("no iss", no("iss"), Reason::Issuer),
            ("issuers", to("iss", json!([ISSUER])), Reason::Malformed),
            ("another app of the pool", to("aud", json!("app-2")), Reason::Audience),
            ("other apps of the pool", to("aud", json!(["app-2", "app-3"])), Reason::Audience),
            ("no aud", no("aud"), Reason::Audience),
            ("no audience", to("aud", json!([])), Reason::Audience),
            ("a part of the id", to("aud", json!("app-")), Reason::Audience),
            ("ids in one text", to("aud", json!("app-1 app-2")), Reason::Audience),
            ("aud null", to("aud", json!(null)), Reason::Audience),
            ("aud in capitals", to("aud", json!("APP-1")), Reason::Audience),
            ("aud and a NUL", to("aud", json!("app-1\0")), Reason::Audience),
            ("aud in an array of arrays", to("aud", json!([["app-1"]])), Reason::Malformed),
            ("aud with a null", to("aud", json!(["app-1", null])), Reason::Malformed),
            ("aud as an object", to("aud", json!({"app-1": true})), Reason::Malformed),
            ("aud with a number", to("aud", json!(["app-1", 1])), Reason::Malformed),
            ("issued to another app", to("azp", json!("app-2")), Reason::AuthorizedParty),
            ("issued to nobody", to("azp", json!("")), Reason::AuthorizedParty),
            ("azp in an array", to("azp", json!(["app-1"])), Reason::Malformed),
            ("scope in an array", to("scope", json!(["openid"])), Reason::Malformed),
            ("no sub", no("sub"), Reason::Subject),
            ("an empty sub", to("sub", json!("")), Reason::Subject),
            ("sub null", to("sub", json!(null)), Reason::Subject),
            ("sub as a number", to("sub", json!(1)), Reason::Malformed),
            ("sub twice", twice(r#""sub":"admin""#), Reason::Malformed),
            ("something twice, far down", twice(r#""x":{"y":[{"z":1,"z":2}]}"#), Reason::Malformed),
            ("claims that are text", worded("\"x\""), Reason::Malformed),
            ("claims that are nothing", worded(""), Reason::Malformed),
            ("claims that go on", worded(&format!("{text} {{}}")), Reason::Malformed),
            ("claims nested 200 deep", worded(&text.replacen('{', &format!("{{\"x\":{}{},", "[".repeat(200), "]".repeat(200)), 1)), Reason::Malformed),
            // Another kind of token, signed with the right key.
            ("an ID token", SERVER.sign(&id(|_| ())), Reason::Kind),
            ("an ID token without a nonce", SERVER.sign(&id(without("nonce"))), Reason::Kind),
            ("an ID token of a refresh", SERVER.sign(&id(|claims| *claims = json!({"sub": "user-1", "iss": ISSUER, "aud": "app-1", "iat": NOW, "exp": NOW + 60}))), Reason::Kind),
            ("an ID token with a scope", SERVER.sign(&id(set("scope", json!("openid")))), Reason::Kind),
            ("a user token", SERVER.sign(&user(|_| ())), Reason::Kind),
            ("a user token with a scope", SERVER.sign(&user(set("scope", json!("openid")))), Reason::Kind),
            ("a management token", SERVER.sign(&access(set("scoped_userpool_id", json!("pool-1")))), Reason::Kind),
        ],
    )
    .await;
    let headed_access = |header: &str| SERVER.sign_text(header, &access(|_| ()).to_string());
    all_pass(
        TokenKind::Access,
        vec![
            ("an access token", token(Box::new(|_| ()))),
            ("expired within the leeway", to("exp", json!(NOW - 59))),
            ("good in a moment", to("nbf", json!(NOW + 60))),
            ("issued by a clock that is ahead", to("iat", json!(NOW + 60))),
            ("no iat", no("iat")),
            ("a fraction of a second", to("exp", json!(NOW as f64 + 0.5))),
            ("several audiences", to("aud", json!(["app-2", "app-1"]))),
            ("an array of one", to("aud", json!(["app-1"]))),
            ("its own id twice", to("aud", json!(["app-1", "app-1"]))),
            ("good for ever", to("exp", json!(i64::MAX))),
            ("good beyond 32 bits", to("exp", json!((1_i64 << 32) + 1))),
            ("exp with a power of ten", to("exp", json!(4e9))),
            ("azp null", to("azp", json!(null))),
            ("its own azp", to("azp", json!("app-1"))),
            ("no scope but an empty one", to("scope", json!(""))),
            ("empty claims as Authing writes them", to("nonce", json!(null))),
            ("claims of the application's own", to("roles", json!(["a", {"code": "b"}]))),
            ("unicode in the claims", to("name", json!("爱丽丝 \u{1f407}"))),
            ("forty claims more", token(Box::new(|claims| { for n in 0..40 { claims[format!("c{n}")] = json!(n); } }))),
            ("typ at+jwt (RFC 9068)", headed_access(r#"{"alg":"RS256","kid":"server","typ":"at+jwt"}"#)),
            ("typ application/at+jwt", headed_access(r#"{"alg":"RS256","kid":"server","typ":"application/AT+JWT"}"#)),
            ("a key whose name another one has, for encryption", SERVER.named("both").sign(&access(|_| ()))),
            ("no typ", headed_access(r#"{"alg":"RS256","kid":"server"}"#)),
            ("typ in small letters", headed_access(r#"{"alg":"RS256","kid":"server","typ":"jwt"}"#)),
            ("a header with spaces and more", headed_access("{ \"kid\" : \"server\",\n\"alg\":\"RS256\", \"x\": [1, {\"y\": null}] }")),
            ("a header with escapes", headed_access(r#"{"alg":"RS\u003256","kid":"serv\u0065r"}"#)),
            ("a header with unicode", headed_access("{\"alg\":\"RS256\",\"kid\":\"server\",\"für\":\"爱\"}")),
        ],
    )
    .await;
}

#[tokio::test]
#[rustfmt::skip] // one attack a line
async fn id_tokens() {
    let token = |claims: Value| hs256(SECRET, &claims);
    all_are_refused(
        TokenKind::Id,
        vec![
            ("another secret", hs256("another secret", &id(|_| ())), Reason::Signature),
            ("an empty secret", hs256("", &id(|_| ())), Reason::Signature),
            ("another app's secret", hs256("fedcba9876543210fedcba9876543210", &id(set("aud", json!("app-2")))), Reason::Signature),
            ("RS256 where HS256 is set", SERVER.sign(&id(|_| ())), Reason::Algorithm),
            ("alg none", format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(id(|_| ()).to_string())), Reason::Algorithm),
            ("half a MAC", token(id(|_| ())).rsplit_once('.').map(|(signed, mac)| format!("{signed}.{}", &mac[..20])).unwrap(), Reason::Signature),
            ("an access token", token(access(|_| ())), Reason::Kind),
            ("a user token", token(user(|_| ())), Reason::Kind),
            ("a management token", token(json!({"data": {"type": "user", "id": "owner"}, "iat": NOW, "exp": NOW + 60})), Reason::Kind),
            ("typ of an access token", hs256_text(SECRET, r#"{"alg":"HS256","typ":"at+jwt"}"#, &id(|_| ()).to_string()), Reason::Kind),
            ("several apps, no azp", token(id(set("aud", json!(["app-1", "app-2"])))), Reason::AuthorizedParty),
            ("issued to another app", token(id(set("azp", json!("app-2")))), Reason::AuthorizedParty),
            ("expired", token(id(set("exp", json!(NOW - 3600)))), Reason::Expired),
            ("another issuer", token(id(set("iss", json!("https://b.example/oidc")))), Reason::Issuer),
        ],
    )
    .await;
    let several = |claims: &mut Value| {
        claims["aud"] = json!(["app-2", "app-1"]);
        claims["azp"] = json!("app-1");
    };
    let path = r#"{"alg":"HS256","kid":"../../dev/null"}"#;
    all_pass(
        TokenKind::Id,
        vec![
            ("an ID token", token(id(|_| ()))),
            ("of a refresh", token(id(without("nonce")))),
            ("for several apps", token(id(several))),
            ("a kid that means nothing here", hs256_text(SECRET, path, &id(|_| ()).to_string())),
        ],
    )
    .await;
    // The nonce of the login.
    let verifier = verifier(TokenKind::Id, &key_server());
    let honest = token(id(|_| ()));
    verifier.verify_with_nonce(&honest, "n1").await.unwrap();
    for (token, nonce) in [
        (honest.clone(), "n2"),
        (honest.clone(), ""),
        (token(id(without("nonce"))), "n1"),
        (token(id(set("nonce", json!("")))), ""),
    ] {
        let rejection = verifier.verify_with_nonce(&token, nonce).await.unwrap_err();
        assert_eq!(rejection.reason(), Reason::Nonce, "{nonce:?}");
    }
}

#[tokio::test]
async fn id_tokens_signed_with_rs256() {
    let keys = key_server();
    let application = Application::new("app-1", "https://a.example")
        .secret(SECRET)
        .id_token_algorithm(Algorithm::Rs256);
    let verifier = build(TokenKind::Id, application, &keys);
    verifier.verify(&SERVER.sign(&id(|_| ()))).await.unwrap();
    for (token, reason) in [
        (hs256(SECRET, &id(|_| ())), Reason::Algorithm),
        (hs256(SERVER.public_pem(), &id(|_| ())), Reason::Algorithm),
        (SERVER.sign(&access(|_| ())), Reason::Kind),
        (
            STRANGER.named("server").sign(&id(|_| ())),
            Reason::Signature,
        ),
    ] {
        let rejection = verifier.verify(&token).await.unwrap_err();
        assert_eq!(rejection.reason(), reason, "{rejection}");
    }
}

#[tokio::test]
#[rustfmt::skip] // one attack a line
async fn user_tokens_of_the_v2_api() {
    let token = |claims: Value| hs256(SECRET, &claims);
    let data =
        |name: &'static str, value: Value| token(user(move |claims| claims["data"][name] = value));
    all_are_refused(
        TokenKind::User,
        vec![
            ("an ID token", token(id(|_| ())), Reason::Kind),
            ("an access token", token(access(|_| ())), Reason::Kind),
            ("RS256", SERVER.sign(&user(|_| ())), Reason::Algorithm),
            ("a management token", token(json!({"data": {"type": "user", "id": "owner", "userPoolId": "root"}, "iat": NOW, "exp": NOW + 60})), Reason::Kind),
            ("a newer management token", token(json!({"token_type": "management_token", "scoped_userpool_id": "pool-1", "iat": NOW, "exp": NOW + 60})), Reason::Kind),
            ("a second factor's token", token(json!({"data": {"stage": 1, "type": "user"}, "iat": NOW, "exp": NOW + 360})), Reason::Kind),
            ("not of a user", data("type", json!("application")), Reason::Kind),
            ("another user in data", data("id", json!("user-2")), Reason::Subject),
            ("another app in data", data("appId", json!("app-2")), Reason::Audience),
            ("another pool", data("userPoolId", json!("pool-2")), Reason::UserPool),
            ("no pool", data("userPoolId", json!(null)), Reason::UserPool),
            ("data that is text", token(user(set("data", json!("user")))), Reason::Malformed),
            ("another secret", hs256(&SECRET[1..], &user(|_| ())), Reason::Signature),
            ("expired", token(user(set("exp", json!(NOW - 60)))), Reason::Expired),
        ],
    )
    .await;
    all_pass(
        TokenKind::User,
        vec![
            ("a user token", token(user(|_| ()))),
            ("without an app in data", data("appId", json!(null))),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_rejection_says_what_would_have_passed() {
    for (name, value, words) in [
        (
            "iss",
            json!("https://a.example/oidc/"),
            "by a slash at the end",
        ),
        ("iss", json!("http://a.example/oidc"), "by http or https"),
        ("iss", json!("https://a.example/OIDC"), "by capital letters"),
        ("iss", json!("https://a.example"), "by the path /oidc"),
        (
            "iss",
            json!("https://b.example/oidc"),
            "\"https://a.example/oidc\" would pass",
        ),
        ("exp", json!(NOW - 64), "expired 64 s ago; 60 s are allowed"),
        ("nbf", json!(NOW + 90), "good in 90 s only"),
        (
            "aud",
            json!("app-2"),
            "is for \"app-2\", and not for \"app-1\"",
        ),
    ] {
        let token = SERVER.sign(&access(set(name, value)));
        let verifier = verifier(TokenKind::Access, &key_server());
        let rejection = verifier.verify(&token).await.unwrap_err().to_string();
        assert!(rejection.contains(words), "{rejection}");
    }
    let weak = WEAK.sign(&access(|_| ()));
    let verifier = verifier(TokenKind::Access, &key_server());
    let rejection = verifier.verify(&weak).await.unwrap_err().to_string();
    assert!(rejection.contains("\"weak\" has 1024 bits"), "{rejection}");
}
