mod more;
mod newer;

use authing::Patch;
use authing::v2::users::SortBy;
use authing::v2::{CreateUserInput, UpdateUserInput};
use serde_json::{Value, json};

use super::{Case, data, done, page, user};

pub(super) fn cases() -> Vec<Case> {
    [users(), newer::cases(), more::cases(), relations()].concat()
}

fn values() -> Value {
    json!([{"key": "age", "dataType": "NUMBER", "value": "34"}])
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
        case!("management.users.exists", data("isUserExists", json!(true)), shows: "true", |c| {
            c.admin.users().exists().email("bob@example.com").phone("13800000000").username("bob")
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

fn relations() -> Vec<Case> {
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
