//! The control API.

use std::time::Duration;

use authing_emulator::{Emulator, Fault, Faults, Rule};
use serde_json::{Value, json};

use crate::client::{Client, encrypt};

const CHANGES: [(&str, &str, &str); 11] = [
    ("POST", "/_emulator/reset", ""),
    ("POST", "/_emulator/pools", ""),
    (
        "PUT",
        "/_emulator/outbox/codes",
        r#"{"to": "a", "code": "1"}"#,
    ),
    ("POST", "/_emulator/clock", r#"{"advanceMs": 1}"#),
    ("PUT", "/_emulator/faults", r#"{"seed": 1, "rules": []}"#),
    ("DELETE", "/_emulator/faults", ""),
    ("DELETE", "/_emulator/requests", ""),
    (
        "PUT",
        "/_emulator/webhooks",
        r#"{"url": "http://localhost"}"#,
    ),
    ("DELETE", "/_emulator/webhooks", ""),
    ("POST", "/_emulator/webhooks/test", ""),
    ("GET", "/_emulator/state", ""),
];
const READS: [&str; 7] = [
    "/_emulator/health",
    "/_emulator/pools",
    "/_emulator/outbox",
    "/_emulator/clock",
    "/_emulator/faults",
    "/_emulator/requests",
    "/_emulator/webhooks",
];

#[test]
fn everybody_here_may_read_and_changes_need_the_token() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    for path in READS {
        assert_eq!(nobody.get(path).status, 200, "{path}");
    }
    let wrong = Client::nobody(&emulator).header("x-emulator-token", "wrong");
    let controller = Client::controller(&emulator);
    for (method, path, body) in CHANGES {
        for client in [&nobody, &wrong] {
            let answer = client.send(method, path, body);
            assert_eq!(
                (answer.status, &answer.body["code"]),
                (403, &json!(403)),
                "{path}"
            );
        }
        let status = controller.send(method, path, body).status;
        assert!((200..300).contains(&status), "{method} {path}: {status}");
    }
    let rest = nobody.send("PUT", "/_emulator/state", "{}");
    assert_eq!(rest.status, 403);
}

/// A page of the web could make its own name point to this machine.
#[test]
fn other_host_names_are_not_answered() {
    let emulator = Emulator::builder()
        .control_host("authing.test")
        .start()
        .unwrap();
    let controller = Client::controller(&emulator);
    let ask = |host: &str, path: &str| {
        let client = Client::nobody(&emulator);
        client.send_to(host, "GET", path).status
    };
    for path in READS.into_iter().chain(["/_emulator/state"]) {
        assert_eq!(ask("evil.example", path), 421, "{path}");
    }
    assert_eq!(ask("authing.test:80", "/_emulator/outbox"), 200);
    assert_eq!(ask("localhost", "/_emulator/outbox"), 200);
    // What Authing itself answers may be asked for under any name.
    assert_eq!(ask("evil.example", "/api/v2/.well-known"), 200);
    let moved = controller.send_to("evil.example", "POST", "/_emulator/reset");
    assert_eq!(moved.status, 421);
}

#[test]
fn the_secrets_of_pools_are_for_those_with_the_token() {
    let emulator = Emulator::start().unwrap();
    let shown = Client::nobody(&emulator).get("/_emulator/pools").body;
    assert_eq!(shown[0]["id"], emulator.user_pool_id());
    assert_eq!(shown[0]["apps"][0]["id"], emulator.app_id());
    assert!(!shown.to_string().contains(emulator.secret()));
    assert!(!shown.to_string().contains(emulator.app_secret()));
    let shown = Client::controller(&emulator).get("/_emulator/pools").body;
    assert_eq!(shown[0]["secret"], emulator.secret());
    assert_eq!(shown[0]["apps"][0]["secret"], emulator.app_secret());
}

fn names(emulator: &Emulator) -> Vec<Value> {
    let users = Client::administrator(emulator).ok(
        "query users { users(sortBy: CREATEDAT_ASC) { list { username } } }",
        json!({}),
    );
    let list = users["list"].as_array().unwrap();
    list.iter().map(|user| user["username"].clone()).collect()
}

#[test]
fn a_reset_rebuilds_everything() {
    let seed = "users: [{username: ann, password: correct horse}]";
    let emulator = Emulator::builder()
        .seed(seed.parse().unwrap())
        .start()
        .unwrap();
    let admin = Client::administrator(&emulator);
    let ann =
        &admin.ok("query users { users { list { id } } }", json!({}))["list"][0]["id"].clone();
    let login =
        json!({"input": {"username": "ann", "password": encrypt(&emulator, "correct horse")}});
    let document = "mutation login($input: LoginByUsernameInput!) { loginByUsername(input: $input) { token } }";
    let token = Client::nobody(&emulator).ok(document, login.clone())["token"].clone();
    assert_eq!(
        Client::with_token(&emulator, &token).user(&json!(null))["username"],
        "ann"
    );

    admin.create(json!({"username": "bob"}));
    admin.ok(
        "mutation drop($id: String!) { deleteUser(id: $id) { code } }",
        json!({"id": ann}),
    );
    admin.ok(
        "mutation role { createRole(code: \"editor\") { id } }",
        json!({}),
    );
    let mail = json!({"email": "ann@example.com"});
    let send =
        "mutation send($email: String!) { sendEmail(email: $email, scene: VERIFY_EMAIL) { code } }";
    Client::nobody(&emulator).ok(send, mail);
    emulator.set_faults(Faults::seeded(1).rule(Rule::new(Fault::Reset).on("/elsewhere")));
    emulator.freeze_time();
    emulator.advance(Duration::from_secs(86_400));
    emulator.fix_code("ann@example.com", "1234");
    let (pool, secret) = (
        emulator.user_pool_id().to_owned(),
        emulator.secret().to_owned(),
    );

    let reset = Client::controller(&emulator).send("POST", "/_emulator/reset", "");
    assert_eq!(reset.status, 204);
    assert!(emulator.requests().is_empty());
    assert_eq!(names(&emulator), ["ann"]);
    assert_eq!(
        (emulator.user_pool_id(), emulator.secret()),
        (&*pool, &*secret)
    );
    assert!(emulator.outbox().is_empty());
    assert_eq!(emulator.faults(), Faults::default());
    let clock = Client::nobody(&emulator).get("/_emulator/clock").body;
    assert_eq!(clock["frozen"], false);
    let roles =
        Client::administrator(&emulator).ok("query roles { roles { totalCount } }", json!({}));
    assert_eq!(roles["totalCount"], 0);
    // The session of before is over, and the same user can log in again.
    let stale = Client::with_token(&emulator, &token);
    assert_eq!(stale.refused("query me { user { id } }", json!({})), 2020);
    assert_eq!(
        Client::administrator(&emulator).user(ann)["username"],
        "ann"
    );
    Client::nobody(&emulator).ok(document, login);
}

#[test]
fn the_clock_is_turned_over_http_and_codes_follow() {
    let emulator = Emulator::start().unwrap();
    let controller = Client::controller(&emulator);
    let turn = |body: Value| controller.send("POST", "/_emulator/clock", &body.to_string());
    let answer =
        turn(json!({"frozen": true, "set": "2030-01-01T00:00:00+08:00", "advanceMs": 1500}));
    assert_eq!(
        answer.body,
        json!({"now": "2029-12-31T16:00:01.500Z", "frozen": true})
    );
    assert_eq!(
        Client::nobody(&emulator).get("/_emulator/clock").body,
        answer.body
    );

    let admin = Client::administrator(&emulator);
    assert_eq!(
        admin.create(json!({"username": "ann"}))["createdAt"],
        "2029-12-31T16:00:01.500Z"
    );
    turn(json!({"advanceMs": 15 * 86_400_000_u64 - 1000}));
    admin.ok("query roles { roles { totalCount } }", json!({}));
    turn(json!({"advanceMs": 1000}));
    assert_eq!(
        admin.refused("query roles { roles { totalCount } }", json!({})),
        2020
    );

    assert_eq!(turn(json!({"frozen": false})).body["frozen"], false);
    for wrong in [json!({"set": "soon"}), json!({"advance": 5}), json!([])] {
        assert_eq!(turn(wrong).status, 400);
    }
}

#[test]
fn faults_are_planned_over_http() {
    let emulator = Emulator::start().unwrap();
    let controller = Client::controller(&emulator);
    let plan = Faults::seeded(3).rule(Rule::new(Fault::server_error(503)).on("/nowhere").times(1));
    let body = serde_json::to_string(&plan).unwrap();
    let answer = controller.send("PUT", "/_emulator/faults", &body);
    assert_eq!(answer.body["plan"], json!(plan));
    assert_eq!(emulator.faults(), plan);
    let nobody = Client::nobody(&emulator);
    assert_eq!(
        nobody.send_raw("GET", "/nowhere", "text/plain", "").status,
        503
    );
    let shown = nobody.get("/_emulator/faults").body;
    assert_eq!(shown["injected"], json!({"server-error": 1}));
    assert_eq!(
        controller.send("DELETE", "/_emulator/faults", "").status,
        204
    );
    assert_eq!(emulator.faults(), Faults::default());
    assert_eq!(controller.send("PUT", "/_emulator/faults", "{").status, 400);
}

#[test]
fn the_journal_and_the_outbox_are_read_over_http() {
    let emulator = Emulator::start().unwrap();
    Client::administrator(&emulator);
    Client::nobody(&emulator)
        .header("x-emulator-tag", "a")
        .get("/nowhere");
    let nobody = Client::nobody(&emulator);
    let all = nobody.get("/_emulator/requests").body;
    assert_eq!(
        all.as_array().unwrap().len(),
        2,
        "the control API is not in it"
    );
    assert_eq!(all[0]["operation"], "accessToken");
    assert_eq!(all[0]["outcome"], "success");
    assert_eq!(all[1]["outcome"], json!({"refused": 404}));
    for (query, count) in [
        ("name=accessToken", 1),
        ("tag=a", 1),
        ("name=/nowhere&tag=b", 0),
    ] {
        let found = nobody.get(&format!("/_emulator/requests?{query}")).body;
        assert_eq!(found.as_array().unwrap().len(), count, "{query}");
    }
    Client::controller(&emulator).send("DELETE", "/_emulator/requests", "");
    assert!(emulator.requests().is_empty());

    let fixed = json!({"to": "Ann@example.com", "code": "0042"}).to_string();
    Client::controller(&emulator).send("PUT", "/_emulator/outbox/codes", &fixed);
    for email in ["ann@example.com", "bob@example.com"] {
        let send = "mutation send($email: String!) { sendEmail(email: $email, scene: VERIFY_EMAIL) { code } }";
        nobody.ok(send, json!({"email": email}));
    }
    let found = nobody.get("/_emulator/outbox?to=ANN@example.com").body;
    assert_eq!(
        found,
        json!([{"to": "ann@example.com", "kind": "email", "scene": "VERIFY_EMAIL", "code": "0042"}])
    );
    assert_eq!(
        nobody
            .get("/_emulator/outbox")
            .body
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(nobody.get("/_emulator/outbox?pool=x").status, 404);
}
