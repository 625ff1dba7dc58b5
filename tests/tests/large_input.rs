//! Input that is larger than anybody means: kept whole or refused, never cut.

use authing::v2::CreateUserInput;
use authing::{ErrorCode, ErrorKind};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};

both_transports!(
    ten_thousand_ids,
    a_description_of_a_megabyte,
    more_than_the_server_takes
);

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

async fn ten_thousand_ids(backend: Backend) {
    let (emulator, clients) = start(backend);
    let users = clients.admin.users();
    let bob = users
        .create(CreateUserInput::new().username("bob"))
        .await
        .unwrap();
    let mut ids: Vec<_> = (0..10_000).map(|number| format!("{number:024x}")).collect();
    ids.push(bob.id.clone());

    // The server's limit is known, so nothing is sent.
    let sent = emulator.requests().len();
    let error = users.batch(&ids).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.message().contains("80"), "{error}");
    assert_eq!(emulator.requests().len(), sent);

    // Here it is not: all of them are sent, and all of them are refused.
    let error = users.delete_many(&ids).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::DELETE_FAILED));
    assert!(
        users.detail(&bob.id).await.unwrap().is_some(),
        "half of it was done"
    );
    let role = clients.admin.roles();
    role.create("reader").await.unwrap();
    let error = role.add_users("reader", &ids).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(role.list_users("reader").await.unwrap().total_count, 0);
}

async fn a_description_of_a_megabyte(backend: Backend) {
    let emulator = Emulator::start().unwrap();
    // The transports of the other tests read no more than a megabyte.
    let clients = Clients::of(&emulator, backend.capped(8 << 20).unwrap()).unwrap();
    let roles = clients.admin.roles();
    let description = "é\"\\\n".repeat(200_000);
    assert_eq!(description.len(), 1_000_000);
    roles
        .create("reader")
        .description(description.as_str())
        .await
        .unwrap();
    let role = roles.detail("reader").await.unwrap().unwrap();
    assert_eq!(role.description.as_deref(), Some(description.as_str()));
}

async fn more_than_the_server_takes(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let roles = clients.admin.roles();
    let call = roles.create("reader").description("x".repeat(3 << 20));
    let error = call.await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Http | ErrorKind::Transport),
        "{error:?}"
    );
    assert!(roles.detail("reader").await.unwrap().is_none());
}
