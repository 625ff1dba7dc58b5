//! The whole state: written, read, copied, and the same each time for the same seed.

use std::time::Duration;

use authing_emulator::{Emulator, Snapshot, SnapshotError, Webhook};
use serde_json::{Value, json};

use crate::client::{Client, encrypt};

const LOGIN: &str =
    "mutation login($input: LoginByUsernameInput!) { loginByUsername(input: $input) { id token } }";

/// Something of everything that an emulator can hold.
fn fill(emulator: &Emulator) -> Value {
    let admin = Client::administrator(emulator);
    let password = encrypt(emulator, "correct horse");
    let ann = admin.create(json!({"username": "ann", "email": "ann@example.com", "phone": "13800000000", "password": password}));
    let bob = admin.create(json!({"username": "bob"}));
    emulator.archive_user(bob["id"].as_str().unwrap());
    for mutation in [
        "createRole(code: \"reader\") { id }",
        "createRole(code: \"editor\", parent: \"reader\", namespace: \"default\") { id }",
        "createGroup(code: \"staff\", name: \"Staff\") { code }",
        "createPolicy(code: \"p\", statements: [{resource: \"books:*\", actions: [\"books:read\"], effect: ALLOW}]) { code }",
        "addPolicyAssignments(policies: [\"p\"], targetType: ROLE, targetIdentifiers: [\"reader\"]) { code }",
        "setUdf(targetType: USER, key: \"age\", dataType: NUMBER, label: \"Age\") { key }",
        "addWhitelist(type: EMAIL, list: [\"a@example.com\"]) { value }",
        "updateUserpool(input: {name: \"Shop\", verifyCodeLength: 6}) { id }",
        "sendEmail(email: \"ann@example.com\", scene: VERIFY_EMAIL) { code }",
    ] {
        admin.ok(&format!("mutation m {{ {mutation} }}"), json!({}));
    }
    let id = &ann["id"];
    for mutation in [
        "assignRole(roleCode: \"reader\", userIds: [$id]) { code }",
        "addUserToGroup(userIds: [$id], code: \"staff\") { code }",
        "setUdv(targetType: USER, targetId: $id, key: \"age\", value: \"42\") { key }",
        "allow(resource: \"films:1\", action: \"films:see\", userId: $id) { code }",
    ] {
        admin.ok(
            &format!("mutation m($id: String!) {{ {mutation} }}"),
            json!({"id": id}),
        );
    }
    admin.send("POST", "/api/v2/env", r#"{"key": "A", "value": "1"}"#);
    let nobody = Client::nobody(emulator);
    let wrong = json!({"input": {"username": "ann", "password": encrypt(emulator, "wrong")}});
    assert_eq!(nobody.refused(LOGIN, wrong), 2006);
    let right =
        json!({"input": {"username": "ann", "password": encrypt(emulator, "correct horse")}});
    let token = nobody.ok(LOGIN, right)["token"].clone();
    let me = Client::with_token(emulator, &token);
    let associated = me.send(
        "POST",
        "/api/v2/mfa/totp/associate",
        r#"{"authenticator_type": "totp"}"#,
    );
    assert_eq!(associated.status, 200);
    let page = format!(
        "/oidc/auth?client_id={}&redirect_uri=http://localhost/&response_type=code&scope=openid",
        emulator.app_id()
    );
    assert_eq!(nobody.send_raw("GET", &page, "text/plain", "").status, 200);
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        emulator.app_id(),
        emulator.app_secret()
    );
    nobody.send_raw(
        "POST",
        "/oidc/token",
        "application/x-www-form-urlencoded",
        &form,
    );
    emulator.fix_code("bob@example.com", "1111");
    emulator.require_mfa(true);
    token
}

#[test]
fn what_is_written_is_read_again() {
    let emulator = Emulator::builder().random_seed(7).start().unwrap();
    emulator
        .set_webhook(Webhook::to("http://127.0.0.1:9").only(["nothing"]))
        .unwrap();
    let other = emulator.add_pool();
    emulator.add_app(&other.id).unwrap();
    emulator.freeze_time();
    let token = fill(&emulator);
    emulator.rotate_signing_key();

    let text = emulator.snapshot().to_json();
    let snapshot = Snapshot::from_json(&text).unwrap();
    assert!(snapshot.to_json() == text);
    let copy = Emulator::builder().snapshot(snapshot).start().unwrap();
    assert!(copy.snapshot().to_json() == text);
    assert_eq!(copy.pools(), emulator.pools());
    assert_eq!(copy.outbox(), emulator.outbox());
    assert_eq!(copy.now(), emulator.now());
    let me = Client::with_token(&copy, &token).user(&json!(null));
    assert_eq!(me["username"], "ann", "sessions are there too");
    let age = Client::administrator(&copy).ok(
        "query age($id: String!) { udv(targetType: USER, targetId: $id) { key value } }",
        json!({"id": me["id"]}),
    );
    assert_eq!(age, json!([{"key": "age", "value": "42"}]));

    // The same over HTTP.
    let export = Client::controller(&emulator).send_raw("GET", "/_emulator/state", "", "");
    assert!(export.text == text);
    let third = Emulator::start().unwrap();
    let import = Client::controller(&third).send("PUT", "/_emulator/state", &text);
    assert_eq!(import.status, 204);
    assert!(third.snapshot().to_json() == text);
    assert_eq!(third.user_pool_id(), emulator.user_pool_id());
    let refused = Client::controller(&third).send("PUT", "/_emulator/state", "{}");
    assert_eq!(refused.status, 400);
    assert!(third.snapshot().to_json() == text, "nothing is half done");
    Client::administrator(&third);
}

#[test]
fn other_texts_are_no_snapshots() {
    assert!(matches!(
        Snapshot::from_json("{"),
        Err(SnapshotError::Malformed(_))
    ));
    let text = Emulator::start().unwrap().snapshot().to_json();
    let newer = text.replacen("\"version\": 1", "\"version\": 99", 1);
    assert!(matches!(
        Snapshot::from_json(&newer),
        Err(SnapshotError::Version(99))
    ));
    let empty =
        json!({"version": 1, "clock": {"ahead": 0}, "ids": null, "signingKeys": [], "pools": []});
    assert!(matches!(
        Snapshot::from_json(&empty.to_string()),
        Err(SnapshotError::Malformed(_))
    ));
}

fn count(emulator: &Emulator) -> Value {
    Client::administrator(emulator).ok("query count { users { totalCount } }", json!({}))["totalCount"].clone()
}

#[test]
fn a_snapshot_is_gone_back_to() {
    let emulator = Emulator::start().unwrap();
    let admin = Client::administrator(&emulator);
    admin.create(json!({"username": "ann"}));
    let before = emulator.snapshot();
    admin.create(json!({"username": "bob"}));
    emulator.advance(Duration::from_secs(20 * 86_400));
    emulator.restore(&before);
    assert_eq!(count(&emulator), 1);
    assert_eq!(emulator.request_count("createUser"), 2, "the journal stays");
    admin.create(json!({"username": "bob"}));
    emulator.restore(&before);
    admin.create(json!({"username": "bob"}));
}

#[test]
fn a_fork_goes_its_own_way() {
    let emulator = Emulator::start().unwrap();
    let admin = Client::administrator(&emulator);
    admin.create(json!({"username": "ann"}));
    let fork = emulator.fork().unwrap();
    let same = Client::with_token(&fork, &json!(admin.bearer()));
    same.create(json!({"username": "bob"}));
    admin.create(json!({"username": "cleo"}));
    admin.create(json!({"username": "dan"}));
    assert_eq!((count(&emulator), count(&fork)), (json!(3), json!(2)));
    assert_eq!(fork.request_count("createUser"), 1);
}

/// All that comes out of a run in which the same happens, and the port it was at: tokens name it as their issuer.
fn run(seed: u64, port: u16) -> (u16, [String; 3]) {
    let emulator = Emulator::builder().random_seed(seed).port(port);
    let emulator = emulator.start().unwrap();
    emulator.freeze_time();
    emulator.set_time(std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000));
    let token = fill(&emulator).to_string();
    emulator.rotate_signing_key();
    let head = Client::nobody(&emulator).get("/nowhere").head;
    let mut lines = head.lines();
    let id = lines.find(|line| line.starts_with("x-request-id"));
    let port = emulator.url().rsplit_once(':').unwrap().1.parse().unwrap();
    (
        port,
        [token, emulator.snapshot().to_json(), id.unwrap().to_owned()],
    )
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let (port, first) = run(7, 0);
    assert!(run(7, port).1 == first);
    let (_, other) = run(8, port);
    assert!(first.iter().zip(&other).all(|(one, other)| one != other));
}
