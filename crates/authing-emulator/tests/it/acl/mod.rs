//! Who may do what.

mod counting;
mod listing;

use authing_emulator::Emulator;
use serde_json::json;

use crate::client::Client;

const CREATE_ROLE: &str =
    "mutation createRole($namespace: String, $code: String!, $parent: String) {
    createRole(namespace: $namespace, code: $code, parent: $parent) { id }
}";
const CREATE_GROUP: &str = "mutation { createGroup(code: \"staff\", name: \"Staff\") { code } }";
const CREATE_POLICY: &str = "mutation createPolicy($namespace: String, $code: String!,
    $statements: [PolicyStatementInput!]!) {
    createPolicy(namespace: $namespace, code: $code, statements: $statements) { code }
}";
const ASSIGN: &str = "mutation addPolicyAssignments($namespace: String, $policies: [String!]!,
    $type: PolicyAssignmentTargetType!, $targets: [String!]) {
    addPolicyAssignments(namespace: $namespace, policies: $policies, targetType: $type,
        targetIdentifiers: $targets) { code }
}";

/// A pool with these people and things:
///
/// - the user ann is a `clerk` herself, and a `guard` because she is in the group `staff`;
/// - `clerk` inherits from `person`, which inherits from `being`; nobody is a `stranger`;
/// - in the namespace `shop`, ann is a `clerk` as well;
/// - the policies `read` and `no-read` allow and deny `book:read` on `book:*`, in both namespaces.
fn with_pool(test: impl FnOnce(&Client<'_>, &str)) {
    let emulator = Emulator::start().unwrap();
    let admin = Client::administrator(&emulator);
    let ann = admin.create(json!({"username": "ann"}))["id"].clone();
    admin.ok(CREATE_GROUP, json!({}));
    for (code, parent) in [
        ("being", None),
        ("person", Some("being")),
        ("clerk", Some("person")),
        ("guard", None),
        ("stranger", None),
    ] {
        admin.ok(CREATE_ROLE, json!({"code": code, "parent": parent}));
    }
    admin.ok(CREATE_ROLE, json!({"code": "clerk", "namespace": "shop"}));
    for (namespace, role, user, group) in [
        ("default", "clerk", Some(&ann), None),
        ("shop", "clerk", Some(&ann), None),
        ("default", "guard", None, Some("staff")),
    ] {
        admin.ok(
            "mutation assignRole($namespace: String, $role: String, $users: [String!], $groups: [String!]) {
                assignRole(namespace: $namespace, roleCode: $role, userIds: $users, groupCodes: $groups) { code }
            }",
            json!({"namespace": namespace, "role": role, "users": user.map(|id| [id]), "groups": group.map(|code| [code])}),
        );
    }
    admin.ok(
        "mutation addUserToGroup($ids: [String!]!) { addUserToGroup(userIds: $ids, code: \"staff\") { code } }",
        json!({"ids": [ann]}),
    );
    for namespace in ["default", "shop"] {
        for (code, effect) in [("read", "ALLOW"), ("no-read", "DENY")] {
            let statements =
                json!([{"resource": "book:*", "actions": ["book:read"], "effect": effect}]);
            admin.ok(
                CREATE_POLICY,
                json!({"namespace": namespace, "code": code, "statements": statements}),
            );
        }
    }
    test(&admin, ann.as_str().unwrap());
}

/// `POLICY to KIND NAME [in NAMESPACE]`, where the user's name stands for its id.
fn assign(admin: &Client<'_>, ann: &str, text: &str) {
    let words: Vec<&str> = text.split(' ').collect();
    let target = if words[3] == "ann" { ann } else { words[3] };
    admin.ok(
        ASSIGN,
        json!({"policies": [words[0]], "type": words[2], "targets": [target], "namespace": words.get(5)}),
    );
}
