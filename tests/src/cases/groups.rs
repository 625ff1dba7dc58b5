use authing::Patch;
use authing::v2::SortBy;
use serde_json::{Value, json};

use super::{Case, data, done, page, user};

fn group() -> Value {
    json!({
        "code": "staff",
        "name": "The staff",
        "description": null,
        "createdAt": "2026-11-22T10:00:00.000Z",
    })
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("management.groups.list", data("groups", page(group())), shows: "staff", |c| {
            c.admin.groups().list().page(2).limit(50).sort_by(SortBy::CreatedAtAsc)
        }),
        case!("management.groups.create", data("createGroup", group()), shows: "staff", |c| {
            c.admin.groups().create("staff", "The staff").description("")
        }),
        case!("management.groups.detail", data("group", group()), shows: "Some(Group", |c| {
            c.admin.groups().detail("staff")
        }),
        case!("management.groups.update", data("updateGroup", group()), shows: "staff", |c| {
            c.admin
                .groups()
                .update("people")
                .name("员工")
                .description(Patch::Null)
                .new_code("staff")
        }),
        case!("management.groups.delete", data("deleteGroups", done()), shows: "done", |c| {
            c.admin.groups().delete("staff")
        }),
        case!("management.groups.delete_many", data("deleteGroups", done()), shows: "done", |c| {
            c.admin.groups().delete_many(["staff", "guests"])
        }),
        case!(
            "management.groups.list_users",
            data("group", json!({"users": page(user())})),
            shows: "bob",
            |c| c.admin.groups().list_users("staff").page(3).limit(5)
        ),
        case!("management.groups.add_users", data("addUserToGroup", done()), shows: "done", |c| {
            c.admin.groups().add_users("staff", ["u1", "u2"])
        }),
        case!(
            "management.groups.remove_users",
            data("removeUserFromGroup", done()),
            shows: "done",
            |c| c.admin.groups().remove_users("staff", ["u1"])
        ),
    ]
}
