//! OpenID Connect: what one application does with the tokens of another, and tokens of another kind.

use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{Client, encrypt};
use crate::login_page::{Browser, FORM, by_code, code, code_in, me, start, token, validate};

const SEED: &str = "apps: [{id: one, secret: s1}, {id: two, secret: s2}]";
const OFFLINE: &str = "scope=openid+offline_access&prompt=consent";

fn two_applications() -> Emulator {
    start(Emulator::builder().seed(SEED.parse().unwrap()))
}

/// Sends a form in the name of the second application.
fn as_two(emulator: &Emulator, path: &str, form: &str) -> (u16, Value) {
    let form = format!("client_id=two&client_secret=s2&{form}");
    let answer = Client::nobody(emulator).send_raw("POST", path, FORM, &form);
    let body = serde_json::from_str(&answer.text).unwrap_or_default();
    (answer.status, body)
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap()
}

#[test]
fn an_application_does_not_take_back_the_tokens_of_another() {
    let emulator = two_applications();
    let (_, tokens) = token(&emulator, &by_code(&code(&emulator, OFFLINE)));
    for name in ["access_token", "refresh_token"] {
        let form = format!("token={}", text(&tokens, name));
        let (status, body) = as_two(&emulator, "/oidc/token/revocation", &form);
        assert_eq!(
            (status, &body["error"]),
            (400, &json!("invalid_request")),
            "{name}"
        );
    }
    assert_eq!(me(&emulator, &tokens["access_token"]), 200);
    let refresh = text(&tokens, "refresh_token");
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    assert_eq!(token(&emulator, &form).0, 200);
    // Nothing is said of a token that nobody has.
    let unknown = as_two(&emulator, "/oidc/token/revocation", "token=x");
    assert_eq!(unknown, (200, Value::Null));
}

#[test]
fn an_application_hears_nothing_of_the_tokens_of_another() {
    let emulator = two_applications();
    let (_, tokens) = token(&emulator, &by_code(&code(&emulator, OFFLINE)));
    for name in ["access_token", "refresh_token"] {
        let form = format!("token={}", text(&tokens, name));
        let told = as_two(&emulator, "/oidc/token/introspection", &form);
        assert_eq!(told, (200, json!({"active": false})), "{name}");
    }
    let two = Client::with_token(&emulator, &tokens["access_token"]);
    let two = two.header("x-authing-app-id", "two");
    assert_eq!(two.get("/oidc/me").status, 401);
    assert_eq!(me(&emulator, &tokens["access_token"]), 200);
}

#[test]
fn an_application_uses_no_codes_and_refresh_tokens_of_another() {
    let emulator = two_applications();
    let first = code(&emulator, OFFLINE);
    let stolen = as_two(&emulator, "/oidc/token", &by_code(&first));
    assert_eq!(
        (stolen.0, &stolen.1["error"]),
        (400, &json!("invalid_grant"))
    );
    let (status, tokens) = token(&emulator, &by_code(&first));
    assert_eq!(status, 200, "it is not used up");
    let refresh = text(&tokens, "refresh_token");
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    let stolen = as_two(&emulator, "/oidc/token", &form);
    assert_eq!(
        (stolen.0, &stolen.1["error"]),
        (400, &json!("invalid_grant"))
    );
    assert_eq!(token(&emulator, &form).0, 200);

    let hint = text(&tokens, "id_token");
    let path = format!("/oidc/session/end?client_id=two&id_token_hint={hint}");
    assert_eq!(
        Client::nobody(&emulator)
            .send_raw("GET", &path, "", "")
            .status,
        400
    );
}

/// A token of the v2 API has the same signature as an ID token, and can be taken back.
#[test]
fn a_user_token_is_no_id_token() {
    let emulator = start(Emulator::builder());
    let login =
        "mutation l($input: LoginByUsernameInput!) { loginByUsername(input: $input) { token } }";
    let input = json!({"username": "ann", "password": encrypt(&emulator, "123456")});
    let user = Client::nobody(&emulator).ok(login, json!({"input": input}));
    let user = &user["token"];
    let refused = |token: &Value, why: &str| {
        assert_eq!(validate(&emulator, "id_token", token).0, 400, "{why}");
        let path = format!(
            "/oidc/session/end?id_token_hint={}",
            token.as_str().unwrap()
        );
        let answer = Client::nobody(&emulator).send_raw("GET", &path, "", "");
        assert_eq!(answer.status, 400, "{why}");
    };
    refused(user, "a token of a session");
    let session = Client::with_token(&emulator, user);
    assert_eq!(session.get("/api/v2/logout").body["code"], 200);
    refused(user, "a token of a session that has ended");
    emulator.require_mfa(true);
    let challenge = Client::nobody(&emulator).graphql(login, json!({"input": input}));
    let waiting = &challenge.body["errors"][0]["message"]["data"]["mfaToken"];
    refused(waiting, "a token of a login that is not finished");
    let (_, tokens) = {
        emulator.require_mfa(false);
        token(&emulator, &by_code(&code(&emulator, OFFLINE)))
    };
    refused(&tokens["access_token"], "an access token");
    assert_eq!(validate(&emulator, "id_token", &tokens["id_token"]).0, 200);
}

/// Nor is any token of OpenID Connect one of the API's sessions, or of a login that is not finished.
#[test]
fn tokens_of_openid_connect_open_no_session() {
    for builder in [Emulator::builder(), Emulator::builder().rs256_id_tokens()] {
        let emulator = start(builder);
        let scope = "scope=openid+profile+userpool_id+offline_access&prompt=consent";
        let (_, tokens) = token(&emulator, &by_code(&code(&emulator, scope)));
        for name in ["access_token", "id_token", "refresh_token"] {
            let bearer = Client::with_token(&emulator, &tokens[name]);
            assert_eq!(
                bearer.refused("query { user { id } }", json!({})),
                2020,
                "{name}"
            );
            assert_eq!(
                bearer.refused("query { users { totalCount } }", json!({})),
                2020,
                "{name}"
            );
            let body = json!({"totp": "000000"}).to_string();
            let second = bearer.send("POST", "/api/v2/mfa/totp/verify", &body);
            assert_eq!(second.body["code"], 2207, "{name}");
            if name != "access_token" {
                assert_eq!(bearer.get("/oidc/me").status, 401, "{name}");
            }
        }
    }
}

/// A browser that is logged in is so for each application, and each gets a code of its own.
#[test]
fn a_browser_brings_its_login_along() {
    let emulator = two_applications();
    let mut browser = Browser::new(&emulator);
    let page = browser.open("scope=openid");
    assert!(code_in(&browser.log_in(&page, "ann", "123456")).is_some());
    let code = code_in(&browser.open_for("two", "scope=openid&prompt=none")).unwrap();
    let (status, tokens) = as_two(&emulator, "/oidc/token", &by_code(&code));
    assert_eq!(status, 200, "{tokens}");
}
