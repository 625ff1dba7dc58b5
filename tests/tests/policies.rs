//! Policies and their assignments, against the emulator over real sockets and
//! both transports.

use authing::v2::policies::{PolicyEffect, PolicyStatement};
use authing::v2::{CreateUserInput, PolicyTargetType};
use authing::{Error, ErrorKind, Patch};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use serde_json::json;

both_transports!(
    create_read_update_delete,
    statements_come_back_as_they_were_written,
    lists_are_paged,
    namespaces_are_apart,
    assignments,
    assignments_are_switched,
    a_deleted_policy_is_taken_from_all,
    nothing_is_half_written,
    policies_of_the_system_stay,
    mistakes_are_found_before_anything_is_sent,
);

const NOTHING: [&str; 0] = [];

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

fn reading() -> [PolicyStatement; 1] {
    [PolicyStatement::allow("book:*", ["book:read"])]
}

async fn create(clients: &Clients, code: &str) {
    clients
        .admin
        .policies()
        .create(code, reading())
        .await
        .unwrap();
}

async fn user(clients: &Clients, username: &str) -> String {
    let input = CreateUserInput::new().username(username);
    clients.admin.users().create(input).await.unwrap().id
}

async fn count(clients: &Clients, code: &str) -> u64 {
    let assignments = clients.admin.policies().list_assignments(code);
    assignments.await.unwrap().total_count
}

async fn create_read_update_delete(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let policies = clients.admin.policies();
    let created = policies
        .create("reader", reading())
        .description("读者")
        .await
        .unwrap();
    let read = policies.detail("reader").await.unwrap().unwrap();
    for policy in [&created, &read] {
        assert_eq!(policy.code, "reader");
        assert_eq!(policy.namespace.as_deref(), Some("default"));
        assert_eq!(policy.description.as_deref(), Some("读者"));
        assert_eq!(policy.statements, reading());
        assert_eq!(
            (policy.is_default, policy.assignments_count),
            (Some(false), Some(0))
        );
        assert!(policy.created_at.is_some() && policy.updated_at.is_some());
    }
    let taken = policies.create("reader", reading()).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Api);

    // What is not named stays; what is empty is written; null clears.
    let renamed = policies.update("reader").new_code("guest").await.unwrap();
    assert_eq!(renamed.code, "guest");
    assert_eq!(renamed.description.as_deref(), Some("读者"));
    assert_eq!(renamed.statements, reading());
    assert!(policies.detail("reader").await.unwrap().is_none());
    let empty = policies.update("guest").description("").await.unwrap();
    assert_eq!(empty.description.as_deref(), Some(""));
    let cleared = policies.update("guest").description(Patch::Null);
    assert_eq!(cleared.await.unwrap().description, None);
    let denying = [PolicyStatement::deny("*", ["*"])];
    let other = policies.update("guest").statements(denying.clone());
    assert_eq!(other.await.unwrap().statements, denying);
    policies
        .update("nobody")
        .description("x")
        .await
        .unwrap_err();

    assert_eq!(policies.delete("guest").await.unwrap().code, Some(200));
    assert!(policies.detail("guest").await.unwrap().is_none());
    let again = policies.delete("guest").await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Api);
}

async fn statements_come_back_as_they_were_written(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let policies = clients.admin.policies();
    let mut undecided = PolicyStatement::allow("x:1", ["y"]);
    undecided.effect = None;
    let statements = [
        PolicyStatement::allow("book:*", ["book:read", "book:*", "edit"]),
        PolicyStatement::deny("书:1", ["*"])
            .condition("UserContext.age", "Between", json!([18, 65.5]))
            .condition(
                "Environment",
                "Is",
                json!({"é": [null, false, ""], "big": u64::MAX}),
            ),
        undecided,
    ];
    let created = policies.create("p", statements.clone()).await.unwrap();
    assert_eq!(created.statements, statements);

    let mut policy = policies.detail("p").await.unwrap().unwrap();
    assert_eq!(policy.statements, statements);
    policy.statements[0].effect = Some(PolicyEffect::Deny);
    let written = policies.update("p").statements(policy.statements.clone());
    assert_eq!(written.await.unwrap().statements, policy.statements);
    let read = policies.detail("p").await.unwrap().unwrap();
    assert_eq!(read.statements, policy.statements);
}

async fn lists_are_paged(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let policies = clients.admin.policies();
    for number in 0..12 {
        create(&clients, &format!("p{number:02}")).await;
    }
    let own = || policies.list().exclude_default(true);
    let page = own().page(3).limit(5).await.unwrap();
    assert_eq!((page.total_count, page.list.len()), (12, 2));
    assert_eq!(own().await.unwrap().list.len(), 10);
    let mut codes = Vec::new();
    let mut stream = own().limit(5).stream();
    while let Some(policy) = stream.next().await {
        codes.push(policy.unwrap().code);
    }
    codes.sort();
    let expected: Vec<_> = (0..12).map(|number| format!("p{number:02}")).collect();
    assert_eq!(codes, expected);

    let ids = ["a", "b", "c"].map(|name| user(&clients, name));
    for id in ids {
        let id = id.await;
        let to = PolicyTargetType::User;
        policies.add_assignments(["p00"], to, [id]).await.unwrap();
    }
    let mut stream = policies.list_assignments("p00").limit(1).stream();
    let mut count = 0;
    while let Some(assignment) = stream.next().await {
        assert_eq!(assignment.unwrap().code, "p00");
        count += 1;
    }
    assert_eq!(count, 3);
}

async fn namespaces_are_apart(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let policies = clients.admin.policies();
    let other = [PolicyStatement::deny("book:*", ["book:read"])];
    create(&clients, "p").await;
    let in_shop = policies.create("p", other.clone()).namespace("shop");
    assert_eq!(in_shop.await.unwrap().namespace.as_deref(), Some("shop"));
    let of = |policy: Option<authing::v2::policies::Policy>| policy.unwrap().statements;
    assert_eq!(of(policies.detail("p").await.unwrap()), reading());
    let in_shop = policies.detail("p").namespace("shop").await.unwrap();
    assert_eq!(of(in_shop), other);
    let in_shop = policies.list().namespace("shop").await.unwrap();
    assert_eq!(in_shop.total_count, 1);
    let all = policies.list().exclude_default(true).await.unwrap();
    assert_eq!(all.total_count, 2);

    let ann = user(&clients, "ann").await;
    let assign = policies.add_assignments(["p"], PolicyTargetType::User, [&ann]);
    assign.namespace("shop").await.unwrap();
    let in_shop = policies.list_assignments("p").namespace("shop");
    assert_eq!(in_shop.await.unwrap().total_count, 1);
    let elsewhere = policies.list_assignments("p").namespace("default");
    assert_eq!(elsewhere.await.unwrap().total_count, 0);

    policies.delete("p").namespace("shop").await.unwrap();
    assert!(policies.detail("p").await.unwrap().is_some());
    policies.delete_many(["p"]).await.unwrap();
    assert!(policies.detail("p").await.unwrap().is_none());
}

async fn assignments(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let policies = clients.admin.policies();
    let (ann, bob) = (user(&clients, "ann").await, user(&clients, "bob").await);
    for code in ["p", "q"] {
        create(&clients, code).await;
    }
    let both = ["p", "q"];
    let users = [&ann, &bob];
    let assign = policies.add_assignments(both, PolicyTargetType::User, users);
    assign.clone().await.unwrap();
    // A second time changes nothing more.
    assign.await.unwrap();
    assert_eq!(
        (count(&clients, "p").await, count(&clients, "q").await),
        (2, 2)
    );
    let of_ann = policies
        .list_assignments("p")
        .target_type(PolicyTargetType::User);
    let of_ann = of_ann.target(&ann).await.unwrap().list;
    assert_eq!(of_ann.len(), 1);
    assert_eq!(
        (&of_ann[0].target_type, &of_ann[0].target_identifier),
        (&PolicyTargetType::User, &ann)
    );
    let of_roles = policies
        .list_assignments("p")
        .target_type(PolicyTargetType::Role);
    assert_eq!(of_roles.await.unwrap().total_count, 0);
    let detail = policies.detail("p").await.unwrap().unwrap();
    assert_eq!(detail.assignments_count, Some(2));

    let remove = policies.remove_assignments(["p"], PolicyTargetType::User, [&bob]);
    remove.await.unwrap();
    assert_eq!(
        (count(&clients, "p").await, count(&clients, "q").await),
        (1, 2)
    );
    let of_ann = clients.admin.users().list_policies(&ann).await.unwrap();
    assert_eq!(of_ann.total_count, 2);
    clients.admin.users().delete(&ann).await.unwrap();
    assert_eq!(
        (count(&clients, "p").await, count(&clients, "q").await),
        (0, 1)
    );
}

async fn assignments_are_switched(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let policies = clients.admin.policies();
    let ann = user(&clients, "ann").await;
    create(&clients, "p").await;
    let to = || PolicyTargetType::User;
    let missing = policies.disable_assignment("p", to(), &ann).await;
    assert_eq!(missing.unwrap_err().kind(), ErrorKind::Api);
    policies.add_assignments(["p"], to(), [&ann]).await.unwrap();
    for _ in 0..2 {
        let off = policies.disable_assignment("p", to(), &ann).await.unwrap();
        assert_eq!(off.code, Some(200));
        assert_eq!(count(&clients, "p").await, 1);
    }
    let on = policies.enable_assignment("p", to(), &ann).await.unwrap();
    assert_eq!(on.code, Some(200));
    let unknown = policies.enable_assignment("q", to(), &ann).await;
    assert_eq!(unknown.unwrap_err().kind(), ErrorKind::Api);
}

async fn a_deleted_policy_is_taken_from_all(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let policies = clients.admin.policies();
    let ann = user(&clients, "ann").await;
    create(&clients, "p").await;
    let to = PolicyTargetType::User;
    policies.add_assignments(["p"], to, [&ann]).await.unwrap();
    policies.delete("p").await.unwrap();
    let of_ann = clients.admin.users().list_policies(&ann).await.unwrap();
    assert_eq!(of_ann.total_count, 0);
    // A later policy of the same name is nobody's.
    create(&clients, "p").await;
    assert_eq!(count(&clients, "p").await, 0);
}

async fn nothing_is_half_written(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let policies = clients.admin.policies();
    let ann = user(&clients, "ann").await;
    create(&clients, "p").await;
    create(&clients, "q").await;
    let refused = |error: Error| assert_eq!(error.kind(), ErrorKind::Api, "{error}");

    let targets = [ann.as_str(), "nobody"];
    let unknown_user = policies.add_assignments(["p"], PolicyTargetType::User, targets);
    refused(unknown_user.await.unwrap_err());
    let unknown_policy = policies.add_assignments(["p", "x"], PolicyTargetType::User, [&ann]);
    refused(unknown_policy.await.unwrap_err());
    let unknown_role = policies.add_assignments(["p"], PolicyTargetType::Role, ["nobody"]);
    refused(unknown_role.await.unwrap_err());
    let unknown_group = policies.add_assignments(["p"], PolicyTargetType::Group, ["nobody"]);
    refused(unknown_group.await.unwrap_err());
    assert_eq!(count(&clients, "p").await, 0);

    refused(policies.delete_many(["p", "x"]).await.unwrap_err());
    assert!(policies.detail("p").await.unwrap().is_some());
    let taken = policies.update("p").new_code("q").description("changed");
    refused(taken.await.unwrap_err());
    let unchanged = policies.detail("p").await.unwrap().unwrap();
    assert_eq!(unchanged.description, None);
}

async fn policies_of_the_system_stay(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let policies = clients.admin.policies();
    let system = policies.list().exclude_default(false).await.unwrap();
    assert_eq!(system.list[0].is_default, Some(true));
    let code = system.list[0].code.as_str();
    let update = policies.update(code).description("mine").await;
    assert_eq!(update.unwrap_err().kind(), ErrorKind::Api);
    let delete = policies.delete(code).await;
    assert_eq!(delete.unwrap_err().kind(), ErrorKind::Api);
    assert!(policies.detail(code).await.unwrap().is_some());
    let own = policies.list().exclude_default(true).await.unwrap();
    assert_eq!(own.total_count, 0);
}

async fn mistakes_are_found_before_anything_is_sent(backend: Backend) {
    let (emulator, clients) = start(backend);
    let policies = clients.admin.policies();
    let to = || PolicyTargetType::User;
    let mistaken = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(
            error
                .operation()
                .unwrap()
                .starts_with("management.policies.")
        );
    };
    let none: Vec<PolicyStatement> = Vec::new();
    let idle = || [PolicyStatement::allow("book:*", NOTHING)];
    mistaken(policies.create("", reading()).await.unwrap_err());
    mistaken(policies.create("p", none.clone()).await.unwrap_err());
    mistaken(policies.create("p", idle()).await.unwrap_err());
    let nowhere = [PolicyStatement::allow("", ["read"])];
    mistaken(policies.create("p", nowhere).await.unwrap_err());
    mistaken(policies.detail("").await.unwrap_err());
    mistaken(policies.update("").description("x").await.unwrap_err());
    mistaken(policies.update("p").new_code("").await.unwrap_err());
    mistaken(policies.update("p").statements(none).await.unwrap_err());
    mistaken(policies.update("p").statements(idle()).await.unwrap_err());
    mistaken(policies.delete("").await.unwrap_err());
    mistaken(policies.delete_many(NOTHING).await.unwrap_err());
    mistaken(policies.delete_many(["p", ""]).await.unwrap_err());
    mistaken(policies.list().page(0).await.unwrap_err());
    mistaken(policies.list_assignments("").await.unwrap_err());
    mistaken(policies.list_assignments("p").target("").await.unwrap_err());
    mistaken(
        policies
            .add_assignments(NOTHING, to(), ["u"])
            .await
            .unwrap_err(),
    );
    mistaken(
        policies
            .add_assignments(["p"], to(), [""])
            .await
            .unwrap_err(),
    );
    mistaken(
        policies
            .remove_assignments(["p"], to(), NOTHING)
            .await
            .unwrap_err(),
    );
    mistaken(policies.enable_assignment("", to(), "u").await.unwrap_err());
    mistaken(
        policies
            .disable_assignment("p", to(), "")
            .await
            .unwrap_err(),
    );
    assert_eq!(emulator.requests().len(), 0);
}
