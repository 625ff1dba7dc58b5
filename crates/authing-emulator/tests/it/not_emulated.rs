//! What Authing knows and the emulator does not.

use authing_emulator::{Emulator, Outcome, operations};
use serde_json::json;

use crate::client::Client;

#[test]
fn fields_are_refused_by_name() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    for (query, field) in [
        ("query { orgs { totalCount } }", "orgs"),
        ("query { socialConnections { name } }", "socialConnections"),
        ("mutation { deleteUserpool { code } }", "deleteUserpool"),
        ("mutation { changeMfa(enable: true) { id } }", "changeMfa"),
    ] {
        for client in [&administrator, &Client::nobody(&emulator)] {
            let answer = client.graphql(query, json!({}));
            assert_eq!(answer.status, 200);
            let message = &answer.body["errors"][0]["message"];
            assert_eq!(message["code"], 501);
            assert_eq!(
                message["message"],
                format!("模拟器不支持 `{field}`").as_str()
            );
        }
    }
    let last = emulator.requests().pop().unwrap();
    assert_eq!(last.outcome, Some(Outcome::Refused(501)));

    // One that is refused takes nothing from those beside it.
    let both = administrator.graphql("query { users { totalCount } function { id } }", json!({}));
    let data = json!({"users": {"totalCount": 0}, "function": null});
    assert_eq!(both.body["data"], data);
    let register = "mutation registerByUsername($input: RegisterByUsernameInput!) {
        registerByUsername(input: $input) { id }
    }";
    let password = crate::client::encrypt(&emulator, "123456");
    let profile = json!({"udf": [{"key": "age", "value": "1"}]});
    let input = json!({"username": "ann", "password": password, "profile": profile});
    assert_eq!(
        administrator.refused(register, json!({"input": input})),
        501
    );
}

#[test]
fn paths_are_refused_by_name() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    for (method, path, name) in [
        ("GET", "/api/v2/orgs", "GET /api/v2/orgs"),
        (
            "GET",
            "/api/v2/users/principal_authentication",
            "GET /api/v2/users/principal_authentication",
        ),
        (
            "DELETE",
            "/api/v2/users/0123/mfa-bound",
            "DELETE /api/v2/users/{id}/mfa-bound",
        ),
        ("POST", "/api/v3/signin", "POST /api/v3/signin"),
    ] {
        let answer = administrator.send(method, path, "");
        assert_eq!(answer.status, 200);
        let message = format!("模拟器不支持 `{name}`");
        assert_eq!(answer.body, json!({"code": 501, "message": message}));
    }
    let answer = administrator.send("POST", "/oauth/token", "");
    assert_eq!((answer.status, &answer.body["code"]), (501, &json!(501)));
    let last = emulator.requests().pop().unwrap();
    assert_eq!(
        (last.executed, last.outcome),
        (false, Some(Outcome::Refused(501)))
    );
    // What nobody knows is something else.
    assert_eq!(administrator.get("/api/v2/nothing").status, 404);
}

#[test]
fn every_request_is_answered_as_the_list_says() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let requests = operations().unwrap().into_iter();
    for request in requests.flat_map(|operation| operation.requests) {
        let Some((method, path)) = request.name.split_once(' ') else {
            continue;
        };
        // `~` in the list: what the path wants may be there for others.
        let is_lacking = !request.emulated && path == "/oidc/token";
        let path = path.replace('{', "some-").replace('}', "");
        let answer = administrator.send_raw(method, &path, "application/json", "");
        let refused = answer.text.contains("\"code\":501");
        assert_eq!(
            refused,
            !request.emulated && !is_lacking,
            "{}",
            request.name
        );
        assert!(![404, 405].contains(&answer.status), "{}", request.name);
    }
}
