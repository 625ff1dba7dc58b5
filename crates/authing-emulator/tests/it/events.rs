//! Which events the operations tell of, and what is in them.

use std::cell::Cell;

use authing_emulator::{Emulator, Webhook};
use serde_json::{Value, json};

use crate::client::{Client, encrypt};

const LOGIN: &str =
    "mutation l($input: LoginByUsernameInput!) { loginByUsername(input: $input) { id token } }";
const CODE: &str = "4711";

/// What an emulator tells, whether anybody takes it or not.
struct Ear<'a> {
    emulator: &'a Emulator,
    heard: Cell<usize>,
}

impl<'a> Ear<'a> {
    fn of(emulator: &'a Emulator) -> Self {
        let nobody = Webhook::to("http://127.0.0.1:9").retries(0, std::time::Duration::ZERO);
        emulator.set_webhook(nobody).unwrap();
        let heard = Cell::new(emulator.deliveries().len());
        Self { emulator, heard }
    }

    /// The events since it was asked last.
    fn news(&self) -> Vec<(String, Value)> {
        let all = self.emulator.deliveries();
        let new = all.iter().skip(self.heard.replace(all.len()));
        new.map(|own| (own.event.clone(), own.body["data"].clone()))
            .collect()
    }

    /// The one event since then.
    fn one(&self, event: &str) -> Value {
        let mut news = self.news();
        assert_eq!(names(&news), [event], "{news:?}");
        news.remove(0).1
    }
}

fn names(news: &[(String, Value)]) -> Vec<&str> {
    news.iter().map(|(event, _)| event.as_str()).collect()
}

fn password(emulator: &Emulator) -> String {
    encrypt(emulator, "correct horse")
}

fn log_in<'a>(emulator: &'a Emulator, username: &str) -> Client<'a> {
    let input = json!({"username": username, "password": password(emulator)});
    let user = Client::nobody(emulator).ok(LOGIN, json!({"input": input}));
    Client::with_token(emulator, &user["token"])
}

#[test]
fn who_is_new_is_told_twice() {
    let emulator = Emulator::start().unwrap();
    let (admin, nobody) = (Client::administrator(&emulator), Client::nobody(&emulator));
    let ear = Ear::of(&emulator);
    let ann = admin.create(json!({"username": "ann", "password": password(&emulator)}));
    let news = ear.news();
    assert_eq!(names(&news), ["register", "user:created"]);
    assert!(
        news.iter().all(|(_, user)| user["id"] == ann["id"]),
        "{news:?}"
    );
    let input = json!({"email": "bob@example.com", "password": password(&emulator)});
    let register =
        "mutation r($input: RegisterByEmailInput!) { registerByEmail(input: $input) { id } }";
    nobody.ok(register, json!({"input": input}));
    assert_eq!(names(&ear.news()), ["register", "user:created"]);
    nobody.refused(register, json!({"input": input}));
    assert!(ear.news().is_empty());

    // A login can register somebody as well.
    emulator.fix_code("13800000000", CODE);
    let by_phone =
        "mutation l($input: LoginByPhoneCodeInput!) { loginByPhoneCode(input: $input) { id } }";
    let input = json!({"input": {"phone": "13800000000", "code": CODE, "autoRegister": true}});
    for expected in [&["login", "register", "user:created"][..], &["login"]] {
        nobody.send(
            "POST",
            "/api/v2/sms/send",
            &json!({"phone": "13800000000"}).to_string(),
        );
        nobody.ok(by_phone, input.clone());
        assert_eq!(names(&ear.news()), expected);
    }
    nobody.refused(by_phone, input);
    let failed = ear.one("login");
    assert_eq!(
        failed,
        json!({"input": {"phone": "13800000000", "autoRegister": true}})
    );
}

#[test]
fn changes_of_users_are_told_with_the_user() {
    let emulator = Emulator::start().unwrap();
    let admin = Client::administrator(&emulator);
    let ann = admin.create(json!({
        "username": "ann", "email": "ann@example.com", "password": password(&emulator),
    }));
    let id = &ann["id"];
    let ear = Ear::of(&emulator);
    let update = "mutation u($id: String, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id } }";
    let change = |input: Value| admin.ok(update, json!({"id": id, "input": input}));

    change(json!({"company": "C"}));
    let told = ear.one("user:updated");
    assert_eq!(told["user"]["company"], "C");
    assert_eq!(told["updates"], json!({"company": "C"}));
    for (blocked, event) in [(true, "user:blocked"), (false, "user:unblocked")] {
        change(json!({"blocked": blocked}));
        let news = ear.news();
        assert_eq!(names(&news), ["user:updated", event]);
        assert_eq!(news[1].1["user"]["id"], *id);
        // It is so already.
        change(json!({"blocked": blocked}));
        ear.one("user:updated");
    }
    change(json!({"password": password(&emulator)}));
    let news = ear.news();
    assert_eq!(names(&news), ["user:updated", "user:password-changed"]);
    assert_eq!(news[0].1["updates"], json!({}));
    assert_eq!(news[1].1["id"], *id);
    for expected in [
        &["user:updated", "user:email-verified"][..],
        &["user:updated"],
    ] {
        change(json!({"emailVerified": true}));
        let news = ear.news();
        assert_eq!(names(&news), expected);
        if let Some((_, verified)) = news.get(1) {
            assert_eq!(*verified, json!({"userId": id, "email": "ann@example.com"}));
        }
    }
    admin.refused(update, json!({"id": id, "input": {"lastLogin": "none"}}));
    let told = ear.one("user:updated");
    assert_eq!(told["user"]["email"], "ann@example.com");

    let own = log_in(&emulator, "ann");
    ear.one("login");
    let change = "mutation p($new: String!, $old: String) { updatePassword(newPassword: $new, oldPassword: $old) { id } }";
    let wrong = json!({"new": password(&emulator), "old": encrypt(&emulator, "wrong")});
    own.refused(change, wrong);
    assert_eq!(ear.one("user:password-changed")["id"], *id);

    emulator.fix_code("ann@example.org", CODE);
    emulator.fix_code("ann@example.com", CODE);
    for email in ["ann@example.org", "ann@example.com"] {
        let mail = "mutation s($email: String!) { sendEmail(email: $email, scene: CHANGE_EMAIL) { code } }";
        own.ok(mail, json!({"email": email}));
    }
    own.ok(
        "mutation e($new: String!, $code: String!, $old: String) {
            updateEmail(email: $new, emailCode: $code, oldEmail: $old, oldEmailCode: $code) { id }
        }",
        json!({"new": "ann@example.org", "old": "ann@example.com", "code": CODE}),
    );
    let news = ear.news();
    assert_eq!(names(&news), ["user:updated", "user:email-verified"]);
    assert_eq!(news[0].1["user"]["email"], "ann@example.org");
    assert_eq!(news[1].1["email"], "ann@example.org");
    assert!(!news[0].1["updates"].to_string().contains(CODE), "{news:?}");
    own.refused(
        "mutation e { updateEmail(email: \"Ann@example.org\", emailCode: \"4711\") { id } }",
        json!({}),
    );
    // It was verified before.
    ear.one("user:updated");

    let link = json!({
        "userId": id, "userIdInIdp": "w1", "isSocial": true, "identifier": "wechat", "extIdpId": "x1",
    });
    admin.send("POST", "/api/v2/users/identity/link", &link.to_string());
    let told = ear.one("user:link-account");
    assert_eq!(
        (
            &told["primaryUser"]["id"],
            &told["secondaryUser"]["userIdInIdp"]
        ),
        (id, &json!("w1"))
    );
    let kick = json!({"userIds": [id]});
    admin.send("POST", "/api/v2/users/kick", &kick.to_string());
    assert_eq!(ear.one("kick")["users"][0]["id"], *id);

    assert!(emulator.archive_user(id.as_str().unwrap()));
    let told = ear.one("user:archived");
    assert_eq!(
        (&told["user"]["id"], &told["user"]["status"]),
        (id, &json!("Archived"))
    );
    assert!(!emulator.archive_user(id.as_str().unwrap()));
    let bob = &admin.create(json!({"username": "bob"}))["id"];
    let cleo = &admin.create(json!({"username": "cleo"}))["id"];
    ear.news();
    admin.ok(
        "mutation d($id: String!) { deleteUser(id: $id) { code } }",
        json!({"id": bob}),
    );
    assert_eq!(ear.one("user:deleted")["users"][0]["username"], "bob");
    admin.ok(
        "mutation d($ids: [String!]!) { deleteUsers(ids: $ids) { code } }",
        json!({"ids": [cleo]}),
    );
    assert_eq!(ear.one("user:deleted")["users"][0]["username"], "cleo");
}

/// Neither what was encrypted for the wire nor what it means.
#[test]
fn no_given_password_is_told() {
    let emulator = Emulator::start().unwrap();
    let (admin, nobody) = (Client::administrator(&emulator), Client::nobody(&emulator));
    let ear = Ear::of(&emulator);
    let kept = encrypt(&emulator, "kept-as-it-is");
    let create = "mutation c($info: CreateUserInput!, $keep: Boolean) {
        createUser(userInfo: $info, keepPassword: $keep) { id password }
    }";
    let info = json!({"username": "bob", "password": kept});
    let bob = admin.ok(create, json!({"info": info, "keep": true}));
    assert_eq!(bob["password"], "kept-as-it-is");
    let id = &bob["id"];
    let input = json!({"username": "bob", "password": kept});
    let own = nobody.ok(LOGIN, json!({"input": input}));
    let own = Client::with_token(&emulator, &own["token"]);
    let update = "mutation u($id: String, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id } }";
    let change = |input: Value| json!({"id": id, "input": input});
    admin.ok(update, change(json!({"company": "C"})));
    admin.refused(update, change(json!({"lastLogin": "none"})));
    let wrong = json!({"new": kept, "old": password(&emulator)});
    let set = "mutation p($new: String!, $old: String) { updatePassword(newPassword: $new, oldPassword: $old) { id } }";
    own.refused(set, wrong);
    let kick = json!({"userIds": [id]});
    admin.send("POST", "/api/v2/users/kick", &kick.to_string());
    let cleo = admin.ok(
        create,
        json!({"info": {"username": "cleo", "password": kept}, "keep": true}),
    );
    admin.ok(
        "mutation d($ids: [String!]!) { deleteUsers(ids: $ids) { code } }",
        json!({"ids": [cleo["id"]]}),
    );
    assert!(emulator.archive_user(id.as_str().unwrap()));
    let news = ear.news();
    assert_eq!(names(&news).len(), 11, "{news:?}");
    let all = json!(news).to_string();
    assert!(
        !all.contains("kept-as-it-is") && !all.contains(&kept),
        "{all}"
    );

    // The digest is told, as of an answer.
    let info = json!({"username": "eve", "password": password(&emulator)});
    let eve = admin.ok(create, json!({"info": info}));
    let news = ear.news();
    assert_eq!(news[1].1["password"], eve["password"]);
    assert!(
        !json!(news).to_string().contains("correct horse"),
        "{news:?}"
    );
}

#[test]
fn codes_by_mail_verify_an_address_and_reset_a_password() {
    let emulator = Emulator::start().unwrap();
    let (admin, nobody) = (Client::administrator(&emulator), Client::nobody(&emulator));
    let ann = admin.create(json!({"email": "ann@example.com", "password": password(&emulator)}));
    emulator.fix_code("ann@example.com", CODE);
    let ear = Ear::of(&emulator);
    let send = |scene: &str| {
        let mail = format!(
            "mutation s {{ sendEmail(email: \"ann@example.com\", scene: {scene}) {{ code }} }}"
        );
        nobody.ok(&mail, json!({}));
    };
    let login = json!({"email": "ann@example.com", "code": CODE}).to_string();
    send("LOGIN_VERIFY_CODE");
    nobody.send("POST", "/api/v2/login/email-code", &login);
    let news = ear.news();
    assert_eq!(names(&news), ["login", "user:email-verified"]);
    assert_eq!(news[1].1["userId"], ann["id"]);
    nobody.send("POST", "/api/v2/login/email-code", &login);
    assert_eq!(ear.one("login"), json!({"email": "ann@example.com"}));

    send("RESET_PASSWORD");
    nobody.ok(
        "mutation r($code: String!, $new: String!) {
            resetPassword(email: \"ann@example.com\", code: $code, newPassword: $new) { code }
        }",
        json!({"code": CODE, "new": password(&emulator)}),
    );
    assert_eq!(ear.one("user:password-changed")["id"], ann["id"]);
}

#[test]
fn second_factors_are_told_with_the_user_who_tried() {
    let emulator = Emulator::start().unwrap();
    let admin = Client::administrator(&emulator);
    let ann = admin.create(json!({
        "username": "ann", "email": "ann@example.com", "password": password(&emulator),
    }));
    emulator.fix_code("ann@example.com", CODE);
    emulator.require_mfa(true);
    let ear = Ear::of(&emulator);
    let input = json!({"username": "ann", "password": password(&emulator)});
    let refused = Client::nobody(&emulator).graphql(LOGIN, json!({"input": input}));
    ear.one("login");
    let token = &refused.body["errors"][0]["message"]["data"]["mfaToken"];
    let waiting = Client::with_token(&emulator, token);
    waiting.ok(
        "mutation s { sendEmail(email: \"ann@example.com\", scene: MFA_VERIFY) { code } }",
        json!({}),
    );
    let path = "/api/v2/applications/mfa/email/verify";
    for (code, is_valid) in [("0", false), (CODE, true)] {
        let body = json!({"email": "ann@example.com", "code": code});
        waiting.send("POST", path, &body.to_string());
        let news = ear.news();
        assert_eq!(
            news[0],
            (
                "mfa:verified".to_owned(),
                json!({"userId": ann["id"], "isValid": is_valid, "type": "EMAIL"})
            )
        );
        let expected = &["mfa:verified", "user:email-verified"];
        assert_eq!(names(&news), expected[..=usize::from(is_valid)]);
    }
}

#[test]
fn roles_groups_and_permissions_are_told_of() {
    let emulator = Emulator::start().unwrap();
    let admin = Client::administrator(&emulator);
    let ann = &admin.create(json!({"username": "ann"}))["id"];
    let ear = Ear::of(&emulator);
    let run = |mutation: &str, event: &str| {
        let declared = if mutation.contains("$id") {
            "($id: String!)"
        } else {
            ""
        };
        let query = format!("mutation m{declared} {{ {mutation} }}");
        admin.ok(&query, json!({"id": ann}));
        ear.one(event)
    };
    let told = run("createRole(code: \"r\") { id }", "role:created");
    assert_eq!(
        (&told["role"]["code"], &told["namespace"]),
        (&json!("r"), &json!("default"))
    );
    let role = &told["role"]["id"].clone();
    let told = run(
        "updateRole(code: \"r\", newCode: \"q\", description: \"Q\") { id }",
        "role:updated",
    );
    assert_eq!(told["role"]["code"], "q");
    assert_eq!(told["updates"], json!({"code": "q", "description": "Q"}));
    let told = run(
        "createGroup(code: \"g\", name: \"G\") { code }",
        "group:created",
    );
    assert_eq!(told["group"]["name"], "G");
    let told = run(
        "updateGroup(code: \"g\", name: \"H\") { code }",
        "group:updated",
    );
    assert_eq!(
        (&told["group"]["name"], &told["updates"]),
        (&json!("H"), &json!({"name": "H"}))
    );
    for (mutation, event) in [
        ("assignRole", "role:assigned"),
        ("revokeRole", "role:unassigned"),
    ] {
        let call =
            format!("{mutation}(roleCode: \"q\", userIds: [$id], groupCodes: [\"g\"]) {{ code }}");
        assert_eq!(
            run(&call, event),
            json!({"userIds": [ann], "groupIds": ["g"], "nodeIds": []})
        );
    }
    for (mutation, event) in [
        ("addUserToGroup", "group:member-added"),
        ("removeUserFromGroup", "group:member-removed"),
    ] {
        let told = run(
            &format!("{mutation}(userIds: [$id], code: \"g\") {{ code }}"),
            event,
        );
        assert_eq!(
            (&told["group"]["code"], &told["users"][0]["id"]),
            (&json!("g"), ann)
        );
    }
    admin.ok(
        "mutation p { createPolicy(code: \"p\", statements: []) { code } }",
        json!({}),
    );
    for (mutation, event) in [
        ("addPolicyAssignments", "permission:add"),
        ("removePolicyAssignments", "permission:revoke"),
    ] {
        let call = format!(
            "{mutation}(policies: [\"p\"], targetType: USER, targetIdentifiers: [$id]) {{ code }}"
        );
        assert_eq!(
            run(&call, event),
            json!({
                "policyCodes": ["p"], "targetType": "USER", "userPoolId": emulator.user_pool_id(),
                "targetIdentifiers": [ann], "namespace": "default",
            })
        );
    }
    let told = run(
        "allow(resource: \"a:1\", action: \"read\", userId: $id) { code }",
        "permission:add",
    );
    assert_eq!((&told["resource"], &told["userId"]), (&json!("a:1"), ann));
    assert_eq!(
        run("deleteRole(code: \"q\") { code }", "role:deleted"),
        json!({"id": role})
    );
    assert_eq!(
        run("deleteGroups(codeList: [\"g\"]) { code }", "group:deleted"),
        json!({"id": "g"})
    );
    // Questions and refusals tell nothing.
    admin.ok("query u { users { totalCount } }", json!({}));
    admin.refused("mutation m { deleteRole(code: \"x\") { code } }", json!({}));
    assert!(ear.news().is_empty());
}

#[test]
fn what_belongs_to_the_pool_is_told_of() {
    let emulator = Emulator::start().unwrap();
    let admin = Client::administrator(&emulator);
    let ann = &admin.create(json!({"username": "ann"}))["id"];
    let ear = Ear::of(&emulator);
    let run = |mutation: &str, event: &str| {
        admin.ok(&format!("mutation m {{ {mutation} }}"), json!({}));
        ear.one(event)
    };
    let told = run(
        "setUdf(targetType: USER, key: \"k\", dataType: STRING, label: \"K\") { key }",
        "user-pool:udf-added",
    );
    assert_eq!(told["udf"]["key"], "k");
    let item = json!({"targetId": ann, "key": "k", "value": "\"v\""});
    admin.ok(
        "mutation b($input: [SetUdfValueBatchInput!]!) { setUdfValueBatch(targetType: USER, input: $input) { code } }",
        json!({"input": [item, item]}),
    );
    let told = ear.one("user:udv-changed");
    assert_eq!(told["user"]["id"], *ann);
    assert_eq!(
        (&told["udv"][0]["value"], &told["udf"][0]["label"]),
        (&json!("v"), &json!("K"))
    );
    admin.ok(
        "mutation r($id: String!) { removeUdv(targetType: USER, targetId: $id, key: \"k\") { key } }",
        json!({"id": ann}),
    );
    assert_eq!(ear.one("user:udv-changed")["udv"], json!([]));
    let told = run(
        "removeUdf(targetType: USER, key: \"k\") { code }",
        "user-pool:udf-deleted",
    );
    assert_eq!(told["udf"]["label"], "K");
    let role = run("createRole(code: \"r\") { id }", "role:created");
    run(
        "setUdf(targetType: ROLE, key: \"f\", dataType: NUMBER, label: \"F\") { key }",
        "user-pool:udf-added",
    );
    admin.ok(
        "mutation r($id: String!) { setUdv(targetType: ROLE, targetId: $id, key: \"f\", value: \"3\") { key } }",
        json!({"id": role["role"]["id"]}),
    );
    assert_eq!(ear.one("role:udv-changed")["role"]["code"], "r");

    for (mutation, event) in [
        ("addWhitelist", "user:register-whitelist-added"),
        ("removeWhitelist", "user:register-whitelist-deleted"),
    ] {
        let call = format!("{mutation}(type: EMAIL, list: [\"a@b.c\"]) {{ value }}");
        assert_eq!(
            run(&call, event),
            json!({"phones": [], "emails": ["a@b.c"], "usernames": []})
        );
    }
    let told = run(
        "updateUserpool(input: {description: \"D\"}) { id }",
        "user-pool:updated",
    );
    assert_eq!(told["userPool"]["description"], "D");
    assert_eq!(told["updates"], json!({"description": "D"}));
    assert!(!told.to_string().contains(emulator.secret()), "{told}");
    let told = run(
        r#"updateUserpool(input: {customSMSProvider: {provider: "p", config: "{\"key\":\"hush\"}"}}) { id }"#,
        "user-pool:updated",
    );
    assert_eq!(
        told["updates"]["customSMSProvider"],
        json!({"provider": "p"})
    );
    assert!(!told.to_string().contains("hush"), "{told}");
    for (value, event) in [(1, "user-pool:env-added"), (2, "user-pool:env-updated")] {
        let variable = json!({"key": "e", "value": value});
        admin.send("POST", "/api/v2/env", &variable.to_string());
        assert_eq!(ear.one(event), json!({"envInfo": variable}));
    }
    admin.send("DELETE", "/api/v2/env/e", "");
    assert_eq!(
        ear.one("user-pool:env-deleted"),
        json!({"envsInfo": [{"key": "e", "value": 2}]})
    );
}
