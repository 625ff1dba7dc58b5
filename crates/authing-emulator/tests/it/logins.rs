use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{Client, USER, encrypt};

fn login() -> String {
    format!(
        "mutation loginByUsername($input: LoginByUsernameInput!) {{ loginByUsername(input: $input) {{ {USER} }} }}"
    )
}

fn register() -> String {
    format!(
        "mutation registerByUsername($input: RegisterByUsernameInput!) {{
            registerByUsername(input: $input) {{ {USER} }}
        }}"
    )
}

fn credentials(emulator: &Emulator, username: &str, password: &str) -> Value {
    json!({"input": {"username": username, "password": encrypt(emulator, password)}})
}

#[test]
fn a_registered_user_can_log_in() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let mut input = credentials(&emulator, "ann", "passw0rd");
    input["input"]["profile"] =
        json!({"nickname": "Annie", "email": "Ann@example.com", "ip": "1.2.3.4"});
    input["input"]["clientIp"] = Value::Null;
    let ann = nobody.ok(&register(), input.clone());
    assert_eq!(ann["registerSource"], json!(["basic:username-password"]));
    assert_eq!(ann["nickname"], "Annie");
    assert_eq!(ann["email"], "ann@example.com");
    assert_eq!(ann["lastIP"], "1.2.3.4");
    assert_eq!(ann["token"], Value::Null);
    assert_eq!(ann["loginsCount"], 0);
    assert_eq!(ann["password"].as_str().unwrap().len(), 32);
    assert_eq!(nobody.refused(&register(), input), 2026);

    let mut input = credentials(&emulator, "ann", "passw0rd");
    input["input"]["clientIp"] = json!("5.6.7.8");
    let login = nobody.ok(&login(), input);
    assert_eq!(login["id"], ann["id"]);
    assert_eq!(login["loginsCount"], 1);
    assert_eq!(login["lastIP"], "5.6.7.8");
    assert_eq!(login["newlyCreated"], false);
    assert!(login["lastLogin"].is_string() && login["signedUp"].is_string());
    assert!(login["tokenExpiredAt"].is_string());
    let user = Client::with_token(&emulator, &login["token"]);
    assert_eq!(user.user(&Value::Null)["id"], ann["id"]);
}

#[test]
fn wrong_names_and_passwords_are_refused() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let short = credentials(&emulator, "ann", "12345");
    assert_eq!(nobody.refused(&register(), short), 2029);
    nobody.ok(&register(), credentials(&emulator, "ann", "passw0rd"));
    for (input, code) in [
        (credentials(&emulator, "ann", "Passw0rd"), 2006),
        (credentials(&emulator, "ann", "x"), 2006),
        (credentials(&emulator, "bob", "passw0rd"), 2004),
        (
            json!({"input": {"username": "ann", "password": "passw0rd"}}),
            2016,
        ),
    ] {
        assert_eq!(nobody.refused(&login(), input), code);
    }
    let stale = Client::with_token(&emulator, &json!("stale"));
    stale.ok(&login(), credentials(&emulator, "ann", "passw0rd"));
}

#[test]
fn registering_can_sign_in() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let mut input = credentials(&emulator, "ann", "passw0rd");
    input["input"]["forceLogin"] = json!(true);
    let ann = nobody.ok(&register(), input);
    assert_eq!(ann["loginsCount"], 1);
    assert!(ann["token"].is_string());

    let mut input = credentials(&emulator, "bob", "passw0rd");
    input["input"]["generateToken"] = json!(true);
    let bob = nobody.ok(&register(), input);
    assert_eq!(bob["loginsCount"], 0);
    let user = Client::with_token(&emulator, &bob["token"]);
    assert_eq!(user.user(&Value::Null)["id"], bob["id"]);

    let mut input = credentials(&emulator, "eve", "passw0rd");
    input["input"]["autoRegister"] = json!(true);
    let eve = nobody.ok(&login(), input);
    assert_eq!(eve["newlyCreated"], true);
    assert!(eve["token"].is_string());
}

#[test]
fn a_locked_user_is_out() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let mut input = credentials(&emulator, "ann", "passw0rd");
    input["input"]["forceLogin"] = json!(true);
    let ann = nobody.ok(&register(), input);
    let lock = "mutation updateUser($id: String, $blocked: Boolean) {
        updateUser(id: $id, input: {blocked: $blocked}) { blocked }
    }";
    let administrator = Client::administrator(&emulator);
    administrator.ok(lock, json!({"id": ann["id"], "blocked": true}));
    let user = Client::with_token(&emulator, &ann["token"]);
    assert_eq!(user.refused("query user { user { id } }", json!({})), 2020);
    let input = || credentials(&emulator, "ann", "passw0rd");
    assert_eq!(nobody.refused(&login(), input()), 2005);
    administrator.ok(lock, json!({"id": ann["id"], "blocked": false}));
    assert!(nobody.ok(&login(), input())["token"].is_string());
}

#[test]
fn administrators_set_passwords() {
    let emulator = Emulator::start().unwrap();
    let (nobody, administrator) = (Client::nobody(&emulator), Client::administrator(&emulator));
    let ann = administrator.create(json!({"username": "ann"}));
    let input = || credentials(&emulator, "ann", "passw0rd");
    assert_eq!(nobody.refused(&login(), input()), 2006);
    let set = "mutation updateUser($id: String, $password: String) {
        updateUser(id: $id, input: {password: $password}) { password }
    }";
    let password = encrypt(&emulator, "passw0rd");
    let changed = administrator.ok(set, json!({"id": ann["id"], "password": password}));
    assert_eq!(changed["password"].as_str().unwrap().len(), 32);
    assert_eq!(nobody.ok(&login(), input())["id"], ann["id"]);

    let kept = administrator.ok(
        "mutation createUser($info: CreateUserInput!) {
            createUser(userInfo: $info, keepPassword: true) { password }
        }",
        json!({"info": {"username": "bob", "password": encrypt(&emulator, "own-digest")}}),
    );
    assert_eq!(kept["password"], "own-digest");
}

#[test]
fn a_first_login_can_ask_for_a_new_password() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    Client::administrator(&emulator).ok(
        "mutation createUser($info: CreateUserInput!) {
            createUser(userInfo: $info, resetPasswordOnFirstLogin: true) { id }
        }",
        json!({"info": {"username": "ann", "password": encrypt(&emulator, "initial")}}),
    );
    let refusal = nobody
        .graphql(&login(), credentials(&emulator, "ann", "initial"))
        .body;
    let message = &refusal["errors"][0]["message"];
    assert_eq!(message["code"], 1639);
    let set = "mutation resetPasswordByFirstLoginToken($token: String!, $password: String!) {
        resetPasswordByFirstLoginToken(token: $token, password: $password) { code message }
    }";
    let variables =
        json!({"token": message["data"]["token"], "password": encrypt(&emulator, "passw0rd")});
    assert_eq!(nobody.ok(set, variables.clone())["code"], 200);
    assert_eq!(nobody.refused(set, variables), 2001);
    nobody.ok(&login(), credentials(&emulator, "ann", "passw0rd"));
}
