//! The administrator's calls over groups, against the emulator over real
//! sockets and both transports.

use authing::v2::{CreateUserInput, SortBy};
use authing::{ErrorCode, ErrorKind, Patch};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use serde_json::{Value, json};

both_transports!(
    create_read_update_delete,
    a_code_is_taken_once,
    lists_are_paged_and_ordered,
    members_are_paged,
    a_missing_user_changes_nothing,
    another_code_changes_nothing_else,
    deleting_a_group_leaves_nothing_behind,
    missing_groups,
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

/// Gives the group `staff` the role `clerk`.
async fn make_clerks_of_the_staff(clients: &Clients) {
    clients.admin.roles().create("clerk").await.unwrap();
    let document = "mutation { assignRole(roleCode: \"clerk\", groupCodes: [\"staff\"]) { code } }";
    let _: Value = clients.admin.graphql(document, json!({})).await.unwrap();
}

async fn roles_of(clients: &Clients, user_id: &str) -> u64 {
    let roles = clients.admin.users().list_roles(user_id).await.unwrap();
    roles.total_count
}

async fn create_read_update_delete(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let groups = clients.admin.groups();
    let created = groups
        .create("staff", "员工 & others")
        .description("Who works here")
        .await
        .unwrap();
    assert_eq!(created.code, "staff");
    assert_eq!(created.name.as_deref(), Some("员工 & others"));
    assert_eq!(created.description.as_deref(), Some("Who works here"));
    assert!(created.created_at.is_some());

    let updated = groups.update("staff").name("").await.unwrap();
    assert_eq!(updated.name.as_deref(), Some(""));
    assert_eq!(updated.description.as_deref(), Some("Who works here"));
    let updated = groups
        .update("staff")
        .new_code("people")
        .name("The people")
        .description(Patch::Null)
        .await
        .unwrap();
    assert_eq!(
        (updated.code.as_str(), updated.description),
        ("people", None)
    );
    assert!(groups.detail("staff").await.unwrap().is_none());
    let read = groups.detail("people").await.unwrap().unwrap();
    assert_eq!(read.name.as_deref(), Some("The people"));
    assert_eq!(read.created_at, created.created_at);

    assert_eq!(groups.delete("people").await.unwrap().code, Some(200));
    assert!(groups.detail("people").await.unwrap().is_none());
    assert_eq!(groups.list().await.unwrap().total_count, 0);
}

async fn a_code_is_taken_once(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let groups = clients.admin.groups();
    groups.create("staff", "The staff").await.unwrap();
    groups.create("guests", "Guests").await.unwrap();
    for error in [
        groups.create("staff", "Others").await.unwrap_err(),
        groups
            .update("guests")
            .name("Others")
            .new_code("staff")
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Api, "{error}");
    }
    // Nothing of the refused change is there.
    let guests = groups.detail("guests").await.unwrap().unwrap();
    assert_eq!(guests.name.as_deref(), Some("Guests"));
    groups.update("guests").new_code("guests").await.unwrap();
}

async fn lists_are_paged_and_ordered(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let groups = clients.admin.groups();
    for number in 0..12 {
        let code = format!("group-{number:02}");
        groups.create(&code, "A group").await.unwrap();
    }
    let page = groups.list().page(2).await.unwrap();
    assert_eq!((page.total_count, page.list.len()), (12, 2));
    assert_eq!(page.list[1].code, "group-00");
    let mut codes = Vec::new();
    let mut stream = groups
        .list()
        .limit(5)
        .sort_by(SortBy::CreatedAtAsc)
        .stream();
    while let Some(group) = stream.next().await {
        codes.push(group.unwrap().code);
    }
    let expected: Vec<_> = (0..12).map(|number| format!("group-{number:02}")).collect();
    assert_eq!(codes, expected);
    let error = groups.list().limit(501).await.unwrap_err();
    assert!(error.message().contains("500"), "{error}");
}

async fn members_are_paged(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let groups = clients.admin.groups();
    groups.create("staff", "The staff").await.unwrap();
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(user(&clients, &format!("user-{number}")).await);
    }
    groups.add_users("staff", &ids).await.unwrap();
    // The second time changes nothing.
    groups.add_users("staff", &ids).await.unwrap();
    let page = groups.list_users("staff").page(2).limit(5).await.unwrap();
    assert_eq!((page.total_count, page.list.len()), (7, 2));
    let mut found = Vec::new();
    let mut stream = groups.list_users("staff").limit(3).stream();
    while let Some(user) = stream.next().await {
        found.push(user.unwrap().id);
    }
    found.sort();
    let mut expected = ids.clone();
    expected.sort();
    assert_eq!(found, expected);

    groups.remove_users("staff", &ids[1..]).await.unwrap();
    groups.remove_users("staff", &ids[1..]).await.unwrap();
    let left = groups.list_users("staff").await.unwrap();
    assert_eq!(
        (left.total_count, left.list[0].id.as_str()),
        (1, ids[0].as_str())
    );
    let of_user = clients.admin.users().list_groups(&ids[0]).await.unwrap();
    assert_eq!(of_user.list[0].code, "staff");
}

async fn a_missing_user_changes_nothing(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let groups = clients.admin.groups();
    groups.create("staff", "The staff").await.unwrap();
    let bob = user(&clients, "bob").await;
    let both = [bob.as_str(), NOBODY];
    let error = groups.add_users("staff", both).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::USER_NOT_FOUND));
    assert_eq!(groups.list_users("staff").await.unwrap().total_count, 0);

    groups.add_users("staff", [&bob]).await.unwrap();
    let error = groups.remove_users("staff", both).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::USER_NOT_FOUND));
    assert_eq!(groups.list_users("staff").await.unwrap().total_count, 1);
    // A deleted user is in no group.
    clients.admin.users().delete(&bob).await.unwrap();
    assert_eq!(groups.list_users("staff").await.unwrap().total_count, 0);
}

async fn another_code_changes_nothing_else(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let groups = clients.admin.groups();
    groups.create("staff", "The staff").await.unwrap();
    let bob = user(&clients, "bob").await;
    groups.add_users("staff", [&bob]).await.unwrap();
    make_clerks_of_the_staff(&clients).await;
    assert_eq!(roles_of(&clients, &bob).await, 1);
    groups.update("staff").new_code("people").await.unwrap();
    assert_eq!(groups.list_users("people").await.unwrap().list[0].id, bob);
    assert_eq!(roles_of(&clients, &bob).await, 1);
}

async fn deleting_a_group_leaves_nothing_behind(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let groups = clients.admin.groups();
    groups.create("staff", "The staff").await.unwrap();
    groups.create("guests", "Guests").await.unwrap();
    let bob = user(&clients, "bob").await;
    groups.add_users("staff", [&bob]).await.unwrap();
    make_clerks_of_the_staff(&clients).await;

    // All or none.
    assert!(groups.delete_many(["staff", "nobody"]).await.is_err());
    assert_eq!(groups.list().await.unwrap().total_count, 2);
    assert_eq!(roles_of(&clients, &bob).await, 1);
    groups.delete_many(["staff", "guests"]).await.unwrap();
    assert_eq!(groups.list().await.unwrap().total_count, 0);
    assert_eq!(roles_of(&clients, &bob).await, 0);
    let of_user = clients.admin.users().list_groups(&bob).await.unwrap();
    assert_eq!(of_user.total_count, 0);

    // A new group of the same code starts without members and roles.
    groups.create("staff", "Others").await.unwrap();
    assert_eq!(groups.list_users("staff").await.unwrap().total_count, 0);
    groups.add_users("staff", [&bob]).await.unwrap();
    assert_eq!(roles_of(&clients, &bob).await, 0);
}

async fn missing_groups(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let groups = clients.admin.groups();
    let bob = user(&clients, "bob").await;
    assert!(groups.detail("nobody").await.unwrap().is_none());
    let error = groups.list_users("nobody").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    for error in [
        groups.update("nobody").name("x").await.unwrap_err(),
        groups.delete("nobody").await.unwrap_err(),
        groups.add_users("nobody", [&bob]).await.unwrap_err(),
        groups.remove_users("nobody", [&bob]).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Api, "{error}");
        assert!(error.message().contains("nobody"), "{error}");
    }
}

async fn mistakes_are_found_before_anything_is_sent(backend: Backend) {
    let (emulator, clients) = start(backend);
    let groups = clients.admin.groups();
    let none: [&str; 0] = [];
    for error in [
        groups.create("", "The staff").await.unwrap_err(),
        groups.create("a\0b", "The staff").await.unwrap_err(),
        groups.detail("").await.unwrap_err(),
        groups.update("").name("x").await.unwrap_err(),
        groups.update("staff").new_code("").await.unwrap_err(),
        groups.delete("").await.unwrap_err(),
        groups.delete_many(none).await.unwrap_err(),
        groups.delete_many(["staff", ""]).await.unwrap_err(),
        groups.list().page(0).await.unwrap_err(),
        groups.list_users("").await.unwrap_err(),
        groups.list_users("staff").limit(0).await.unwrap_err(),
        groups.add_users("", ["u1"]).await.unwrap_err(),
        groups.add_users("staff", none).await.unwrap_err(),
        groups.remove_users("staff", ["u1", ""]).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert!(emulator.requests().is_empty());
}
