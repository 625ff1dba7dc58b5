//! The pool itself and what the administrator's client does beside its
//! resources, against the emulator over real sockets and both transports.

use std::time::Duration;

use authing::v2::userpool::{
    CustomSmsProviderInput, EnvVariable, FrequencyCheckInput, UpdateUserpoolInput,
};
use authing::v2::{CreateUserInput, EmailScene};
use authing::{ErrorCode, ErrorKind, Patch};
use authing_emulator::{Emulator, MessageKind};
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};

both_transports!(
    detail_and_update,
    a_wrong_setting_changes_nothing,
    settings_take_effect,
    environment_variables,
    login_status,
    mail,
    mistakes_are_found_before_anything_is_sent,
);

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

async fn detail_and_update(backend: Backend) {
    let (emulator, clients) = start(backend);
    let userpool = clients.admin.userpool();
    let before = userpool.detail().await.unwrap();
    assert_eq!(before.id, emulator.user_pool_id());
    assert_eq!(before.secret.as_ref().unwrap().expose(), emulator.secret());
    assert_eq!(before.token_expires_after, Some(14 * 86_400));
    assert_eq!((before.verify_code_length, before.owner_id), (None, None));

    let changes = UpdateUserpoolInput::new()
        .name("老王")
        .description("")
        .email_verified_default(false)
        .userpool_types(vec!["web".to_owned()])
        .login_fail_check(FrequencyCheckInput::new().enabled(true))
        .custom_sms_provider(
            CustomSmsProviderInput::new()
                .enabled(true)
                .provider("me")
                .config(r#"{"k":"v"}"#),
        )
        .verify_code_length(5);
    let after = userpool.update(changes).all_fields().await.unwrap();
    let read = userpool.detail().all_fields().await.unwrap();
    assert!(read.owner_id.is_some());
    for pool in [after, read] {
        assert_eq!(pool.name.as_deref(), Some("老王"));
        assert_eq!(pool.description.as_deref(), Some(""));
        assert_eq!(pool.verify_code_length, Some(5));
        assert_eq!(pool.userpool_types.unwrap()[0].code.as_deref(), Some("web"));
        let check = pool.login_fail_check.unwrap();
        assert_eq!(check.enabled, Some(true));
        // What was not said of it stays.
        let old = before.login_fail_check.as_ref().unwrap();
        assert_eq!(
            (check.limit, check.time_interval),
            (old.limit, old.time_interval)
        );
        let provider = pool.custom_sms_provider.unwrap();
        assert_eq!(provider.config.unwrap().expose(), r#"{"k":"v"}"#);
    }
    let clear = UpdateUserpoolInput::new().description(Patch::Null);
    let cleared = userpool.update(clear).await.unwrap();
    assert_eq!(
        (cleared.description, cleared.name.as_deref()),
        (None, Some("老王"))
    );
}

async fn a_wrong_setting_changes_nothing(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let userpool = clients.admin.userpool();
    let named = || UpdateUserpoolInput::new().name("new");
    for changes in [
        named().token_expires_after(0),
        named().verify_code_length(99),
        named().register_disabled(Patch::Null),
    ] {
        let error = userpool.update(changes).await.unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::new(500)), "{error}");
    }
    let pool = userpool.detail().await.unwrap();
    assert_ne!(pool.name.as_deref(), Some("new"));
}

async fn settings_take_effect(backend: Backend) {
    let (emulator, clients) = start(backend);
    let (admin, client) = (&clients.admin, &clients.client);
    let minute = UpdateUserpoolInput::new().token_expires_after(60);
    admin.userpool().update(minute).await.unwrap();
    client
        .register_by_username("bob", "correct horse")
        .await
        .unwrap();
    let session = client
        .login_by_username("bob", "correct horse")
        .await
        .unwrap();
    session.get_current_user().await.unwrap();
    emulator.advance(Duration::from_secs(61));
    let error = session.get_current_user().await.unwrap_err();
    assert!(error.is_unauthenticated());

    let closed = UpdateUserpoolInput::new().register_disabled(true);
    admin.userpool().update(closed).await.unwrap();
    let refused = client.register_by_username("eve", "correct horse").await;
    assert_eq!(refused.unwrap_err().code(), Some(ErrorCode::new(2031)));
    let eve = CreateUserInput::new().username("eve");
    admin.users().create(eve).await.unwrap();
}

async fn environment_variables(backend: Backend) {
    fn shown(variables: &[EnvVariable]) -> Vec<(&str, &str)> {
        let value = |variable: &'_ EnvVariable| variable.value.is_some();
        assert!(variables.iter().all(value));
        variables
            .iter()
            .map(|variable| {
                (
                    variable.key.as_str(),
                    variable.value.as_ref().unwrap().expose(),
                )
            })
            .collect()
    }

    let (_emulator, clients) = start(backend);
    let userpool = clients.admin.userpool();
    assert!(userpool.list_env().await.unwrap().is_empty());
    for (key, value) in [("A", "1"), ("a/b ?é", ""), ("A", "2")] {
        userpool.add_env(key, value).await.unwrap();
    }
    let listed = userpool.list_env().await.unwrap();
    assert_eq!(shown(&listed), [("a/b ?é", ""), ("A", "2")]);
    let left = userpool.remove_env("a/b ?é").await.unwrap();
    assert_eq!(shown(&left), [("A", "2")]);
    let again = userpool.remove_env("a/b ?é").await.unwrap_err();
    assert_eq!(
        (again.kind(), again.code()),
        (ErrorKind::Api, Some(ErrorCode::new(500)))
    );
    assert_eq!(again.operation(), Some("management.userpool.remove_env"));
}

async fn login_status(backend: Backend) {
    let (emulator, clients) = start(backend);
    let (admin, client) = (&clients.admin, &clients.client);
    client
        .register_by_username("bob", "correct horse")
        .await
        .unwrap();
    let session = client
        .login_by_username("bob", "correct horse")
        .await
        .unwrap();
    let status = admin.check_login_status(session.token()).await.unwrap();
    assert!(status.is_logged_in() && status.expires_at().is_some());
    assert_eq!(status.data.unwrap().id, session.user_id());
    session.logout().await.unwrap();
    let ended = admin.check_login_status(session.token()).await.unwrap();
    assert_eq!(ended.refusal(), Some(ErrorCode::LOGIN_EXPIRED));
    let nonsense = admin.check_login_status("nonsense").await.unwrap();
    assert_eq!(nonsense.refusal(), Some(ErrorCode::LOGIN_INVALID));
    // The administrator's own token is not needed for it.
    assert_eq!(emulator.request_count("accessToken"), 0);
}

async fn mail(backend: Backend) {
    let (emulator, clients) = start(backend);
    let send = |email| clients.admin.send_email(email, EmailScene::ResetPassword);
    let message = send("Bob@example.com").await.unwrap();
    assert_eq!(message.code, Some(200));
    let [mail] = emulator.outbox().try_into().unwrap();
    assert_eq!(
        (mail.to.as_str(), mail.kind),
        ("bob@example.com", MessageKind::Email)
    );
    assert_eq!(mail.scene, "RESET_PASSWORD");

    let again = send("bob@example.com").await.unwrap_err();
    assert_eq!(again.code(), Some(ErrorCode::new(2080)));
    let malformed = clients.admin.send_email("bob", EmailScene::VerifyCode);
    let malformed = malformed.await.unwrap_err();
    assert_eq!(malformed.code(), Some(ErrorCode::new(2204)));
    assert_eq!(emulator.outbox().len(), 1);
}

async fn mistakes_are_found_before_anything_is_sent(backend: Backend) {
    let (emulator, clients) = start(backend);
    let admin = &clients.admin;
    for outcome in [
        admin.userpool().add_env("", "1").await.map(drop),
        admin.userpool().remove_env("").await.map(drop),
        admin.check_login_status("").await.map(drop),
        admin
            .send_email("", EmailScene::VerifyEmail)
            .await
            .map(drop),
    ] {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(emulator.requests(), []);
    // These would make another path of it.
    for key in [".", ".."] {
        let error = admin.userpool().remove_env(key).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    assert!(
        emulator
            .requests()
            .iter()
            .all(|request| request.method != "DELETE")
    );
}
