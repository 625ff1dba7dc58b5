use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::Client;

#[test]
fn lists_are_sorted() {
    let emulator = Emulator::start().unwrap();
    let admin = Client::administrator(&emulator);
    for code in ["a", "b", "c"] {
        for create in [
            "createRole(code: $code)",
            "createGroup(code: $code, name: $code)",
        ] {
            let query = format!("mutation m($code: String!) {{ {create} {{ code }} }}");
            admin.ok(&query, json!({"code": code}));
        }
    }
    emulator.advance(std::time::Duration::from_secs(1));
    for update in ["updateRole", "updateGroup"] {
        let query =
            format!("mutation m {{ {update}(code: \"b\", description: \"x\") {{ code }} }}");
        admin.ok(&query, json!({}));
    }
    for field in ["roles", "groups"] {
        for (sort_by, expected) in [
            (Value::Null, "cba"),
            (json!("CREATEDAT_ASC"), "abc"),
            (json!("UPDATEDAT_DESC"), "bca"),
            (json!("UPDATEDAT_ASC"), "acb"),
        ] {
            let query = format!(
                "query q($by: SortByEnum) {{ {field}(sortBy: $by) {{ list {{ code }} }} }}"
            );
            let page = admin.ok(&query, json!({"by": sort_by}));
            let codes = page["list"].as_array().unwrap().iter();
            let codes: String = codes.map(|item| item["code"].as_str().unwrap()).collect();
            assert_eq!(codes, expected, "{field} {sort_by}");
        }
    }
}

#[test]
fn a_page_is_within_limits() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    administrator.create(json!({"username": "ann"}));
    let create = "mutation createRole { createRole(code: \"clerk\") { code } }";
    administrator.ok(create, json!({}));
    for list in [
        "users(page: $page, limit: $limit) { totalCount }",
        "searchUser(query: \"\", page: $page, limit: $limit) { totalCount }",
        "roles(page: $page, limit: $limit) { totalCount }",
        "groups(page: $page, limit: $limit) { totalCount }",
        "policies(page: $page, limit: $limit) { totalCount }",
        "policyAssignments(page: $page, limit: $limit) { totalCount }",
        // Inside another object as well.
        "role(code: \"clerk\") { users(page: $page, limit: $limit) { totalCount } }",
    ] {
        let query = format!("query list($page: Int, $limit: Int) {{ {list} }}");
        for fine in [
            json!({}),
            json!({"page": null, "limit": null}),
            json!({"page": 1_000_000, "limit": 500}),
        ] {
            administrator.ok(&query, fine);
        }
        for odd in [
            json!({"page": 0}),
            json!({"limit": 0}),
            json!({"limit": 501}),
        ] {
            assert_eq!(administrator.refused(&query, odd), 500, "{list}");
        }
    }
    let query = "query users { users(limit: 501) { totalCount } }";
    let answer = administrator.graphql(query, json!({}));
    let message = answer.body["errors"][0]["message"]["message"].clone();
    assert!(message.as_str().unwrap().contains("500"), "{message}");
}

/// What an update does to a description: cleared by null, kept when absent.
fn description_after(create: &str, update: &str) {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    administrator.ok(create, json!({}));
    let update = |variables: Value| administrator.ok(update, variables)["description"].clone();
    assert_eq!(update(json!({})), "first");
    assert_eq!(update(json!({"description": "second"})), "second");
    assert_eq!(update(json!({"description": ""})), "");
    assert_eq!(update(json!({"description": null})), Value::Null);
}

#[test]
fn null_clears_a_description() {
    description_after(
        "mutation { createRole(code: \"x\", description: \"first\") { code } }",
        "mutation ($description: String) { updateRole(code: \"x\", description: $description) { description } }",
    );
    description_after(
        "mutation { createGroup(code: \"x\", name: \"X\", description: \"first\") { code } }",
        "mutation ($description: String) { updateGroup(code: \"x\", description: $description) { description } }",
    );
}

#[test]
fn empty_names_are_refused() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    administrator.ok("mutation { createRole(code: \"x\") { code } }", json!({}));
    administrator.ok(
        "mutation { createGroup(code: \"x\", name: \"X\") { code } }",
        json!({}),
    );
    for document in [
        "mutation { createRole(code: \"\") { code } }",
        "mutation { createRole(code: \"y\", namespace: \"\") { code } }",
        "mutation { createRole(code: \"y\", parent: \"\") { code } }",
        "mutation { updateRole(code: \"x\", newCode: \"\") { code } }",
        "mutation { createGroup(code: \"\", name: \"X\") { code } }",
        "mutation { updateGroup(code: \"x\", newCode: \"\") { code } }",
    ] {
        assert_eq!(
            administrator.refused(document, json!({})),
            500,
            "{document}"
        );
    }
}

#[test]
fn a_child_outlives_its_parent_and_its_place_is_not_taken() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let create = "mutation ($code: String!, $parent: String) { createRole(code: $code, parent: $parent) { id } }";
    administrator.ok(create, json!({"code": "reader"}));
    administrator.ok(create, json!({"code": "editor", "parent": "reader"}));
    let parent = || {
        let query = "query role { role(code: \"editor\") { parent { code } } }";
        administrator.ok(query, json!({}))["parent"].clone()
    };
    let rename = "mutation { updateRole(code: \"reader\", newCode: \"guest\") { code } }";
    administrator.ok(rename, json!({}));
    assert_eq!(parent(), json!({"code": "guest"}));
    let delete = "mutation { deleteRoles(codeList: [\"guest\"]) { code } }";
    administrator.ok(delete, json!({}));
    assert_eq!(parent(), Value::Null);
    administrator.ok(create, json!({"code": "guest"}));
    assert_eq!(parent(), Value::Null);
}

#[test]
fn only_an_administrator_sees_roles_and_groups() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    for document in [
        "query { roles { totalCount } }",
        "query { role(code: \"x\") { code } }",
        "query { groups { totalCount } }",
        "query { group(code: \"x\") { code } }",
        "mutation { createRole(code: \"x\") { code } }",
        "mutation { deleteRoles(codeList: []) { code } }",
        "mutation { deleteGroups(codeList: []) { code } }",
        "mutation { addUserToGroup(userIds: [], code: \"x\") { code } }",
    ] {
        assert_eq!(nobody.refused(document, json!({})), 2020, "{document}");
    }
}
