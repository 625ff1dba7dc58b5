use std::time::{Duration, UNIX_EPOCH};

use authing_emulator::Emulator;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::client::{Client, encrypt};

const LOGIN: &str = "mutation loginByUsername($input: LoginByUsernameInput!) {
    loginByUsername(input: $input) { id token loginsCount lastIP }
}";
const ASSOCIATE: &str = "/api/v2/mfa/totp/associate";
const CONFIRM: &str = "/api/v2/mfa/totp/associate/confirm";
const LIST: &str = "/api/v2/mfa/authenticator?type=totp";
const VERIFY: &str = "/api/v2/mfa/totp/verify";
const RECOVER: &str = "/api/v2/mfa/totp/recovery";
const STEP: Duration = Duration::from_secs(30);

fn register(emulator: &Emulator, username: &str) -> Value {
    register_with(emulator, username, true)
}

fn register_with(emulator: &Emulator, username: &str, generate_token: bool) -> Value {
    Client::nobody(emulator).ok(
        "mutation registerByUsername($input: RegisterByUsernameInput!) {
            registerByUsername(input: $input) { id token }
        }",
        json!({"input": {
            "username": username,
            "password": encrypt(emulator, "passw0rd"),
            "generateToken": generate_token,
        }}),
    )
}

fn credentials(emulator: &Emulator, username: &str) -> Value {
    json!({"input": {
        "username": username, "password": encrypt(emulator, "passw0rd"), "clientIp": "1.2.3.4",
    }})
}

/// The refusal of a login.
fn challenge(emulator: &Emulator, username: &str) -> Value {
    let answer = Client::nobody(emulator).graphql(LOGIN, credentials(emulator, username));
    answer.body["errors"][0]["message"].clone()
}

fn bearer<'a>(emulator: &'a Emulator, challenge: &Value) -> Client<'a> {
    Client::with_token(emulator, &challenge["data"]["mfaToken"])
}

/// What the app that has this key shows now.
fn code(emulator: &Emulator, key: &Value) -> String {
    let secret = Secret::try_from_base32(key.as_str().unwrap()).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let now = emulator.now().duration_since(UNIX_EPOCH).unwrap();
    totp.generate(now.as_secs()).to_string()
}

fn post(client: &Client<'_>, path: &str, body: Value) -> Value {
    client.send("POST", path, &body.to_string()).body
}

/// Gives the user an authenticator app, and answers its key and recovery code.
fn enrol(emulator: &Emulator, client: &Client<'_>) -> Value {
    let answer = post(client, ASSOCIATE, json!({"authenticator_type": "totp"}));
    assert_eq!(answer["code"], 200, "{answer}");
    let key = answer["data"].clone();
    let totp = code(emulator, &key["secret"]);
    let body = json!({"authenticator_type": "totp", "totp": totp});
    assert_eq!(post(client, CONFIRM, body)["code"], 200);
    emulator.advance(STEP);
    key
}

#[test]
fn an_app_is_asked_for_once_it_is_confirmed() {
    let emulator = Emulator::start().unwrap();
    let user = Client::with_token(&emulator, &register(&emulator, "ann")["token"]);
    assert_eq!(user.get(LIST).body["data"], json!([]));
    let key = post(&user, ASSOCIATE, json!({"authenticator_type": "totp"}))["data"].clone();
    assert!(
        key["qrcode_uri"]
            .as_str()
            .unwrap()
            .starts_with("otpauth://totp/")
    );
    assert!(
        key["qrcode_data_url"]
            .as_str()
            .unwrap()
            .starts_with("data:image/")
    );
    let waiting = &user.get(LIST).body["data"][0];
    assert_eq!(
        (&waiting["enable"], &waiting["secret"]),
        (&json!(false), &key["secret"])
    );
    // Not confirmed: nothing is asked.
    Client::nobody(&emulator).ok(LOGIN, credentials(&emulator, "ann"));

    let wrong = json!({"authenticator_type": "totp", "totp": "000000"}).to_string();
    let refused = user.send("POST", CONFIRM, &wrong);
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!(400)));
    let totp = code(&emulator, &key["secret"]);
    let right = json!({"authenticator_type": "totp", "totp": totp});
    assert_eq!(post(&user, CONFIRM, right.clone())["code"], 200);
    assert_eq!(
        post(&user, CONFIRM, right)["code"],
        400,
        "nothing waits any more"
    );
    assert_eq!(user.get(LIST).body["data"][0]["enable"], true);

    let challenge = challenge(&emulator, "ann");
    assert_eq!(challenge["code"], 1635);
    assert_eq!(challenge["data"]["username"], "ann");
    assert_eq!(challenge["data"]["totpMfaEnabled"], true);
    assert!(challenge["data"].get("applicationMfa").is_none());

    assert_eq!(user.send("DELETE", ASSOCIATE, "").body["code"], 200);
    assert_eq!(user.get(LIST).body["data"], json!([]));
    Client::nobody(&emulator).ok(LOGIN, credentials(&emulator, "ann"));
}

#[test]
fn a_confirmed_app_makes_the_account_safer() {
    const LEVEL: &str = "/api/v2/users/me/security-level";
    let emulator = Emulator::start().unwrap();
    let user = Client::with_token(&emulator, &register(&emulator, "ann")["token"]);
    let level = |mfa: bool, score: i64| {
        json!({
            "score": score, "email": false, "phone": false, "password": true, "passwordSecurityLevel": 2, "mfa": mfa,
        })
    };
    assert_eq!(user.get(LEVEL).body["data"], level(false, 25));
    post(&user, ASSOCIATE, json!({"authenticator_type": "totp"}));
    assert_eq!(user.get(LEVEL).body["data"], level(false, 25));
    enrol(&emulator, &user);
    assert_eq!(user.get(LEVEL).body["data"], level(true, 50));
}

#[test]
fn a_code_is_right_once() {
    let emulator = Emulator::start().unwrap();
    let user = Client::with_token(&emulator, &register(&emulator, "ann")["token"]);
    let key = enrol(&emulator, &user);
    let first = bearer(&emulator, &challenge(&emulator, "ann"));
    assert_eq!(
        post(&first, VERIFY, json!({"totp": "000000"}))["code"],
        6001
    );
    assert_eq!(post(&first, VERIFY, json!({}))["code"], 400);
    let totp = json!({"totp": code(&emulator, &key["secret"])});
    let answer = post(&first, VERIFY, totp.clone());
    assert_eq!(answer["code"], 200, "{answer}");
    assert_eq!(
        answer["data"]["loginsCount"], 1,
        "a login that was not finished does not count"
    );
    assert_eq!(answer["data"]["lastIP"], "1.2.3.4");
    let session = Client::with_token(&emulator, &answer["data"]["token"]);
    assert_eq!(session.user(&Value::Null)["username"], "ann");

    // Neither the token of the login nor the code can be used again.
    emulator.advance(STEP);
    let next = json!({"totp": code(&emulator, &key["secret"])});
    assert_eq!(post(&first, VERIFY, next.clone())["code"], 2207);
    let second = bearer(&emulator, &challenge(&emulator, "ann"));
    assert_eq!(post(&second, VERIFY, totp)["code"], 6001);
    assert_eq!(post(&second, VERIFY, next)["code"], 200);
}

#[test]
fn the_first_factor_alone_opens_nothing() {
    let emulator = Emulator::start().unwrap();
    let user = Client::with_token(&emulator, &register(&emulator, "ann")["token"]);
    let key = enrol(&emulator, &user);
    let challenge = challenge(&emulator, "ann");
    let half = bearer(&emulator, &challenge);
    assert_eq!(half.refused("query user { user { id } }", json!({})), 2020);
    let listed = half.get(LIST).body["data"][0].clone();
    assert_eq!(listed["enable"], true);
    assert_eq!(
        (&listed["secret"], &listed["recoveryCode"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        post(&half, ASSOCIATE, json!({"authenticator_type": "totp"}))["code"],
        1001
    );
    assert_eq!(half.send("DELETE", ASSOCIATE, "").body["code"], 2020);
    let sms = json!({"phone": "13800000000", "code": "0000"});
    assert_eq!(
        post(&half, "/api/v2/applications/mfa/sms/verify", sms)["code"],
        1001
    );

    // A session's token is no token of a login.
    let totp = json!({"totp": code(&emulator, &key["secret"])});
    assert_eq!(post(&user, VERIFY, totp.clone())["code"], 2207);
    assert_eq!(
        post(&Client::nobody(&emulator), VERIFY, totp.clone())["code"],
        2207
    );
    emulator.advance(Duration::from_secs(361));
    let late = json!({"totp": code(&emulator, &key["secret"])});
    assert_eq!(post(&half, VERIFY, late)["code"], 2207);
}

#[test]
fn a_recovery_code_is_right_once() {
    let emulator = Emulator::start().unwrap();
    let user = Client::with_token(&emulator, &register(&emulator, "ann")["token"]);
    let key = enrol(&emulator, &user);
    let old = json!({"recoveryCode": key["recovery_code"]});
    let first = bearer(&emulator, &challenge(&emulator, "ann"));
    let answer = post(&first, RECOVER, old.clone());
    assert_eq!(answer["code"], 200, "{answer}");
    let new = json!({"recoveryCode": answer["recoveryCode"]});
    assert_ne!(new, old);
    let second = bearer(&emulator, &challenge(&emulator, "ann"));
    assert_eq!(post(&second, RECOVER, old)["code"], 6002);
    assert_eq!(post(&second, RECOVER, new)["code"], 200);
}

#[test]
fn a_locked_user_keeps_the_codes() {
    let emulator = Emulator::start().unwrap();
    let ann = register(&emulator, "ann");
    let user = Client::with_token(&emulator, &ann["token"]);
    let key = enrol(&emulator, &user);
    let half = bearer(&emulator, &challenge(&emulator, "ann"));
    let lock = "mutation updateUser($id: String, $blocked: Boolean) {
        updateUser(id: $id, input: {blocked: $blocked}) { blocked }
    }";
    let administrator = Client::administrator(&emulator);
    administrator.ok(lock, json!({"id": ann["id"], "blocked": true}));
    let recovery = json!({"recoveryCode": key["recovery_code"]});
    assert_eq!(post(&half, RECOVER, recovery.clone())["code"], 2005);
    administrator.ok(lock, json!({"id": ann["id"], "blocked": false}));
    assert_eq!(post(&half, RECOVER, recovery)["code"], 200);
}

#[test]
fn an_application_can_ask_everybody() {
    let emulator = Emulator::start().unwrap();
    register(&emulator, "ann");
    emulator.require_mfa(true);
    let challenge = challenge(&emulator, "ann");
    assert_eq!(challenge["code"], 1636);
    assert_eq!(challenge["data"]["totpMfaEnabled"], false);
    let policies = challenge["data"]["applicationMfa"].as_array().unwrap();
    assert_eq!(
        policies[2],
        json!({"mfaPolicy": "OTP", "status": 1, "sort": 3})
    );

    // A user without an app gets one on the way in.
    let half = bearer(&emulator, &challenge);
    assert_eq!(post(&half, VERIFY, json!({"totp": "000000"}))["code"], 6001);
    let key = enrol(&emulator, &half);
    let totp = json!({"totp": code(&emulator, &key["secret"])});
    let answer = post(&half, VERIFY, totp);
    assert_eq!(answer["code"], 200, "{answer}");

    let bindable = |client: &Client<'_>, body| post(client, "/api/v2/applications/mfa/check", body);
    register_with(&emulator, "bob", false);
    let half = bearer(&emulator, &self::challenge(&emulator, "bob"));
    assert_eq!(
        bindable(&half, json!({"phone": "13800000000"}))["data"],
        true
    );
    assert_eq!(bindable(&half, json!({}))["code"], 2231);
    let administrator = Client::administrator(&emulator);
    administrator.create(json!({"email": "eve@example.com"}));
    assert_eq!(
        bindable(&half, json!({"email": "Eve@example.com"}))["data"],
        false
    );

    emulator.require_mfa(false);
    Client::nobody(&emulator).ok(LOGIN, credentials(&emulator, "bob"));
}

#[test]
fn a_message_does_not_stand_for_an_authenticator() {
    let emulator = Emulator::start().unwrap();
    let ann = register(&emulator, "ann");
    let user = Client::with_token(&emulator, &ann["token"]);
    enrol(&emulator, &user);
    let phone = "13800000000";
    let update = "mutation updateUser($id: String, $phone: String) {
        updateUser(id: $id, input: {phone: $phone}) { id }
    }";
    let administrator = Client::administrator(&emulator);
    administrator.ok(update, json!({"id": ann["id"], "phone": phone}));
    let half = bearer(&emulator, &challenge(&emulator, "ann"));
    let text = json!({"phone": phone});
    assert_eq!(post(&half, "/api/v2/sms/send", text)["code"], 200);
    let code = emulator.outbox().pop().unwrap().code;
    let verify = "/api/v2/applications/mfa/sms/verify";
    let right = json!({"phone": phone, "code": code});
    assert_eq!(post(&half, verify, right.clone())["code"], 1001);
    // Where the application asks everybody, it does: with the right code.
    emulator.require_mfa(true);
    let half = bearer(&emulator, &challenge(&emulator, "ann"));
    let wrong = json!({"phone": phone, "code": format!("{code}0")});
    assert_eq!(post(&half, verify, wrong)["code"], 2001);
    assert_eq!(post(&half, verify, right)["code"], 200);
}

#[test]
fn a_bound_address_is_a_name() {
    let emulator = Emulator::start().unwrap();
    register(&emulator, "ann");
    emulator.require_mfa(true);
    let half = bearer(&emulator, &challenge(&emulator, "ann"));
    emulator.fix_code("ann@example.com", "4711");
    half.ok(
        "mutation s { sendEmail(email: \"ann@example.com\", scene: MFA_VERIFY) { code } }",
        json!({}),
    );
    let right = json!({"email": "Ann@example.com", "code": "4711"});
    let answer = post(&half, "/api/v2/applications/mfa/email/verify", right);
    assert_eq!(answer["code"], 200, "{answer}");
    emulator.require_mfa(false);

    let login =
        "mutation l($input: LoginByEmailInput!) { loginByEmail(input: $input) { username } }";
    let input = json!({"email": "ann@example.com", "password": encrypt(&emulator, "passw0rd")});
    let user = Client::nobody(&emulator).ok(login, json!({"input": input}));
    assert_eq!(user["username"], "ann");
    let create = "mutation c($info: CreateUserInput!) { createUser(userInfo: $info) { id } }";
    let twin = json!({"info": {"email": "ann@example.com"}});
    assert_eq!(Client::administrator(&emulator).refused(create, twin), 2026);
}
