use std::time::Duration;

use authing_emulator::Emulator;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::client::Client;

const DAY: Duration = Duration::from_secs(86_400);
const ACCESS_TOKEN: &str = "query accessToken($pool: String!, $secret: String!) {
    accessToken(userPoolId: $pool, secret: $secret) { accessToken exp iat }
}";
const USERS: &str = "query users { users { totalCount } }";
const STATUS: &str = "query checkLoginStatus($token: String) {
    checkLoginStatus(token: $token) { code message status exp iat data { id userPoolId arn } }
}";

fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[test]
fn management_tokens_last_fifteen_days() {
    let emulator = Emulator::start().unwrap();
    let variables = json!({"pool": emulator.user_pool_id(), "secret": emulator.secret()});
    let token = Client::nobody(&emulator).ok(ACCESS_TOKEN, variables);
    let life = token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap();
    assert_eq!(life, 1_296_000);
    let claims = claims(&token["accessToken"]);
    assert_eq!(claims["exp"], token["exp"]);
    assert_ne!(claims["data"]["userPoolId"], emulator.user_pool_id());

    let administrator = Client::with_token(&emulator, &token["accessToken"]);
    assert_eq!(administrator.ok(USERS, json!({})), json!({"totalCount": 0}));
    emulator.advance(15 * DAY);
    assert_eq!(administrator.refused(USERS, json!({})), 2020);
    let fresh = Client::administrator(&emulator);
    assert_eq!(fresh.ok(USERS, json!({})), json!({"totalCount": 0}));
}

#[test]
fn lives_can_be_set() {
    let emulator = Emulator::builder()
        .management_token_life(Duration::from_secs(60))
        .user_token_life(Duration::from_secs(30))
        .start()
        .unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}));
    let token = administrator.ok(
        "mutation refreshToken($id: String) { refreshToken(id: $id) { token iat exp } }",
        json!({"id": ann["id"]}),
    );
    assert_eq!(
        token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap(),
        30
    );
    let user = Client::with_token(&emulator, &token["token"]);
    assert_eq!(user.user(&Value::Null)["id"], ann["id"]);
    emulator.advance(Duration::from_secs(31));
    assert_eq!(user.refused("query user { user { id } }", json!({})), 2020);
    assert_eq!(administrator.ok(USERS, json!({}))["totalCount"], 1);
    emulator.advance(Duration::from_secs(31));
    assert_eq!(administrator.refused(USERS, json!({})), 2020);
}

#[test]
fn wrong_pool_credentials_are_refused() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let wrong_pool = json!({"pool": "0".repeat(24), "secret": emulator.secret()});
    assert_eq!(nobody.refused(ACCESS_TOKEN, wrong_pool), 2224);
    let wrong_secret = json!({"pool": emulator.user_pool_id(), "secret": "wrong"});
    assert_eq!(nobody.refused(ACCESS_TOKEN, wrong_secret), 1001);
}

#[test]
fn tokens_of_others_are_refused() {
    let emulator = Emulator::start().unwrap();
    let other = Emulator::start().unwrap();
    let stranger = {
        let variables = json!({"pool": other.user_pool_id(), "secret": other.secret()});
        let token = Client::nobody(&other).ok(ACCESS_TOKEN, variables);
        Client::with_token(&emulator, &token["accessToken"])
    };
    assert_eq!(stranger.refused(USERS, json!({})), 2020);
    for nonsense in ["", "nonsense", "a.b.c"] {
        let client = Client::with_token(&emulator, &json!(nonsense));
        assert_eq!(client.refused(USERS, json!({})), 2020);
    }
}

#[test]
fn user_tokens_claim_who_the_user_is() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann", "email": "ann@example.com"}));
    let refresh = "mutation refreshToken($id: String) { refreshToken(id: $id) { token iat exp } }";
    let token = administrator.ok(refresh, json!({"id": ann["id"]}));
    let claims = claims(&token["token"]);
    assert_eq!(claims["sub"], ann["id"]);
    assert_eq!(claims["data"]["id"], ann["id"]);
    assert_eq!(claims["data"]["userPoolId"], emulator.user_pool_id());
    assert_eq!(claims["userpool_id"], emulator.user_pool_id());
    assert_eq!(claims["aud"], emulator.app_id());
    assert_eq!(claims["email"], "ann@example.com");
    assert_eq!(claims["phone_number"], Value::Null);
    assert_eq!(claims["iss"], format!("{}/oidc", emulator.url()));
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        1_209_600
    );

    let user = Client::with_token(&emulator, &token["token"]);
    let renewed = user.ok(refresh, json!({}));
    assert_ne!(renewed["token"], token["token"]);
    let again = Client::with_token(&emulator, &renewed["token"]);
    assert_eq!(again.user(&Value::Null)["token"], renewed["token"]);
    assert_eq!(
        administrator.refused(refresh, json!({"id": "nobody"})),
        2004
    );
}

#[test]
fn logging_out_ends_that_session_only() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}));
    let token = || {
        administrator.ok(
            "mutation refreshToken($id: String) { refreshToken(id: $id) { token } }",
            json!({"id": ann["id"]}),
        )["token"]
            .clone()
    };
    let (one, two) = (token(), token());
    let (first, second) = (
        Client::with_token(&emulator, &one),
        Client::with_token(&emulator, &two),
    );
    let status = first.ok(STATUS, json!({}));
    assert_eq!(
        (&status["code"], &status["status"]),
        (&json!(200), &json!(true))
    );
    assert_eq!(
        status["data"],
        json!({"id": ann["id"], "userPoolId": emulator.user_pool_id(), "arn": null})
    );

    let path = format!("/api/v2/logout?app_id={}", emulator.app_id());
    assert_eq!(first.get("/api/v2/logout?app_id=wrong").body["code"], 2011);
    assert_eq!(first.get(&path).body["code"], 200);
    assert_eq!(
        first.ok(STATUS, json!({})),
        json!({
            "code": 2206, "message": "登录信息已过期", "status": false,
            "exp": null, "iat": null, "data": null,
        })
    );
    assert_eq!(first.refused("query user { user { id } }", json!({})), 2020);
    let again = first.get(&path);
    assert_eq!((again.status, &again.body["code"]), (200, &json!(2020)));
    assert_eq!(Client::nobody(&emulator).get(&path).body["code"], 2020);

    assert_eq!(second.ok(STATUS, json!({}))["code"], 200);
    let nobody = Client::nobody(&emulator);
    assert_eq!(nobody.ok(STATUS, json!({"token": two}))["code"], 200);
    assert_eq!(nobody.ok(STATUS, json!({"token": one}))["code"], 2206);
    assert_eq!(
        nobody.ok(STATUS, json!({"token": "nonsense"}))["code"],
        2207
    );
    assert_eq!(nobody.ok(STATUS, json!({}))["code"], 2020);
    emulator.advance(14 * DAY);
    assert_eq!(second.ok(STATUS, json!({}))["code"], 2206);
}
