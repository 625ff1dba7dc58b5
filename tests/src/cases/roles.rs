use authing::Patch;
use authing::v2::SortBy;
use serde_json::{Value, json};

use super::{Case, data, done, page, user};

fn role() -> Value {
    json!({
        "code": "editor",
        "arn": "arn:cn:authing:pool-1:role:editor",
        "isSystem": false,
        "createdAt": "2026-11-22T10:00:00.000Z",
        "parent": {"code": "reader"},
    })
}

fn role_in_namespace() -> Value {
    json!({
        "id": "r1",
        "namespace": "shop",
        "code": "editor",
        "parent": {"code": "reader", "namespace": "shop"},
    })
}

fn assignment() -> Value {
    json!({"code": "p1", "targetType": "ROLE", "targetIdentifier": "editor"})
}

pub(super) fn cases() -> Vec<Case> {
    [roles(), relations(), in_namespace()].concat()
}

fn roles() -> Vec<Case> {
    vec![
        case!("management.roles.list", data("roles", page(role())), shows: "editor", |c| {
            c.admin.roles().list().page(2).limit(50).sort_by(SortBy::UpdatedAtDesc)
        }),
        case!("management.roles.create", data("createRole", role()), shows: "reader", |c| {
            c.admin.roles().create("editor").description("").parent("reader")
        }),
        case!("management.roles.detail", data("role", role()), shows: "Some(Role", |c| {
            c.admin.roles().detail("editor")
        }),
        case!("management.roles.update", data("updateRole", role()), shows: "editor", |c| {
            c.admin.roles().update("author").description(Patch::Null).new_code("editor")
        }),
        case!("management.roles.delete", data("deleteRole", done()), shows: "done", |c| {
            c.admin.roles().delete("editor")
        }),
        case!("management.roles.delete_many", data("deleteRoles", done()), shows: "done", |c| {
            c.admin.roles().delete_many(["editor", "reader"])
        }),
    ]
}

fn relations() -> Vec<Case> {
    vec![
        case!(
            "management.roles.list_users",
            data("role", json!({"users": page(user())})),
            shows: "bob",
            |c| c.admin.roles().list_users("editor").page(3).limit(5)
        ),
        case!("management.roles.add_users", data("assignRole", done()), shows: "done", |c| {
            c.admin.roles().add_users("editor", ["u1", "u2"])
        }),
        case!("management.roles.remove_users", data("revokeRole", done()), shows: "done", |c| {
            c.admin.roles().remove_users("editor", ["u1"])
        }),
        case!(
            "management.roles.list_policies",
            data("policyAssignments", page(assignment())),
            shows: "p1",
            |c| c.admin.roles().list_policies("editor").page(3).limit(5)
        ),
        case!(
            "management.roles.add_policies",
            data("addPolicyAssignments", done()),
            shows: "done",
            |c| c.admin.roles().add_policies("editor", ["p1", "p2"])
        ),
        case!(
            "management.roles.remove_policies",
            data("removePolicyAssignments", done()),
            shows: "done",
            |c| c.admin.roles().remove_policies("editor", ["p1"])
        ),
    ]
}

/// A namespace takes another document.
fn in_namespace() -> Vec<Case> {
    vec![
        case!(
            "management.roles.list" + "namespace",
            data("roles", page(role_in_namespace())),
            shows: "shop",
            |c| c.admin.roles().list().namespace("shop")
        ),
        case!(
            "management.roles.create" + "namespace",
            data("createRole", role_in_namespace()),
            shows: "r1",
            |c| c.admin.roles().create("editor").parent("reader").namespace("shop")
        ),
        case!(
            "management.roles.detail" + "namespace",
            data("role", role_in_namespace()),
            shows: "r1",
            |c| c.admin.roles().detail("editor").namespace("shop")
        ),
        case!(
            "management.roles.update" + "namespace",
            data("updateRole", role_in_namespace()),
            shows: "r1",
            |c| c.admin.roles().update("editor").description("Writes").namespace("shop")
        ),
        case!("management.roles.delete" + "namespace", data("deleteRole", done()), shows: "done", |c| {
            c.admin.roles().delete("editor").namespace("shop")
        }),
        case!(
            "management.roles.delete_many" + "namespace",
            data("deleteRoles", done()),
            shows: "done",
            |c| c.admin.roles().delete_many(["editor", "reader"]).namespace("shop")
        ),
        case!(
            "management.roles.list_users" + "namespace",
            data("role", json!({"users": page(user())})),
            shows: "bob",
            |c| c.admin.roles().list_users("editor").namespace("shop")
        ),
        case!(
            "management.roles.add_users" + "namespace",
            data("assignRole", done()),
            shows: "done",
            |c| c.admin.roles().add_users("editor", ["u1"]).namespace("shop")
        ),
        case!(
            "management.roles.remove_users" + "namespace",
            data("revokeRole", done()),
            shows: "done",
            |c| c.admin.roles().remove_users("editor", ["u1"]).namespace("shop")
        ),
        case!(
            "management.roles.list_policies" + "namespace",
            data("policyAssignments", page(assignment())),
            shows: "p1",
            |c| c.admin.roles().list_policies("editor").namespace("shop")
        ),
        case!(
            "management.roles.add_policies" + "namespace",
            data("addPolicyAssignments", done()),
            shows: "done",
            |c| c.admin.roles().add_policies("editor", ["p1"]).namespace("shop")
        ),
        case!(
            "management.roles.remove_policies" + "namespace",
            data("removePolicyAssignments", done()),
            shows: "done",
            |c| c.admin.roles().remove_policies("editor", ["p1"]).namespace("shop")
        ),
    ]
}
