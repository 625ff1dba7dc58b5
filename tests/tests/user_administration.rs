//! The rest of what administrators do with users day by day, against the
//! emulator over real sockets and both transports.

use authing::ErrorKind;
use authing::management::v2::Call;
use authing::v2::users::{IdpConnection, ListUserActions};
use authing::v2::{CreateUserInput, User};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};

both_transports!(
    sessions_are_seen_and_ended,
    archived_users_are_listed,
    identities_are_linked_and_unlinked,
    nobody_is_in_an_organisation,
    the_first_login_mail_is_sent,
    actions_are_listed,
    missing_users,
    mistakes_are_found_before_anything_is_sent,
);

const NOBODY: &str = "000000000000000000000000";

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

fn named(username: &str) -> CreateUserInput {
    CreateUserInput::new().username(username)
}

async fn create(clients: &Clients, username: &str) -> User {
    clients.admin.users().create(named(username)).await.unwrap()
}

async fn sessions_are_seen_and_ended(backend: Backend) {
    let (emulator, clients) = start(backend);
    let users = clients.admin.users();
    let mut ids = Vec::new();
    for name in ["bob", "alice"] {
        let user = named(name).password("correct horse");
        ids.push(users.create(user).await.unwrap().id);
    }
    let (bob, alice) = (&ids[0], &ids[1]);
    let status = users.check_login_status(bob).await.unwrap();
    assert!(!status.is_logged_in() && status.user.is_none());

    let login = |name| clients.client.login_by_username(name, "correct horse");
    let first = login("bob").await.unwrap();
    let second = login("bob").await.unwrap();
    let other = login("alice").await.unwrap();
    let status = users.check_login_status(bob).app_id(emulator.app_id());
    let status = status.await.unwrap();
    assert!(status.is_logged_in());
    assert_eq!(&status.user.unwrap().id, bob);
    assert_eq!(
        status.application.unwrap()[0].id.as_deref(),
        Some(emulator.app_id())
    );
    let elsewhere = users.check_login_status(bob).device_id("phone");
    assert!(!elsewhere.await.unwrap().is_logged_in());
    let error = users.check_login_status(bob).app_id("no-such-app").await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Api);

    // All of a user's sessions end, and nobody else's.
    users.kick([bob]).await.unwrap();
    for session in [&first, &second] {
        let error = session.get_current_user().await.unwrap_err();
        assert!(error.is_unauthenticated(), "{error}");
    }
    assert!(!users.check_login_status(bob).await.unwrap().is_logged_in());
    other.get_current_user().await.unwrap();
    users.kick([bob]).await.unwrap();

    // One who does not exist keeps the others logged in.
    let error = users.kick([alice.as_str(), NOBODY]).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    other.get_current_user().await.unwrap();

    users.logout(alice).app_id(emulator.app_id()).await.unwrap();
    assert!(other.get_current_user().await.is_err());
    // The administrator is still one.
    login("alice").await.unwrap();
    users.logout(alice).await.unwrap();
    users.logout(alice).await.unwrap();
    assert!(
        !users
            .check_login_status(alice)
            .await
            .unwrap()
            .is_logged_in()
    );

    login("bob").await.unwrap();
    emulator.advance(std::time::Duration::from_secs(14 * 86_400));
    assert!(!users.check_login_status(bob).await.unwrap().is_logged_in());
}

async fn archived_users_are_listed(backend: Backend) {
    let (emulator, clients) = start(backend);
    let users = clients.admin.users();
    assert_eq!(users.list_archived_users().await.unwrap().total_count, 0);
    let mut archived = Vec::new();
    for number in 0..5 {
        let user = create(&clients, &format!("user-{number}")).await;
        assert!(emulator.archive_user(&user.id));
        archived.push(user.id);
    }
    create(&clients, "bob").await;
    let page = users.list_archived_users().page(2).limit(2).await.unwrap();
    assert_eq!((page.total_count, page.list.len()), (5, 2));
    let mut stream = users.list_archived_users().limit(2).stream();
    let mut streamed = Vec::new();
    while let Some(user) = stream.next().await {
        streamed.push(user.unwrap().id);
    }
    streamed.reverse();
    assert_eq!(streamed, archived);
    assert_eq!(users.list().await.unwrap().total_count, 1);
    assert!(users.detail(&archived[0]).await.unwrap().is_none());
}

async fn identities_are_linked_and_unlinked(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    let bob = create(&clients, "bob").await.id;
    let alice = create(&clients, "alice").await.id;
    let github = || IdpConnection::social("idp-1", "github");
    users.link_identity(&bob, "4711", github()).await.unwrap();
    users.link_identity(&bob, "4711", github()).await.unwrap();
    let directory = IdpConnection::enterprise("idp-2", "our-ad").kind("openid");
    let call = users.link_identity(&bob, "bob@ad", directory.clone());
    call.await.unwrap();

    let found = users.find().identity("github", "4711").with_custom_data();
    let identities = found.await.unwrap().unwrap().identities.unwrap();
    assert_eq!(identities.len(), 2);
    assert_eq!(identities[1].kind.as_deref(), Some("openid"));
    assert_eq!(identities[1].is_social, Some(false));

    let taken = users.link_identity(&alice, "4711", github()).await;
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::Api);
    users.unlink_identity(&bob, github()).await.unwrap();
    let again = users.unlink_identity(&bob, github()).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Api);
    assert!(
        users
            .find()
            .identity("github", "4711")
            .await
            .unwrap()
            .is_none()
    );
    users.link_identity(&alice, "4711", github()).await.unwrap();
    let found = users.find().identity("github", "4711").await.unwrap();
    assert_eq!(found.unwrap().id, alice);
    users.unlink_identity(&bob, directory).await.unwrap();
}

async fn nobody_is_in_an_organisation(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    let bob = create(&clients, "bob").await.id;
    assert!(users.list_orgs(&bob).await.unwrap().is_empty());
    let departments = users.list_department(&bob).await.unwrap();
    assert_eq!(departments.total_count, 0);
    let departments = users.list_department(&bob).org_id("o1").await.unwrap();
    assert!(departments.list.is_empty());
}

async fn the_first_login_mail_is_sent(backend: Backend) {
    let (emulator, clients) = start(backend);
    let users = clients.admin.users();
    let user = named("bob").email("bob@example.com");
    let bob = users.create(user).await.unwrap().id;
    let alice = create(&clients, "alice").await.id;
    let app = emulator.app_id();
    users
        .send_first_login_verify_email(&bob, app)
        .await
        .unwrap();
    assert_eq!(emulator.outbox()[0].to, "bob@example.com");
    for (user, app) in [
        (alice.as_str(), app),
        (NOBODY, app),
        (bob.as_str(), "no-such-app"),
    ] {
        let error = users.send_first_login_verify_email(user, app).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Api);
    }
    assert_eq!(emulator.outbox().len(), 1);
}

async fn actions_are_listed(backend: Backend) {
    let (emulator, clients) = start(backend);
    let users = clients.admin.users();
    let bob = users.create(named("bob").password("correct horse"));
    let bob = bob.await.unwrap();
    for _ in 0..3 {
        let login = clients.client.login_by_username("bob", "correct horse");
        let session = login.client_ip("192.0.2.1").await.unwrap();
        session.logout().await.unwrap();
    }
    let call = clients
        .client
        .register_by_username("alice", "correct horse");
    call.await.unwrap();

    let all = users.list_user_actions().await.unwrap();
    assert_eq!(all.total_count, 7);
    let last = &all.list[0];
    assert_eq!(last.operation_name.as_deref(), Some("register"));
    assert_eq!(last.username.as_deref(), Some("alice"));
    assert_eq!(last.app_id.as_deref(), Some(emulator.app_id()));
    assert!(last.timestamp.is_some());

    let count = async |call: Call<ListUserActions>| call.await.unwrap().total_count;
    let list = || users.list_user_actions();
    assert_eq!(count(list().client_ip("192.0.2.1")).await, 3);
    assert_eq!(count(list().operation_names(["login"])).await, 3);
    assert_eq!(
        count(list().operation_names(["login", "register"])).await,
        4
    );
    assert_eq!(count(list().operator_arns([bob.arn.unwrap()])).await, 6);
    assert_eq!(count(list().app_ids(["another-app"])).await, 0);
    assert_eq!(list().page(2).limit(5).await.unwrap().list.len(), 2);

    let mut stream = list().operation_names(["logout"]).limit(2).stream();
    let mut streamed = 0;
    while let Some(action) = stream.next().await {
        assert_eq!(action.unwrap().user_id.as_deref(), Some(bob.id.as_str()));
        streamed += 1;
    }
    assert_eq!(streamed, 3);
}

async fn missing_users(backend: Backend) {
    let (emulator, clients) = start(backend);
    let users = clients.admin.users();
    let github = || IdpConnection::social("idp-1", "github");
    for error in [
        users.kick([NOBODY]).await.unwrap_err(),
        users.check_login_status(NOBODY).await.unwrap_err(),
        users.list_orgs(NOBODY).await.unwrap_err(),
        users.list_department(NOBODY).await.unwrap_err(),
        users.has_role(NOBODY, "editor").await.unwrap_err(),
        users.get_udf_value(NOBODY).await.unwrap_err(),
        users.get_udf_value_batch([NOBODY]).await.unwrap_err(),
        users.set_udf_value(NOBODY, [("age", 1)]).await.unwrap_err(),
        users
            .link_identity(NOBODY, "4711", github())
            .await
            .unwrap_err(),
        users.unlink_identity(NOBODY, github()).await.unwrap_err(),
    ] {
        assert!(error.is_not_found(), "{error}");
    }
    assert!(
        users
            .detail(NOBODY)
            .with_custom_data()
            .await
            .unwrap()
            .is_none()
    );
    // There is no session to end.
    users.logout(NOBODY).await.unwrap();
    assert!(!emulator.archive_user(NOBODY));
}

async fn mistakes_are_found_before_anything_is_sent(backend: Backend) {
    let (emulator, clients) = start(backend);
    let users = clients.admin.users();
    let none: [&str; 0] = [];
    let connection = || IdpConnection::social("idp-1", "github");
    let values = || [("age", 1)];
    for error in [
        users.find().email("").username("bob").await.unwrap_err(),
        users.find().external_id("").await.unwrap_err(),
        users.find().identity("github", "").await.unwrap_err(),
        users.find().identity("", "4711").await.unwrap_err(),
        users.find().with_custom_data().await.unwrap_err(),
        users.exists().external_id("").await.unwrap_err(),
        users.batch(["u1", ""]).await.unwrap_err(),
        users.delete_many(none).await.unwrap_err(),
        users.delete_many(["u1", ""]).await.unwrap_err(),
        users.add_roles("u1", none).await.unwrap_err(),
        users.remove_roles("u1", [""]).await.unwrap_err(),
        users.add_policies("u1", none).await.unwrap_err(),
        users.remove_policies("u1", [""]).await.unwrap_err(),
        users.add_group("u1", "").await.unwrap_err(),
        users.search("bob").in_group("").await.unwrap_err(),
        users.search("bob").with_role("", None).await.unwrap_err(),
        users
            .search("bob")
            .in_department("", false)
            .await
            .unwrap_err(),
        users.has_role("", "editor").await.unwrap_err(),
        users.has_role("u1", "").await.unwrap_err(),
        users.kick(none).await.unwrap_err(),
        users.kick([""]).await.unwrap_err(),
        users.kick(["u\0"]).await.unwrap_err(),
        users.logout("").await.unwrap_err(),
        users.logout("u\0").await.unwrap_err(),
        users.check_login_status("").await.unwrap_err(),
        users.list_orgs("").await.unwrap_err(),
        users.list_orgs(".").await.unwrap_err(),
        users.list_orgs("..").await.unwrap_err(),
        users.list_orgs("u\0").await.unwrap_err(),
        users.list_department("").await.unwrap_err(),
        users
            .send_first_login_verify_email("", "app-1")
            .await
            .unwrap_err(),
        users
            .send_first_login_verify_email("u1", "")
            .await
            .unwrap_err(),
        users
            .link_identity("", "4711", connection())
            .await
            .unwrap_err(),
        users
            .link_identity("u1", "", connection())
            .await
            .unwrap_err(),
        users.unlink_identity("", connection()).await.unwrap_err(),
        users
            .unlink_identity("u1", IdpConnection::social("", "x"))
            .await
            .unwrap_err(),
        users
            .unlink_identity("u1", IdpConnection::social("x", ""))
            .await
            .unwrap_err(),
        users.get_udf_value("").await.unwrap_err(),
        users.get_udf_value_batch(none).await.unwrap_err(),
        users.get_udf_value_batch([""]).await.unwrap_err(),
        users.set_udf_value("", values()).await.unwrap_err(),
        users
            .set_udf_value("u1", [("age", 1); 0])
            .await
            .unwrap_err(),
        users
            .set_udf_value_batch([("u1", [("age", 1); 0])])
            .await
            .unwrap_err(),
        users
            .set_udf_value_batch([("", values())])
            .await
            .unwrap_err(),
        users.list_archived_users().page(0).await.unwrap_err(),
        users.list_user_actions().limit(0).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert!(emulator.requests().is_empty());
}
