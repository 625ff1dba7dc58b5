//! Lists that change while they are streamed, against the emulator over real
//! sockets and both transports.

use std::collections::BTreeSet;

use authing::v2::policies::PolicyStatement;
use authing::v2::users::SortBy;
use authing::v2::{CreateUserInput, ManagementClient, PolicyTargetType};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};

both_transports!(
    who_stays_is_seen_while_others_come_and_go,
    who_is_deleted_once_seen_hides_nobody,
    ids_collected_first_are_all_of_them,
    a_code_in_two_namespaces_is_two_policies,
);

fn start(backend: Backend) -> (Emulator, ManagementClient) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients.admin)
}

/// Creates users and gives their ids, the oldest first.
async fn create(admin: &ManagementClient, name: &str, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        let user = CreateUserInput::new().username(format!("{name}-{number}"));
        ids.push(admin.users().create(user).await.unwrap().id);
    }
    ids
}

async fn who_stays_is_seen_while_others_come_and_go(backend: Backend) {
    for (created, deleted) in [(0, 0), (10, 0), (9, 9), (10, 10), (10, 11), (0, 25)] {
        for order in [SortBy::CreatedAtDesc, SortBy::CreatedAtAsc] {
            // The oldest are the first of one order and the last of the other. In the order
            // of age, what is created behind hides that others are deleted in front.
            if order == SortBy::CreatedAtAsc && created > 0 && deleted > 0 {
                continue;
            }
            let (_emulator, admin) = start(backend);
            let ids = create(&admin, "user", 60).await;
            let list = admin.users().list().limit(10).sort_by(order.clone());
            let mut stream = list.stream();
            let mut seen = Vec::new();
            while let Some(user) = stream.next().await {
                seen.push(user.unwrap().id);
                if seen.len() == 10 {
                    create(&admin, "new", created).await;
                    if deleted > 0 {
                        admin.users().delete_many(&ids[..deleted]).await.unwrap();
                    }
                }
            }
            let case = format!("{order:?}, {created} created, {deleted} deleted");
            let once: BTreeSet<_> = seen.iter().collect();
            assert_eq!(once.len(), seen.len(), "{case}: some came twice");
            let missing = ids[deleted..].iter().filter(|id| !once.contains(id));
            assert_eq!(missing.count(), 0, "{case}: some who stayed are missing");
        }
    }
}

async fn who_is_deleted_once_seen_hides_nobody(backend: Backend) {
    let (_emulator, admin) = start(backend);
    let ids = create(&admin, "user", 35).await;
    let mut stream = admin.users().list().limit(5).stream();
    let mut seen = BTreeSet::new();
    while let Some(user) = stream.next().await {
        let id = user.unwrap().id;
        admin.users().delete(&id).await.unwrap();
        assert!(seen.insert(id), "a user came twice");
    }
    assert_eq!(seen, ids.into_iter().collect());
}

async fn ids_collected_first_are_all_of_them(backend: Backend) {
    let (_emulator, admin) = start(backend);
    create(&admin, "user", 25).await;
    let mut ids = Vec::new();
    let mut stream = admin.users().list().limit(10).stream();
    while let Some(user) = stream.next().await {
        ids.push(user.unwrap().id);
    }
    for id in ids {
        admin.users().delete(id).await.unwrap();
    }
    assert_eq!(admin.users().list().await.unwrap().total_count, 0);
}

async fn a_code_in_two_namespaces_is_two_policies(backend: Backend) {
    let (_emulator, admin) = start(backend);
    let ann = create(&admin, "ann", 1).await.remove(0);
    let policies = admin.policies();
    let mut expected = Vec::new();
    for number in 0..12 {
        let (code, namespace) = match number {
            0 => ("read".to_owned(), "default"),
            10 => ("read".to_owned(), "shop"),
            number => (format!("p{number}"), "default"),
        };
        let statements = vec![PolicyStatement::allow("book:*", ["book:read"])];
        let call = policies.create(&code, statements);
        call.namespace(namespace).await.unwrap();
        let call = policies.add_assignments([&code], PolicyTargetType::User, [&ann]);
        call.namespace(namespace).await.unwrap();
        expected.push(code);
    }
    let mut codes = Vec::new();
    let mut stream = admin.users().list_policies(&ann).stream();
    while let Some(assignment) = stream.next().await {
        codes.push(assignment.unwrap().code);
    }
    codes.sort();
    expected.sort();
    assert_eq!(codes, expected);
}
