//! Every operation of the SDK with fixed arguments and an answer.
//!
//! The wire snapshots and the failure tests go through this table, so a new
//! operation needs one entry here to be covered by both.

use authing::v2::users::SortBy;
use authing::v2::{CreateUserInput, RegisterProfile, UpdateProfileInput, UpdateUserInput};
use authing::{Error, Patch};
use authing_core::BoxFuture;
use serde_json::{Value, json};

use crate::clients::{Clients, USER_TOKEN};

/// One operation.
#[derive(Clone)]
#[non_exhaustive]
pub struct Case {
    /// The operation's full name.
    pub id: &'static str,
    /// What a server answers.
    pub answer: Value,
    /// What must be seen in the `Debug` of the output.
    pub shows: &'static str,
    /// Sends the operation; the output is given as its `Debug`.
    pub send: fn(Clients) -> BoxFuture<'static, Result<String, Error>>,
}

impl Case {
    /// Whether the operation is a GraphQL one.
    #[must_use]
    pub fn is_graphql(&self) -> bool {
        self.answer.get("data").is_some_and(Value::is_object) && self.answer.get("code").is_none()
    }
}

macro_rules! case {
    ($id:literal, $answer:expr, shows: $shows:literal, |$clients:ident| $call:expr) => {
        Case {
            id: $id,
            answer: $answer,
            shows: $shows,
            send: |$clients| {
                Box::pin(async move { $call.await.map(|output| format!("{output:?}")) })
            },
        }
    };
}

/// `{"data": {root: answer}}`.
fn data(root: &str, answer: Value) -> Value {
    let mut fields = serde_json::Map::new();
    fields.insert(root.to_owned(), answer);
    json!({ "data": fields })
}

fn user() -> Value {
    json!({
        "id": "u1",
        "username": "bob",
        "emailVerified": false,
        "loginsCount": 3,
        "createdAt": "2026-11-22T10:00:00.000Z",
        "lastLogin": 1_795_341_600_000_i64,
        "token": USER_TOKEN,
        "somethingNew": {"a": [1, null]},
    })
}

fn page(item: Value) -> Value {
    json!({"totalCount": 1, "list": [item]})
}

fn done() -> Value {
    json!({"code": 200, "message": "done"})
}

fn values() -> Value {
    json!([{"key": "age", "dataType": "NUMBER", "value": "34"}])
}

/// All operations.
#[must_use]
pub fn cases() -> Vec<Case> {
    [management(), users(), user_relations(), authentication()].concat()
}

fn management() -> Vec<Case> {
    vec![case!(
        "management.access_token",
        data("accessToken", json!({"accessToken": "admin-token", "exp": 1_296_000, "iat": 0})),
        shows: "",
        |c| c.admin.users().list()
    )]
}

fn users() -> Vec<Case> {
    vec![
        case!("management.users.list", data("users", page(user())), shows: "total_count: 1", |c| {
            c.admin.users().list().page(2).limit(50).sort_by(SortBy::UpdatedAtAsc)
        }),
        case!("management.users.create", data("createUser", user()), shows: "bob", |c| {
            let user = CreateUserInput::new()
                .username("bob")
                .email("Bob@Example.com")
                .email_verified(false)
                .password("correct horse")
                .nickname("")
                .logins_count(0);
            c.admin.users().create(user).keep_password(false)
        }),
        case!("management.users.update", data("updateUser", user()), shows: "bob", |c| {
            let updates = UpdateUserInput::new()
                .nickname("老王")
                .company(Patch::Null)
                .blocked(false)
                .password("correct horse");
            c.admin.users().update("u1", updates)
        }),
        case!("management.users.detail", data("user", user()), shows: "Some(User", |c| {
            c.admin.users().detail("u1")
        }),
        case!("management.users.find", data("findUser", user()), shows: "Some(User", |c| {
            c.admin.users().find().email("bob@example.com").phone("13800000000").username("bob")
        }),
        case!(
            "management.users.search",
            data("searchUser", page(user())),
            shows: "bob",
            |c| c.admin.users().search("bo").fields(["username", "email"]).page(1).limit(20)
        ),
        case!("management.users.batch", data("userBatch", json!([user()])), shows: "bob", |c| {
            c.admin.users().batch(["u1", "u2"])
        }),
        case!("management.users.delete", data("deleteUser", done()), shows: "done", |c| {
            c.admin.users().delete("u1")
        }),
        case!("management.users.delete_many", data("deleteUsers", done()), shows: "done", |c| {
            c.admin.users().delete_many(["u1", "u2"])
        }),
        case!(
            "management.users.refresh_token",
            data("refreshToken", json!({"token": "t", "iat": 0, "exp": 1_209_600})),
            shows: "exp: Some(1209600)",
            |c| c.admin.users().refresh_token("u1")
        ),
    ]
}

fn user_relations() -> Vec<Case> {
    let role = json!({"code": "editor", "parent": {"code": "reader"}});
    let assignment = json!({"code": "p1", "targetType": "USER", "targetIdentifier": "u1"});
    vec![
        case!(
            "management.users.list_roles",
            data("user", json!({"roles": page(role)})),
            shows: "reader",
            |c| c.admin.users().list_roles("u1")
        ),
        case!("management.users.add_roles", data("assignRole", done()), shows: "done", |c| {
            c.admin.users().add_roles("u1", ["editor", "reader"])
        }),
        case!("management.users.remove_roles", data("revokeRole", done()), shows: "done", |c| {
            c.admin.users().remove_roles("u1", ["editor"])
        }),
        case!(
            "management.users.list_groups",
            data("user", json!({"groups": page(json!({"code": "g1", "name": "Group"}))})),
            shows: "g1",
            |c| c.admin.users().list_groups("u1")
        ),
        case!("management.users.add_group", data("addUserToGroup", done()), shows: "done", |c| {
            c.admin.users().add_group("u1", "g1")
        }),
        case!(
            "management.users.remove_group",
            data("removeUserFromGroup", done()),
            shows: "done",
            |c| c.admin.users().remove_group("u1", "g1")
        ),
        case!(
            "management.users.list_policies",
            data("policyAssignments", page(assignment)),
            shows: "p1",
            |c| c.admin.users().list_policies("u1").page(3).limit(5)
        ),
        case!(
            "management.users.add_policies",
            data("addPolicyAssignments", done()),
            shows: "done",
            |c| c.admin.users().add_policies("u1", ["p1", "p2"])
        ),
        case!(
            "management.users.remove_policies",
            data("removePolicyAssignments", done()),
            shows: "done",
            |c| c.admin.users().remove_policies("u1", ["p1"])
        ),
        case!("management.users.list_udv", data("udv", values()), shows: "Number(34)", |c| {
            c.admin.users().list_udv("u1")
        }),
        case!("management.users.set_udv", data("setUdv", values()), shows: "Number(34)", |c| {
            c.admin.users().set_udv("u1", "age", 34)
        }),
        case!("management.users.remove_udv", data("removeUdv", values()), shows: "age", |c| {
            c.admin.users().remove_udv("u1", "age")
        }),
    ]
}

fn authentication() -> Vec<Case> {
    let status = json!({
        "code": 200, "message": "已登录", "status": true, "exp": 1_209_600, "iat": 0,
        "data": {"id": "u1", "userPoolId": "pool-1", "arn": null},
    });
    vec![
        case!(
            "authentication.register_by_username",
            data("registerByUsername", user()),
            shows: "session: Some",
            |c| {
                let profile = RegisterProfile::new().nickname("Bob").company("Start & Co");
                c.client
                    .register_by_username("bob", "correct horse")
                    .profile(profile)
                    .force_login(true)
                    .generate_token(false)
                    .client_ip("192.0.2.1")
            }
        ),
        case!(
            "authentication.login_by_username",
            data("loginByUsername", user()),
            shows: "u1",
            |c| {
                c.client
                    .login_by_username("bob", "correct horse")
                    .auto_register(false)
                    .captcha_code("ab12")
                    .client_ip("192.0.2.1")
            }
        ),
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
            "authentication.logout",
            json!({"code": 200, "message": "ok", "data": null}),
            shows: "()",
            |c| c.session.logout()
        ),
    ]
}
