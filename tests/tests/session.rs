//! The end user's calls, against the emulator over real sockets and both
//! transports.

use std::time::Duration;

use authing::v2::{RegisterProfile, UpdateProfileInput, UpdateUserInput};
use authing::{ErrorCode, ErrorKind, Patch};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};

both_transports!(
    register_log_in_change_log_out,
    registering_can_log_in,
    wrong_logins,
    a_session_from_a_token,
    two_users_at_once,
    a_session_keeps_its_token,
    bad_and_expired_tokens,
    a_forged_token_opens_nothing,
    an_administrator_ends_a_login,
);

const PASSWORD: &str = "correct horse";

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

async fn register_log_in_change_log_out(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let registered = clients
        .client
        .register_by_username("bob", PASSWORD)
        .await
        .unwrap();
    assert!(registered.session.is_none(), "nobody asked to be logged in");
    let error = clients
        .client
        .register_by_username("bob", PASSWORD)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::USER_EXISTS));

    let session = clients
        .client
        .login_by_username("bob", PASSWORD)
        .await
        .unwrap();
    assert_eq!(session.user().unwrap().id, registered.user.id);
    assert!(session.check_login_status().await.unwrap().is_logged_in());
    let updates = UpdateProfileInput::new()
        .nickname("Bobby")
        .company("Start & Co");
    assert_eq!(
        session
            .update_profile(updates)
            .await
            .unwrap()
            .nickname
            .as_deref(),
        Some("Bobby")
    );
    let user = session.get_current_user().await.unwrap();
    assert_eq!(
        (user.id, user.nickname.as_deref()),
        (registered.user.id, Some("Bobby"))
    );
    session
        .update_profile(UpdateProfileInput::new().company(Patch::Null))
        .await
        .unwrap();
    assert_eq!(session.get_current_user().await.unwrap().company, None);

    session.logout().await.unwrap();
    let status = session.check_login_status().await.unwrap();
    assert_eq!(status.refusal(), Some(ErrorCode::LOGIN_EXPIRED));
    let error = session.get_current_user().await.unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
}

async fn registering_can_log_in(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let profile = RegisterProfile::new().nickname("Bobby");
    let registered = clients
        .client
        .register_by_username("bob", PASSWORD)
        .profile(profile)
        .force_login(true)
        .await
        .unwrap();
    let user = registered
        .session
        .unwrap()
        .get_current_user()
        .await
        .unwrap();
    assert_eq!(user.nickname.as_deref(), Some("Bobby"));
    let session = clients
        .client
        .login_by_username("new", PASSWORD)
        .auto_register(true)
        .await
        .unwrap();
    assert_eq!(session.user().unwrap().username.as_deref(), Some("new"));
}

async fn wrong_logins(backend: Backend) {
    let (_emulator, clients) = start(backend);
    clients
        .client
        .register_by_username("bob", PASSWORD)
        .await
        .unwrap();
    let error = clients
        .client
        .login_by_username("bob", "wrong")
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::WRONG_PASSWORD));
    let error = clients
        .client
        .login_by_username("nobody", PASSWORD)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::USER_NOT_FOUND));
    assert!(error.is_not_found() && !error.is_retryable());
    assert!(!error.message().is_empty());
}

async fn a_session_from_a_token(backend: Backend) {
    let (_emulator, clients) = start(backend);
    clients
        .client
        .register_by_username("bob", PASSWORD)
        .await
        .unwrap();
    let first = clients
        .client
        .login_by_username("bob", PASSWORD)
        .await
        .unwrap();
    let saved = first.token().expose().to_owned();
    let session = clients.client.session(saved);
    assert!(session.user().is_none());
    assert_eq!(session.user_id(), first.user_id());
    session
        .update_profile(UpdateProfileInput::new().nickname("Bobby"))
        .await
        .unwrap();
    let user = session.get_current_user().await.unwrap();
    assert_eq!(user.nickname.as_deref(), Some("Bobby"));
    assert!(session.check_login_status().await.unwrap().is_logged_in());
}

async fn two_users_at_once(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let mut tasks = Vec::new();
    for number in 0..8 {
        let client = clients.client.clone();
        tasks.push(tokio::spawn(async move {
            let name = format!("user-{number}");
            client.register_by_username(&name, PASSWORD).await.unwrap();
            let session = client.login_by_username(&name, PASSWORD).await.unwrap();
            for _ in 0..5 {
                let user = session.get_current_user().await.unwrap();
                assert_eq!(user.username.as_deref(), Some(name.as_str()));
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

async fn a_session_keeps_its_token(backend: Backend) {
    let (_emulator, clients) = start(backend);
    clients
        .client
        .register_by_username("bob", PASSWORD)
        .await
        .unwrap();
    let session = clients
        .client
        .login_by_username("bob", PASSWORD)
        .await
        .unwrap();
    let before = session.token().expose().to_owned();
    // These answers carry no token, or another one.
    session.get_current_user().await.unwrap();
    session
        .update_profile(UpdateProfileInput::new().nickname("x"))
        .await
        .unwrap();
    assert_eq!(session.token().expose(), before);
    session.get_current_user().await.unwrap();
}

async fn bad_and_expired_tokens(backend: Backend) {
    let (emulator, clients) = start(backend);
    for token in ["nonsense", "", clients.session.token().expose()] {
        let session = clients.client.session(token);
        let error = session.get_current_user().await.unwrap_err();
        assert!(error.is_unauthenticated(), "{token}: {error}");
        assert!(!session.check_login_status().await.unwrap().is_logged_in());
    }
    let error = clients
        .client
        .session("two\nlines")
        .get_current_user()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token);
    let opaque = clients.client.session("opaque");
    let error = opaque
        .update_profile(UpdateProfileInput::new().nickname("x"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token);

    clients
        .client
        .register_by_username("bob", PASSWORD)
        .await
        .unwrap();
    let session = clients
        .client
        .login_by_username("bob", PASSWORD)
        .await
        .unwrap();
    emulator.advance(Duration::from_secs(15 * 86_400));
    assert!(
        session
            .get_current_user()
            .await
            .unwrap_err()
            .is_unauthenticated()
    );
    assert!(!session.check_login_status().await.unwrap().is_logged_in());
}

async fn a_forged_token_opens_nothing(backend: Backend) {
    let (_emulator, clients) = start(backend);
    clients
        .client
        .register_by_username("bob", PASSWORD)
        .await
        .unwrap();
    let session = clients
        .client
        .login_by_username("bob", PASSWORD)
        .await
        .unwrap();
    let genuine = session.token().expose();
    let (unsigned, _) = genuine.rsplit_once('.').unwrap();
    let forged = clients.client.session(format!("{unsigned}.AAAA"));
    assert_eq!(
        forged.user_id(),
        session.user_id(),
        "the id is read without a check"
    );
    let error = forged
        .update_profile(UpdateProfileInput::new().nickname("x"))
        .await
        .unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
    assert_eq!(session.get_current_user().await.unwrap().nickname, None);
}

async fn an_administrator_ends_a_login(backend: Backend) {
    let (_emulator, clients) = start(backend);
    clients
        .client
        .register_by_username("bob", PASSWORD)
        .await
        .unwrap();
    let session = clients
        .client
        .login_by_username("bob", PASSWORD)
        .await
        .unwrap();
    let id = session.user_id().unwrap();
    let blocked = UpdateUserInput::new().blocked(true);
    clients.admin.users().update(&id, blocked).await.unwrap();
    assert!(
        session
            .get_current_user()
            .await
            .unwrap_err()
            .is_unauthenticated()
    );
    let error = clients
        .client
        .login_by_username("bob", PASSWORD)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::USER_LOCKED));
}
