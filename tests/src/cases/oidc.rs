use authing::oidc::{PendingLogin, TokenTypeHint};
use serde_json::json;

use super::Case;

const SET: &str = "access-1";

pub(super) fn cases() -> Vec<Case> {
    let tokens = json!({
        "access_token": SET, "expires_in": 1_209_600, "scope": "openid", "token_type": "Bearer",
    });
    vec![
        case!(
            "authentication.oidc.discover",
            json!({
                "issuer": "https://core.authing.cn/oidc",
                "token_endpoint": "https://core.authing.cn/oidc/token",
                "scopes_supported": ["openid"],
                "claims_parameter_supported": false,
            }),
            shows: "core.authing.cn/oidc/token",
            |c| c.oidc.discover()
        ),
        case!(
            "authentication.oidc.get_new_access_token_by_refresh_token",
            tokens.clone(),
            shows: "expires_in: Some(1209600)",
            |c| c.oidc.get_new_access_token_by_refresh_token("refresh 1&2").subject("u1")
        ),
        case!(
            "authentication.oidc.get_access_token_by_client_credentials",
            tokens,
            shows: "expires_in: Some(1209600)",
            |c| c.oidc.get_access_token_by_client_credentials("user read").access_key("key-1", "s")
        ),
        case!(
            "authentication.oidc.get_user_info_by_access_token",
            json!({
                "sub": "u1", "name": null, "email": "bob@example.com", "email_verified": false,
                "address": {"country": "CN"}, "updated_at": "2026-11-22T10:00:00.000Z",
                "something_new": {"a": [1, null]},
            }),
            shows: "bob@example.com",
            |c| c.oidc.get_user_info_by_access_token(SET)
        ),
        case!(
            "authentication.oidc.introspect_token",
            json!({
                "active": true, "sub": "u1", "client_id": "app-1", "exp": 1_209_600, "iat": 0,
                "iss": "https://core.authing.cn/oidc", "jti": "j", "scope": "openid",
                "token_type": "Bearer",
            }),
            shows: "active: true",
            |c| c.oidc.introspect_token(SET)
        ),
        case!(
            "authentication.oidc.revoke_token",
            json!({}),
            shows: "()",
            |c| c.oidc_basic.revoke_token(SET).token_type_hint(TokenTypeHint::AccessToken)
        ),
        by_code(),
    ]
}

fn by_code() -> Case {
    // Signed by nobody, for the application `app-1`.
    let claims = "eyJzdWIiOiJ1MSIsImlzcyI6Imh0dHBzOi8vaWQuZXhhbXBsZS9vaWRjIiwiYXVkIjoiYXBwLTEiLCJleHAiOjEyMDk2MDAsIm5vbmNlIjoibi0xIn0";
    case!(
        "authentication.oidc.get_access_token_by_code",
        json!({
            "access_token": SET, "expires_in": 1_209_600, "scope": "openid",
            "token_type": "Bearer", "id_token": format!("e30.{claims}.c2ln"),
        }),
        shows: "sub: \"u1\"",
        |c| async move {
            let login: PendingLogin = serde_json::from_value(json!({
                "state": "s-1", "nonce": "n-1", "code_verifier": "v-1",
                "redirect_uri": "https://app.example/callback?a=1&b=2",
            }))
            .unwrap();
            let code = c.oidc.callback(&login, "code=c%2F1&state=s-1")?;
            c.oidc.get_access_token_by_code(code).await
        }
    )
}
