use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::Client;

const CREATE_ROLE: &str = "mutation createRole($namespace: String, $code: String!, $description: String, $parent: String) {
    createRole(namespace: $namespace, code: $code, description: $description, parent: $parent) {
        id namespace code arn description isSystem createdAt updatedAt parent { code }
    }
}";
const ASSIGN: &str =
    "mutation assignRole($roleCode: String, $roleCodes: [String], $userIds: [String!],
    $groupCodes: [String!], $nodeCodes: [String!], $namespace: String) {
    assignRole(namespace: $namespace, roleCode: $roleCode, roleCodes: $roleCodes, userIds: $userIds,
        groupCodes: $groupCodes, nodeCodes: $nodeCodes) { message code }
}";
const ROLES_OF_USER: &str = "query getUserRoles($id: String!, $namespace: String) {
    user(id: $id) { roles(namespace: $namespace) { totalCount list { code namespace parent { code } } } }
}";
const CREATE_GROUP: &str = "mutation createGroup($code: String!) {
    createGroup(code: $code, name: $code) { code name description createdAt updatedAt }
}";
const ADD: &str = "mutation addUserToGroup($ids: [String!]!, $code: String) {
    addUserToGroup(userIds: $ids, code: $code) { message code }
}";
const CREATE_POLICY: &str =
    "mutation createPolicy($code: String!, $statements: [PolicyStatementInput!]!) {
    createPolicy(code: $code, statements: $statements) {
        namespace code isDefault assignmentsCount
        statements { resource actions effect condition { param operator value } }
    }
}";
const POLICY: &str = "query policyWithAssignments($code: String!) {
    policy(code: $code) {
        assignmentsCount assignments { code targetType targetIdentifier }
        statements { resource actions effect condition { param operator value } }
    }
}";
const ADD_POLICIES: &str = "mutation addPolicyAssignments($policies: [String!]!,
    $type: PolicyAssignmentTargetType!, $targets: [String!]) {
    addPolicyAssignments(policies: $policies, targetType: $type, targetIdentifiers: $targets) { code }
}";

#[test]
fn roles_are_created_assigned_and_deleted() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}));
    let manager = administrator.ok(CREATE_ROLE, json!({"code": "manager", "description": "d"}));
    assert_eq!(manager["namespace"], "default");
    assert_eq!(manager["parent"], Value::Null);
    let clerk = administrator.ok(CREATE_ROLE, json!({"code": "clerk", "parent": "manager"}));
    assert_eq!(clerk["parent"], json!({"code": "manager"}));
    for variables in [
        json!({"code": "clerk"}),
        json!({"code": "not allowed"}),
        json!({"code": "x", "parent": "unknown"}),
    ] {
        assert_eq!(administrator.refused(CREATE_ROLE, variables), 500);
    }
    administrator.ok(CREATE_ROLE, json!({"code": "clerk", "namespace": "shop"}));

    let assign = json!({"roleCode": "manager", "roleCodes": ["clerk"], "userIds": [ann["id"]], "nodeCodes": null});
    assert_eq!(administrator.ok(ASSIGN, assign.clone())["code"], 200);
    administrator.ok(ASSIGN, assign);
    let roles = administrator.ok(ROLES_OF_USER, json!({"id": ann["id"]}))["roles"].clone();
    assert_eq!(roles["totalCount"], 2);
    assert_eq!(
        roles["list"][1],
        json!({"code": "clerk", "namespace": "default", "parent": {"code": "manager"}})
    );
    let elsewhere = json!({"id": ann["id"], "namespace": "shop"});
    assert_eq!(
        administrator.ok(ROLES_OF_USER, elsewhere)["roles"]["totalCount"],
        0
    );
    for (variables, code) in [
        (json!({"roleCode": "unknown", "userIds": [ann["id"]]}), 500),
        (json!({"roleCode": "clerk", "userIds": ["unknown"]}), 2004),
        (json!({"roleCode": "clerk", "groupCodes": ["unknown"]}), 500),
        (json!({"roleCode": "clerk", "nodeCodes": ["unknown"]}), 500),
        (json!({"userIds": [ann["id"]]}), 500),
    ] {
        assert_eq!(administrator.refused(ASSIGN, variables), code);
    }

    let revoke = ASSIGN.replace("assignRole", "revokeRole");
    administrator.ok(
        &revoke,
        json!({"roleCode": "manager", "userIds": [ann["id"]]}),
    );
    let with_users = "query roleWithUsers($code: String!) { role(code: $code) { users { totalCount list { id } } } }";
    assert_eq!(
        administrator.ok(with_users, json!({"code": "clerk"}))["users"],
        json!({"totalCount": 1, "list": [{"id": ann["id"]}]})
    );
    assert_eq!(
        administrator.ok(with_users, json!({"code": "manager"}))["users"]["totalCount"],
        0
    );

    let rename =
        "mutation updateRole { updateRole(code: \"clerk\", newCode: \"seller\") { code } }";
    assert_eq!(administrator.ok(rename, json!({}))["code"], "seller");
    let roles = administrator.ok(ROLES_OF_USER, json!({"id": ann["id"]}));
    assert_eq!(roles["roles"]["list"][0]["code"], "seller");
    let delete = "mutation deleteRole { deleteRole(code: \"seller\") { code } }";
    assert_eq!(administrator.ok(delete, json!({}))["code"], 200);
    assert_eq!(administrator.refused(delete, json!({})), 500);
    assert_eq!(
        administrator.ok(with_users, json!({"code": "seller"})),
        Value::Null
    );
    let all = administrator.ok(
        "query roles { roles { totalCount list { code } } }",
        json!({}),
    );
    assert_eq!(
        all,
        json!({"totalCount": 2, "list": [{"code": "clerk"}, {"code": "manager"}]})
    );
}

#[test]
fn groups_have_members_who_inherit_roles() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}));
    administrator.ok(CREATE_GROUP, json!({"code": "staff"}));
    administrator.ok(CREATE_ROLE, json!({"code": "clerk"}));
    assert_eq!(
        administrator.refused(CREATE_GROUP, json!({"code": "staff"})),
        500
    );
    for (variables, code) in [
        (json!({"ids": ["unknown"], "code": "staff"}), 2004),
        (json!({"ids": [ann["id"]], "code": "unknown"}), 500),
        (json!({"ids": [ann["id"]]}), 2231),
    ] {
        assert_eq!(administrator.refused(ADD, variables), code);
    }
    administrator.ok(ADD, json!({"ids": [ann["id"]], "code": "staff"}));
    administrator.ok(
        ASSIGN,
        json!({"roleCode": "clerk", "groupCodes": ["staff"]}),
    );
    let with_users = "query groupWithUsers { group(code: \"staff\") { users { totalCount list { username } } } }";
    assert_eq!(
        administrator.ok(with_users, json!({}))["users"],
        json!({"totalCount": 1, "list": [{"username": "ann"}]})
    );
    let of_user = "query getUserGroups($id: String!) { user(id: $id) { groups { totalCount list { code } } } }";
    assert_eq!(
        administrator.ok(of_user, json!({"id": ann["id"]}))["groups"],
        json!({"totalCount": 1, "list": [{"code": "staff"}]})
    );
    let of_user = "query groups($id: String) { groups(userId: $id) { totalCount } }";
    assert_eq!(
        administrator.ok(of_user, json!({"id": ann["id"]}))["totalCount"],
        1
    );
    assert_eq!(
        administrator.ok(of_user, json!({"id": "nobody"}))["totalCount"],
        0
    );
    let roles = |id: &Value| {
        administrator.ok(ROLES_OF_USER, json!({"id": id}))["roles"]["totalCount"].clone()
    };
    assert_eq!(roles(&ann["id"]), 1);
    let search = "query searchUser { searchUser(query: \"\", groupOpts: [{code: \"staff\"}], roleOpts: [{code: \"clerk\"}]) { totalCount } }";
    assert_eq!(administrator.ok(search, json!({}))["totalCount"], 1);

    let remove = ADD.replace("addUserToGroup", "removeUserFromGroup");
    administrator.ok(&remove, json!({"ids": [ann["id"]], "code": "staff"}));
    assert_eq!(roles(&ann["id"]), 0);
    assert_eq!(administrator.ok(search, json!({}))["totalCount"], 0);
    let delete = "mutation deleteGroups { deleteGroups(codeList: [\"staff\"]) { code } }";
    administrator.ok(delete, json!({}));
    assert_eq!(administrator.refused(delete, json!({})), 500);
    assert_eq!(administrator.ok(with_users, json!({})), Value::Null);
}

#[test]
fn policies_are_read_back_and_assigned() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}));
    administrator.ok(CREATE_ROLE, json!({"code": "clerk"}));
    let statements = json!([
        {"resource": "book:*", "actions": ["book:read"], "effect": "ALLOW", "condition": null},
        {"resource": "book:1", "actions": ["book:edit"], "effect": "DENY",
         "condition": [{"param": "UserContext.name", "operator": "Equal", "value": ["x", 1]}]},
    ]);
    let policy = administrator.ok(
        CREATE_POLICY,
        json!({"code": "reader", "statements": statements}),
    );
    assert_eq!(policy["statements"], statements);
    assert_eq!(policy["namespace"], "default");
    assert_eq!(policy["assignmentsCount"], 0);
    administrator.ok(CREATE_POLICY, json!({"code": "editor", "statements": []}));

    let to_user = json!({"policies": ["reader", "editor"], "type": "USER", "targets": [ann["id"]]});
    administrator.ok(ADD_POLICIES, to_user.clone());
    administrator.ok(ADD_POLICIES, to_user);
    let to_role = json!({"policies": ["reader"], "type": "ROLE", "targets": ["clerk"]});
    administrator.ok(ADD_POLICIES, to_role.clone());
    for (variables, code) in [
        (
            json!({"policies": ["unknown"], "type": "USER", "targets": [ann["id"]]}),
            500,
        ),
        (
            json!({"policies": ["reader"], "type": "USER", "targets": ["unknown"]}),
            2004,
        ),
        (
            json!({"policies": ["reader"], "type": "ORG", "targets": ["unknown"]}),
            500,
        ),
    ] {
        assert_eq!(administrator.refused(ADD_POLICIES, variables), code);
    }
    let assignments = |variables: Value| {
        let query = "query policyAssignments($code: String, $type: PolicyAssignmentTargetType, $target: String) {
            policyAssignments(code: $code, targetType: $type, targetIdentifier: $target) {
                totalCount list { code targetType targetIdentifier }
            }
        }";
        administrator.ok(query, variables)
    };
    assert_eq!(assignments(json!({}))["totalCount"], 3);
    assert_eq!(assignments(json!({"code": "reader"}))["totalCount"], 2);
    assert_eq!(
        assignments(json!({"type": "ROLE", "target": "clerk"}))["list"],
        json!([{"code": "reader", "targetType": "ROLE", "targetIdentifier": "clerk"}])
    );
    assert_eq!(
        administrator.ok(POLICY, json!({"code": "reader"}))["assignmentsCount"],
        2
    );

    let remove = ADD_POLICIES.replace("addPolicy", "removePolicy");
    administrator.ok(&remove, to_role);
    assert_eq!(assignments(json!({}))["totalCount"], 2);
    let rename = "mutation updatePolicy { updatePolicy(code: \"reader\", newCode: \"guest\") { code statements { resource } } }";
    assert_eq!(
        administrator.ok(rename, json!({}))["statements"][0]["resource"],
        "book:*"
    );
    let policy = administrator.ok(POLICY, json!({"code": "guest"}));
    assert_eq!(policy["assignments"][0]["targetIdentifier"], ann["id"]);
    let delete = "mutation deletePolicy { deletePolicy(code: \"guest\") { code } }";
    administrator.ok(delete, json!({}));
    assert_eq!(
        administrator.ok(POLICY, json!({"code": "guest"})),
        Value::Null
    );
    assert_eq!(assignments(json!({}))["totalCount"], 1);
    let delete = "mutation deleteUser($id: String!) { deleteUser(id: $id) { code } }";
    administrator.ok(delete, json!({"id": ann["id"]}));
    assert_eq!(assignments(json!({}))["totalCount"], 0);
}
