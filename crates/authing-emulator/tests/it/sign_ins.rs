//! Ways into the API other than a password: they ask for the same.

use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{Client, encrypt};

const BY_CODE: &str = "mutation l($code: String!) {
    loginByPhoneCode(input: {phone: \"13800000000\", code: $code}) { token }
}";
const PHONE: &str = "13800000000";

fn refusal(answer: &Value) -> &Value {
    &answer["errors"][0]["message"]
}

fn ann(emulator: &Emulator, reset_on_first_login: bool) -> Value {
    let create = "mutation c($info: CreateUserInput!, $reset: Boolean) {
        createUser(userInfo: $info, resetPasswordOnFirstLogin: $reset) { id }
    }";
    let info = json!({"phone": PHONE, "email": "ann@example.com", "password": encrypt(emulator, "123456")});
    Client::administrator(emulator).ok(create, json!({"info": info, "reset": reset_on_first_login}))
}

fn text_message(emulator: &Emulator, scene: &str) -> String {
    let body = json!({"phone": PHONE, "scene": scene}).to_string();
    Client::nobody(emulator).send("POST", "/api/v2/sms/send", &body);
    emulator.outbox().pop().unwrap().code
}

#[test]
fn a_code_does_not_go_round_a_password_that_has_to_be_changed() {
    let emulator = Emulator::start().unwrap();
    let ann = ann(&emulator, false);
    emulator.force_password_reset(ann["id"].as_str().unwrap());
    let nobody = Client::nobody(&emulator);
    let code = json!({"code": text_message(&emulator, "login")});
    let answer = nobody.graphql(BY_CODE, code).body;
    assert_eq!(refusal(&answer)["code"], 2058, "{answer}");
    emulator.fix_code("ann@example.com", "4711");
    let mail =
        "mutation s { sendEmail(email: \"ann@example.com\", scene: LOGIN_VERIFY_CODE) { code } }";
    nobody.ok(mail, json!({}));
    let body = json!({"email": "ann@example.com", "code": "4711"}).to_string();
    let answer = nobody.send("POST", "/api/v2/login/email-code", &body).body;
    assert_eq!(answer["code"], 2058, "{answer}");

    let reset = "mutation r($token: String!, $old: String!, $new: String!) {
        resetPasswordByForceResetToken(token: $token, oldPassword: $old, newPassword: $new) { code }
    }";
    let [old, new] = ["123456", "1234567"].map(|text| encrypt(&emulator, text));
    let variables = json!({"token": answer["data"]["token"], "old": old, "new": new});
    nobody.ok(reset, variables);
    let code = json!({"code": text_message(&emulator, "login")});
    assert!(nobody.ok(BY_CODE, code)["token"].is_string());
}

#[test]
fn a_code_does_not_go_round_a_first_password() {
    let emulator = Emulator::start().unwrap();
    ann(&emulator, true);
    let nobody = Client::nobody(&emulator);
    let code = json!({"code": text_message(&emulator, "login")});
    let answer = nobody.graphql(BY_CODE, code).body;
    assert_eq!(refusal(&answer)["code"], 1639, "{answer}");
}

/// Whoever has forgotten the password that has to be changed does not get it back.
#[test]
fn a_reset_does_not_go_round_a_new_password() {
    let emulator = Emulator::start().unwrap();
    let ann = ann(&emulator, false);
    emulator.force_password_reset(ann["id"].as_str().unwrap());
    let nobody = Client::nobody(&emulator);
    let reset = "mutation r($code: String!, $new: String!) {
        resetPassword(phone: \"13800000000\", code: $code, newPassword: $new) { code }
    }";
    let code = text_message(&emulator, "reset");
    let same = json!({"code": code, "new": encrypt(&emulator, "123456")});
    assert_eq!(nobody.refused(reset, same), 500);
    // A refused one does not use the code up.
    let other = json!({"code": code, "new": encrypt(&emulator, "1234567")});
    nobody.ok(reset, other);
    let code = json!({"code": text_message(&emulator, "login")});
    assert!(nobody.ok(BY_CODE, code)["token"].is_string());
}

#[test]
fn a_reset_does_not_go_round_the_second_factor() {
    let emulator = Emulator::start().unwrap();
    ann(&emulator, false);
    emulator.require_mfa(true);
    let nobody = Client::nobody(&emulator);
    let reset = "mutation r($code: String!, $new: String!) {
        resetPassword(phone: \"13800000000\", code: $code, newPassword: $new) { code }
    }";
    let variables = json!({
        "code": text_message(&emulator, "reset"),
        "new": encrypt(&emulator, "1234567"),
    });
    nobody.ok(reset, variables);
    let login = "mutation l($password: String!) {
        loginByPhonePassword(input: {phone: \"13800000000\", password: $password}) { token }
    }";
    let password = encrypt(&emulator, "1234567");
    let answer = nobody.graphql(login, json!({"password": password})).body;
    assert_eq!(refusal(&answer)["code"], 1636, "{answer}");
    let code = json!({"code": text_message(&emulator, "login")});
    assert_eq!(refusal(&nobody.graphql(BY_CODE, code).body)["code"], 1636);
}

#[test]
fn a_registration_does_not_go_round_the_second_factor() {
    let emulator = Emulator::start().unwrap();
    emulator.require_mfa(true);
    let register = "mutation r($input: RegisterByUsernameInput!) {
        registerByUsername(input: $input) { token }
    }";
    let nobody = Client::nobody(&emulator);
    for (name, option) in [("ann", "forceLogin"), ("bob", "generateToken")] {
        let mut input = json!({"username": name, "password": encrypt(&emulator, "123456")});
        input[option] = json!(true);
        let answer = nobody.graphql(register, json!({"input": input})).body;
        assert_eq!(refusal(&answer)["code"], 1636, "{option}: {answer}");
        let exists = "query e($name: String) { isUserExists(username: $name) }";
        assert_eq!(nobody.ok(exists, json!({"name": name})), true);
    }
}
