//! What came after the first Python SDK.

use authing::v2::UdfValue;
use authing::v2::users::IdpConnection;
use serde_json::{Value, json};

use super::values;
use crate::cases::{Case, data, done, page, user};

pub(super) fn cases() -> Vec<Case> {
    let envelope = |data: Value| json!({"code": 200, "message": "ok", "data": data});
    let step = json!({"type": "node", "id": "n1", "name": "研发", "orgId": "o1", "code": "dev"});
    let department = json!({
        "department": {"id": "n1", "name": "研发", "path": ["n0", "n1"], "codePath": [null, "dev"]},
        "isMainDepartment": true,
    });
    let action = json!({
        "user": {"id": "u1", "displayName": "Bob"}, "geoip": {"ip": "192.0.2.1"},
        "operation_name": "login", "timestamp": "2026-11-22T10:00:00.000Z", "app_id": "app-1",
    });
    vec![
        case!(
            "management.users.list_archived_users",
            data("archivedUsers", page(user())),
            shows: "total_count: 1",
            |c| c.admin.users().list_archived_users().page(2).limit(5)
        ),
        case!(
            "management.users.has_role",
            data("user", json!({"roles": {"list": [{"code": "reader"}, {"code": "editor"}]}})),
            shows: "true",
            |c| c.admin.users().has_role("u1", "editor")
        ),
        case!("management.users.kick", envelope(Value::Null), shows: "()", |c| {
            c.admin.users().kick(["u1", "u2"])
        }),
        case!("management.users.logout", envelope(Value::Null), shows: "()", |c| {
            c.admin.users().logout("u1").app_id("app 1")
        }),
        case!(
            "management.users.check_login_status",
            envelope(json!({
                "isLogin": true, "user": user(), "application": [{"id": "app-1", "name": "Shop"}],
            })),
            shows: "is_login: Some(true)",
            |c| c.admin.users().check_login_status("u1").app_id("app-1").device_id("d&1")
        ),
        case!(
            "management.users.send_first_login_verify_email",
            data("sendFirstLoginVerifyEmail", done()),
            shows: "done",
            |c| c.admin.users().send_first_login_verify_email("u1", "app-1")
        ),
        case!(
            "management.users.list_orgs",
            envelope(json!([[{"type": "org", "id": "o1"}, step]])),
            shows: "研发",
            |c| c.admin.users().list_orgs("u/1")
        ),
        case!(
            "management.users.list_department",
            data("user", json!({"departments": page(department)})),
            shows: "研发",
            |c| c.admin.users().list_department("u1").org_id("o1")
        ),
        case!("management.users.link_identity", envelope(Value::Null), shows: "()", |c| {
            let github = IdpConnection::social("idp-1", "my-github").kind("openid");
            c.admin.users().link_identity("u1", "4711", github)
        }),
        case!("management.users.unlink_identity", envelope(Value::Null), shows: "()", |c| {
            c.admin.users().unlink_identity("u1", IdpConnection::enterprise("idp-2", "our-ad"))
        }),
        case!(
            "management.users.list_user_actions",
            envelope(page(action)),
            shows: "Bob",
            |c| {
                c.admin
                    .users()
                    .list_user_actions()
                    .client_ip("192.0.2.1")
                    .operation_names(["login", "logout"])
                    .operator_arns(["arn:cn:authing:pool-1:user:u1"])
                    .app_ids(["app-1"])
                    .exclude_non_app_records()
                    .page(2)
                    .limit(20)
            }
        ),
        case!("management.users.get_udf_value", data("udv", values()), shows: "Number(34)", |c| {
            c.admin.users().get_udf_value("u1")
        }),
        case!(
            "management.users.get_udf_value_batch",
            data("udfValueBatch", json!([{"targetId": "u1", "data": values()}])),
            shows: "Number(34)",
            |c| c.admin.users().get_udf_value_batch(["u1", "u2"])
        ),
        case!(
            "management.users.set_udf_value",
            data("setUdvBatch", values()),
            shows: "Number(34)",
            |c| {
                let values = [("age", UdfValue::from(34)), ("vip", UdfValue::from(false))];
                c.admin.users().set_udf_value("u1", values)
            }
        ),
        case!(
            "management.users.set_udf_value_batch",
            data("setUdfValueBatch", done()),
            shows: "done",
            |c| {
                let values = [("u1", [("school", "清华")]), ("u2", [("school", "")])];
                c.admin.users().set_udf_value_batch(values)
            }
        ),
    ]
}
