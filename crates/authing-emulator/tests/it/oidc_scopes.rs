//! OpenID Connect: what the scopes open, and where.

use authing_emulator::Emulator;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::client::Client;
use crate::login_page::{by_code, code, start, token};

const SEED: &str = r#"
apps: [{id: app, secret: app-secret}]
customFields: [{key: age, dataType: NUMBER}, {key: school, dataType: STRING}, {key: car, dataType: OBJECT}]
roles: [{code: editor}, {code: reader}, {code: writer}]
groups: [{code: staff, name: The staff, roles: [reader]}]
users:
  - username: bob
    password: "123456"
    roles: [editor]
    groups: [staff]
    customData: {age: 42, school: "7", car: {wheels: 4}}
"#;

fn payload(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// What the two tokens and the server say of a user after a login with a scope.
fn told(emulator: &Emulator, user: &str, scope: &str) -> [Value; 3] {
    let mut browser = crate::login_page::Browser::new(emulator);
    let page = browser.open(&format!("scope={scope}"));
    let answer = browser.log_in(&page, user, "123456");
    let code = crate::login_page::code_in(&answer).unwrap();
    let (_, tokens) = token(emulator, &by_code(&code));
    assert_eq!(tokens["scope"], scope.replace('+', " "));
    let access = Client::with_token(emulator, &tokens["access_token"]);
    let user_info = access.get("/oidc/me").body;
    let [id_token, access] = ["id_token", "access_token"].map(|name| payload(&tokens[name]));
    [id_token, user_info, access]
}

#[test]
fn roles_are_in_the_tokens_of_who_asked_for_them() {
    let emulator = start(Emulator::builder().seed(SEED.parse().unwrap()));
    let administrator = Client::administrator(&emulator);
    let find = "query f { findUser(username: \"bob\") { id } }";
    let bob = administrator.ok(find, json!({}))["id"].clone();
    administrator.ok(
        "mutation c { createRole(code: \"editor\", namespace: \"shop\") { code } }",
        json!({}),
    );
    let assign = "mutation a($bob: [String!]) {
        assignRole(namespace: \"shop\", roleCode: \"editor\", userIds: $bob) { code }
    }";
    administrator.ok(assign, json!({"bob": [bob]}));
    let roles = json!(["editor", "reader", {"code": "editor", "namespace": "shop"}]);
    for claims in told(&emulator, "bob", "openid+roles") {
        assert_eq!(claims["roles"], roles, "{claims}");
    }
    for claims in told(&emulator, "bob", "openid+profile") {
        assert_eq!(claims.get("roles"), None, "{claims}");
    }
    // Who has none is told so.
    for claims in told(&emulator, "ann", "openid+roles") {
        assert_eq!(claims["roles"], json!([]), "{claims}");
    }
}

#[test]
fn custom_fields_and_tenants_are_told_to_who_asks() {
    let emulator = start(Emulator::builder().seed(SEED.parse().unwrap()));
    let [id_token, user_info, access] = told(&emulator, "bob", "openid+extended_fields+tenant_id");
    for claims in [id_token, user_info] {
        let fields = json!({"age": 42, "school": "7", "car": {"wheels": 4}});
        assert_eq!(claims["extended_fields"], fields);
        assert_eq!(claims.get("tenant_id"), Some(&Value::Null));
    }
    assert_eq!(access.get("extended_fields"), None);
}

#[test]
fn a_token_of_the_application_has_no_roles() {
    let emulator = start(Emulator::builder());
    let (status, tokens) = token(&emulator, "grant_type=client_credentials&scope=roles");
    assert_eq!((status, &tokens["scope"]), (200, &json!("roles")));
    assert_eq!(payload(&tokens["access_token"]).get("roles"), None);
}

/// A refreshed token says what holds now.
#[test]
fn roles_are_looked_up_anew_for_each_token() {
    let emulator = start(Emulator::builder().seed(SEED.parse().unwrap()));
    let code = code(
        &emulator,
        "scope=openid+roles+offline_access&prompt=consent",
    );
    let (_, tokens) = token(&emulator, &by_code(&code));
    assert_eq!(payload(&tokens["access_token"])["roles"], json!([]));
    let administrator = Client::administrator(&emulator);
    let find = "query f { findUser(username: \"ann\") { id } }";
    let ann = administrator.ok(find, json!({}))["id"].clone();
    let assign =
        "mutation a($ids: [String!]) { assignRole(roleCode: \"writer\", userIds: $ids) { code } }";
    administrator.ok(assign, json!({"ids": [ann]}));
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    let (_, tokens) = token(&emulator, &form);
    assert_eq!(payload(&tokens["access_token"])["roles"], json!(["writer"]));
}
