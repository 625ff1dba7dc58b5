use std::time::Duration;

use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{Client, encrypt};

const UPDATE: &str = "mutation updateUserpool($input: UpdateUserpoolInput!) {
    updateUserpool(input: $input) {
        name secret jwtSecret registerDisabled tokenExpiresAfter updatedAt verifyCodeLength
        whitelist { phoneEnabled emailEnabled usernameEnabled }
    }
}";
const REGISTER: &str = "mutation registerByUsername($input: RegisterByUsernameInput!) {
    registerByUsername(input: $input) { id username token }
}";
const ADD: &str = "mutation addWhitelist($type: WhitelistType!, $list: [String!]!) {
    addWhitelist(type: $type, list: $list) { value createdAt updatedAt }
}";

fn registration(emulator: &Emulator, username: &str, profile: Value) -> Value {
    let password = encrypt(emulator, "correct horse");
    json!({"input": {
        "username": username, "password": password, "profile": profile, "generateToken": true,
    }})
}

fn values(entries: &Value) -> Vec<&str> {
    let entries = entries.as_array().unwrap().iter();
    entries
        .map(|entry| entry["value"].as_str().unwrap())
        .collect()
}

#[test]
fn a_whitelist_keeps_others_from_registering() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let nobody = Client::nobody(&emulator);
    let listed = administrator.ok(
        ADD,
        json!({"type": "USERNAME", "list": ["Ann", "bob", "ANN"]}),
    );
    assert_eq!(values(&listed), ["ann", "bob"]);
    let ben = registration(&emulator, "ben", json!({}));
    nobody.ok(REGISTER, ben);

    let on = json!({"input": {"whitelist": {"usernameEnabled": true}}});
    administrator.ok(UPDATE, on);
    let eve = registration(&emulator, "eve", json!({}));
    assert_eq!(nobody.refused(REGISTER, eve.clone()), 500);
    nobody.ok(REGISTER, registration(&emulator, "ANN", json!({})));
    administrator.create(json!({"username": "carl"}));
    let login = "mutation loginByUsername($input: LoginByUsernameInput!) {
        loginByUsername(input: $input) { id }
    }";
    let password = encrypt(&emulator, "correct horse");
    let input = json!({"username": "eve", "password": password, "autoRegister": true});
    assert_eq!(nobody.refused(login, json!({"input": input})), 500);

    let mail = json!({"input": {"whitelist": {"emailEnabled": true}}});
    let both = administrator.ok(UPDATE, mail);
    assert_eq!(
        both["whitelist"],
        json!({"phoneEnabled": false, "emailEnabled": true, "usernameEnabled": true})
    );
    let unlisted = registration(&emulator, "bob", json!({"email": "bob@example.com"}));
    assert_eq!(nobody.refused(REGISTER, unlisted.clone()), 500);
    administrator.ok(ADD, json!({"type": "EMAIL", "list": ["BOB@example.com"]}));
    nobody.ok(REGISTER, unlisted);

    let remove = "mutation removeWhitelist($list: [String!]!) {
        removeWhitelist(type: USERNAME, list: $list) { value }
    }";
    let left = administrator.ok(remove, json!({"list": ["ANN", "nobody"]}));
    assert_eq!(values(&left), ["bob"]);
    let off = json!({"input": {"whitelist": {"usernameEnabled": false}}});
    administrator.ok(UPDATE, off);
    nobody.ok(REGISTER, eve);
}

#[test]
fn values_for_a_whitelist_are_added_together_or_not_at_all() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let wrong = json!({"type": "PHONE", "list": ["13800000000", " "]});
    assert_eq!(administrator.refused(ADD, wrong), 500);
    let list = "query whitelist { whitelist(type: PHONE) { value } }";
    assert_eq!(administrator.ok(list, json!({})), json!([]));
    assert_eq!(Client::nobody(&emulator).refused(list, json!({})), 2020);
}

#[test]
fn settings_take_effect() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let nobody = Client::nobody(&emulator);
    let change = json!({"input": {"tokenExpiresAfter": 60, "verifyCodeLength": 6}});
    let pool = administrator.ok(UPDATE, change);
    assert_eq!(pool["tokenExpiresAfter"], 60);
    let ann = nobody.ok(REGISTER, registration(&emulator, "ann", json!({})));
    let user = Client::with_token(&emulator, &ann["token"]);
    assert_eq!(user.user(&ann["id"])["username"], "ann");
    emulator.advance(Duration::from_secs(61));
    let query = "query user { user { id } }";
    assert_eq!(user.refused(query, json!({})), 2020);

    let send = "mutation sendEmail { sendEmail(email: \"a@b.cd\", scene: VERIFY_CODE) { code } }";
    nobody.ok(send, json!({}));
    assert_eq!(emulator.outbox()[0].code.len(), 6);

    let close = json!({"input": {"registerDisabled": true}});
    administrator.ok(UPDATE, close);
    let bob = registration(&emulator, "bob", json!({}));
    assert_eq!(nobody.refused(REGISTER, bob), 2031);
    administrator.create(json!({"username": "bob"}));
    assert_eq!(nobody.refused(UPDATE, json!({"input": {}})), 2020);
    assert_eq!(
        administrator.refused(UPDATE, json!({"input": {"name": null}})),
        500
    );
}

#[test]
fn both_ways_to_the_pool_tell_the_same() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    administrator.ok(UPDATE, json!({"input": {"name": "Mine"}}));
    let query = "query userpool { userpool { id name secret tokenExpiresAfter } }";
    let pool = administrator.ok(query, json!({}));
    assert_eq!(pool["secret"], emulator.secret());
    let answer = administrator.get("/api/v2/userpools/detail");
    assert_eq!((answer.status, &answer.body["code"]), (200, &json!(200)));
    for field in ["id", "name", "secret", "tokenExpiresAfter"] {
        assert_eq!(answer.body["data"][field], pool[field], "{field}");
    }
}

#[test]
fn environment_variables() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let env = "/api/v2/env";
    let refused = Client::nobody(&emulator).get(env);
    assert_eq!((refused.status, &refused.body["code"]), (200, &json!(2020)));
    for (body, data) in [
        (
            r#"{"key": "a b", "value": "1"}"#,
            json!([{"key": "a b", "value": "1"}]),
        ),
        (
            r#"{"key": "a b", "value": [2]}"#,
            json!([{"key": "a b", "value": [2]}]),
        ),
    ] {
        let answer = administrator.send("POST", env, body);
        assert_eq!(answer.body["data"], data);
    }
    assert_eq!(
        administrator.send("POST", env, r#"{"value": 1}"#).body["code"],
        400
    );
    assert_eq!(administrator.send("POST", env, "{").status, 400);
    assert_eq!(
        administrator.send("DELETE", "/api/v2/env/nothing", "").body["code"],
        500
    );
    let newest = json!([{"key": "c", "value": null}, {"key": "a b", "value": [2]}]);
    let added = administrator.send("POST", env, r#"{"key": "c", "value": null}"#);
    assert_eq!(added.body["data"], newest);
    assert_eq!(administrator.get(env).body["data"], newest);
    let left = administrator.send("DELETE", "/api/v2/env/a%20b", "");
    assert_eq!(left.body["data"], json!([{"key": "c", "value": null}]));
    assert_eq!(administrator.send("PUT", env, "").status, 405);
}
