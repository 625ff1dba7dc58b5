//! The administrator's calls over roles, against the emulator over real
//! sockets and both transports.

use authing::v2::{CreateUserInput, PolicyTargetType, SortBy};
use authing::{ErrorCode, ErrorKind, Patch};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use serde_json::{Value, json};

both_transports!(
    create_read_update_delete,
    a_parent_is_kept,
    codes_are_checked_and_taken_once,
    descriptions_of_any_kind,
    lists_are_paged_and_ordered,
    members_are_paged,
    a_missing_user_changes_nothing,
    deleting_a_role_takes_it_from_everybody,
    deleting_several_is_all_or_nothing,
    a_role_in_another_namespace_is_another_role,
    policies_go_to_the_role,
    missing_roles,
    limits_of_a_page,
    mistakes_are_found_before_anything_is_sent,
);

const NOBODY: &str = "000000000000000000000000";

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

async fn user(clients: &Clients, username: &str) -> String {
    let input = CreateUserInput::new().username(username);
    clients.admin.users().create(input).await.unwrap().id
}

async fn roles_of(clients: &Clients, user_id: &str) -> Vec<String> {
    let roles = clients.admin.users().list_roles(user_id).await.unwrap();
    let mut codes: Vec<_> = roles.into_iter().map(|role| role.code).collect();
    codes.sort();
    codes
}

async fn policy(clients: &Clients, code: &str, namespace: Option<&str>) {
    let document = "mutation ($code: String!, $namespace: String) {
        createPolicy(code: $code, namespace: $namespace, statements: []) { code } }";
    let variables = json!({"code": code, "namespace": namespace});
    let _: Value = clients.admin.graphql(document, variables).await.unwrap();
}

async fn create_read_update_delete(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    let created = roles.create("editor").description("Writes").await.unwrap();
    assert_eq!(created.code, "editor");
    assert_eq!(created.description.as_deref(), Some("Writes"));
    assert_eq!(created.is_system, Some(false));
    assert!(created.arn.is_some() && created.created_at.is_some());
    assert!(created.parent.is_none());

    let updated = roles
        .update("editor")
        .new_code("author")
        .description("")
        .await
        .unwrap();
    assert_eq!(updated.code, "author");
    assert_eq!(updated.description.as_deref(), Some(""));
    assert!(roles.detail("editor").await.unwrap().is_none());
    // What is not set stays, what is null is cleared.
    let renamed = roles.update("author").new_code("editor").await.unwrap();
    assert_eq!(renamed.description.as_deref(), Some(""));
    let cleared = roles.update("editor").description(Patch::Null).await;
    assert_eq!(cleared.unwrap().description, None);
    let read = roles.detail("editor").await.unwrap().unwrap();
    assert_eq!(
        (read.description, read.created_at),
        (None, created.created_at)
    );

    assert_eq!(roles.delete("editor").await.unwrap().code, Some(200));
    assert!(roles.detail("editor").await.unwrap().is_none());
    assert_eq!(roles.list().await.unwrap().total_count, 0);
}

async fn a_parent_is_kept(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    roles.create("reader").await.unwrap();
    let editor = roles.create("editor").parent("reader").await.unwrap();
    assert_eq!(editor.parent.unwrap().code, "reader");
    for editor in [
        roles.detail("editor").await.unwrap().unwrap(),
        roles.update("editor").description("Writes").await.unwrap(),
        roles.list().limit(1).await.unwrap().list.remove(0),
    ] {
        assert_eq!(editor.parent.unwrap().code, "reader");
    }
    let error = roles.create("author").parent("nobody").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert!(roles.detail("author").await.unwrap().is_none());
    // A role outlives its parent.
    roles.delete("reader").await.unwrap();
    let editor = roles.detail("editor").await.unwrap().unwrap();
    assert!(editor.parent.is_none());
}

async fn codes_are_checked_and_taken_once(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    roles.create("Read_er-1").await.unwrap();
    roles.create("other").await.unwrap();
    for code in ["Read_er-1", "two words", "老王", "a/b", "a\"b", " "] {
        let error = roles.create(code).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api, "{code}");
        let error = roles.update("other").new_code(code).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api, "{code}");
    }
    assert_eq!(roles.list().await.unwrap().total_count, 2);
    // Its own code is not taken.
    roles.update("other").new_code("other").await.unwrap();
}

async fn descriptions_of_any_kind(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    let long = "x".repeat(900_000);
    for description in [
        "",
        "  ",
        "\"quoted\" \\ and\nlines",
        "管理员 👩‍💻",
        "'; DROP TABLE roles; --",
        long.as_str(),
    ] {
        roles
            .create("editor")
            .description(description)
            .await
            .unwrap();
        let read = roles.detail("editor").await.unwrap().unwrap();
        assert!(read.description.as_deref() == Some(description));
        roles.delete("editor").await.unwrap();
    }
    // More than a request can hold.
    let longer = "x".repeat(3_000_000);
    let error = roles
        .create("editor")
        .description(longer)
        .await
        .unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Http | ErrorKind::Api | ErrorKind::Transport
        ),
        "{error}"
    );
    assert!(roles.detail("editor").await.unwrap().is_none());
}

async fn lists_are_paged_and_ordered(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    for number in 0..23 {
        roles.create(format!("role-{number:02}")).await.unwrap();
    }
    let page = roles.list().page(3).limit(10).await.unwrap();
    assert_eq!((page.total_count, page.list.len()), (23, 3));
    let newest = roles.list().await.unwrap();
    assert_eq!(
        (newest.list.len(), newest.list[0].code.as_str()),
        (10, "role-22")
    );
    assert!(roles.list().page(4).await.unwrap().list.is_empty());

    let mut codes = Vec::new();
    let mut stream = roles
        .list()
        .limit(10)
        .sort_by(SortBy::CreatedAtAsc)
        .stream();
    while let Some(role) = stream.next().await {
        codes.push(role.unwrap().code);
    }
    let expected: Vec<_> = (0..23).map(|number| format!("role-{number:02}")).collect();
    assert_eq!(codes, expected);
}

async fn members_are_paged(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    roles.create("editor").await.unwrap();
    let mut ids = Vec::new();
    for number in 0..12 {
        ids.push(user(&clients, &format!("user-{number}")).await);
    }
    roles.add_users("editor", &ids).await.unwrap();
    // The second time changes nothing.
    roles.add_users("editor", &ids[..2]).await.unwrap();
    let page = roles.list_users("editor").page(2).limit(5).await.unwrap();
    assert_eq!((page.total_count, page.list.len()), (12, 5));
    let mut found = Vec::new();
    let mut stream = roles.list_users("editor").limit(5).stream();
    while let Some(user) = stream.next().await {
        found.push(user.unwrap().id);
    }
    found.sort();
    let mut expected = ids.clone();
    expected.sort();
    assert_eq!(found, expected);

    roles.remove_users("editor", &ids[1..]).await.unwrap();
    let left = roles.list_users("editor").await.unwrap();
    assert_eq!(
        (left.total_count, left.list[0].id.as_str()),
        (1, ids[0].as_str())
    );
    // Nobody has to have it to lose it.
    roles.remove_users("editor", &ids[1..]).await.unwrap();
    assert_eq!(roles_of(&clients, &ids[0]).await, ["editor"]);
}

async fn a_missing_user_changes_nothing(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    roles.create("editor").await.unwrap();
    let bob = user(&clients, "bob").await;
    let error = roles
        .add_users("editor", [bob.as_str(), NOBODY])
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::USER_NOT_FOUND));
    assert_eq!(roles.list_users("editor").await.unwrap().total_count, 0);

    roles.add_users("editor", [&bob]).await.unwrap();
    assert!(
        roles
            .remove_users("editor", [bob.as_str(), NOBODY])
            .await
            .is_err()
    );
    assert_eq!(roles_of(&clients, &bob).await, ["editor"]);
    // A deleted user has no role.
    clients.admin.users().delete(&bob).await.unwrap();
    assert_eq!(roles.list_users("editor").await.unwrap().total_count, 0);
}

async fn deleting_a_role_takes_it_from_everybody(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    roles.create("editor").await.unwrap();
    policy(&clients, "edit", None).await;
    let bob = user(&clients, "bob").await;
    roles.add_users("editor", [&bob]).await.unwrap();
    roles.add_policies("editor", ["edit"]).await.unwrap();
    roles.delete("editor").await.unwrap();
    assert!(roles_of(&clients, &bob).await.is_empty());
    assert_eq!(roles.list_policies("editor").await.unwrap().total_count, 0);
    // A new role of the same code starts without users and policies.
    roles.create("editor").await.unwrap();
    assert!(roles_of(&clients, &bob).await.is_empty());
    assert_eq!(roles.list_users("editor").await.unwrap().total_count, 0);
    assert_eq!(roles.list_policies("editor").await.unwrap().total_count, 0);
}

async fn deleting_several_is_all_or_nothing(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    for code in ["a", "b", "c"] {
        roles.create(code).await.unwrap();
    }
    assert!(roles.delete_many(["a", "nobody"]).await.is_err());
    assert_eq!(roles.list().await.unwrap().total_count, 3);
    roles.delete_many(["a", "b"]).await.unwrap();
    let left = roles.list().await.unwrap();
    assert_eq!((left.total_count, left.list[0].code.as_str()), (1, "c"));
}

async fn a_role_in_another_namespace_is_another_role(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    let bob = user(&clients, "bob").await;
    roles.create("editor").await.unwrap();
    roles.create("reader").namespace("shop").await.unwrap();
    let editor = roles
        .create("editor")
        .parent("reader")
        .description("Sells")
        .namespace("shop")
        .await
        .unwrap();
    assert_eq!(editor.namespace.as_deref(), Some("shop"));
    assert_eq!(editor.parent.unwrap().namespace.as_deref(), Some("shop"));
    assert!(roles.create("editor").namespace("shop").await.is_err());
    // The parent is looked for in the role's own namespace.
    assert!(roles.create("author").parent("reader").await.is_err());

    let here = roles.detail("editor").namespace("default").await.unwrap();
    let there = roles.detail("editor").namespace("shop").await.unwrap();
    assert_ne!(here.unwrap().id.unwrap(), there.unwrap().id.unwrap());
    assert!(roles.detail("reader").await.unwrap().is_none());
    assert_eq!(roles.list().await.unwrap().total_count, 3);
    let mut shop = roles.list().namespace("shop").limit(1).stream();
    let mut codes = Vec::new();
    while let Some(role) = shop.next().await {
        codes.push(role.unwrap().code);
    }
    assert_eq!(codes, ["editor", "reader"]);
    let mut all = roles.list().limit(1).stream();
    let mut count = 0;
    while let Some(role) = all.next().await {
        role.unwrap();
        count += 1;
    }
    assert_eq!(count, 3);

    roles
        .add_users("editor", [&bob])
        .namespace("shop")
        .await
        .unwrap();
    assert_eq!(roles.list_users("editor").await.unwrap().total_count, 0);
    let sellers = roles.list_users("editor").namespace("shop").limit(5).await;
    assert_eq!(sellers.unwrap().list[0].id, bob);
    let renamed = roles
        .update("editor")
        .new_code("seller")
        .namespace("shop")
        .await
        .unwrap();
    assert_eq!(
        (renamed.code.as_str(), renamed.description.as_deref()),
        ("seller", Some("Sells"))
    );
    assert!(roles.detail("editor").await.unwrap().is_some());
    roles
        .remove_users("seller", [&bob])
        .namespace("shop")
        .await
        .unwrap();
    assert!(roles_of(&clients, &bob).await.is_empty());

    assert!(roles.delete("seller").await.is_err());
    roles.delete("seller").namespace("shop").await.unwrap();
    assert!(roles.delete_many(["reader"]).await.is_err());
    roles
        .delete_many(["reader"])
        .namespace("shop")
        .await
        .unwrap();
    assert_eq!(roles.list().namespace("shop").await.unwrap().total_count, 0);
    assert_eq!(roles.list().await.unwrap().total_count, 1);
}

async fn policies_go_to_the_role(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    roles.create("editor").await.unwrap();
    for code in ["p1", "p2", "p3"] {
        policy(&clients, code, None).await;
    }
    roles
        .add_policies("editor", ["p1", "p2", "p3"])
        .await
        .unwrap();
    let mut stream = roles.list_policies("editor").limit(2).stream();
    let mut codes = Vec::new();
    while let Some(assignment) = stream.next().await {
        let assignment = assignment.unwrap();
        assert_eq!(assignment.target_type, PolicyTargetType::Role);
        assert_eq!(assignment.target_identifier, "editor");
        codes.push(assignment.code);
    }
    codes.sort();
    assert_eq!(codes, ["p1", "p2", "p3"]);
    assert!(roles.add_policies("editor", ["p1", "none"]).await.is_err());
    assert!(roles.add_policies("nobody", ["p1"]).await.is_err());
    roles.remove_policies("editor", ["p1", "p2"]).await.unwrap();
    assert_eq!(roles.list_policies("editor").await.unwrap().total_count, 1);
    // A role with another code has them still.
    roles.update("editor").new_code("author").await.unwrap();
    assert_eq!(
        roles.list_policies("author").await.unwrap().list[0].code,
        "p3"
    );

    roles.create("editor").namespace("shop").await.unwrap();
    policy(&clients, "sell", Some("shop")).await;
    assert!(
        roles
            .add_policies("editor", ["p1"])
            .namespace("shop")
            .await
            .is_err()
    );
    roles
        .add_policies("editor", ["sell"])
        .namespace("shop")
        .await
        .unwrap();
    let here = roles.list_policies("editor").namespace("default").await;
    assert_eq!(here.unwrap().total_count, 0);
    let there = roles
        .list_policies("editor")
        .namespace("shop")
        .page(1)
        .await;
    assert_eq!(there.unwrap().list[0].code, "sell");
    roles
        .remove_policies("editor", ["sell"])
        .namespace("shop")
        .await
        .unwrap();
    let there = roles.list_policies("editor").namespace("shop").await;
    assert_eq!(there.unwrap().total_count, 0);
}

async fn missing_roles(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    let bob = user(&clients, "bob").await;
    assert!(roles.detail("nobody").await.unwrap().is_none());
    assert_eq!(roles.list_policies("nobody").await.unwrap().total_count, 0);
    let error = roles.list_users("nobody").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.operation(), Some("management.roles.list_users"));
    for error in [
        roles.update("nobody").description("x").await.unwrap_err(),
        roles.delete("nobody").await.unwrap_err(),
        roles.add_users("nobody", [&bob]).await.unwrap_err(),
        roles.remove_users("nobody", [&bob]).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Api, "{error}");
        assert!(error.message().contains("nobody"), "{error}");
    }
}

async fn limits_of_a_page(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    roles.create("editor").await.unwrap();
    assert_eq!(roles.list().limit(500).await.unwrap().total_count, 1);
    for error in [
        roles.list().limit(501).await.unwrap_err(),
        roles.list_users("editor").limit(501).await.unwrap_err(),
        roles
            .list_policies("editor")
            .limit(100_000)
            .await
            .unwrap_err(),
        clients.admin.users().list().limit(501).await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("500"), "{error}");
    }
}

async fn mistakes_are_found_before_anything_is_sent(backend: Backend) {
    let (emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    let none: [&str; 0] = [];
    for error in [
        roles.create("").await.unwrap_err(),
        roles.create("a\0b").await.unwrap_err(),
        roles.create("editor").parent("").await.unwrap_err(),
        roles.create("editor").namespace("").await.unwrap_err(),
        roles.detail("").await.unwrap_err(),
        roles.update("").description("x").await.unwrap_err(),
        roles.update("editor").new_code("").await.unwrap_err(),
        roles.delete("").await.unwrap_err(),
        roles.delete_many(none).await.unwrap_err(),
        roles.delete_many(["editor", ""]).await.unwrap_err(),
        roles.list().page(0).await.unwrap_err(),
        roles.list().limit(0).await.unwrap_err(),
        roles.list().namespace("").await.unwrap_err(),
        roles.list_users("").await.unwrap_err(),
        roles.list_users("editor").limit(0).await.unwrap_err(),
        roles.add_users("", ["u1"]).await.unwrap_err(),
        roles.add_users("editor", none).await.unwrap_err(),
        roles.add_users("editor", ["u1", ""]).await.unwrap_err(),
        roles.remove_users("editor", none).await.unwrap_err(),
        roles.list_policies("").await.unwrap_err(),
        roles.add_policies("", ["p1"]).await.unwrap_err(),
        roles.add_policies("editor", none).await.unwrap_err(),
        roles.remove_policies("editor", [""]).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert!(emulator.requests().is_empty());
}
