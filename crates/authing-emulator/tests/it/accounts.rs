use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{Client, USER, encrypt};

fn mutation(name: &str, input: &str) -> String {
    format!("mutation {name}($input: {input}!) {{ {name}(input: $input) {{ {USER} }} }}")
}

fn post(client: &Client<'_>, path: &str, body: Value) -> Value {
    let answer = client.send("POST", path, &body.to_string());
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[test]
fn a_code_of_a_text_message_registers_and_logs_in() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let register = mutation("registerByPhoneCode", "RegisterByPhoneCodeInput");
    let sent = post(
        &nobody,
        "/api/v2/sms/send",
        json!({"phone": "86 138-0000-0000"}),
    );
    assert_eq!(
        sent,
        json!({"code": 200, "message": "发送成功", "data": null})
    );
    let code = emulator.outbox().pop().unwrap().code;
    let input = json!({"input": {"phone": "+8613800000000", "code": code, "forceLogin": true}});
    let ann = nobody.ok(&register, input.clone());
    assert_eq!(ann["phone"], "13800000000");
    assert_eq!(ann["phoneVerified"], true);
    assert_eq!(ann["registerSource"], json!(["basic:phone-code"]));
    assert!(ann["token"].is_string());
    assert_eq!(nobody.refused(&register, input), 2001);

    let login = mutation("loginByPhoneCode", "LoginByPhoneCodeInput");
    emulator.fix_code("13800000000", "0000");
    post(
        &nobody,
        "/api/v2/sms/send",
        json!({"phone": "13800000000", "scene": "login"}),
    );
    let input = json!({"input": {"phone": "13800000000", "code": "0000"}});
    assert_eq!(nobody.ok(&login, input)["id"], ann["id"]);
}

#[test]
fn a_code_of_a_mail_logs_in_over_rest() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let register = mutation("registerByEmail", "RegisterByEmailInput");
    let password = encrypt(&emulator, "passw0rd");
    let input = json!({"input": {"email": "Ann@example.com", "password": password}});
    let ann = nobody.ok(&register, input);
    let path = "/api/v2/login/email-code";
    let body = json!({"email": "ann@example.com", "code": "1234"});
    assert_eq!(post(&nobody, path, body)["code"], 2001);
    nobody.ok(
        "mutation { sendEmail(email: \"ann@example.com\", scene: LOGIN_VERIFY_CODE) { code } }",
        json!({}),
    );
    let code = emulator.outbox().pop().unwrap().code;
    let answer = post(
        &nobody,
        path,
        json!({"email": "ANN@example.com", "code": code}),
    );
    assert_eq!(
        (&answer["code"], &answer["data"]["id"]),
        (&json!(200), &ann["id"])
    );
    let user = Client::with_token(&emulator, &answer["data"]["token"]);
    assert_eq!(user.get("/api/v2/users/me/orgs").body["data"], json!([]));
    let refused = nobody.get("/api/v2/users/me/orgs").body;
    assert_eq!(refused["code"], 2020);
    let administrator = Client::administrator(&emulator);
    let refused = administrator.get("/api/v2/users/me/security-level").body;
    assert_eq!(refused["code"], 1001);
}

#[test]
fn text_messages_go_to_phones_only() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let path = "/api/v2/sms/send";
    assert_eq!(post(&nobody, path, json!({"phone": "ann"}))["code"], 2028);
    let odd_scene = json!({"phone": "13800000000", "scene": "x"});
    assert_eq!(post(&nobody, path, odd_scene)["code"], 500);
    assert_eq!(nobody.send("POST", path, "{}").body["code"], 400);
    assert_eq!(emulator.outbox(), []);
}

#[test]
fn a_locked_user_gets_in_by_no_way() {
    let emulator = Emulator::start().unwrap();
    let (nobody, administrator) = (Client::nobody(&emulator), Client::administrator(&emulator));
    administrator.create(json!({"phone": "13800000000", "blocked": true}));
    emulator.fix_code("13800000000", "0000");
    post(&nobody, "/api/v2/sms/send", json!({"phone": "13800000000"}));
    let login = mutation("loginByPhoneCode", "LoginByPhoneCodeInput");
    let input = json!({"input": {"phone": "13800000000", "code": "0000"}});
    assert_eq!(nobody.refused(&login, input), 2005);
}

#[test]
fn addresses_and_numbers_in_a_profile_are_checked() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let register = mutation("registerByUsername", "RegisterByUsernameInput");
    let with = |profile: Value| {
        let password = encrypt(&emulator, "passw0rd");
        json!({"input": {"username": "ann", "password": password, "profile": profile}})
    };
    assert_eq!(
        nobody.refused(&register, with(json!({"email": "no address"}))),
        2204
    );
    assert_eq!(
        nobody.refused(&register, with(json!({"phone": "no number"}))),
        2028
    );
    let profile = json!({"email": "Ann@Example.com", "phone": "138 0000 0000"});
    let ann = nobody.ok(&register, with(profile));
    assert_eq!(
        (&ann["email"], &ann["phone"]),
        (&json!("ann@example.com"), &json!("13800000000"))
    );
}
