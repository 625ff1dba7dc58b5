use http::HeaderValue;
use serde_json::json;

use super::*;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn event(body: &Value) -> Event {
    Webhook::read(&HeaderMap::new(), body.to_string().as_bytes()).unwrap()
}

#[test]
fn only_the_secret_opens() {
    let webhook = Webhook::new("s3cret-s3cret");
    let verify = |pairs: &[(&'static str, &str)]| {
        let outcome = webhook.verify(&headers(pairs));
        outcome.map_err(|rejection| rejection.reason())
    };
    let (own, other) = ("x-authing-webhook-secret", "x-authing-token");
    assert_eq!(verify(&[(own, "s3cret-s3cret")]), Ok(()));
    assert_eq!(verify(&[(other, "s3cret-s3cret")]), Ok(()));
    assert_eq!(
        verify(&[(own, "s3cret-s3cret"), (other, "s3cret-s3cret")]),
        Ok(())
    );
    for bad in [
        &[(own, "s3cret-s3cre")][..],
        &[(own, "s3cret-s3cret ")],
        &[(own, "S3cret-s3cret")],
        &[(own, "")],
        &[(own, "s3cret-s3cret"), (own, "guess")],
        &[(own, "guess"), (other, "s3cret-s3cret")],
    ] {
        assert_eq!(verify(bad), Err(Reason::Signature), "{bad:?}");
    }
    assert_eq!(verify(&[]), Err(Reason::Missing));
    let open = Webhook::new("").verify(&headers(&[(own, "")]));
    assert_eq!(open.unwrap_err().reason(), Reason::Signature);
    assert!(!format!("{webhook:?}").contains("s3cret"));
}

#[test]
fn events_become_types() {
    let login = event(&json!({"eventName": "login", "data": {"id": "u1", "password": "s3cret"}}));
    assert_eq!(login.name, EventName::Login);
    assert_eq!(login.data.user_id(), Some("u1"));
    let EventData::User(user) = &login.data else {
        panic!("{login:?}")
    };
    assert_eq!(user.text("password"), Some("s3cret"));

    let updated = event(&json!({
        "eventName": "user:updated",
        "data": {"user": {"id": "u1", "nickname": "a"}, "updates": {"nickname": "b"}},
    }));
    let EventData::UserUpdated { updates, .. } = &updated.data else {
        panic!("{updated:?}")
    };
    assert_eq!(
        (updates.text("nickname"), updated.data.user_id()),
        (Some("b"), Some("u1"))
    );

    let mfa = json!({"eventName": "mfa:verified", "data": {"userId": "u1", "isValid": true, "type": "OTP"}});
    let EventData::MfaVerified {
        is_valid, factor, ..
    } = event(&mfa).data
    else {
        panic!()
    };
    assert_eq!((is_valid, factor.as_deref()), (true, Some("OTP")));
    let odd = event(&json!({"eventName": "mfa:verified", "data": {"isValid": "true"}}));
    assert!(matches!(
        odd.data,
        EventData::MfaVerified {
            is_valid: false,
            ..
        }
    ));

    let permission = event(&json!({"eventName": "permission:add", "data": {
        "policyCodes": ["p1", "p2"], "targetType": "USER", "targetIdentifiers": "u1", "namespace": "default",
    }}));
    let EventData::Permission {
        policies, targets, ..
    } = permission.data
    else {
        panic!()
    };
    assert_eq!((policies.len(), &*targets), (2, &["u1".to_owned()][..]));

    let unknown = event(&json!({"eventName": "moon:landed", "data": {"userId": "u1"}}));
    assert_eq!(unknown.name, EventName::Other("moon:landed".to_owned()));
    assert_eq!(unknown.data.user_id(), Some("u1"));
}

#[test]
fn both_forms_of_the_test() {
    for body in [
        json!({"eventName": "test", "data": {"description": "d"}}),
        json!({"description": "d"}),
        json!({"eventName": "test", "description": "d"}),
    ] {
        let test = event(&body);
        let EventData::Other(fields) = &test.data else {
            panic!("{test:?}")
        };
        assert_eq!(
            (&test.name, fields.text("description")),
            (&EventName::Test, Some("d"))
        );
    }
}

#[test]
fn forms_are_read() {
    let body = b"eventName=login&data=%7B%22id%22%3A%22u1%22%7D";
    for kind in [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-8",
        "Application/X-WWW-Form-Urlencoded ;charset=UTF-8",
    ] {
        let login = Webhook::read(&headers(&[("content-type", kind)]), body).unwrap();
        assert_eq!(
            (&login.name, login.data.user_id()),
            (&EventName::Login, Some("u1"))
        );
    }
    let other = headers(&[("content-type", "application/x-www-form-urlencodedx")]);
    let refused = Webhook::read(&other, body).unwrap_err();
    assert_eq!(refused.reason(), Reason::Malformed);
}

#[test]
fn nothing_secret_is_shown() {
    let refreshed = event(
        &json!({"eventName": "application:secret-refreshed", "data": {
            "id": "app-1", "secret": "s3cret-new", "oldSecret": "s3cret-old",
        }}),
    );
    let EventData::SecretRefreshed { secret, about, .. } = &refreshed.data else {
        panic!()
    };
    assert_eq!(secret.as_ref().unwrap().expose(), "s3cret-new");
    assert_eq!(about.text("id"), Some("app-1"));
    let user = event(&json!({"eventName": "user:created", "data": {
        "id": "u1", "password": "s3cret", "salt": "s3cret", "token": "s3cret", "encryptedPassword": "s3cret",
    }}));
    let shown = format!("{refreshed:?} {user:?}");
    assert!(
        !shown.contains("s3cret") && shown.contains("salt"),
        "{shown}"
    );
    let error = Webhook::read(&HeaderMap::new(), br#"{"eventName": 5, "x": "s3cret"}"#);
    let error = format!("{:?}", error.unwrap_err());
    assert!(!error.contains("s3cret"), "{error}");
}

#[test]
fn what_is_no_event() {
    for body in [
        "",
        "[]",
        "{}",
        "null",
        r#"{"eventName":null}"#,
        r#"{"data":{}}"#,
    ] {
        let error = Webhook::read(&HeaderMap::new(), body.as_bytes()).unwrap_err();
        assert_eq!(error.reason(), Reason::Malformed, "{body}");
    }
    let long = vec![b' '; MOST_BYTES + 1];
    let error = Webhook::read(&HeaderMap::new(), &long).unwrap_err();
    assert_eq!(error.reason(), Reason::TooLong);
}

#[test]
fn data_as_a_type_of_ones_own() {
    #[derive(serde::Deserialize)]
    struct User {
        id: String,
    }
    let login = event(&json!({"eventName": "login", "data": {"id": "u1"}}));
    let EventData::User(user) = &login.data else {
        panic!("{login:?}")
    };
    assert_eq!(user.read::<User>().unwrap().id, "u1");
    assert_eq!(user.read::<u8>().unwrap_err().reason(), Reason::OwnClaims);
}
