use serde_json::json;

use super::*;
use crate::jws::Jws;

/// RFC 7515, appendix A.2.
const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt\
    0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5\
    rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxX\
    FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const SIGNED: &str = "eyJhbGciOiJSUzI1NiJ9.\
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt\
    _O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQ\
    BMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9\
    QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

fn key(change: impl FnOnce(&mut Value)) -> Value {
    let mut key = json!({"kty": "RSA", "kid": "a", "n": N, "e": "AQAB"});
    change(&mut key);
    key
}

fn read(keys: &[Value]) -> Result<KeySet, String> {
    KeySet::read(&json!({"keys": keys}).to_string())
}

#[test]
fn the_example_of_the_rfc_with_rs256() {
    let set = read(&[key(|_| ())]).unwrap();
    let Found::Key(key) = set.find("a") else {
        panic!("{set:?}");
    };
    let token = format!("{SIGNED}.{SIGNATURE}");
    let jws = Jws::parse(&token, token.len()).unwrap();
    let signature = jws.signature();
    assert!(key.signed(jws.signed, signature));
    assert!(key.signed(SIGNED.as_bytes(), signature));
    assert!(!key.signed(&SIGNED.as_bytes()[1..], signature));
    assert!(!key.signed(SIGNED.as_bytes(), &signature[1..]));
    assert!(!key.signed(SIGNED.as_bytes(), &[]));
    let mut long = vec![0];
    long.extend(signature);
    assert!(!key.signed(SIGNED.as_bytes(), &long), "zeros in front");
}

#[test]
fn what_a_key_may_look_like() {
    for change in [
        |_: &mut Value| (),
        |key: &mut Value| key["use"] = json!("sig"),
        |key: &mut Value| key["alg"] = json!("RS256"),
        |key: &mut Value| key["key_ops"] = json!(["verify"]),
        |key: &mut Value| key["x5c"] = json!(["AAAA"]),
        |key: &mut Value| key["e"] = json!("Aw"),
    ] {
        read(&[key(change)]).unwrap();
    }
}

#[test]
fn a_key_that_is_not_used_says_why() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 19] = [
        (|key| key["kty"] = json!("oct"), "type \"oct\""),
        (|key| key["kty"] = json!(null), "type"),
        (|key| key["use"] = json!("enc"), "use \"enc\""),
        (|key| key["alg"] = json!("HS256"), "algorithm \"HS256\""),
        (|key| key["alg"] = json!("RSA-OAEP"), "algorithm"),
        (|key| key["key_ops"] = json!(["sign"]), "verification"),
        (|key| key["d"] = json!("AA"), "private"),
        (|key| key["p"] = json!("AA"), "private"),
        (|key| key["dq"] = json!("AA"), "private"),
        (|key| key["oth"] = json!([]), "private"),
        (|key| key["n"] = json!("AQAB"), "17 bits"),
        (|key| key["n"] = json!(null), "has no `n`"),
        (|key| key["n"] = json!(""), "no valid `n`"),
        (|key| key["n"] = json!(format!("{N}=")), "no valid `n`"),
        (|key| key["n"] = json!("A".repeat(3000)), "no valid `n`"),
        (|key| key["e"] = json!(null), "has no `e`"),
        (|key| key["e"] = json!("AAAA"), "no valid `e`"),
        (|key| key["e"] = json!("AQ"), "nobody"),
        (|key| key["e"] = json!("Ag"), "nobody"),
    ];
    for (change, why) in cases {
        let why = why.replace("nobody", "no RSA key");
        let error = read(&[key(change)]).unwrap_err();
        assert!(error.contains(&why), "{error}, not {why}");
        assert!(error.contains("keys[0] \"a\""), "{error}");
    }
}

#[test]
fn zeros_in_front_are_no_other_number() {
    for change in [
        |key: &mut Value| key["n"] = json!(format!("AAAA{N}")),
        |key: &mut Value| key["e"] = json!("AAEAAQ"),
    ] {
        let set = read(&[key(change)]).unwrap();
        let Found::Key(zeros) = set.find("a") else {
            panic!("{set:?}");
        };
        let token = format!("{SIGNED}.{SIGNATURE}");
        let jws = Jws::parse(&token, token.len()).unwrap();
        assert!(zeros.signed(jws.signed, jws.signature()));
        // Nor another key of the same name.
        read(&[key(|_| ()), key(change)]).unwrap();
    }
    let short = read(&[key(|key| {
        key["n"] = json!(format!("{}Aw", "A".repeat(400)))
    })]);
    assert!(
        short.unwrap_err().contains("has 2 bits"),
        "zeros are no strength"
    );
}

#[test]
fn all_that_is_left_out_is_told() {
    let keys = [
        json!(5),
        json!({"kty": 5, "kid": "b"}),
        json!({"kty": "RSA", "kid": 5}),
        key(|key| key["kid"] = json!(null)),
        key(|key| {
            key["kid"] = json!("c\nd");
            key["use"] = json!("enc");
        }),
    ];
    let told = "; keys[0] is no JWK that can be read; keys[1] \"b\" is no JWK that can be read; \
        keys[2] is no JWK that can be read; keys[3] has no `kid`; \
        keys[4] \"c\\nd\" has the use \"enc\"";
    assert_eq!(
        read(&keys).unwrap_err(),
        format!("no key can be used{told}")
    );
    let mut with_one = keys.to_vec();
    with_one.push(key(|_| ()));
    assert_eq!(read(&with_one).unwrap().left_out(), told);
    assert_eq!(read(&[key(|_| ())]).unwrap().left_out(), "");
    let many = vec![json!(null); 100];
    let error = read(&many).unwrap_err();
    assert!(error.ends_with("; and 92 more"), "{error}");
}

#[test]
fn a_key_is_exposed_under_each_of_its_names() {
    let public = key(|_| ());
    let renamed = key(|key| key["kid"] = json!("b"));
    for exposed in [
        key(|key| key["d"] = json!("AA")),
        key(|key| {
            key["kid"] = json!(null);
            key["n"] = json!(format!("AAAA{N}"));
            key["p"] = json!("AA");
        }),
    ] {
        for keys in [
            [public.clone(), exposed.clone(), renamed.clone()],
            [exposed.clone(), renamed.clone(), public.clone()],
        ] {
            let error = read(&keys).unwrap_err();
            assert!(error.contains("private"), "{error}");
        }
    }
}

#[test]
fn one_bad_key_does_not_spoil_the_set() {
    let set = read(&[
        json!(5),
        json!({"kty": 5, "kid": "b"}),
        json!(["RSA", "list", null, null, null, N, "AQAB", null]),
        key(|key| key["kid"] = json!(null)),
        key(|_| ()),
        key(|key| {
            key["kid"] = json!("c");
            key["use"] = json!("enc");
        }),
    ])
    .unwrap();
    assert_eq!(set.ids().collect::<Vec<_>>(), ["a"]);
    assert!(matches!(set.find("b"), Found::Nothing));
    assert!(matches!(set.find(""), Found::Nothing));
    assert!(matches!(set.find("c"), Found::Unusable(_)));
}

#[test]
fn a_name_means_one_key() {
    let same = read(&[key(|_| ()), key(|_| ())]).unwrap();
    assert!(matches!(same.find("a"), Found::Key(_)));
    let other = |key: &mut Value| key["e"] = json!("Aw");
    for keys in [
        vec![key(|_| ()), key(other)],
        vec![key(|_| ()), key(other), key(|_| ())],
        vec![key(other), key(|_| ()), key(|_| ())],
    ] {
        let error = read(&keys).unwrap_err();
        assert!(error.contains("two different keys"), "{error}");
    }
}

#[test]
fn what_is_no_set() {
    for text in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"keys":{}}"#,
        r#"{"keys":[]}"#,
        &json!([[key(|_| ())]]).to_string(),
        "<html>",
    ] {
        assert!(KeySet::read(text).is_err(), "{text}");
    }
    let named = |n: usize| key(|key| key["kid"] = json!(n.to_string()));
    let many: Vec<_> = (0..=MOST_KEYS).map(named).collect();
    assert!(read(&many[1..]).is_ok());
    assert!(read(&many).unwrap_err().contains("101 keys"));
}
