//! What one request may ask for.

use std::time::Duration;

use authing_emulator::{Emulator, Limits, Seed};
use serde_json::{Value, json};

use crate::client::{Client, encrypt};

/// With so many users, and a tenth of the work that is allowed by default.
fn crowded(users: usize) -> Emulator {
    let users: String = (0..users)
        .map(|number| format!("  - {{username: user{number}}}\n"))
        .collect();
    let seed: Seed = format!("users:\n{users}").parse().unwrap();
    let mut limits = Limits::default();
    limits.steps = 200_000;
    Emulator::builder()
        .seed(seed)
        .limits(limits)
        .start()
        .unwrap()
}

fn many(times: usize, field: &str) -> String {
    (0..times).map(|n| format!("a{n}: {field} ")).collect()
}

const TOO_MUCH: &str = "计算量过大";

fn messages(body: &Value) -> String {
    body["errors"].to_string()
}

#[test]
fn one_document_does_not_search_again_and_again() {
    let emulator = crowded(3000);
    let admin = Client::administrator(&emulator);
    let search = "searchUser(query:\"zz\"){totalCount}";
    let answer = admin.graphql(&format!("{{ {} }}", many(1200, search)), json!({}));
    assert_eq!(answer.body["data"], Value::Null);
    assert!(messages(&answer.body).contains(TOO_MUCH), "{}", answer.body);
    for (times, field) in [
        (10, search),
        (1, "searchUser(query: \"USER2999\") { totalCount }"),
        (1000, "isUserExists(username: \"user7\")"),
        (
            1,
            "users(page: 6, limit: 500) { list { id roles { list { code } } } }",
        ),
    ] {
        let answer = admin.graphql(&format!("{{ {} }}", many(times, field)), json!({}));
        assert!(answer.body.get("errors").is_none(), "{}", answer.body);
    }
}

#[test]
fn fields_that_are_searched_are_counted() {
    let emulator = crowded(3000);
    let admin = Client::administrator(&emulator);
    let fields: Vec<_> = (0..1000).map(|n| format!("field{n}")).collect();
    let query =
        "query s($fields: [String]) { searchUser(query: \"zz\", fields: $fields) { totalCount } }";
    let answer = admin.graphql(query, json!({"fields": fields}));
    assert!(messages(&answer.body).contains(TOO_MUCH), "{}", answer.body);
    assert_eq!(
        admin.ok(query, json!({"fields": vec!["username"; 1000]}))["totalCount"],
        0
    );
}

/// What was done stays, as with any field that is refused.
#[test]
fn passwords_are_work() {
    let emulator = crowded(1);
    let password = encrypt(&emulator, "wrong");
    let input = format!("input: {{username: \"user0\", password: \"{password}\"}}");
    let login = format!("loginByUsername({input}) {{ id }}");
    let nobody = Client::nobody(&emulator);
    let answer = nobody.graphql(&format!("mutation {{ {} }}", many(100, &login)), json!({}));
    let errors = answer.body["errors"].as_array().unwrap();
    let refused = |error: &&Value| error["message"]["message"].to_string().contains(TOO_MUCH);
    assert_eq!(errors.len(), 100);
    let refused = errors.iter().filter(refused).count();
    assert!((70..100).contains(&refused), "{refused}");
}

#[test]
fn patterns_are_work() {
    let emulator = crowded(1);
    let admin = Client::administrator(&emulator);
    let id = admin.ok("{ users { list { id } } }", json!({}))["list"][0]["id"].clone();
    let long = |end: &str| format!("a:{}{end}", "*a".repeat(20_000));
    let allow = "mutation a($resource: String!, $user: String!) {
        allow(resource: $resource, action: \"read\", userId: $user) { code }
    }";
    admin.ok(allow, json!({"resource": long("b"), "user": id}));
    let asked = json!({"resource": long("c"), "action": "read", "userId": id});
    let question = "query q($resource: String!, $action: String!, $userId: String!) {
        isActionAllowed(resource: $resource, action: $action, userId: $userId)
    }";
    let answer = admin.graphql(question, asked.clone());
    assert!(messages(&answer.body).contains(TOO_MUCH), "{}", answer.body);
    let answer = admin.send("POST", "/api/v2/acl/is-allowed", &asked.to_string());
    assert!(
        answer.body["message"].to_string().contains(TOO_MUCH),
        "{}",
        answer.body
    );
    let short = json!({"resource": "a:1", "action": "read", "userId": id});
    assert_eq!(admin.ok(question, short), false);
}

#[test]
fn long_lists_are_sent_in_parts_when_there_is_much_to_compare() {
    let emulator = crowded(3000);
    let admin = Client::administrator(&emulator);
    let kick = |users: usize| {
        let ids = vec!["nobody"; users];
        let body = json!({"userIds": ids}).to_string();
        admin.send("POST", "/api/v2/users/kick", &body).body["message"].to_string()
    };
    assert!(kick(2000).contains("请分批发送"));
    assert!(!kick(1000).contains("请分批发送"));
    let delete = "mutation d($ids: [String!]!) { deleteUsers(ids: $ids) { code } }";
    let answer = admin.graphql(delete, json!({"ids": vec!["nobody"; 2000]}));
    assert!(
        messages(&answer.body).contains("请分批发送"),
        "{}",
        answer.body
    );
}

#[test]
fn a_response_has_a_largest_size() {
    let mut limits = Limits::default();
    limits.response_bytes = 100_000;
    let emulator = Emulator::builder().limits(limits).start().unwrap();
    let admin = Client::administrator(&emulator);
    let mut ids = Vec::new();
    for number in 0..12 {
        let user = json!({"username": format!("user{number}"), "nickname": "n".repeat(10_000)});
        ids.push(admin.create(user)["id"].clone());
    }
    let list = |fields: &str| {
        let query = format!("{{ users(limit: 12) {{ list {{ {fields} }} }} }}");
        admin.graphql(&query, json!({})).body.to_string()
    };
    assert!(list("id nickname").contains("返回内容过大"));
    assert!(!list("id username").contains("errors"));
    let batch = |ids: &[Value]| {
        let body = json!({"ids": ids}).to_string();
        admin.send("POST", "/api/v2/users/batch", &body)
    };
    let refused = batch(&ids);
    assert_eq!(refused.status, 500);
    assert!(refused.body["message"].to_string().contains("返回内容过大"));
    assert_eq!(batch(&ids[..2]).status, 200);
    let journal = emulator.requests();
    assert!(
        journal
            .iter()
            .rev()
            .any(|own| own.status == 500 && own.executed)
    );
}

#[test]
fn grants_end_with_their_tokens() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=x",
        emulator.app_id(),
        emulator.app_secret()
    );
    let ask = || {
        let kind = "application/x-www-form-urlencoded";
        assert_eq!(
            nobody.send_raw("POST", "/oidc/token", kind, &form).status,
            200
        );
    };
    let kept = || {
        let state: Value = serde_json::from_str(&emulator.snapshot().to_json()).unwrap();
        let oidc = state["pools"][0]["state"]["oidc"].clone();
        let count = |name: &str| oidc[name].as_object().unwrap().len();
        (count("tokens"), count("grants"))
    };
    for _ in 0..150 {
        ask();
    }
    assert_eq!(kept(), (150, 150));
    emulator.advance(Duration::from_secs(60 * 86_400));
    ask();
    assert_eq!(kept(), (1, 1));
}

/// Each refused login brings a token.
#[test]
fn a_user_has_one_token_to_set_a_password() {
    let seed = "users: [{username: ann, password: correct horse}]";
    let emulator = Emulator::builder()
        .seed(seed.parse().unwrap())
        .start()
        .unwrap();
    let admin = Client::administrator(&emulator);
    let id = admin.ok("{ users { list { id } } }", json!({}))["list"][0]["id"].clone();
    emulator.force_password_reset(id.as_str().unwrap());
    let input = json!({"username": "ann", "password": encrypt(&emulator, "correct horse")});
    let login =
        "mutation l($input: LoginByUsernameInput!) { loginByUsername(input: $input) { id } }";
    for _ in 0..20 {
        assert_eq!(
            Client::nobody(&emulator).refused(login, json!({"input": input})),
            2058
        );
    }
    let state: Value = serde_json::from_str(&emulator.snapshot().to_json()).unwrap();
    let resets = &state["pools"][0]["state"]["sessions"]["resets"];
    assert_eq!(resets.as_object().unwrap().len(), 1);
}
