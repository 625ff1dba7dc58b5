use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{Client, encrypt};

const LOGIN: &str = "mutation loginByUsername($input: LoginByUsernameInput!) {
    loginByUsername(input: $input) { id }
}";
const RESET: &str = "mutation reset($token: String!, $oldPassword: String!, $newPassword: String!) {
    resetPasswordByForceResetToken(token: $token, oldPassword: $oldPassword, newPassword: $newPassword) { code }
}";

fn credentials(emulator: &Emulator, password: &str) -> Value {
    json!({"input": {"username": "ann", "password": encrypt(emulator, password)}})
}

#[test]
fn a_password_can_have_to_be_changed() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let password = encrypt(&emulator, "passw0rd");
    let ann =
        Client::administrator(&emulator).create(json!({"username": "ann", "password": password}));
    assert!(!emulator.force_password_reset("nobody"));
    assert!(emulator.force_password_reset(ann["id"].as_str().unwrap()));

    let wrong = credentials(&emulator, "wrong password");
    assert_eq!(
        nobody.refused(LOGIN, wrong),
        2006,
        "the password comes first"
    );
    let refusal = nobody
        .graphql(LOGIN, credentials(&emulator, "passw0rd"))
        .body;
    let message = &refusal["errors"][0]["message"];
    assert_eq!(message["code"], 2058);
    let reset = |token: &Value, old: &str, new: &str| {
        json!({
            "token": token,
            "oldPassword": encrypt(&emulator, old),
            "newPassword": encrypt(&emulator, new),
        })
    };
    let token = &message["data"]["token"];
    for (variables, code) in [
        (reset(token, "wrong password", "new passw0rd"), 2203),
        (reset(token, "passw0rd", "short"), 2029),
        (reset(token, "passw0rd", "passw0rd"), 500),
        (reset(&json!("made up"), "passw0rd", "new passw0rd"), 2001),
    ] {
        assert_eq!(nobody.refused(RESET, variables), code);
    }
    let right = reset(token, "passw0rd", "new passw0rd");
    assert_eq!(nobody.ok(RESET, right.clone())["code"], 200);
    assert_eq!(nobody.refused(RESET, right), 2001, "a token is good once");
    nobody.ok(LOGIN, credentials(&emulator, "new passw0rd"));
    assert_eq!(
        nobody.refused(LOGIN, credentials(&emulator, "passw0rd")),
        2006
    );
}
