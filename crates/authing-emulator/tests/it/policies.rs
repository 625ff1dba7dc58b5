//! Policies that cannot be, and what stays and goes with groups.

use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::Client;

fn create(code: &str) -> String {
    format!("mutation createPolicy {{ createPolicy(code: \"{code}\", statements: []) {{ code }} }}")
}

#[test]
fn what_cannot_be_done_to_policies() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}))["id"].clone();
    administrator.ok(&create("one"), json!({}));
    administrator.ok(&create("two"), json!({}));
    let assignment = |what: &str, policy: &str| {
        format!(
            "mutation assignment($id: String!) {{
                {what}PolicyAssignment(policy: \"{policy}\", targetType: USER, targetIdentifier: $id) {{ code }}
            }}"
        )
    };
    for query in [
        create("one"),
        create(""),
        "mutation u { updatePolicy(code: \"one\", newCode: \"two\") { code } }".to_owned(),
        "mutation u { updatePolicy(code: \"one\", newCode: \"\") { code } }".to_owned(),
        "mutation u { updatePolicy(code: \"none\") { code } }".to_owned(),
        "mutation u { updatePolicy(code: \"AdministratorAccess\", statements: []) { code } }"
            .to_owned(),
        "mutation d { deletePolicy(code: \"AdministratorAccess\") { code } }".to_owned(),
        "mutation d { deletePolicy(code: \"none\") { code } }".to_owned(),
        "mutation d { deletePolicies(codeList: [\"one\", \"none\"]) { code } }".to_owned(),
        "mutation d { deletePolicy(code: \"one\", namespace: \"shop\") { code } }".to_owned(),
    ] {
        assert_eq!(administrator.refused(&query, json!({})), 500, "{query}");
    }
    for query in [assignment("enable", "one"), assignment("disbale", "none")] {
        assert_eq!(
            administrator.refused(&query, json!({"id": ann})),
            500,
            "{query}"
        );
    }
    let policies = |arguments: &str| {
        let query = format!("query policies {{ policies({arguments}) {{ totalCount }} }}");
        administrator.ok(&query, json!({}))["totalCount"].clone()
    };
    assert_eq!(policies("limit: 10"), 3, "none was lost");
    assert_eq!(policies("excludeDefault: true"), 2);
    assert_eq!(policies("namespace: \"shop\""), 0);
}

#[test]
fn a_role_is_named_by_its_id_as_well() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}))["id"].clone();
    let role = |namespace: &str| {
        let create = format!(
            "mutation r {{ createRole(code: \"clerk\", namespace: \"{namespace}\") {{ id }} }}"
        );
        administrator.ok(&create, json!({}))["id"].clone()
    };
    let (id, elsewhere) = (role("default"), role("shop"));
    administrator.ok(
        "mutation a($ids: [String!]) { assignRole(roleCode: \"clerk\", userIds: $ids) { code } }",
        json!({"ids": [ann]}),
    );
    let policy = "mutation p { createPolicy(code: \"reader\", statements: [
        {resource: \"book:*\", actions: [\"read\"], effect: ALLOW}
    ]) { code } }";
    administrator.ok(policy, json!({}));
    let assignments = |what: &str| {
        format!(
            "mutation a($id: String!) {{
                {what}PolicyAssignments(policies: [\"reader\"], targetType: ROLE, targetIdentifiers: [$id]) {{ code }}
            }}"
        )
    };
    let switch = |what: &str| {
        format!(
            "mutation s($id: String!) {{
                {what}PolicyAssignment(policy: \"reader\", targetType: ROLE, targetIdentifier: $id) {{ code }}
            }}"
        )
    };
    let listed = |identifier: &Value| {
        let list = "query p($id: String) {
            policyAssignments(targetType: ROLE, targetIdentifier: $id) { list { targetIdentifier } }
        }";
        administrator.ok(list, json!({"id": identifier}))["list"].clone()
    };
    let may = |resource: &str| {
        let query = "query may($resource: String!, $id: String!) {
            isActionAllowed(resource: $resource, action: \"read\", userId: $id)
        }";
        administrator.ok(query, json!({"resource": resource, "id": ann}))
    };

    // By either name it is one assignment.
    administrator.ok(&assignments("add"), json!({"id": id}));
    administrator.ok(&assignments("add"), json!({"id": "clerk"}));
    let one = json!([{"targetIdentifier": "clerk"}]);
    assert_eq!(listed(&Value::Null), one);
    assert_eq!((listed(&id), listed(&json!("clerk"))), (one.clone(), one));
    assert_eq!(may("book:1"), true);
    administrator.ok(&switch("disbale"), json!({"id": id}));
    assert_eq!(may("book:1"), false);
    administrator.ok(&switch("enable"), json!({"id": id}));
    assert_eq!(may("book:1"), true);
    // A role of another namespace is another role.
    for query in [assignments("add"), switch("enable")] {
        assert_eq!(administrator.refused(&query, json!({"id": elsewhere})), 500);
    }
    administrator.ok(&assignments("remove"), json!({"id": id}));
    assert_eq!(may("book:1"), false);

    let authorize = "mutation a($id: String!) { authorizeResource(resource: \"film:1\", opts: [
        {targetType: ROLE, targetIdentifier: $id, actions: [\"read\"]}
    ]) { code } }";
    administrator.ok(authorize, json!({"id": id}));
    assert_eq!(may("film:1"), true);
    let resources = "query r($id: String) {
        authorizedResources(targetType: ROLE, targetIdentifier: $id) { list { code } }
    }";
    assert_eq!(
        administrator.ok(resources, json!({"id": id}))["list"],
        json!([{"code": "film:1"}])
    );
}

/// A group with Ann in it, a role and a permission.
fn staff(administrator: &Client<'_>) -> Value {
    let ann = administrator.create(json!({"username": "ann"}))["id"].clone();
    administrator.ok(
        "mutation r { createRole(code: \"clerk\") { code } }",
        json!({}),
    );
    administrator.ok(
        "mutation g { createGroup(code: \"staff\", name: \"s\") { code } }",
        json!({}),
    );
    administrator.ok(
        "mutation r { assignRole(roleCode: \"clerk\", groupCodes: [\"staff\"]) { code } }",
        json!({}),
    );
    let grant = "mutation a { authorizeResource(resource: \"book:1\", opts: [
        {targetType: GROUP, targetIdentifier: \"staff\", actions: [\"read\"]}
    ]) { code } }";
    administrator.ok(grant, json!({}));
    join(administrator, "staff", &ann);
    ann
}

fn join(administrator: &Client<'_>, group: &str, user: &Value) {
    let add = "mutation addUserToGroup($code: String, $ids: [String!]!) {
        addUserToGroup(code: $code, userIds: $ids) { code }
    }";
    administrator.ok(add, json!({"code": group, "ids": [user]}));
}

/// How many roles the user has, and whether the permission counts.
fn standing(administrator: &Client<'_>, user: &Value) -> (Value, Value) {
    let roles = "query roles($id: String) { user(id: $id) { roles { totalCount } } }";
    let may = "query may($id: String!) { isActionAllowed(resource: \"book:1\", action: \"read\", userId: $id) }";
    let id = json!({"id": user});
    let roles = administrator.ok(roles, id.clone())["roles"]["totalCount"].clone();
    (roles, administrator.ok(may, id))
}

#[test]
fn a_new_group_has_nothing_of_an_old_one() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = staff(&administrator);
    assert_eq!(standing(&administrator, &ann), (json!(1), json!(true)));
    administrator.ok(
        "mutation d { deleteGroups(codeList: [\"staff\"]) { code } }",
        json!({}),
    );
    assert_eq!(standing(&administrator, &ann), (json!(0), json!(false)));
    administrator.ok(
        "mutation g { createGroup(code: \"staff\", name: \"s\") { code } }",
        json!({}),
    );
    join(&administrator, "staff", &ann);
    assert_eq!(standing(&administrator, &ann), (json!(0), json!(false)));
}

#[test]
fn a_group_with_another_code_is_the_same_group() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = staff(&administrator);
    let rename = "mutation u { updateGroup(code: \"staff\", newCode: \"crew\") { code } }";
    administrator.ok(rename, json!({}));
    assert_eq!(standing(&administrator, &ann), (json!(1), json!(true)));
}

#[test]
fn fields_and_lists_are_told_apart() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}))["id"].clone();
    let define = |key: &str, kind: &str| {
        format!(
            "mutation setUdf {{ setUdf(targetType: USER, key: \"{key}\", dataType: {kind}, label: \"l\") {{ key }} }}"
        )
    };
    assert_eq!(administrator.refused(&define("", "STRING"), json!({})), 500);
    let set = "mutation setUdv($id: String!, $value: String!) {
        setUdv(targetType: USER, targetId: $id, key: \"age\", value: $value) { value }
    }";
    let values = "query udv($id: String!) { udv(targetType: USER, targetId: $id) { key value } }";
    administrator.ok(&define("age", "NUMBER"), json!({}));
    administrator.ok(set, json!({"id": ann, "value": "30"}));
    // Another type, or another definition, knows nothing of the old value.
    administrator.ok(&define("age", "STRING"), json!({}));
    assert_eq!(administrator.ok(values, json!({"id": ann})), json!([]));
    administrator.ok(set, json!({"id": ann, "value": "\"old\""}));
    administrator.ok(
        "mutation r { removeUdf(targetType: USER, key: \"age\") { code } }",
        json!({}),
    );
    administrator.ok(&define("age", "STRING"), json!({}));
    assert_eq!(administrator.ok(values, json!({"id": ann})), json!([]));
    let others = "query udv { udv(targetType: ROLE, targetId: \"none\") { key } }";
    assert_eq!(administrator.refused(others, json!({})), 500);

    administrator.ok(
        "mutation w { addWhitelist(type: USERNAME, list: [\"dan@example.com\"]) { value } }",
        json!({}),
    );
    administrator.ok(
        "mutation p { updateUserpool(input: {whitelist: {emailEnabled: true}}) { id } }",
        json!({}),
    );
    let register = "mutation registerByEmail($input: RegisterByEmailInput!) {
        registerByEmail(input: $input) { id }
    }";
    let password = crate::client::encrypt(&emulator, "123456");
    let input = json!({"input": {"email": "dan@example.com", "password": password}});
    assert_eq!(
        Client::nobody(&emulator).refused(register, input.clone()),
        500
    );
    administrator.ok(
        "mutation w { addWhitelist(type: EMAIL, list: [\"DAN@example.com\"]) { value } }",
        json!({}),
    );
    Client::nobody(&emulator).ok(register, input);
}
