//! What Authing refuses, and so the emulator does: tokens, logins, codes.

use std::time::Duration;

use authing_emulator::Emulator;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::client::{Client, create, encrypt};

const ME: &str = "query user { user { id } }";
const REFRESH: &str = "mutation refreshToken($id: String) { refreshToken(id: $id) { token } }";
const REGISTER: &str = "mutation registerByEmail($input: RegisterByEmailInput!) {
    registerByEmail(input: $input) { id registerSource token }
}";
const LOGIN: &str = "mutation loginByEmail($input: LoginByEmailInput!) {
    loginByEmail(input: $input) { id token loginsCount }
}";
const EMAIL: &str = "ann@example.com";

fn credentials(emulator: &Emulator, password: &str) -> Value {
    json!({"input": {"email": EMAIL, "password": encrypt(emulator, password)}})
}

fn ann(emulator: &Emulator) -> Value {
    Client::nobody(emulator).ok(REGISTER, credentials(emulator, "123456"))["id"].clone()
}

fn signed(header: &Value, claims: &Value, secret: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let mut mac = <Hmac<Sha256>>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!(
        "{signed}.{}",
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    )
}

#[test]
fn forged_tokens_belong_to_nobody() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let id = ann(&emulator);
    let good = administrator.ok(REFRESH, json!({"id": id}))["token"].clone();
    let good = good.as_str().unwrap();
    let (_, claims) = good.split_once('.').unwrap();
    let (claims, signature) = claims.split_once('.').unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let header = json!({"alg": "HS256", "typ": "JWT"});
    let secret = emulator.app_secret();
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let is_nobody = |token: &str| {
        let client = Client::with_token(&emulator, &json!(token));
        client.graphql(ME, json!({})).body["errors"][0]["message"]["code"] == 2020
    };
    assert!(!is_nobody(good));
    assert!(
        !is_nobody(&signed(&header, &claims, secret)),
        "made the right way"
    );
    let longer = with("exp", json!(i64::MAX)).to_string();
    let spliced = good.split('.').next().unwrap().to_owned()
        + "."
        + &URL_SAFE_NO_PAD.encode(longer)
        + "."
        + signature;
    for (what, token) in [
        ("other claims", spliced),
        ("another secret", signed(&header, &claims, "another")),
        (
            "the pool's secret",
            signed(&header, &claims, emulator.secret()),
        ),
        (
            "no algorithm",
            signed(&json!({"alg": "none"}), &claims, secret),
        ),
        ("no signature", good.trim_end_matches(signature).to_owned()),
        (
            "another pool",
            signed(&header, &with("userpool_id", json!("0")), secret),
        ),
        (
            "another application",
            signed(&header, &with("aud", json!("0")), secret),
        ),
        (
            "another session",
            signed(&header, &with("jti", json!("0")), secret),
        ),
        ("the past", signed(&header, &with("exp", json!(1)), secret)),
    ] {
        assert!(is_nobody(&token), "{what}");
    }
    // A user cannot make itself the administrator.
    let user = Client::with_token(&emulator, &json!(signed(&header, &claims, secret)));
    assert_eq!(
        user.refused("query users { users { totalCount } }", json!({})),
        1001
    );
}

#[test]
fn requests_for_others_are_refused() {
    const POOL: &str = "x-authing-userpool-id";
    const APP: &str = "x-authing-app-id";
    let emulator = Emulator::start().unwrap();
    let administrator = || Client::administrator(&emulator);
    let query = "query users { users { totalCount } }";
    let path = "/api/v2/userpools/detail";
    for (name, value, code) in [(POOL, "0", 2224), (APP, "0", 2011)] {
        let client = administrator().header(name, value);
        assert_eq!(client.refused(query, json!({})), code);
        assert_eq!(client.get(path).body["code"], code);
    }
    for (name, value) in [
        (POOL, ""),
        (APP, ""),
        (POOL, emulator.user_pool_id()),
        (APP, emulator.app_id()),
    ] {
        let client = administrator().header(name, value);
        client.ok(query, json!({}));
        assert_eq!(client.get(path).body["code"], 200);
    }
}

#[test]
fn sessions_are_ended_together_or_not_at_all() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let id = ann(&emulator);
    let bob = administrator.create(json!({"username": "bob"}))["id"].clone();
    let session = |id: &Value| {
        let token = administrator.ok(REFRESH, json!({"id": id}))["token"].clone();
        Client::with_token(&emulator, &token)
    };
    let (first, second) = (session(&id), session(&bob));
    let kick = |ids: Value| {
        let body = json!({"userIds": ids}).to_string();
        administrator.send("POST", "/api/v2/users/kick", &body).body["code"].clone()
    };
    assert_eq!(kick(json!([id, "nobody"])), 2004);
    first.ok(ME, json!({}));
    assert_eq!(kick(json!([id])), 200);
    assert_eq!(first.refused(ME, json!({})), 2020);
    second.ok(ME, json!({}));
    // Nor does a user get a token of somebody else.
    assert_eq!(second.refused(REFRESH, json!({"id": id})), 1001);
}

#[test]
fn what_belongs_to_one_user_and_who_has_no_password() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    administrator.create(json!({"email": EMAIL, "externalId": "e1"}));
    let nobody = Client::nobody(&emulator);
    assert_eq!(
        nobody.refused(LOGIN, credentials(&emulator, "123456")),
        2006
    );
    for taken in [
        json!({"info": {"username": "bob", "externalId": "e1"}}),
        json!({"info": {"username": "bob", "email": "Ann@Example.com"}}),
    ] {
        assert_eq!(administrator.refused(&create(), taken), 2026);
    }
}

#[test]
fn a_locked_user_gets_no_token() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let id = ann(&emulator);
    let update =
        "mutation updateUser($id: String) { updateUser(id: $id, input: {blocked: true}) { id } }";
    administrator.ok(update, json!({"id": id}));
    let nobody = Client::nobody(&emulator);
    assert_eq!(
        nobody.refused(LOGIN, credentials(&emulator, "123456")),
        2005
    );
    assert_eq!(
        nobody.refused(LOGIN, credentials(&emulator, "123457")),
        2006
    );
    assert_eq!(administrator.refused(REFRESH, json!({"id": id})), 2005);
    // Nor a token to set a new password with.
    emulator.force_password_reset(id.as_str().unwrap());
    assert_eq!(
        nobody.refused(LOGIN, credentials(&emulator, "123456")),
        2005
    );
}

fn mail(emulator: &Emulator, to: &str, scene: &str) -> String {
    let query = "mutation sendEmail($email: String!, $scene: EmailScene!) {
        sendEmail(email: $email, scene: $scene) { code }
    }";
    Client::nobody(emulator).ok(query, json!({"email": to, "scene": scene}));
    emulator.outbox().pop().unwrap().code
}

#[test]
fn only_the_right_code_logs_in_and_only_who_is_known() {
    let emulator = Emulator::start().unwrap();
    let id = ann(&emulator);
    let login = |email: &str, code: &str| {
        let body = json!({"email": email, "code": code}).to_string();
        Client::nobody(&emulator)
            .send("POST", "/api/v2/login/email-code", &body)
            .body
    };
    let code = mail(&emulator, EMAIL, "LOGIN_VERIFY_CODE");
    for wrong in ["", "0", &code[1..], &format!("{code}0")] {
        assert_eq!(login(EMAIL, wrong)["code"], 2001, "{wrong} for {code}");
    }
    let other = mail(&emulator, "bob@example.com", "LOGIN_VERIFY_CODE");
    assert_eq!(
        login("bob@example.com", &other)["code"],
        2004,
        "nobody has it"
    );
    let administrator = Client::administrator(&emulator);
    let verified = || administrator.user(&id)["emailVerified"].clone();
    assert_eq!(verified(), false);
    assert_eq!(
        administrator.user(&id)["loginsCount"],
        0,
        "nobody was let in"
    );
    assert_eq!(login(EMAIL, &code)["code"], 200);
    assert_eq!(verified(), true);
    assert_eq!(login(EMAIL, &code)["code"], 2001, "a second time");
    emulator.advance(Duration::from_secs(60));
    let code = mail(&emulator, EMAIL, "LOGIN_VERIFY_CODE");
    emulator.advance(Duration::from_secs(300));
    assert_eq!(login(EMAIL, &code)["code"], 2300);
}

#[test]
fn only_the_right_code_resets_a_password() {
    let emulator = Emulator::start().unwrap();
    ann(&emulator);
    let nobody = Client::nobody(&emulator);
    let reset = |email: &str, code: &str, password: &str| {
        let query = "mutation resetPassword($email: String, $code: String!, $password: String!) {
            resetPassword(email: $email, code: $code, newPassword: $password) { code }
        }";
        let variables =
            json!({"email": email, "code": code, "password": encrypt(&emulator, password)});
        nobody.graphql(query, variables).body
    };
    let code = mail(&emulator, EMAIL, "RESET_PASSWORD");
    let refusal = |answer: Value| answer["errors"][0]["message"]["code"].clone();
    assert_eq!(refusal(reset(EMAIL, "0", "654321")), 2001);
    assert_eq!(refusal(reset(EMAIL, "0", "12345")), 2001);
    assert_eq!(refusal(reset("bob@example.com", &code, "654321")), 2004);
    assert_eq!(refusal(reset(EMAIL, &code, "12345")), 2029);
    // One to log in resets nothing.
    let other = mail(&emulator, EMAIL, "LOGIN_VERIFY_CODE");
    assert_eq!(refusal(reset(EMAIL, &other, "654321")), 2001);
    nobody.ok(LOGIN, credentials(&emulator, "123456"));
    assert_eq!(
        reset(EMAIL, &code, "654321")["data"]["resetPassword"]["code"],
        200
    );
    assert_eq!(
        nobody.refused(LOGIN, credentials(&emulator, "123456")),
        2006
    );
    assert_eq!(refusal(reset(EMAIL, &code, "123456")), 2001);
}

#[test]
fn a_token_to_set_a_password_is_good_for_its_own_purpose() {
    let emulator = Emulator::start().unwrap();
    let id = ann(&emulator);
    emulator.force_password_reset(id.as_str().unwrap());
    let nobody = Client::nobody(&emulator);
    let answer = nobody.graphql(LOGIN, credentials(&emulator, "123456")).body;
    let refusal = &answer["errors"][0]["message"];
    assert_eq!(refusal["code"], 2058);
    let first = "mutation first($token: String!, $new: String!) {
        resetPasswordByFirstLoginToken(token: $token, password: $new) { code }
    }";
    let forced = "mutation forced($token: String!, $old: String!, $new: String!) {
        resetPasswordByForceResetToken(token: $token, oldPassword: $old, newPassword: $new) { code }
    }";
    let with = |old: &str, new: &str| {
        let secret = |text: &str| encrypt(&emulator, text);
        json!({"token": refusal["data"]["token"], "old": secret(old), "new": secret(new)})
    };
    let mut other = with("123456", "654321");
    other.as_object_mut().unwrap().remove("old");
    assert_eq!(nobody.refused(first, other), 2001);
    assert_eq!(nobody.refused(forced, with("123457", "654321")), 2203);
    assert_eq!(nobody.refused(forced, with("123456", "123456")), 500);
    nobody.ok(forced, with("123456", "654321"));
    assert_eq!(
        nobody.refused(forced, with("654321", "123456")),
        2001,
        "a second time"
    );
    nobody.ok(LOGIN, credentials(&emulator, "654321"));
}

#[test]
fn what_registers_nobody() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let with = |name: &str, value: &str| {
        let mut variables = credentials(&emulator, "123456");
        variables["input"][name] = json!(value);
        variables
    };
    for (variables, code) in [
        (with("phoneToken", "t"), 2001),
        (with("context", "[]"), 500),
        (with("context", "nonsense"), 500),
        (
            with("params", "[{\"key\": \"unknown\", \"value\": 1}]"),
            500,
        ),
        (with("email", "no address"), 2204),
        (with("password", "123456"), 2016),
        (credentials(&emulator, "12345"), 2029),
    ] {
        assert_eq!(
            nobody.refused(REGISTER, variables.clone()),
            code,
            "{variables}"
        );
    }
    let ann = nobody.ok(REGISTER, credentials(&emulator, "123456"));
    assert_eq!(ann["registerSource"], json!(["basic:email"]));
    assert_eq!(ann["token"], Value::Null);
    assert_eq!(
        nobody.refused(REGISTER, with("email", "ANN@example.com")),
        2026
    );
}
