use authing::Patch;
use authing::v2::userpool::{
    ChangeEmailStrategyInput, CustomSmsProviderInput, FrequencyCheckInput, UpdateUserpoolInput,
    WhitelistConfigInput,
};
use serde_json::{Value, json};

use super::{Case, data};

fn pool() -> Value {
    json!({
        "id": "pool-1",
        "name": "Pool",
        "domain": "pool",
        "secret": "pool-secret",
        "userpoolTypes": [{"code": "web", "sdks": ["sdk", null]}],
        "createdAt": "2026-11-22T10:00:00.000Z",
        "registerDisabled": false,
        "tokenExpiresAfter": 1_209_600,
        "loginFailCheck": {"timeInterval": 300, "limit": 5, "enabled": true},
        "qrcodeLoginStrategy": {"qrcodeExpiresAfter": 120, "returnFullUserInfo": false},
        "app2WxappLoginStrategy": {"ticketExpriresAfter": 60},
        "whitelist": {"phoneEnabled": false},
        "customSMSProvider": {"enabled": false, "provider": null, "config": "{}"},
        "verifyCodeLength": 4,
    })
}

fn variables() -> Value {
    json!({"code": 200, "message": "", "data": [
        {"key": "A", "value": "1"}, {"key": "B", "value": {"c": [2]}}, {"key": "C"},
    ]})
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(
            "management.userpool.detail",
            data("userpool", pool()),
            shows: "token_expires_after: Some(1209600)",
            |c| c.admin.userpool().detail()
        ),
        case!(
            "management.userpool.detail" + "all_fields",
            data("userpool", pool()),
            shows: "verify_code_length: Some(4)",
            |c| c.admin.userpool().detail().all_fields()
        ),
        case!(
            "management.userpool.update",
            data("updateUserpool", pool()),
            shows: "register_disabled: Some(false)",
            |c| {
                let changes = UpdateUserpoolInput::new()
                    .name("Pool")
                    .description(Patch::Null)
                    .register_disabled(false)
                    .token_expires_after(1_209_600)
                    .userpool_types(vec!["web".to_owned()])
                    .login_fail_check(FrequencyCheckInput::new().limit(0).enabled(true))
                    .change_email_strategy(ChangeEmailStrategyInput::new().verify_old_email(false))
                    .whitelist(WhitelistConfigInput::new().phone_enabled(false))
                    .custom_sms_provider(CustomSmsProviderInput::new().config("{}"));
                c.admin.userpool().update(changes)
            }
        ),
        case!(
            "management.userpool.update" + "all_fields",
            data("updateUserpool", pool()),
            shows: "verify_code_length: Some(4)",
            |c| {
                let changes = UpdateUserpoolInput::new().verify_code_length(4);
                c.admin.userpool().update(changes).all_fields()
            }
        ),
        case!("management.userpool.list_env", variables(), shows: "key: \"B\"", |c| {
            c.admin.userpool().list_env()
        }),
        case!("management.userpool.add_env", variables(), shows: "key: \"A\"", |c| {
            c.admin.userpool().add_env("A", "1")
        }),
        case!("management.userpool.remove_env", variables(), shows: "key: \"C\"", |c| {
            c.admin.userpool().remove_env("a/b c")
        }),
    ]
}
