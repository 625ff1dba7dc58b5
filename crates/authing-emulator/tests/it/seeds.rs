//! Emulators that begin with something.

use authing_emulator::{Emulator, Seed, StartError};
use serde_json::json;

use crate::client::{Client, encrypt};

const SEED: &str = "
randomSeed: 7
clock: {at: 2030-01-01T00:00:00Z, frozen: true}
pool: {id: pool-1, secret: pool-secret}
apps:
  - {id: app-1, secret: app-secret, name: shop}
  - {id: app-2, clientAuthentication: secret-basic}
customFields:
  - {key: age, dataType: NUMBER}
policies:
  - code: read-books
    statements: [{resource: 'books:*', actions: ['books:read']}]
roles:
  - {code: reader, policies: [read-books]}
  - {code: editor, parent: reader}
groups:
  - {code: staff, name: The staff, roles: [editor]}
users:
  - username: ann
    email: Ann@Example.com
    password: correct horse
    customData: {age: 42}
    roles: [reader]
  - phone: '13800000000'
    givenName: Bob
    groups: [staff]
    blocked: true
whitelist: {emails: [ann@example.com]}
settings: {registerDisabled: true, whitelist: {emailEnabled: true}}
pools:
  - pool: {id: pool-2}
    users: [{username: ann}]
";

fn start(seed: &str) -> Result<Emulator, StartError> {
    Emulator::builder().seed(seed.parse().unwrap()).start()
}

#[test]
fn a_seed_has_everything() {
    let emulator = start(SEED).unwrap();
    assert_eq!(
        (emulator.user_pool_id(), emulator.secret()),
        ("pool-1", "pool-secret")
    );
    assert_eq!(
        (emulator.app_id(), emulator.app_secret()),
        ("app-1", "app-secret")
    );
    let admin = Client::administrator(&emulator);
    let users = admin.ok(
        "query users { users(sortBy: CREATEDAT_ASC) { list {
            username email phone givenName blocked createdAt customData { key value }
            roles { list { code } } groups { list { code name } }
        } } }",
        json!({}),
    );
    let (ann, bob) = (&users["list"][0], &users["list"][1]);
    assert_eq!(ann["email"], "ann@example.com");
    assert_eq!(ann["createdAt"], "2030-01-01T00:00:00.000Z");
    assert_eq!(ann["customData"], json!([{"key": "age", "value": "42"}]));
    assert_eq!(ann["roles"]["list"], json!([{"code": "reader"}]));
    assert_eq!(
        (&bob["givenName"], &bob["blocked"]),
        (&json!("Bob"), &json!(true))
    );
    assert_eq!(
        bob["groups"]["list"],
        json!([{"code": "staff", "name": "The staff"}])
    );
    assert_eq!(bob["roles"]["list"], json!([{"code": "editor"}]));
    let policy = admin.ok(
        "query policy { policy(code: \"read-books\") { statements { resource effect } } }",
        json!({}),
    );
    assert_eq!(
        policy["statements"],
        json!([{"resource": "books:*", "effect": "ALLOW"}])
    );
    let listed = admin.ok("query list { whitelist(type: EMAIL) { value } }", json!({}));
    assert_eq!(listed, json!([{"value": "ann@example.com"}]));
    let pool = admin.ok("query pool { userpool { registerDisabled } }", json!({}));
    assert_eq!(pool["registerDisabled"], true);

    let login =
        "mutation login($input: LoginByEmailInput!) { loginByEmail(input: $input) { username } }";
    let input =
        json!({"email": "ann@example.com", "password": encrypt(&emulator, "correct horse")});
    assert_eq!(
        Client::nobody(&emulator).ok(login, json!({"input": input}))["username"],
        "ann"
    );

    let pools = emulator.pools();
    assert_eq!(
        (&*pools[0].apps[0].name, &*pools[0].apps[1].id),
        ("shop", "app-2")
    );
    let other = Client::administrator_of(&emulator, "pool-2", &pools[1].secret);
    let users = other.ok(
        "query users { users { list { username email } } }",
        json!({}),
    );
    assert_eq!(users["list"], json!([{"username": "ann", "email": null}]));
}

#[test]
fn what_is_refused_has_its_line() {
    for (seed, message) in [
        (
            "users:\n- username: a\n- username: a\n",
            "line 3: users[1]: a user with this username exists already",
        ),
        (
            "users:\n- name: a\n",
            "line 2: users[0]: one of username, email and phone is needed",
        ),
        (
            "users:\n- {username: a, roles: [x]}\n",
            "line 2: users[0]: the role `x` does not exist",
        ),
        (
            "users:\n- {username: a, id: i}\n- {username: b, id: i}\n",
            "line 3: users[1]: a user with this id exists already",
        ),
        (
            "roles:\n- code: a\n  parent: b\n",
            "line 2: roles[0]: the role `b` does not exist",
        ),
        (
            "pools:\n- roles:\n  - code: a b\n",
            "line 3: pools[0].roles[0]: a role's code is made of letters, digits, `_` and `-`",
        ),
        (
            "\nclock: {at: soon}\n",
            "line 2: clock: `soon` is not a time such as 2030-01-01T00:00:00Z",
        ),
        (
            "webhook: {url: 'http://example.com'}\n",
            "line 1: webhook: `http://example.com` is not on this machine: start the emulator with leave to send \
             webhooks elsewhere",
        ),
        (
            "pool: {id: p}\npools: [{pool: {id: p}}]\n",
            "two pools or applications have the id `p`",
        ),
    ] {
        match start(seed).unwrap_err() {
            StartError::Seed(error) => assert_eq!(error.to_string(), message),
            other => panic!("{other}"),
        }
    }
    let StartError::Seed(error) = start("settings: {nme: x}").unwrap_err() else {
        panic!("another error");
    };
    assert_eq!((error.line, &*error.path), (Some(1), "settings"));
    assert!(error.message.contains("nme"), "{error}");
}

#[test]
fn the_example_of_the_documentation_works() {
    let (_, rest) = include_str!("../../CONTROL.md")
        .split_once("```yaml\n")
        .unwrap();
    let (seed, _) = rest.split_once("```").unwrap();
    let emulator = start(seed).unwrap();
    assert_eq!(
        (emulator.user_pool_id(), emulator.app_secret()),
        ("my-pool", "my-app-secret")
    );
    assert_eq!(emulator.pools()[1].id, "other-pool");
}

#[test]
fn a_seed_can_be_json() {
    let emulator = start("{\"users\": [\n\t{\"username\": \"ann\"}\n]}").unwrap();
    assert_eq!(
        Client::administrator(&emulator).ok("query c { users { totalCount } }", json!({}))["totalCount"],
        1
    );
}

#[test]
fn the_schema_names_the_fields() {
    let schema: serde_json::Value = serde_json::from_str(&Seed::json_schema()).unwrap();
    assert_eq!(schema["properties"]["users"]["type"], "array");
    assert_eq!(schema["$defs"]["User"]["additionalProperties"], false);
    assert!(schema["$defs"]["User"]["properties"]["externalId"]["description"].is_string());
}
