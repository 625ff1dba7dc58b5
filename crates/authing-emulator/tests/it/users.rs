use std::time::Duration;

use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{Client, USER, create, encrypt};

fn update() -> String {
    format!(
        "mutation updateUser($id: String, $input: UpdateUserInput!) {{
            updateUser(id: $id, input: $input) {{ {USER} }}
        }}"
    )
}

#[test]
fn a_created_user_can_be_read_and_deleted() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({
        "username": "ann", "email": "Ann@Example.com", "nickname": "", "phone": null,
    }));
    let id = ann["id"].as_str().unwrap();
    assert_eq!(id.len(), 24);
    let arn = format!("arn:cn:authing:{}:user:{id}", emulator.user_pool_id());
    assert_eq!(ann["arn"], arn);
    for (field, value) in [
        ("userPoolId", json!(emulator.user_pool_id())),
        ("status", json!("Activated")),
        ("email", json!("ann@example.com")),
        ("nickname", json!("")),
        ("phone", Value::Null),
        ("registerSource", json!(["import:manual"])),
        ("photo", json!("default-user-avatar.png")),
        ("gender", json!("U")),
        ("loginsCount", json!(0)),
        ("password", Value::Null),
        ("token", Value::Null),
        ("blocked", json!(false)),
    ] {
        assert_eq!(ann[field], value, "{field}");
    }
    assert_eq!(ann["createdAt"].as_str().unwrap().len(), 24);
    assert_eq!(administrator.user(&ann["id"]), ann);

    let delete = "mutation deleteUser($id: String!) { deleteUser(id: $id) { message code } }";
    assert_eq!(
        administrator.ok(delete, json!({"id": id})),
        json!({"message": "删除成功！", "code": 200})
    );
    assert_eq!(administrator.user(&ann["id"]), Value::Null);
    assert_eq!(administrator.refused(delete, json!({"id": id})), 2210);
    let change = json!({"id": id, "input": {"name": "Ann"}});
    assert_eq!(administrator.refused(&update(), change), 2004);
}

#[test]
fn many_are_deleted_together_or_not_at_all() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ids =
        ["ann", "bob"].map(|name| administrator.create(json!({"username": name}))["id"].clone());
    let delete =
        "mutation deleteUsers($ids: [String!]!) { deleteUsers(ids: $ids) { message code } }";
    let with_unknown = json!({"ids": [ids[0], "unknown"]});
    assert_eq!(administrator.refused(delete, with_unknown), 2210);
    assert_eq!(administrator.user(&ids[0])["id"], ids[0]);
    assert_eq!(administrator.ok(delete, json!({"ids": ids}))["code"], 200);
    let users = administrator.ok(
        "query users { users { totalCount list { id } } }",
        json!({}),
    );
    assert_eq!(users, json!({"totalCount": 0, "list": []}));
}

#[test]
fn what_cannot_be_created() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    administrator
        .create(json!({"username": "ann", "email": "ann@example.com", "phone": "13800000000"}));
    for (info, code) in [
        (json!({}), 2231),
        (json!({"nickname": "ann"}), 2231),
        (json!({"username": ""}), 2231),
        (json!({"username": "ann"}), 2026),
        (json!({"username": "bob", "email": "ANN@example.com"}), 2026),
        (json!({"username": "bob", "phone": "13800000000"}), 2026),
        (
            json!({"username": "bob", "password": "not encrypted"}),
            2016,
        ),
        (
            json!({"username": "bob", "password": encrypt(&emulator, "12345")}),
            2029,
        ),
        (json!({"username": "bob", "signedUp": "yesterday"}), 500),
        (
            json!({"username": "bob", "lastLogin": "1580000000000"}),
            500,
        ),
    ] {
        let variables = json!({"info": info});
        assert_eq!(administrator.refused(&create(), variables), code, "{info}");
    }
    let bob = administrator.create(json!({
        "username": "bob", "password": encrypt(&emulator, "123456"), "signedUp": "2020-01-01T00:00:00Z",
    }));
    assert_eq!(bob["password"].as_str().unwrap().len(), 32);
    let users = administrator.ok("query users { users { totalCount } }", json!({}));
    assert_eq!(users["totalCount"], 2);
}

#[test]
fn administrators_give_users_any_text_for_a_name() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"email": "AnN@example", "phone": "none"}));
    assert_eq!(
        (&ann["email"], &ann["phone"]),
        (&json!("ann@example"), &json!("none"))
    );
    let other = json!({"info": {"email": "ann@EXAMPLE"}});
    assert_eq!(administrator.refused(&create(), other), 2026);
    let input = json!({"email": "Nonsense", "phone": "nothing"});
    let ann = administrator.ok(&update(), json!({"id": ann["id"], "input": input}));
    assert_eq!(
        (&ann["email"], &ann["phone"]),
        (&json!("nonsense"), &json!("nothing"))
    );
}

#[test]
fn updates_clear_keep_and_store() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({
        "username": "ann", "name": "Ann", "company": "A", "emailVerified": true, "loginsCount": 5,
    }));
    administrator.create(json!({"username": "bob"}));
    let input = json!({
        "name": null, "nickname": "", "emailVerified": false, "loginsCount": 0, "email": "ANN@example.com",
    });
    let variables = json!({"id": ann["id"], "input": input});
    let changed = administrator.ok(&update(), variables);
    assert_eq!(changed["name"], Value::Null);
    assert_eq!(changed["company"], "A");
    assert_eq!(changed["nickname"], "");
    assert_eq!(changed["emailVerified"], false);
    assert_eq!(changed["loginsCount"], 0);
    assert_eq!(changed["email"], "ann@example.com");
    assert_eq!(administrator.user(&ann["id"]), changed);

    for (input, code) in [
        (json!({"username": "bob"}), 2026),
        (json!({"tokenExpiredAt": "1580000000000"}), 500),
        (json!({"password": "not encrypted"}), 2016),
    ] {
        let variables = json!({"id": ann["id"], "input": input});
        assert_eq!(administrator.refused(&update(), variables), code);
    }
    let own_name = json!({"id": ann["id"], "input": {"username": "ann"}});
    assert_eq!(administrator.ok(&update(), own_name)["username"], "ann");
    let nobody_named = json!({"input": {"name": "x"}});
    assert_eq!(administrator.refused(&update(), nobody_named), 2231);
}

#[test]
fn a_user_may_see_and_change_itself_only() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator
        .create(json!({"username": "ann", "email": "ann@example.com", "loginsCount": 3}));
    let bob = administrator.create(json!({"username": "bob"}));
    let token = administrator.ok(
        "mutation refreshToken($id: String) { refreshToken(id: $id) { token } }",
        json!({"id": ann["id"]}),
    );
    let user = Client::with_token(&emulator, &token["token"]);
    assert_eq!(user.user(&Value::Null)["username"], "ann");
    assert_eq!(user.user(&ann["id"])["token"], token["token"]);
    let other = "query user($id: String) { user(id: $id) { id } }";
    assert_eq!(user.refused(other, json!({"id": bob["id"]})), 1001);

    let own = json!({"id": ann["id"], "input": {"nickname": "Annie", "email": "Ann@example.com"}});
    assert_eq!(user.ok(&update(), own)["nickname"], "Annie");
    for (variables, code) in [
        (json!({"id": bob["id"], "input": {"nickname": "x"}}), 2202),
        (json!({"input": {"email": "new@example.com"}}), 2225),
        (json!({"input": {"phone": "13800000000"}}), 2226),
        (json!({"input": {"password": "x"}}), 2018),
        (json!({"input": {"blocked": true}}), 2018),
        (json!({"input": {"unionid": "u1"}}), 2018),
        (json!({"input": {"openid": "o1"}}), 2018),
        (json!({"input": {"loginsCount": 0}}), 2018),
        (
            json!({"input": {"lastLogin": "2020-01-01T00:00:00Z"}}),
            2018,
        ),
        (json!({"input": {"lastIP": "192.0.2.1"}}), 2018),
        (
            json!({"input": {"tokenExpiredAt": "2030-01-01T00:00:00Z"}}),
            2018,
        ),
        (
            json!({"input": {"expiredAt": "2030-01-01T00:00:00Z"}}),
            2018,
        ),
    ] {
        assert_eq!(
            user.refused(&update(), variables.clone()),
            code,
            "{variables}"
        );
    }
    assert_eq!(user.user(&Value::Null)["loginsCount"], 3);
    // So Python 4.2 says that it logs out.
    let logout = json!({"input": {"tokenExpiredAt": "0"}});
    assert_eq!(user.ok(&update(), logout)["tokenExpiredAt"], "0");
    let users = "query users { users { totalCount } }";
    assert_eq!(user.refused(users, json!({})), 1001);
    let delete = "mutation deleteUser($id: String!) { deleteUser(id: $id) { code } }";
    assert_eq!(user.refused(delete, json!({"id": ann["id"]})), 1001);

    administrator.ok(delete, json!({"id": ann["id"]}));
    assert_eq!(user.refused("query user { user { id } }", json!({})), 2020);
}

#[test]
fn lists_are_paged_and_sorted() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    for number in 0..12 {
        administrator.create(json!({"username": format!("user{number:02}")}));
    }
    let list = |variables: Value| -> Vec<String> {
        let users = administrator.ok(
            "query users($page: Int, $limit: Int, $sortBy: SortByEnum) {
                users(page: $page, limit: $limit, sortBy: $sortBy) { totalCount list { username } }
            }",
            variables,
        );
        assert_eq!(users["totalCount"], 12);
        let list = users["list"].as_array().unwrap();
        list.iter()
            .map(|user| user["username"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(list(json!({})).len(), 10);
    assert_eq!(list(json!({}))[0], "user11");
    assert_eq!(
        list(json!({"page": null, "limit": null, "sortBy": null}))[0],
        "user11"
    );
    assert_eq!(list(json!({"page": 2})), ["user01", "user00"]);
    let oldest = json!({"page": 2, "limit": 5, "sortBy": "CREATEDAT_ASC"});
    assert_eq!(list(oldest)[0], "user05");
    assert!(list(json!({"page": 3})).is_empty());

    // By the last change, be it of a field or of the password.
    let admin = &administrator;
    let change = |username: &str, input: Value| {
        emulator.advance(Duration::from_secs(1));
        let find = "query f($username: String) { findUser(username: $username) { id } }";
        let id = &admin.ok(find, json!({"username": username}))["id"];
        admin.ok(&update(), json!({"id": id, "input": input}));
    };
    change("user03", json!({"company": "C"}));
    let password = encrypt(&emulator, "correct horse");
    change("user05", json!({"password": password}));
    change("user07", json!({"company": "C"}));
    let login =
        "mutation l($input: LoginByUsernameInput!) { loginByUsername(input: $input) { token } }";
    let input = json!({"username": "user05", "password": password});
    let token = &Client::nobody(&emulator).ok(login, json!({"input": input}))["token"];
    emulator.advance(Duration::from_secs(1));
    let own =
        "mutation p($new: String!) { updatePassword(newPassword: $new, oldPassword: $new) { id } }";
    Client::with_token(&emulator, token).ok(own, json!({"new": password}));
    let last = list(json!({"limit": 4, "sortBy": "UPDATEDAT_DESC"}));
    assert_eq!(last, ["user05", "user07", "user03", "user11"]);
    let first = list(json!({"page": 4, "limit": 3, "sortBy": "UPDATEDAT_ASC"}));
    assert_eq!(first, ["user03", "user07", "user05"]);
}

#[test]
fn users_are_found() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({
        "username": "ann", "email": "ann@example.com", "phone": "13800000000", "externalId": "x1", "company": "Acme",
    }));
    let bob = administrator.create(json!({"username": "bob", "nickname": "HANNIBAL"}));

    let find =
        "query findUser($email: String, $phone: String, $username: String, $externalId: String) {
        findUser(email: $email, phone: $phone, username: $username, externalId: $externalId) { id }
    }";
    let exists = find
        .replace("findUser", "isUserExists")
        .replace("{ id }", "");
    for variables in [
        json!({"email": "ANN@example.com"}),
        json!({"phone": "13800000000", "email": null}),
        json!({"username": "ann"}),
        json!({"externalId": "x1"}),
    ] {
        assert_eq!(administrator.ok(find, variables.clone())["id"], ann["id"]);
        assert_eq!(Client::nobody(&emulator).ok(&exists, variables), true);
    }
    for variables in [json!({}), json!({"username": "Ann"})] {
        assert_eq!(administrator.ok(find, variables.clone()), Value::Null);
        assert_eq!(administrator.ok(&exists, variables), false);
    }

    let search = |variables: Value| {
        let query = "query searchUser($query: String!, $fields: [String]) {
            searchUser(query: $query, fields: $fields) { totalCount list { id } }
        }";
        administrator.ok(query, variables)
    };
    let both = json!({"totalCount": 2, "list": [{"id": bob["id"]}, {"id": ann["id"]}]});
    assert_eq!(search(json!({"query": "Ann"})), both);
    assert_eq!(search(json!({"query": "acme"}))["totalCount"], 0);
    assert_eq!(
        search(json!({"query": "acme", "fields": ["company"]}))["totalCount"],
        1
    );

    let batch = "query userBatch($ids: [String!]!, $type: String) { userBatch(ids: $ids, type: $type) { id } }";
    let by_id = json!({"ids": [bob["id"], "unknown", ann["id"]]});
    let expected = json!([{"id": bob["id"]}, {"id": ann["id"]}]);
    assert_eq!(administrator.ok(batch, by_id), expected);
    let by_name = json!({"ids": ["bob", "ann"], "type": "username"});
    assert_eq!(administrator.ok(batch, by_name), expected);
    let too_many = json!({"ids": vec!["x"; 81]});
    assert_eq!(administrator.refused(batch, too_many), 2030);
}

#[test]
fn a_user_can_come_with_an_identity() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let query = format!(
        "mutation createUser($info: CreateUserInput!, $identity: CreateUserIdentityInput) {{
            createUser(userInfo: $info, identity: $identity) {{ {USER} }}
        }}"
    );
    let identity = json!({"provider": "wechat", "userIdInIdp": "o1"});
    let ann = administrator.ok(
        &query,
        json!({"info": {"username": "ann"}, "identity": identity}),
    );
    assert_eq!(
        ann["identities"],
        json!([{"provider": "wechat", "userIdInIdp": "o1", "userId": ann["id"]}])
    );
    let find = "query findUser($identity: FindUserByIdentityInput) { findUser(identity: $identity) { id } }";
    assert_eq!(
        administrator.ok(find, json!({"identity": identity}))["id"],
        ann["id"]
    );
    let other = json!({"identity": {"provider": "wechat", "userIdInIdp": "o2"}});
    assert_eq!(administrator.ok(find, other), Value::Null);
}
