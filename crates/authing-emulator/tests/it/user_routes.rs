//! Users over REST, as the official SDKs ask for them.

use std::time::Duration;

use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{Client, encrypt};

fn data(client: &Client<'_>, path: &str) -> Value {
    let answer = client.get(path);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["code"], 200, "{}", answer.body);
    answer.body["data"].clone()
}

fn post(client: &Client<'_>, path: &str, body: Value) -> Value {
    client.send("POST", path, &body.to_string()).body
}

fn define(client: &Client<'_>, key: &str) {
    let define = "mutation setUdf($key: String!) {
        setUdf(targetType: USER, key: $key, dataType: NUMBER, label: $key) { key }
    }";
    client.ok(define, json!({"key": key}));
}

fn sign_in<'a>(emulator: &'a Emulator, name: &str) -> Client<'a> {
    let login = "mutation loginByUsername($input: LoginByUsernameInput!) {
        loginByUsername(input: $input) { token }
    }";
    let input = json!({"username": name, "password": encrypt(emulator, "123456")});
    let user = Client::nobody(emulator).ok(login, json!({"input": input}));
    Client::with_token(emulator, &user["token"])
}

fn with_password(emulator: &Emulator, name: &str) -> Value {
    json!({"username": name, "password": encrypt(emulator, "123456")})
}

#[test]
fn users_are_read_with_and_without_custom_data() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    define(&administrator, "age");
    let ann = administrator.create(with_password(&emulator, "ann"));
    let id = ann["id"].as_str().unwrap();
    for query in ["", "?with_custom_data=0", "?with_custom_data=false"] {
        let user = data(&administrator, &format!("/api/v2/users/{id}{query}"));
        assert_eq!(
            (&user["username"], &user["id"]),
            (&json!("ann"), &ann["id"])
        );
        assert!(user.get("customData").is_none());
    }
    for query in ["?with_custom_data=1", "?with_custom_data=true"] {
        let user = data(&administrator, &format!("/api/v2/users/{id}{query}"));
        assert_eq!(user["customData"], json!([]));
    }
    let set = "mutation setUdv($id: String!) {
        setUdv(targetType: USER, targetId: $id, key: \"age\", value: \"30\") { key }
    }";
    administrator.ok(set, json!({"id": id}));
    let user = data(
        &administrator,
        &format!("/api/v2/users/{id}?with_custom_data=1"),
    );
    let set = json!([{"key": "age", "dataType": "NUMBER", "value": "30", "label": "age"}]);
    assert_eq!(user["customData"], set);
    assert_eq!(data(&administrator, "/api/v2/users/unknown"), Value::Null);

    let batch = json!({"ids": ["ann", "bob"], "type": "username", "withCustomData": true});
    let found = post(&administrator, "/api/v2/users/batch", batch);
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert_eq!(found["data"][0]["customData"][0]["key"], "age");
    let many = json!({"ids": vec!["x"; 81]});
    assert_eq!(
        post(&administrator, "/api/v2/users/batch", many)["code"],
        2030
    );

    let own = sign_in(&emulator, "ann");
    assert_eq!(data(&own, "/api/v2/users/me")["id"], ann["id"]);
    assert_eq!(administrator.get("/api/v2/users/me").body["code"], 2020);
    let nobody = Client::nobody(&emulator);
    assert_eq!(nobody.get("/api/v2/users/me").body["code"], 2020);
    // A user is no administrator, not even over the own record.
    for path in [
        format!("/api/v2/users/{id}"),
        format!("/api/v2/users/{id}/orgs"),
        format!("/api/v2/users/login-status?userId={id}"),
        "/api/v2/analysis/user-action".to_owned(),
    ] {
        assert_eq!(own.get(&path).body["code"], 1001, "{path}");
        assert_eq!(nobody.get(&path).body["code"], 2020, "{path}");
    }
    let kick = json!({"userIds": [id]});
    assert_eq!(post(&own, "/api/v2/users/kick", kick)["code"], 1001);
}

#[test]
fn roles_are_told_by_namespace() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}));
    let id = ann["id"].as_str().unwrap();
    administrator.ok(
        "mutation createRole($code: String!) { createRole(code: $code) { code } }",
        json!({"code": "reader"}),
    );
    administrator.ok(
        "mutation assignRole($ids: [String!]) {
            assignRole(roleCodes: [\"reader\"], userIds: $ids) { code }
        }",
        json!({"ids": [id]}),
    );
    let has = |query: &str| {
        data(
            &administrator,
            &format!("/api/v2/users/{id}/has-role?{query}"),
        )
    };
    assert_eq!(has("code=reader"), true);
    assert_eq!(has("code=reader&namespace=default"), true);
    assert_eq!(has("code=reader&namespace=docs"), false);
    assert_eq!(has("code=writer"), false);
    let unknown = administrator.get("/api/v2/users/unknown/has-role?code=reader");
    assert_eq!(unknown.body["code"], 2004);
    let incomplete = administrator.get(&format!("/api/v2/users/{id}/has-role"));
    assert_eq!(incomplete.body["code"], 400);
}

#[test]
fn a_user_at_logout_ends_the_own_session_only() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(with_password(&emulator, "ann"));
    let bob = administrator.create(with_password(&emulator, "bob"));
    let [first, second] = ["ann", "ann"].map(|name| sign_in(&emulator, name));
    let other = sign_in(&emulator, "bob");
    let bob = bob["id"].as_str().unwrap();
    assert_eq!(
        first.get(&format!("/logout?userId={bob}")).body["code"],
        1001
    );
    assert_eq!(first.get("/logout?appId=unknown").body["code"], 2011);
    assert_eq!(first.get("/logout?deviceId=current").body["code"], 200);
    assert_eq!(first.get("/logout").body["code"], 2020);
    assert_eq!(data(&second, "/api/v2/users/me")["id"], ann["id"]);
    assert_eq!(data(&other, "/api/v2/users/me")["id"], bob);
    // Without a name, nobody is logged out, least of all the administrator.
    assert_eq!(administrator.get("/logout").body["code"], 2231);
    let unknown = administrator.get("/logout?userId=unknown").body;
    assert_eq!(unknown["code"], 200);
    assert_eq!(data(&other, "/api/v2/users/me")["id"], bob);
}

#[test]
fn an_archived_user_leaves_everything_behind() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(with_password(&emulator, "ann"));
    let own = sign_in(&emulator, "ann");
    emulator.advance(Duration::from_secs(60));
    assert!(emulator.archive_user(ann["id"].as_str().unwrap()));
    assert_eq!(own.get("/api/v2/users/me").body["code"], 2020);
    let archived = administrator.ok(
        "query archivedUsers { archivedUsers { totalCount list { id status updatedAt } } }",
        json!({}),
    );
    assert_eq!(archived["totalCount"], 1);
    assert_eq!(archived["list"][0]["id"], ann["id"]);
    assert_eq!(archived["list"][0]["status"], "Archived");
    assert_ne!(archived["list"][0]["updatedAt"], ann["updatedAt"]);
    assert_eq!(administrator.user(&ann["id"]), Value::Null);
    // The name is free again.
    administrator.create(json!({"username": "ann"}));
    assert!(!emulator.archive_user(ann["id"].as_str().unwrap()));
}

#[test]
fn actions_are_asked_for_in_the_words_of_both_sdks() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    administrator.create(with_password(&emulator, "ann"));
    let ann = sign_in(&emulator, "ann");
    assert_eq!(ann.get("/api/v2/logout").body["code"], 200);
    let count = |query: &str| {
        let path = format!("/api/v2/analysis/user-action?{query}");
        data(&administrator, &path)["totalCount"].as_i64().unwrap()
    };
    // Python sends empty texts for what it was not given, JS lists with brackets.
    assert_eq!(
        count("page=1&limit=10&clientip=&operation_name=&operator_arn="),
        2
    );
    assert_eq!(count("operation_name=login"), 1);
    assert_eq!(
        count("operation_name%5B%5D=login&operation_name%5B%5D=logout"),
        2
    );
    assert_eq!(count("operation_name[]=register"), 0);
    assert_eq!(count("clientip=192.0.2.9"), 0);
    let odd = administrator.get("/api/v2/analysis/user-action?page=first");
    assert_eq!(odd.body["code"], 400);
}
