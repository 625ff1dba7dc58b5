use authing::v2::whitelist::WhitelistType;
use serde_json::{Value, json};

use super::{Case, data};

fn entries() -> Value {
    json!([{
        "value": "bob@example.com",
        "createdAt": "2026-11-22T10:00:00.000Z",
        "updatedAt": "2026-11-22T10:00:00.000Z",
    }])
}

fn switched() -> Value {
    data(
        "updateUserpool",
        json!({"whitelist": {"phoneEnabled": false, "emailEnabled": true, "usernameEnabled": null}}),
    )
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("management.whitelist.list", data("whitelist", entries()), shows: "bob@", |c| {
            c.admin.whitelist().list(WhitelistType::Email)
        }),
        case!("management.whitelist.add", data("addWhitelist", entries()), shows: "bob@", |c| {
            c.admin.whitelist().add(WhitelistType::Email, ["Bob@Example.com", "ann@example.com"])
        }),
        case!(
            "management.whitelist.remove",
            data("removeWhitelist", entries()),
            shows: "bob@",
            |c| c.admin.whitelist().remove(WhitelistType::Phone, ["13800000000"])
        ),
        case!(
            "management.whitelist.enable",
            switched(),
            shows: "email_enabled: Some(true)",
            |c| c.admin.whitelist().enable(WhitelistType::Email)
        ),
        case!(
            "management.whitelist.disable",
            switched(),
            shows: "phone_enabled: Some(false)",
            |c| c.admin.whitelist().disable(WhitelistType::Username)
        ),
    ]
}
