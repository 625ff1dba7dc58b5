//! Calls that the oldest private deployments would refuse.

use authing::v2::users::UserIdType;
use authing::v2::{CreateUserIdentityInput, CreateUserInput, UdfValue};
use serde_json::{Value, json};

use crate::cases::{Case, data, page, user};

/// A user as newer servers show it.
fn whole_user() -> Value {
    let mut whole = user();
    whole["status"] = json!("Activated");
    whole["externalId"] = json!("hr-7");
    whole["identities"] = json!([
        {"provider": "github", "userIdInIdp": "4711", "isSocial": true, "type": null},
    ]);
    whole["customData"] = json!([
        {"key": "age", "dataType": "NUMBER", "value": "34", "label": "Age"},
        {"key": "vip", "dataType": "BOOLEAN", "value": null, "label": null},
    ]);
    whole
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(
            "management.users.list" + "custom_data",
            data("users", page(whole_user())),
            shows: "Number(34)",
            |c| c.admin.users().list().with_custom_data()
        ),
        case!(
            "management.users.detail" + "custom_data",
            data("user", whole_user()),
            shows: "Activated",
            |c| c.admin.users().detail("u1").with_custom_data()
        ),
        case!(
            "management.users.find" + "by_external_id",
            data("findUser", user()),
            shows: "Some(User",
            |c| c.admin.users().find().external_id("hr-7").identity("github", "4711")
        ),
        case!(
            "management.users.find" + "custom_data",
            data("findUser", whole_user()),
            shows: "github",
            |c| c.admin.users().find().username("bob").with_custom_data()
        ),
        case!(
            "management.users.exists" + "by_external_id",
            data("isUserExists", json!(true)),
            shows: "true",
            |c| c.admin.users().exists().external_id("hr-7")
        ),
        case!(
            "management.users.search" + "within",
            data("searchUser", page(user())),
            shows: "bob",
            |c| {
                c.admin
                    .users()
                    .search("bo")
                    .in_department("d1", true)
                    .in_group("staff")
                    .with_role("editor", None)
                    .with_role("reader", Some("docs"))
            }
        ),
        case!(
            "management.users.search" + "custom_data",
            data("searchUser", page(whole_user())),
            shows: "hr-7",
            |c| c.admin.users().search("bo").with_custom_data()
        ),
        case!(
            "management.users.batch" + "by_username",
            data("userBatch", json!([user()])),
            shows: "bob",
            |c| c.admin.users().batch(["bob", "alice"]).query_field(UserIdType::Username)
        ),
        case!(
            "management.users.batch" + "custom_data",
            data("userBatch", json!([whole_user()])),
            shows: "Number(34)",
            |c| c.admin.users().batch(["u1"]).with_custom_data()
        ),
        case!(
            "management.users.create" + "custom_data",
            data("createUser", whole_user()),
            shows: "Number(34)",
            |c| {
                let extra = UdfValue::from(json!({"é": [1, null]}));
                c.admin
                    .users()
                    .create(CreateUserInput::new().username("bob"))
                    .reset_password_on_first_login(false)
                    .identity(CreateUserIdentityInput::new("github", "4711").is_social(true))
                    .custom_data([("age", UdfValue::from(34)), ("extra", extra)])
            }
        ),
        case!(
            "management.users.create" + "first_login",
            data("createUser", user()),
            shows: "bob",
            |c| {
                c.admin
                    .users()
                    .create(CreateUserInput::new().username("bob"))
                    .reset_password_on_first_login(true)
            }
        ),
        case!(
            "management.users.list_roles" + "namespace",
            data("user", json!({"roles": page(json!({"code": "editor"}))})),
            shows: "editor",
            |c| c.admin.users().list_roles("u1").namespace("docs")
        ),
        case!(
            "management.users.has_role" + "namespace",
            data("user", json!({"roles": {"list": []}})),
            shows: "false",
            |c| c.admin.users().has_role("u1", "editor").namespace("docs")
        ),
    ]
}
