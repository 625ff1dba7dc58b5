//! Whitelists for registration, against the emulator over real sockets and
//! both transports.

use authing::v2::CreateUserInput;
use authing::v2::whitelist::{WhitelistEntry, WhitelistType};
use authing::{ErrorCode, ErrorKind};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};

both_transports!(
    add_list_remove,
    only_who_is_listed_registers,
    each_kind_is_switched_alone,
    mistakes_are_found_before_anything_is_sent,
);

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

fn values(entries: &[WhitelistEntry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.value.as_str()).collect()
}

async fn add_list_remove(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let whitelist = clients.admin.whitelist();
    let emails = ["Bob@Example.com", "ann@example.com", "BOB@example.com"];
    let added = whitelist.add(WhitelistType::Email, emails).await.unwrap();
    assert_eq!(values(&added), ["bob@example.com", "ann@example.com"]);
    assert!(added[0].created_at.is_some() && added[0].updated_at.is_some());
    let listed = whitelist.list(WhitelistType::Email).await.unwrap();
    assert_eq!(values(&listed), values(&added));
    assert!(
        whitelist
            .list(WhitelistType::Phone)
            .await
            .unwrap()
            .is_empty()
    );

    let gone = ["BOB@EXAMPLE.COM", "nobody@example.com"];
    let left = whitelist.remove(WhitelistType::Email, gone).await.unwrap();
    assert_eq!(values(&left), ["ann@example.com"]);
    // One value of a list is refused, and so are the others.
    let half = whitelist.add(WhitelistType::Username, ["bob", " "]).await;
    assert_eq!(half.unwrap_err().code(), Some(ErrorCode::new(500)));
    let listed = whitelist.list(WhitelistType::Username).await.unwrap();
    assert!(listed.is_empty());
}

async fn only_who_is_listed_registers(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let (admin, client) = (&clients.admin, &clients.client);
    let register = |name| client.register_by_username(name, "correct horse");
    let whitelist = admin.whitelist();
    whitelist
        .add(WhitelistType::Username, ["bob"])
        .await
        .unwrap();
    register("early").await.unwrap();

    whitelist.enable(WhitelistType::Username).await.unwrap();
    register("BOB").await.unwrap();
    let error = register("eve").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Api, Some(ErrorCode::new(500)))
    );
    assert!(!admin.users().exists().username("eve").await.unwrap());
    let carl = CreateUserInput::new().username("carl");
    admin.users().create(carl).await.unwrap();

    whitelist.disable(WhitelistType::Username).await.unwrap();
    register("eve").await.unwrap();
}

async fn each_kind_is_switched_alone(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let whitelist = clients.admin.whitelist();
    whitelist.enable(WhitelistType::Phone).await.unwrap();
    let both = whitelist.enable(WhitelistType::Email).await.unwrap();
    let expected = (Some(true), Some(true), Some(false));
    let on = (
        both.phone_enabled,
        both.email_enabled,
        both.username_enabled,
    );
    assert_eq!(on, expected);
    let one = whitelist.disable(WhitelistType::Phone).await.unwrap();
    assert_eq!(
        (one.phone_enabled, one.email_enabled),
        (Some(false), Some(true))
    );
    let pool = clients.admin.userpool().detail().await.unwrap();
    assert_eq!(pool.whitelist, Some(one));
}

async fn mistakes_are_found_before_anything_is_sent(backend: Backend) {
    let (emulator, clients) = start(backend);
    let whitelist = clients.admin.whitelist();
    for outcome in [
        whitelist.add(WhitelistType::Email, [""; 0]).await.map(drop),
        whitelist
            .remove(WhitelistType::Email, ["a", ""])
            .await
            .map(drop),
        whitelist.enable(WhitelistType::from("IP")).await.map(drop),
    ] {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(emulator.requests(), []);
}
