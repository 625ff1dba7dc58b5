//! Who is found, and what others have that one cannot have.

use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::Client;

fn role(code: &str) -> String {
    format!("mutation createRole {{ createRole(code: \"{code}\") {{ id }} }}")
}

#[test]
fn a_search_keeps_to_what_was_asked_for() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann", "nickname": "Nan"}))["id"].clone();
    let bob = administrator.create(json!({"username": "bob", "company": "ann"}))["id"].clone();
    administrator.ok(&role("clerk"), json!({}));
    administrator.ok(
        "mutation createGroup { createGroup(code: \"staff\", name: \"s\") { code } }",
        json!({}),
    );
    let assign = "mutation assignRole($ids: [String!]) { assignRole(roleCode: \"clerk\", userIds: $ids) { code } }";
    administrator.ok(assign, json!({"ids": [bob]}));
    let add = "mutation addUserToGroup($ids: [String!]!) { addUserToGroup(code: \"staff\", userIds: $ids) { code } }";
    administrator.ok(add, json!({"ids": [ann]}));
    let (only_ann, only_bob) = (vec![ann.clone()], vec![bob.clone()]);
    let found = |arguments: &str| -> Vec<Value> {
        let query = format!("query searchUser {{ searchUser({arguments}) {{ list {{ id }} }} }}");
        let page = administrator.ok(&query, json!({}));
        page["list"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["id"].clone())
            .collect()
    };
    assert_eq!(found("query: \"\""), [bob.clone(), ann.clone()]);
    assert_eq!(found("query: \"ANN\""), only_ann);
    assert_eq!(found("query: \"nan\""), only_ann);
    assert!(found("query: \"nobody\"").is_empty());
    assert_eq!(found("query: \"ann\", fields: [\"company\"]"), only_bob);
    assert_eq!(
        found("query: \"\", groupOpts: [{code: \"staff\"}]"),
        only_ann
    );
    assert_eq!(
        found("query: \"\", roleOpts: [{code: \"clerk\"}]"),
        only_bob
    );
    assert!(found("query: \"\", roleOpts: [{code: \"clerk\", namespace: \"shop\"}]").is_empty());
    assert!(found("query: \"\", departmentOpts: [{departmentId: \"d\"}]").is_empty());
    assert_eq!(found("query: \"\", limit: 1"), [bob]);
    assert_eq!(found("query: \"\", limit: 1, page: 2"), [ann]);
}

#[test]
fn an_account_at_a_provider_belongs_to_one_user() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}))["id"].clone();
    let bob = administrator.create(json!({"username": "bob"}))["id"].clone();
    let send = |what: &str, user: &Value| {
        let body = json!({
            "userId": user, "userIdInIdp": "w1", "isSocial": true, "identifier": "wechat", "extIdpId": "i",
        });
        let path = format!("/api/v2/users/identity/{what}");
        administrator.send("POST", &path, &body.to_string()).body["code"].clone()
    };
    assert_eq!(send("unlink", &ann), 500);
    assert_eq!(send("link", &ann), 200);
    assert_eq!(send("link", &bob), 500);
    let create = "mutation createUser($identity: CreateUserIdentityInput) {
        createUser(userInfo: {username: \"cas\"}, identity: $identity) { id }
    }";
    let identity = json!({"identity": {"provider": "wechat", "userIdInIdp": "w1"}});
    assert_eq!(administrator.refused(create, identity.clone()), 500);
    assert_eq!(send("unlink", &ann), 200);
    assert_eq!(send("unlink", &ann), 500);
    administrator.ok(create, identity);
}

#[test]
fn nobody_is_logged_in_on_a_device() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}))["id"].clone();
    let status = |more: &str| {
        let path = format!(
            "/api/v2/users/login-status?userId={}{more}",
            ann.as_str().unwrap()
        );
        administrator.get(&path).body["data"]["isLogin"].clone()
    };
    assert_eq!(status(""), false);
    let refresh = "mutation refreshToken($id: String) { refreshToken(id: $id) { token } }";
    administrator.ok(refresh, json!({"id": ann}));
    assert_eq!(status(""), true);
    assert_eq!(status("&deviceId=d"), false);
    let update = "mutation updateUser($id: String) {
        updateUser(id: $id, input: {nickname: \"a\"}, emailToken: \"t\") { id }
    }";
    assert_eq!(administrator.refused(update, json!({"id": ann})), 2001);
}

#[test]
fn a_new_role_has_nothing_of_an_old_one() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}))["id"].clone();
    administrator.ok(&role("clerk"), json!({}));
    administrator.ok(&role("chief"), json!({}));
    let rename = "mutation updateRole { updateRole(code: \"clerk\", newCode: \"chief\") { code } }";
    assert_eq!(administrator.refused(rename, json!({})), 500);
    let allow = "mutation allow { allow(resource: \"book:1\", action: \"read\", roleCode: \"clerk\") { code } }";
    administrator.ok(allow, json!({}));
    administrator.ok(
        "mutation deleteRole { deleteRole(code: \"clerk\") { code } }",
        json!({}),
    );
    administrator.ok(&role("clerk"), json!({}));
    let assign = "mutation assignRole($ids: [String!]) { assignRole(roleCode: \"clerk\", userIds: $ids) { code } }";
    administrator.ok(assign, json!({"ids": [ann]}));
    let may = "query isActionAllowed($id: String!) { isActionAllowed(resource: \"book:1\", action: \"read\", userId: $id) }";
    assert_eq!(administrator.ok(may, json!({"id": ann})), false);
    administrator.ok(allow, json!({}));
    assert_eq!(administrator.ok(may, json!({"id": ann})), true);
}
