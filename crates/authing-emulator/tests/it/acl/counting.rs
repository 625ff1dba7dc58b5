use serde_json::{Value, json};

use super::{assign, with_pool};

const DISABLE: &str = "mutation disbalePolicyAssignment($policy: String!,
    $type: PolicyAssignmentTargetType!, $target: String!) {
    disbalePolicyAssignment(policy: $policy, targetType: $type, targetIdentifier: $target) { code }
}";
const ALLOW: &str = "mutation allow($resource: String!, $action: String!, $userId: String,
    $userIds: [String!], $roleCode: String, $roleCodes: [String!], $namespace: String) {
    allow(resource: $resource, action: $action, userId: $userId, userIds: $userIds,
        roleCode: $roleCode, roleCodes: $roleCodes, namespace: $namespace) { message code }
}";
const IS_ALLOWED: &str = "query isActionAllowed($resource: String!, $action: String!,
    $userId: String!, $namespace: String) {
    isActionAllowed(resource: $resource, action: $action, userId: $userId, namespace: $namespace)
}";

#[test]
fn policies_count_for_those_they_reach() {
    for (assigned, namespace, allowed) in [
        (&[][..], None, false),
        (&["read to USER ann"], None, true),
        (&["read to ROLE clerk"], None, true),
        (&["read to ROLE person"], None, true),
        (&["read to ROLE being"], None, true),
        (&["read to GROUP staff"], None, true),
        (&["read to ROLE guard"], None, true),
        (&["read to ROLE stranger"], None, false),
        // Denying wins, from wherever it comes.
        (&["read to USER ann", "no-read to ROLE being"], None, false),
        (&["no-read to GROUP staff", "read to USER ann"], None, false),
        (
            &["read to USER ann", "no-read to ROLE stranger"],
            None,
            true,
        ),
        (&["AdministratorAccess to USER ann"], None, true),
        (
            &["AdministratorAccess to USER ann", "no-read to USER ann"],
            None,
            false,
        ),
        // Namespaces are apart.
        (&["read to USER ann"], Some("default"), true),
        (&["read to USER ann"], Some("shop"), false),
        (&["read to USER ann in shop"], Some("shop"), true),
        (&["read to USER ann in shop"], None, false),
        (&["read to ROLE clerk in shop"], Some("shop"), true),
        (&["read to ROLE clerk"], Some("shop"), false),
        (
            &["read to USER ann", "no-read to USER ann in shop"],
            None,
            true,
        ),
    ] {
        with_pool(|admin, ann| {
            for text in assigned {
                assign(admin, ann, text);
            }
            let question = json!({"resource": "book:1", "action": "book:read", "userId": ann, "namespace": namespace});
            let answer = admin.ok(IS_ALLOWED, question);
            assert_eq!(answer, allowed, "{assigned:?} in {namespace:?}");
        });
    }
}

#[test]
fn what_is_taken_away_counts_no_more() {
    for (assigned, change, variables) in [
        (
            "read to USER ann",
            "mutation { deletePolicy(code: \"read\") { code } }",
            json!({}),
        ),
        (
            "read to USER ann",
            DISABLE,
            json!({"policy": "read", "type": "USER", "target": "ann"}),
        ),
        (
            "read to ROLE clerk",
            "mutation { deleteRole(code: \"clerk\") { code } }",
            json!({}),
        ),
        (
            "read to ROLE being",
            "mutation { deleteRole(code: \"person\") { code } }",
            json!({}),
        ),
        (
            "read to GROUP staff",
            "mutation { deleteGroups(codeList: [\"staff\"]) { code } }",
            json!({}),
        ),
        (
            "read to USER ann",
            "mutation { updatePolicy(code: \"read\", statements: []) { code } }",
            json!({}),
        ),
    ] {
        with_pool(|admin, ann| {
            assign(admin, ann, assigned);
            let question = json!({"resource": "book:1", "action": "book:read", "userId": ann});
            assert_eq!(admin.ok(IS_ALLOWED, question.clone()), true, "{change}");
            let mut variables = variables.clone();
            if variables["target"] == "ann" {
                variables["target"] = json!(ann);
            }
            admin.ok(change, variables);
            assert_eq!(admin.ok(IS_ALLOWED, question), false, "{change}");
        });
    }
}

#[test]
fn grants_are_given_to_users_and_roles() {
    with_pool(|admin, ann| {
        let bob = admin.create(json!({"username": "bob"}))["id"].clone();
        let is = |user: &Value, resource: &str, action: &str, namespace: Option<&str>| {
            let question = json!({"resource": resource, "action": action, "userId": user, "namespace": namespace});
            admin.ok(IS_ALLOWED, question) == true
        };
        let ann = json!(ann);
        for (variables, code) in [
            (
                json!({"resource": "book", "action": "read", "userId": ann}),
                500,
            ),
            (
                json!({"resource": "book:", "action": "read", "userId": ann}),
                500,
            ),
            (
                json!({"resource": "book:1", "action": "", "userId": ann}),
                500,
            ),
            (json!({"resource": "book:1", "action": "read"}), 2231),
            (
                json!({"resource": "book:1", "action": "read", "userIds": []}),
                2231,
            ),
            (
                json!({"resource": "book:1", "action": "read", "userIds": [ann, "nobody"]}),
                2004,
            ),
            (
                json!({"resource": "book:1", "action": "read", "userId": ann, "roleCode": "x"}),
                500,
            ),
        ] {
            assert_eq!(admin.refused(ALLOW, variables.clone()), code, "{variables}");
        }
        assert!(!is(&ann, "book:1", "read", None), "half of it was written");

        let one = json!({"resource": "book:1", "action": "read", "userId": ann});
        assert_eq!(admin.ok(ALLOW, one)["code"], 200);
        assert!(is(&ann, "book:1", "read", None));
        assert!(!is(&bob, "book:1", "read", None));
        assert!(!is(&ann, "book:1", "read", Some("shop")));
        let many = json!({"resource": "shelf:*", "action": "shelf:*", "userIds": [ann, bob]});
        admin.ok(ALLOW, many);
        assert!(is(&ann, "shelf:*", "shelf:*", None) && is(&bob, "shelf:7", "shelf:dust", None));
        let role =
            json!({"resource": "*", "action": "*", "roleCodes": ["clerk"], "namespace": "shop"});
        admin.ok(ALLOW, role);
        assert!(is(&ann, "x:1", "y", Some("shop")) && !is(&bob, "x:1", "y", Some("shop")));
        assert!(!is(&ann, "x:1", "y", None));
        let role = json!({"resource": "door:1", "action": "open", "roleCode": "guard"});
        admin.ok(ALLOW, role);
        assert!(is(&ann, "door:1", "open", None) && !is(&bob, "door:1", "open", None));
        // A role that gets another code keeps what it was granted.
        let rename = "mutation { updateRole(code: \"guard\", newCode: \"porter\") { code } }";
        admin.ok(rename, json!({}));
        assert!(is(&ann, "door:1", "open", None));

        let unknown = json!({"resource": "book:1", "action": "read", "userId": "nobody"});
        assert_eq!(admin.refused(IS_ALLOWED, unknown), 2004);
    });
}
