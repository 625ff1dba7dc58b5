use authing::Patch;
use authing::v2::{ResourceType, UdfValue, UpdateProfileInput};
use serde_json::{Value, json};

use super::{Case, data, page, user};
use crate::clients::USER_TOKEN;

pub(super) fn cases() -> Vec<Case> {
    [own(), contact(), custom_fields(), access()].concat()
}

fn own() -> Vec<Case> {
    let status = json!({
        "code": 200, "message": "已登录", "status": true, "exp": 1_209_600, "iat": 0,
        "data": {"id": "u1", "userPoolId": "pool-1", "arn": null},
    });
    vec![
        case!("authentication.get_current_user", data("user", user()), shows: "bob", |c| {
            c.session.get_current_user()
        }),
        case!("authentication.update_profile", data("updateUser", user()), shows: "bob", |c| {
            let updates = UpdateProfileInput::new().nickname("Bobby").website(Patch::Null).city("");
            c.session.update_profile(updates)
        }),
        case!(
            "authentication.check_login_status",
            data("checkLoginStatus", status),
            shows: "status: Some(true)",
            |c| c.session.check_login_status()
        ),
        case!(
            "authentication.refresh_token",
            data("refreshToken", json!({"token": USER_TOKEN, "iat": 0, "exp": 1_209_600})),
            shows: "u1",
            |c| c.session.refresh_token()
        ),
        case!(
            "authentication.update_password",
            data("updatePassword", user()),
            shows: "bob",
            |c| c.session.update_password("battery staple", "correct horse")
        ),
        case!(
            "authentication.update_password" + "first",
            data("updatePassword", user()),
            shows: "bob",
            |c| c.session.set_password("battery staple")
        ),
        case!(
            "authentication.logout",
            json!({"code": 200, "message": "ok", "data": null}),
            shows: "()",
            |c| c.session.logout()
        ),
    ]
}

fn contact() -> Vec<Case> {
    vec![
        case!("authentication.bind_phone", data("bindPhone", user()), shows: "bob", |c| {
            c.session.bind_phone("13800000000", "1234")
        }),
        case!("authentication.bind_phone" + "country", data("bindPhone", user()), shows: "bob", |c| {
            c.session.bind_phone("2025550123", "1234").phone_country_code("+1")
        }),
        case!("authentication.unbind_phone", data("unbindPhone", user()), shows: "bob", |c| {
            c.session.unbind_phone()
        }),
        case!("authentication.update_phone", data("updatePhone", user()), shows: "bob", |c| {
            c.session.update_phone("13900000000", "1234").old("13800000000", "5678")
        }),
        case!("authentication.update_phone" + "country", data("updatePhone", user()), shows: "bob", |c| {
            c.session
                .update_phone("2025550123", "1234")
                .phone_country_code("+1")
                .old("13800000000", "5678")
                .old_phone_country_code("+86")
        }),
        case!("authentication.bind_email", data("bindEmail", user()), shows: "bob", |c| {
            c.session.bind_email("bob@example.com", "1234")
        }),
        case!("authentication.unbind_email", data("unbindEmail", user()), shows: "bob", |c| {
            c.session.unbind_email()
        }),
        case!("authentication.update_email", data("updateEmail", user()), shows: "bob", |c| {
            c.session.update_email("new@example.com", "1234").old("bob@example.com", "5678")
        }),
        case!("authentication.update_email" + "first", data("updateEmail", user()), shows: "bob", |c| {
            c.session.update_email("new@example.com", "1234")
        }),
    ]
}

fn values() -> Value {
    json!([
        {"key": "age", "dataType": "NUMBER", "value": "34"},
        {"key": "since", "dataType": "DATETIME", "value": "1600000000000"},
    ])
}

fn custom_fields() -> Vec<Case> {
    vec![
        case!("authentication.list_udv", data("udv", values()), shows: "Number(34)", |c| {
            c.session.list_udv()
        }),
        case!("authentication.set_udv", data("setUdv", values()), shows: "Number(34)", |c| {
            c.session.set_udv("age", 34)
        }),
        case!("authentication.remove_udv", data("removeUdv", values()), shows: "age", |c| {
            c.session.remove_udv("school")
        }),
        case!("authentication.get_udf_value", data("udv", values()), shows: "\"age\": Number(", |c| {
            c.session.get_udf_value()
        }),
        case!("authentication.set_udf_value", data("setUdvBatch", values()), shows: "Number(34)", |c| {
            c.session.set_udf_value([("age", UdfValue::from(34)), ("school", "南京".into())])
        }),
    ]
}

fn access() -> Vec<Case> {
    let roles = || {
        data(
            "user",
            json!({"roles": page(json!({"code": "editor", "parent": null}))}),
        )
    };
    let resource = json!({"code": "book:1", "type": "DATA", "actions": ["book:read"]});
    let step = json!({"type": "node", "id": "n1", "orgId": "o1", "name": "研发", "code": "dev"});
    let level = json!({
        "email": true, "mfa": false, "password": true, "phone": false,
        "passwordSecurityLevel": 2, "score": 60,
    });
    let answer = |data: Value| json!({"code": 200, "message": "ok", "data": data});
    vec![
        case!("authentication.list_roles", roles(), shows: "editor", |c| c.session.list_roles()),
        case!("authentication.list_roles" + "namespace", roles(), shows: "editor", |c| {
            c.session.list_roles().namespace("shop")
        }),
        case!("authentication.has_role", roles(), shows: "true", |c| c.session.has_role("editor")),
        case!("authentication.has_role" + "namespace", roles(), shows: "false", |c| {
            c.session.has_role("reader").namespace("shop")
        }),
        case!(
            "authentication.list_authorized_resources",
            data("user", json!({"authorizedResources": page(resource)})),
            shows: "book:read",
            |c| {
                c.session
                    .list_authorized_resources("shop")
                    .resource_type(ResourceType::Data)
            }
        ),
        case!(
            "authentication.list_applications",
            answer(page(json!({"id": "app-1", "name": "Shop"}))),
            shows: "Shop",
            |c| c.session.list_applications().page(2).limit(50)
        ),
        case!(
            "authentication.list_orgs",
            answer(json!([[{"type": "org", "id": "o1", "rootNodeId": "n0"}, step]])),
            shows: "研发",
            |c| c.session.list_orgs()
        ),
        case!(
            "authentication.get_security_level",
            answer(level),
            shows: "score: Some(60",
            |c| c.session.get_security_level()
        ),
    ]
}
