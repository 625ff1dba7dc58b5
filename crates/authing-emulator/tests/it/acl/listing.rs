use serde_json::{Value, json};

use super::{assign, with_pool};

const AUTHORIZE: &str = "mutation authorizeResource($namespace: String, $resource: String,
    $resourceType: ResourceType, $opts: [AuthorizeResourceOpt]) {
    authorizeResource(namespace: $namespace, resource: $resource, resourceType: $resourceType,
        opts: $opts) { code }
}";
const RESOURCES: &str = "query authorizedResources($type: PolicyAssignmentTargetType,
    $target: String, $namespace: String, $resourceType: String) {
    authorizedResources(targetType: $type, targetIdentifier: $target, namespace: $namespace,
        resourceType: $resourceType) { totalCount list { code type actions apiIdentifier } }
}";
const TARGETS: &str = "query authorizedTargets($namespace: String!, $resourceType: ResourceType!,
    $resource: String!, $targetType: PolicyAssignmentTargetType,
    $actions: AuthorizedTargetsActionsInput) {
    authorizedTargets(namespace: $namespace, resourceType: $resourceType, resource: $resource,
        targetType: $targetType, actions: $actions) {
        totalCount list { targetType targetIdentifier actions }
    }
}";

#[test]
fn resources_are_listed() {
    with_pool(|admin, ann| {
        let list = |variables: Value| {
            let page = admin.ok(RESOURCES, variables);
            assert_eq!(page["totalCount"], page["list"].as_array().unwrap().len());
            page["list"].clone()
        };
        let resource = |code: &str, kind: &str, actions: &[&str]| json!({"code": code, "type": kind, "actions": actions, "apiIdentifier": null});
        let of_ann = || json!({"type": "USER", "target": ann});
        assert_eq!(list(of_ann()), json!([]));

        assign(admin, ann, "read to ROLE person");
        assign(admin, ann, "read to USER ann in shop");
        let opt = |kind: &str, target: &str, actions: &[&str]| json!({"targetType": kind, "targetIdentifier": target, "actions": actions});
        let opts = json!([
            opt("USER", ann, &["edit", "lend"]),
            opt("GROUP", "staff", &["lend", "sort"])
        ]);
        admin.ok(AUTHORIZE, json!({"resource": "book:*", "opts": opts}));
        let opts = json!([opt("ROLE", "guard", &["open"])]);
        let door = json!({"resource": "door", "resourceType": "BUTTON", "opts": opts});
        admin.ok(AUTHORIZE, door);

        let book = resource("book:*", "DATA", &["book:read", "edit", "lend", "sort"]);
        let in_shop = resource("book:*", "DATA", &["book:read"]);
        let door = resource("door", "BUTTON", &["open"]);
        assert_eq!(list(of_ann()), json!([book, in_shop, door]));
        let mut only = of_ann();
        only["namespace"] = json!("default");
        assert_eq!(list(only), json!([book, door]));
        let mut only = of_ann();
        only["resourceType"] = json!("BUTTON");
        assert_eq!(list(only), json!([door]));
        let of = |kind: &str, target: &str| list(json!({"type": kind, "target": target}));
        assert_eq!(
            of("ROLE", "clerk"),
            json!([resource("book:*", "DATA", &["book:read"])])
        );
        assert_eq!(of("ROLE", "being"), json!([]));
        let staff = json!([resource("book:*", "DATA", &["lend", "sort"]), door]);
        assert_eq!(of("GROUP", "staff"), staff);

        for (nested, expected) in [
            (format!("user(id: \"{ann}\")"), 3),
            ("group(code: \"staff\")".to_owned(), 2),
            ("role(code: \"clerk\")".to_owned(), 1),
        ] {
            let query = format!("query {{ {nested} {{ authorizedResources {{ totalCount }} }} }}");
            let count = &admin.ok(&query, json!({}))["authorizedResources"]["totalCount"];
            assert_eq!(*count, expected, "{nested}");
        }
        // What is denied altogether is not listed.
        assign(admin, ann, "no-read to USER ann in shop");
        assert_eq!(list(of_ann()), json!([book, door]));

        for (variables, code) in [
            (json!({"type": "USER", "target": "nobody"}), 2004),
            (json!({"type": "ROLE", "target": "nobody"}), 500),
            (json!({"type": "GROUP", "target": "nobody"}), 500),
            (json!({"type": "ORG", "target": "nobody"}), 500),
            (json!({"type": "USER"}), 2231),
            (json!({"target": ann}), 2231),
        ] {
            assert_eq!(
                admin.refused(RESOURCES, variables.clone()),
                code,
                "{variables}"
            );
        }
        let half = json!([opt("USER", ann, &["x"]), opt("ROLE", "nobody", &["x"])]);
        let idle = json!([opt("USER", ann, &[])]);
        for (variables, code) in [
            (json!({"resource": "new", "opts": half}), 500),
            (json!({"resource": "new", "opts": idle}), 2231),
            (json!({"resource": "new", "opts": []}), 2231),
            (json!({"opts": [opt("USER", ann, &["x"])]}), 2231),
        ] {
            assert_eq!(
                admin.refused(AUTHORIZE, variables.clone()),
                code,
                "{variables}"
            );
        }
        assert_eq!(list(of_ann()), json!([book, door]));
    });
}

#[test]
fn targets_are_listed() {
    with_pool(|admin, ann| {
        assign(admin, ann, "read to ROLE clerk");
        assign(admin, ann, "read to USER ann in shop");
        let opt = |kind: &str, target: &str, actions: &[&str]| json!({"targetType": kind, "targetIdentifier": target, "actions": actions});
        let opts = json!([
            opt("USER", ann, &["edit", "lend"]),
            opt("GROUP", "staff", &["lend"])
        ]);
        admin.ok(AUTHORIZE, json!({"resource": "book:1", "opts": opts}));
        let list = |resource: &str, more: Value| {
            let mut variables =
                json!({"namespace": "default", "resourceType": "DATA", "resource": resource});
            variables
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            let page = admin.ok(TARGETS, variables);
            assert_eq!(page["totalCount"], page["list"].as_array().unwrap().len());
            let names: Vec<String> = page["list"]
                .as_array()
                .unwrap()
                .iter()
                .map(|target| {
                    format!(
                        "{} {}",
                        target["targetType"].as_str().unwrap(),
                        target["actions"].as_array().unwrap().len()
                    )
                })
                .collect();
            names.join(", ")
        };
        for (resource, more, expected) in [
            ("book:1", json!({}), "ROLE 1, USER 2, GROUP 1"),
            ("book", json!({}), "ROLE 1, USER 2, GROUP 1"),
            ("book:2", json!({}), "ROLE 1"),
            ("door", json!({}), ""),
            ("book:1", json!({"targetType": "USER"}), "USER 2"),
            (
                "book:1",
                json!({"actions": {"op": "AND", "list": ["edit", "lend"]}}),
                "USER 2",
            ),
            (
                "book:1",
                json!({"actions": {"op": "OR", "list": ["edit", "book:read"]}}),
                "ROLE 1, USER 2",
            ),
            ("book:1", json!({"resourceType": "API"}), ""),
            ("book:1", json!({"namespace": "shop"}), "USER 1"),
            ("book:1", json!({"namespace": "elsewhere"}), ""),
        ] {
            assert_eq!(list(resource, more.clone()), expected, "{resource} {more}");
        }
        assign(admin, ann, "no-read to ROLE clerk");
        assert_eq!(list("book:1", json!({})), "USER 2, GROUP 1");
    });
}
