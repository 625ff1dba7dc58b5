use super::*;
use crate::application::SharedKey;

/// RFC 7515, appendix A.1.
const HS256: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
    dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const HS256_KEY: &str =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

fn parse(token: &str) -> Result<Jws<'_>, Reason> {
    Jws::parse(token, 16 * 1024).map_err(|rejection| rejection.reason())
}

#[test]
fn the_example_of_the_rfc_with_hs256() {
    let bytes = URL_SAFE_NO_PAD.decode(HS256_KEY).unwrap();
    let key = SharedKey::new(&bytes).unwrap();
    let jws = parse(HS256).unwrap();
    assert_eq!(jws.algorithm(), "HS256");
    assert_eq!(jws.media_type(), Some("JWT"));
    assert_eq!(jws.key_id(), None);
    assert!(key.signed(jws.signed, jws.signature()));
    let payload = jws.payload().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(json["iss"], "joe");
    let other = HS256.replace("dBjft", "dBjfu");
    let jws = parse(&other).unwrap();
    assert!(!key.signed(jws.signed, jws.signature()));
}

#[test]
fn the_unsecured_example_of_the_rfc() {
    // RFC 7515, appendix A.5. What is done with `none` is not decided here.
    let (_, rest) = HS256.split_once('.').unwrap();
    let (claims, _) = rest.split_once('.').unwrap();
    let token = format!("eyJhbGciOiJub25lIn0.{claims}.");
    let jws = parse(&token).unwrap();
    assert_eq!((jws.algorithm(), jws.signature()), ("none", &[][..]));
}

#[test]
fn the_critical_example_of_the_rfc() {
    // RFC 7515, appendix E.
    let header = r#"{"alg":"none","crit":["http://example.invalid/UNDEFINED"],"http://example.invalid/UNDEFINED":true}"#;
    let token = format!("{}.RkFJTA.", URL_SAFE_NO_PAD.encode(header));
    assert_eq!(parse(&token).err(), Some(Reason::Header));
}

#[test]
fn what_is_signed_is_what_was_sent() {
    let jws = parse("eyJhbGciOiJIUzI1NiJ9.e30.AA").unwrap();
    assert_eq!(jws.signed, b"eyJhbGciOiJIUzI1NiJ9.e30");
    assert_eq!(jws.signature(), [0]);
    assert_eq!(jws.payload().unwrap(), b"{}");
}

#[test]
fn size_comes_first() {
    let token = "x".repeat(101);
    let rejection = Jws::parse(&token, 100).err().unwrap();
    assert_eq!(rejection.reason(), Reason::TooLong);
    assert!(!rejection.to_string().contains("xxx"));
}
