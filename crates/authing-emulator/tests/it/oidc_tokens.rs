//! OpenID Connect: codes and tokens that are wrong, late, used, or somebody else's.

use std::time::Duration;

use authing_emulator::{ClientAuthentication, Emulator};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::client::Client;
use crate::login_page::{FORM, by_code, code, me, refused, start, token, validate};

const VERIFIER: &str = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";

#[test]
fn claims_are_told_while_a_token_is_good() {
    for builder in [Emulator::builder(), Emulator::builder().rs256_id_tokens()] {
        let emulator = start(builder);
        let admin = Client::administrator(&emulator);
        let code = code(&emulator, "scope=openid+offline_access&prompt=consent");
        let (_, tokens) = token(&emulator, &by_code(&code));
        let find = "query f { findUser(username: \"ann\") { id } }";
        let ann = &admin.ok(find, json!({}))["id"];
        for name in ["id_token", "access_token"] {
            let (status, claims) = validate(&emulator, name, &tokens[name]);
            assert_eq!((status, &claims["sub"]), (200, ann));
            assert_eq!(claims["aud"], emulator.app_id());
        }
        let refused = |name: &str, token: &Value| {
            let (status, body) = validate(&emulator, name, token);
            assert_eq!((status, &body["code"]), (400, &json!(400)), "{name}");
        };
        refused("access_token", &tokens["id_token"]);
        refused("access_token", &tokens["refresh_token"]);
        refused("id_token", &tokens["access_token"]);
        refused("id_token", &json!("made.up.token"));
        refused("neither", &tokens["id_token"]);

        let block = "mutation b($id: String, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id } }";
        for blocked in [true, false] {
            admin.ok(block, json!({"id": ann, "input": {"blocked": blocked}}));
            if blocked {
                refused("id_token", &tokens["id_token"]);
                refused("access_token", &tokens["access_token"]);
            }
        }
        emulator.advance(Duration::from_secs(15 * 86_400));
        refused("id_token", &tokens["id_token"]);
        refused("access_token", &tokens["access_token"]);
    }
}

/// Another application's tokens are none of this one's.
#[test]
fn claims_are_told_to_the_own_application() {
    let seed = "apps: [{id: one, secret: s1}, {id: two, secret: s1}]";
    let emulator = start(Emulator::builder().seed(seed.parse().unwrap()));
    let code = code(&emulator, "scope=openid");
    let (_, tokens) = token(&emulator, &by_code(&code));
    for name in ["id_token", "access_token"] {
        let path = format!(
            "/api/v2/oidc/validate_token?{name}={}",
            tokens[name].as_str().unwrap()
        );
        for (app, status) in [("one", 200), ("two", 400)] {
            let client = Client::nobody(&emulator).header("x-authing-app-id", app);
            assert_eq!(client.get(&path).status, status, "{name} {app}");
        }
    }
}

/// With a form and without one, as the clients of Authing do it.
#[test]
fn the_token_for_userinfo_is_found_wherever_it_is() {
    let emulator = start(Emulator::builder());
    let code = code(&emulator, "scope=openid");
    let (_, tokens) = token(&emulator, &by_code(&code));
    let text = tokens["access_token"].as_str().unwrap();
    let (query, form) = (
        format!("/oidc/me?access_token={text}"),
        format!("access_token={text}"),
    );
    let nobody = Client::nobody(&emulator);
    let bearer = Client::with_token(&emulator, &tokens["access_token"]);
    for answer in [
        bearer.send_raw("GET", "/oidc/me", "", ""),
        bearer.send_raw("POST", "/oidc/me", "", ""),
        nobody.send_raw("GET", &query, "", ""),
        nobody.send_raw("POST", &query, "", ""),
        nobody.send_raw("POST", "/oidc/me", FORM, &form),
    ] {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert_eq!(nobody.send_raw("POST", "/oidc/me", "", "").status, 401);
}

#[test]
fn a_code_is_good_once_and_where_it_was_meant_to_go() {
    let emulator = start(Emulator::builder());
    let first = code(&emulator, "scope=openid");
    let elsewhere = format!(
        "grant_type=authorization_code&code={first}&redirect_uri=http%3A%2F%2Flocalhost%3A2"
    );
    refused(token(&emulator, &elsewhere), "invalid_grant");
    // A mistake does not use it up.
    let (status, tokens) = token(&emulator, &by_code(&first));
    assert_eq!(status, 200);
    assert_eq!(me(&emulator, &tokens["access_token"]), 200);
    // Whoever brings it again may be a thief, so that nobody keeps anything.
    refused(token(&emulator, &by_code(&first)), "invalid_grant");
    assert_eq!(me(&emulator, &tokens["access_token"]), 401);

    let late = code(&emulator, "scope=openid");
    emulator.advance(Duration::from_secs(600));
    refused(token(&emulator, &by_code(&late)), "invalid_grant");
}

#[test]
fn a_challenge_wants_its_verifier() {
    let emulator = start(Emulator::builder());
    let query = format!("scope=openid&code_challenge_method=plain&code_challenge={VERIFIER}");
    let code_with_challenge = code(&emulator, &query);
    let form = by_code(&code_with_challenge);
    refused(token(&emulator, &form), "invalid_grant");
    let wrong = format!("{form}&code_verifier={}", VERIFIER.to_uppercase());
    refused(token(&emulator, &wrong), "invalid_grant");
    let right = format!("{form}&code_verifier={VERIFIER}");
    assert_eq!(token(&emulator, &right).0, 200);
    let without = by_code(&code(&emulator, "scope=openid"));
    let unasked = format!("{without}&code_verifier={VERIFIER}");
    refused(token(&emulator, &unasked), "invalid_grant");
}

#[test]
fn a_refresh_token_is_good_once_and_for_no_more() {
    let emulator = start(Emulator::builder());
    let query = "scope=openid+offline_access+email&prompt=consent";
    let (_, tokens) = token(&emulator, &by_code(&code(&emulator, query)));
    let refresh = |tokens: &Value, more: &str| {
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let form = format!("grant_type=refresh_token&refresh_token={refresh}{more}");
        token(&emulator, &form)
    };
    refused(refresh(&tokens, "&scope=openid+phone"), "invalid_scope");
    let (status, next) = refresh(&tokens, "");
    assert_eq!(status, 200);
    refused(refresh(&tokens, ""), "invalid_grant");
    refused(refresh(&next, ""), "invalid_grant");
    assert_eq!(me(&emulator, &next["access_token"]), 401);
}

#[test]
fn who_may_not_hear_about_a_user() {
    let emulator = start(Emulator::builder());
    let (_, blind) = token(&emulator, &by_code(&code(&emulator, "scope=email")));
    assert_eq!(me(&emulator, &blind["access_token"]), 403);
    let (_, tokens) = token(&emulator, &by_code(&code(&emulator, "scope=openid")));
    assert_eq!(me(&emulator, &tokens["access_token"]), 200);
    let administrator = Client::administrator(&emulator);
    let find = "query findUser { findUser(username: \"ann\") { id } }";
    let id = administrator.ok(find, json!({}))["id"].clone();
    let update =
        "mutation updateUser($id: String) { updateUser(id: $id, input: {blocked: true}) { id } }";
    administrator.ok(update, json!({"id": id}));
    assert_eq!(me(&emulator, &tokens["access_token"]), 401);
}

#[test]
fn an_application_proves_who_it_is_in_its_own_way() {
    let emulator = start(Emulator::builder());
    let form = by_code(&code(&emulator, "scope=openid"));
    let nobody = Client::nobody(&emulator);
    let (id, secret) = (emulator.app_id(), emulator.app_secret());
    let status = |client: &Client<'_>, own: &str| {
        client
            .send_raw("POST", "/oidc/token", FORM, &format!("{own}&{form}"))
            .status
    };
    assert_eq!(
        status(&nobody, &format!("client_id={id}&client_secret=wrong")),
        401
    );
    assert_eq!(
        status(&nobody, &format!("client_id=wrong&client_secret={secret}")),
        401
    );
    assert_eq!(status(&nobody, &format!("client_id={id}")), 401);
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let by_header = Client::nobody(&emulator).header("Authorization", &basic);
    assert_eq!(status(&by_header, "a=b"), 401, "right, but not agreed on");
    assert_eq!(
        status(&nobody, &format!("client_id={id}&client_secret={secret}")),
        200
    );

    let emulator =
        start(Emulator::builder().client_authentication(ClientAuthentication::SecretBasic));
    let form = by_code(&code(&emulator, "scope=openid"));
    let (id, secret) = (emulator.app_id(), emulator.app_secret());
    let in_form = format!("client_id={id}&client_secret={secret}&{form}");
    let nobody = Client::nobody(&emulator);
    assert_eq!(
        nobody
            .send_raw("POST", "/oidc/token", FORM, &in_form)
            .status,
        401
    );
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let by_header = nobody.header("Authorization", &basic);
    assert_eq!(
        by_header
            .send_raw("POST", "/oidc/token", FORM, &form)
            .status,
        200
    );
}
