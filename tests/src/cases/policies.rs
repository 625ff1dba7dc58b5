use authing::Patch;
use authing::v2::PolicyTargetType;
use authing::v2::policies::PolicyStatement;
use serde_json::{Value, json};

use super::{Case, data, done, page};

pub(super) fn cases() -> Vec<Case> {
    [policies(), assignments()].concat()
}

fn policy() -> Value {
    json!({
        "namespace": "default",
        "code": "librarian",
        "isDefault": false,
        "description": "the staff",
        "statements": [
            {"resource": "book:*", "actions": ["book:read"], "effect": "ALLOW", "condition": null},
            {"resource": "book:1", "actions": ["book:edit"], "effect": "DENY", "condition": [
                {"param": "UserContext.age", "operator": "Between", "value": [18, 65.5]},
            ]},
        ],
        "createdAt": "2026-11-22T10:00:00.000Z",
        "updatedAt": 1_795_341_600_000_i64,
        "assignmentsCount": 2,
    })
}

fn statements() -> [PolicyStatement; 2] {
    [
        PolicyStatement::allow("book:*", ["book:read", "book:edit"]),
        PolicyStatement::deny("book:1", ["book:edit"])
            .condition("UserContext.age", "LessThan", 18)
            .condition("UserContext.country", "In", json!(["CN", null])),
    ]
}

fn policies() -> Vec<Case> {
    vec![
        case!(
            "management.policies.list",
            data("policies", page(policy())),
            shows: "librarian",
            |c| {
                c.admin.policies().list().page(2).limit(50).namespace("shop").exclude_default(false)
            }
        ),
        case!("management.policies.create", data("createPolicy", policy()), shows: "Between", |c| {
            c.admin.policies().create("librarian", statements()).description("").namespace("shop")
        }),
        case!("management.policies.detail", data("policy", policy()), shows: "Some(Policy", |c| {
            c.admin.policies().detail("librarian").namespace("shop")
        }),
        case!("management.policies.update", data("updatePolicy", policy()), shows: "Deny", |c| {
            c.admin
                .policies()
                .update("librarian")
                .statements(statements())
                .description(Patch::Null)
                .new_code("reader")
                .namespace("shop")
        }),
        case!("management.policies.delete", data("deletePolicy", done()), shows: "done", |c| {
            c.admin.policies().delete("librarian").namespace("shop")
        }),
        case!(
            "management.policies.delete_many",
            data("deletePolicies", done()),
            shows: "done",
            |c| c.admin.policies().delete_many(["librarian", "reader"]).namespace("shop")
        ),
    ]
}

fn assignments() -> Vec<Case> {
    let assignment =
        json!({"code": "librarian", "targetType": "ROLE", "targetIdentifier": "staff"});
    vec![
        case!(
            "management.policies.list_assignments",
            data("policyAssignments", page(assignment)),
            shows: "staff",
            |c| {
                c.admin
                    .policies()
                    .list_assignments("librarian")
                    .namespace("shop")
                    .target_type(PolicyTargetType::Role)
                    .target("staff")
                    .page(3)
                    .limit(5)
            }
        ),
        case!(
            "management.policies.add_assignments",
            data("addPolicyAssignments", done()),
            shows: "done",
            |c| {
                let (policies, groups) = (["librarian", "reader"], ["g1", "g2"]);
                c.admin
                    .policies()
                    .add_assignments(policies, PolicyTargetType::Group, groups)
                    .namespace("shop")
                    .inherit_by_children(false)
            }
        ),
        case!(
            "management.policies.remove_assignments",
            data("removePolicyAssignments", done()),
            shows: "done",
            |c| {
                c.admin
                    .policies()
                    .remove_assignments(["librarian"], PolicyTargetType::User, ["u1", "u2"])
                    .namespace("shop")
            }
        ),
        case!(
            "management.policies.enable_assignment",
            data("enablePolicyAssignment", done()),
            shows: "done",
            |c| {
                c.admin
                    .policies()
                    .enable_assignment("librarian", PolicyTargetType::User, "u1")
                    .namespace("shop")
            }
        ),
        case!(
            "management.policies.disable_assignment",
            data("disbalePolicyAssignment", done()),
            shows: "done",
            |c| c.admin.policies().disable_assignment("librarian", PolicyTargetType::Role, "staff")
        ),
    ]
}
