//! Test vectors of others: Project Wycheproof, for the mistakes that libraries
//! made with such signatures, and the examples of RFC 7520.
//!
//! Wycheproof signs any bytes and not tokens, so its messages go past the
//! parser. Keys and signatures do not: each key is read as a server publishes
//! it, or as a secret, and each signature is taken out of a token. Its vectors
//! of whole JWS are not in the crate; what they try is in `verify_attacks.rs`
//! of the tests. It has no keys of less than 2048 bits, which are refused.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use wycheproof::{TestResult, mac, rsa_pkcs1_verify as rsa};

use crate::application::SharedKey;
use crate::jws::Jws;
use crate::keys::{Found, KeySet};

/// A signature of a vector, as it comes out of a token that has it.
fn from_token(signature: &[u8]) -> Vec<u8> {
    let signature = URL_SAFE_NO_PAD.encode(signature);
    let token = format!("eyJhbGciOiJIUzI1NiJ9.e30.{signature}");
    Jws::parse(&token, 4096).unwrap().signature().to_vec()
}

/// How many vectors of each result there were.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    valid: usize,
    invalid: usize,
    acceptable: usize,
}

fn rsa_vectors(name: rsa::TestName) -> Counts {
    let mut counts = Counts::default();
    for group in rsa::TestSet::load(name).unwrap().test_groups {
        let jwk = group.jwk.unwrap();
        let [n, e] = [&jwk.n, &jwk.e].map(|number| URL_SAFE_NO_PAD.encode(number));
        let published = json!({"keys": [
            {"kty": jwk.kty, "alg": jwk.alg, "use": "sig", "kid": jwk.kid, "n": n, "e": e},
        ]});
        let set = KeySet::read(&published.to_string()).unwrap();
        let Found::Key(key) = set.find(&jwk.kid) else {
            panic!("{set:?}");
        };
        for test in group.tests {
            let is_good = key.signed(&test.msg, &from_token(&test.sig));
            match test.result {
                TestResult::Valid => counts.valid += 1,
                TestResult::Invalid => counts.invalid += 1,
                // Padding without a NULL, which RFC 8017 lets one refuse.
                TestResult::Acceptable => counts.acceptable += 1,
            }
            let is_valid = test.result == TestResult::Valid;
            assert_eq!(
                is_good, is_valid,
                "{name:?} {}: {}",
                test.tc_id, test.comment
            );
        }
    }
    counts
}

#[test]
fn rs256_with_keys_of_every_length() {
    let counts = |valid, invalid, acceptable| Counts {
        valid,
        invalid,
        acceptable,
    };
    assert_eq!(rsa_vectors(rsa::TestName::Rsa2048Sha256), counts(9, 249, 1));
    assert_eq!(rsa_vectors(rsa::TestName::Rsa3072Sha256), counts(8, 250, 1));
    assert_eq!(rsa_vectors(rsa::TestName::Rsa4096Sha256), counts(7, 250, 1));
    assert_eq!(rsa_vectors(rsa::TestName::Rsa8192Sha256), counts(7, 250, 1));
}

/// Good signatures with another hash, by keys that do not say which is theirs.
#[test]
fn another_hash_is_not_rs256() {
    let mut valid = 0;
    for name in [
        rsa::TestName::Rsa2048Sha224,
        rsa::TestName::Rsa2048Sha384,
        rsa::TestName::Rsa2048Sha512,
    ] {
        for group in rsa::TestSet::load(name).unwrap().test_groups {
            let [n, e] = [&group.key.n, &group.key.e]
                .map(|number| URL_SAFE_NO_PAD.encode(number.strip_prefix(&[0]).unwrap_or(number)));
            let jwk = json!({"kty": "RSA", "kid": "a", "n": n, "e": e});
            let set = KeySet::read(&json!({"keys": [jwk]}).to_string()).unwrap();
            let Found::Key(key) = set.find("a") else {
                panic!("{set:?}");
            };
            for test in group
                .tests
                .iter()
                .filter(|test| test.result == TestResult::Valid)
            {
                assert!(!key.signed(&test.msg, &test.sig), "{name:?} {}", test.tc_id);
                valid += 1;
            }
        }
    }
    assert_eq!(valid, 22);
}

#[test]
fn hs256_with_whole_tags_and_long_keys() {
    let mut counts = Counts::default();
    let (mut short_keys, mut short_tags) = (0, 0);
    for group in mac::TestSet::load(mac::TestName::HmacSha256)
        .unwrap()
        .test_groups
    {
        for test in group.tests {
            // Shorter than the hash: refused whatever it signs (RFC 7518,
            // section 3.2).
            let Ok(key) = SharedKey::new(&test.key) else {
                assert!(group.key_size < 256, "{}", test.tc_id);
                short_keys += 1;
                continue;
            };
            let is_good = key.signed(&test.msg, &from_token(&test.tag));
            // JWS knows no tags that are cut, so a good one is none here.
            if group.tag_size < 256 {
                assert!(!is_good, "{}", test.tc_id);
                short_tags += 1;
                continue;
            }
            match test.result {
                TestResult::Valid => counts.valid += 1,
                _ => counts.invalid += 1,
            }
            let is_valid = test.result == TestResult::Valid;
            assert_eq!(is_good, is_valid, "{}: {}", test.tc_id, test.comment);
        }
    }
    assert_eq!((counts.valid, counts.invalid), (30, 54));
    assert_eq!((short_keys, short_tags), (6, 84));
}

/// RFC 7520, section 4: what is signed in all its examples.
const HOBBIT: &str = "It\u{2019}s a dangerous business, Frodo, going out your door. You step onto \
    the road, and if you don't keep your feet, there\u{2019}s no knowing where you might be swept \
    off to.";

fn hobbit(header: &str, signature: &str) -> String {
    let [header, payload] = [header, HOBBIT].map(|text| URL_SAFE_NO_PAD.encode(text));
    format!("{header}.{payload}.{signature}")
}

#[test]
fn the_example_of_the_cookbook_with_rs256() {
    // Sections 3.3 and 4.1.
    let n = "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZ\
        QHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFE\
        HYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVT\
        U4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw";
    let signature = "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwz\
        JdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68B\
        Nt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAh\
        b6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDqu\
        Dg";
    let id = "bilbo.baggins@hobbiton.example";
    let jwk = json!({"kty": "RSA", "kid": id, "use": "sig", "n": n, "e": "AQAB"});
    let set = KeySet::read(&json!({"keys": [jwk]}).to_string()).unwrap();
    let token = hobbit(&format!(r#"{{"alg":"RS256","kid":"{id}"}}"#), signature);
    let jws = Jws::parse(&token, 4096).unwrap();
    assert_eq!((jws.algorithm(), jws.key_id()), ("RS256", Some(id)));
    let Found::Key(key) = set.find(id) else {
        panic!("{set:?}");
    };
    assert!(key.signed(jws.signed, jws.signature()));
    assert_eq!(jws.payload().unwrap(), HOBBIT.as_bytes());
    let other = token.replacen("MRjd", "MRje", 1);
    let jws = Jws::parse(&other, 4096).unwrap();
    assert!(!key.signed(jws.signed, jws.signature()));
}

#[test]
fn the_example_of_the_cookbook_with_hs256() {
    // Sections 3.5 and 4.4.
    let secret = URL_SAFE_NO_PAD.decode("hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg");
    let key = SharedKey::new(&secret.unwrap()).unwrap();
    let id = "018c0ae5-4d9b-471b-bfd6-eef314bc7037";
    let header = format!(r#"{{"alg":"HS256","kid":"{id}"}}"#);
    let token = hobbit(&header, "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0");
    let jws = Jws::parse(&token, 4096).unwrap();
    assert_eq!((jws.algorithm(), jws.key_id()), ("HS256", Some(id)));
    assert!(key.signed(jws.signed, jws.signature()));
    let other = token.replacen("s0h6", "s0h7", 1);
    let jws = Jws::parse(&other, 4096).unwrap();
    assert!(!key.signed(jws.signed, jws.signature()));
}
