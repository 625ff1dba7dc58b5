//! What a logged-in user does, against the emulator over both transports.

use std::time::Duration;

use authing::v2::{CreateUserInput, EmailScene, Session, UdfValue};
use authing::{Error, ErrorCode, ErrorKind};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use serde_json::Value;

both_transports!(
    changing_the_password,
    a_first_password,
    a_refreshed_session_is_another_one,
    binding_and_unbinding_a_phone,
    changing_the_phone,
    binding_and_unbinding_an_email,
    changing_the_email,
    custom_fields,
    roles,
    applications_and_orgs,
    how_safe_the_account_is,
    nobody_may_do_any_of_it,
    sessions_do_not_mix,
);

const PASSWORD: &str = "correct horse";
const NEW: &str = "battery staple";
const PHONE: &str = "13800000000";
const EMAIL: &str = "bob@example.com";

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

async fn bob(clients: &Clients) -> Session {
    let client = &clients.client;
    client.register_by_username("bob", PASSWORD).await.unwrap();
    client.login_by_username("bob", PASSWORD).await.unwrap()
}

/// Sends a code to this phone number.
async fn sms(emulator: &Emulator, clients: &Clients, phone: &str) -> String {
    clients.client.send_sms_code(phone).await.unwrap();
    emulator.outbox().pop().unwrap().code
}

/// Sends a code to this address.
async fn mail(emulator: &Emulator, clients: &Clients, to: &str, scene: EmailScene) -> String {
    clients.client.send_email(to, scene).await.unwrap();
    emulator.outbox().pop().unwrap().code
}

fn refused(result: Result<impl std::fmt::Debug, Error>) -> ErrorCode {
    result.unwrap_err().code().unwrap()
}

async fn changing_the_password(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let session = bob(&clients).await;
    let wrong = session.update_password(NEW, "wrong").await;
    assert_eq!(refused(wrong), ErrorCode::WRONG_OLD_PASSWORD);
    let missing = session.set_password(NEW).await;
    assert_eq!(refused(missing), ErrorCode::OLD_PASSWORD_REQUIRED);
    let short = session.update_password("12345", PASSWORD).await;
    assert_eq!(refused(short), ErrorCode::PASSWORD_TOO_SHORT);
    for empty in [
        session.update_password("", PASSWORD).await,
        session.update_password(NEW, "").await,
    ] {
        assert_eq!(empty.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let client = &clients.client;
    client.login_by_username("bob", PASSWORD).await.unwrap();

    let user = session.update_password(NEW, PASSWORD).await.unwrap();
    assert_eq!(Some(user.id), session.user_id());
    let old = client.login_by_username("bob", PASSWORD).await;
    assert_eq!(refused(old), ErrorCode::WRONG_PASSWORD);
    client.login_by_username("bob", NEW).await.unwrap();
    session.get_current_user().await.unwrap();
}

async fn a_first_password(backend: Backend) {
    let (emulator, clients) = start(backend);
    let code = sms(&emulator, &clients, PHONE).await;
    let client = &clients.client;
    let registered = client.register_by_phone_code(PHONE, code);
    let session = registered.force_login(true).await.unwrap().session.unwrap();
    client
        .login_by_phone_password(PHONE, NEW)
        .await
        .unwrap_err();
    session.set_password(NEW).await.unwrap();
    client.login_by_phone_password(PHONE, NEW).await.unwrap();
}

async fn a_refreshed_session_is_another_one(backend: Backend) {
    let (emulator, clients) = start(backend);
    let session = bob(&clients).await;
    let before = session.token().expose().to_owned();
    emulator.advance(Duration::from_secs(10 * 86_400));
    let fresh = session.refresh_token().await.unwrap();
    assert_eq!(session.token().expose(), before);
    assert_ne!(fresh.token().expose(), before);
    assert_eq!(fresh.user_id(), session.user_id());
    let known = fresh.user().unwrap();
    assert_eq!(
        known.token.as_ref().unwrap().expose(),
        fresh.token().expose()
    );
    assert!(
        known
            .token_expired_at
            .as_ref()
            .unwrap()
            .epoch_millis()
            .is_some()
    );

    emulator.advance(Duration::from_secs(5 * 86_400));
    let error = session.get_current_user().await.unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
    fresh.get_current_user().await.unwrap();
    let from_cookie = clients.client.session(fresh.token());
    let again = from_cookie.refresh_token().await.unwrap();
    assert!(again.user().is_none());
    again.get_current_user().await.unwrap();
    let error = session.refresh_token().await.unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
}

async fn binding_and_unbinding_a_phone(backend: Backend) {
    let (emulator, clients) = start(backend);
    let session = bob(&clients).await;
    let code = sms(&emulator, &clients, PHONE).await;
    session.bind_phone(PHONE, "wrong").await.unwrap_err();
    assert_eq!(session.get_current_user().await.unwrap().phone, None);
    let user = session.bind_phone(PHONE, code.as_str()).await.unwrap();
    assert_eq!(user.phone.as_deref(), Some(PHONE));
    assert_eq!(user.phone_verified, Some(true));

    let again = sms(&emulator, &clients, "13900000000").await;
    session.bind_phone("13900000000", again).await.unwrap_err();
    let other = CreateUserInput::new().username("eve");
    clients.admin.users().create(other).await.unwrap();
    let user = session.unbind_phone().await.unwrap();
    assert_eq!((user.phone, user.phone_verified), (None, Some(false)));
    session.unbind_phone().await.unwrap_err();
    let empty = session.bind_phone("", "1234").await.unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::InvalidInput);
    let empty = session.bind_phone(PHONE, "").await.unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::InvalidInput);

    emulator.fix_code("+12025550123", "4321");
    let abroad = clients.client.send_sms_code("2025550123");
    abroad.phone_country_code("+1").await.unwrap();
    let bind = session.bind_phone("2025550123", "4321");
    let user = bind.phone_country_code("+1").await.unwrap();
    assert_eq!(user.phone.as_deref(), Some("2025550123"));
    assert!(
        clients
            .client
            .is_user_exists()
            .phone("+12025550123")
            .await
            .unwrap()
    );
}

async fn changing_the_phone(backend: Backend) {
    let (emulator, clients) = start(backend);
    let code = sms(&emulator, &clients, PHONE).await;
    let registered = clients.client.register_by_phone_code(PHONE, code);
    let session = registered.force_login(true).await.unwrap().session.unwrap();
    let only = session.unbind_phone().await;
    assert_eq!(refused(only), ErrorCode::LAST_LOGIN_METHOD);

    let new = "13900000000";
    let new_code = sms(&emulator, &clients, new).await;
    let old_code = sms(&emulator, &clients, PHONE).await;
    let update = || session.update_phone(new, new_code.as_str());
    update().await.unwrap_err();
    update().old(PHONE, "wrong").await.unwrap_err();
    update()
        .old("13700000000", old_code.as_str())
        .await
        .unwrap_err();
    let same = session.update_phone("+86 13800000000", "1234").await;
    assert_eq!(refused(same), ErrorCode::new(2230));
    let empty = update().old(PHONE, "").await.unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        session.get_current_user().await.unwrap().phone.as_deref(),
        Some(PHONE)
    );
    // None of it has used the codes up.
    let user = update().old(PHONE, old_code.as_str()).await.unwrap();
    assert_eq!(user.phone.as_deref(), Some(new));
    assert!(!clients.client.is_user_exists().phone(PHONE).await.unwrap());
}

async fn binding_and_unbinding_an_email(backend: Backend) {
    let (emulator, clients) = start(backend);
    let session = bob(&clients).await;
    let scene = EmailScene::EmailBindVerifyCode;
    let code = mail(&emulator, &clients, EMAIL, scene).await;
    let wrong = session.bind_email(EMAIL, "wrong").await;
    assert_eq!(refused(wrong), ErrorCode::WRONG_VERIFICATION_CODE);
    let user = session.bind_email("Bob@Example.com", code).await.unwrap();
    assert_eq!(user.email.as_deref(), Some(EMAIL));
    assert_eq!(user.email_verified, Some(true));
    let again = session.bind_email("new@example.com", "1234").await;
    assert_eq!(refused(again), ErrorCode::EMAIL_ALREADY_BOUND);
    let user = session.unbind_email().await.unwrap();
    assert_eq!((user.email, user.email_verified), (None, Some(false)));
    assert_eq!(refused(session.unbind_email().await), ErrorCode::new(2219));

    let other = clients
        .client
        .register_by_email("eve@example.com", PASSWORD);
    let eve = other.force_login(true).await.unwrap().session.unwrap();
    let only = eve.unbind_email().await;
    assert_eq!(refused(only), ErrorCode::LAST_LOGIN_METHOD);
    let scene = EmailScene::VerifyCode;
    let code = mail(&emulator, &clients, "eve@example.com", scene).await;
    let taken = session.bind_email("eve@example.com", code).await;
    assert_eq!(refused(taken), ErrorCode::EMAIL_ALREADY_BOUND);
}

async fn changing_the_email(backend: Backend) {
    let (emulator, clients) = start(backend);
    let registered = clients.client.register_by_email(EMAIL, PASSWORD);
    let session = registered.force_login(true).await.unwrap().session.unwrap();
    let new = "new@例子.中国";
    let scene = || EmailScene::ChangeEmail;
    let new_code = mail(&emulator, &clients, new, scene()).await;
    let old_code = mail(&emulator, &clients, EMAIL, scene()).await;
    let update = || session.update_email(new, new_code.as_str());
    assert_eq!(refused(update().await), ErrorCode::new(2227));
    let differs = update().old("eve@example.com", old_code.as_str()).await;
    assert_eq!(refused(differs), ErrorCode::new(2037));
    let wrong = update().old(EMAIL, "wrong").await;
    assert_eq!(refused(wrong), ErrorCode::WRONG_VERIFICATION_CODE);
    let same = session.update_email("BOB@example.com", "1234").await;
    assert_eq!(refused(same), ErrorCode::new(2229));
    let user = update().old(EMAIL, old_code.as_str()).await.unwrap();
    assert_eq!(user.email.as_deref(), Some(new));
    clients.client.login_by_email(new, PASSWORD).await.unwrap();
    let old = clients.client.login_by_email(EMAIL, PASSWORD).await;
    assert_eq!(refused(old), ErrorCode::USER_NOT_FOUND);

    // Who has none needs the new code only.
    let bob = bob(&clients).await;
    emulator.advance(Duration::from_secs(60));
    let code = mail(&emulator, &clients, EMAIL, scene()).await;
    let user = bob.update_email(EMAIL, code).await.unwrap();
    assert_eq!(user.email.as_deref(), Some(EMAIL));
}

async fn admin(clients: &Clients, document: &str) {
    let call = authing_core::GraphQl::<Value>::new(document, Value::Null);
    clients.admin.call(call).await.unwrap();
}

async fn custom_fields(backend: Backend) {
    let (_emulator, clients) = start(backend);
    for (key, data_type) in [("age", "NUMBER"), ("vip", "BOOLEAN"), ("since", "DATETIME")] {
        let document = format!(
            "mutation {{ setUdf(targetType: USER, key: \"{key}\", dataType: {data_type}, label: \"\") {{ key }} }}"
        );
        admin(&clients, &document).await;
    }
    let session = bob(&clients).await;
    assert!(session.list_udv().await.unwrap().is_empty());
    let values = session.set_udv("age", 34).await.unwrap();
    assert_eq!(values[0].value, UdfValue::from(34));
    session.set_udv("age", "old").await.unwrap_err();
    session.set_udv("unknown", 1).await.unwrap_err();
    let some = [
        ("vip", UdfValue::Bool(false)),
        ("since", UdfValue::DateTime("1600000000000".into())),
    ];
    session.set_udf_value(some).await.unwrap();
    let all_or_none = [("vip", UdfValue::Bool(true)), ("age", "x".into())];
    session.set_udf_value(all_or_none).await.unwrap_err();
    let values = session.get_udf_value().await.unwrap();
    assert_eq!(values["vip"], UdfValue::Bool(false));
    assert_eq!(values["since"], UdfValue::DateTime("1600000000000".into()));
    assert_eq!(session.remove_udv("age").await.unwrap().len(), 2);
    let nothing = session.set_udf_value([("", 1); 0]).await.unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::InvalidInput);
    for bad in [
        session.set_udv("", 1).await,
        session.remove_udv("").await,
        session.set_udv("age", "a\0b").await,
        session.set_udf_value([("age", "a\0b")]).await,
    ] {
        assert_eq!(bad.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let opaque = clients.client.session("opaque").list_udv().await;
    assert_eq!(opaque.unwrap_err().kind(), ErrorKind::Token);
}

async fn roles(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let session = bob(&clients).await;
    assert!(session.list_roles().await.unwrap().list.is_empty());
    assert!(!session.has_role("editor").await.unwrap());
    admin(
        &clients,
        "mutation { createRole(code: \"editor\") { code } }",
    )
    .await;
    let id = session.user_id().unwrap();
    let users = clients.admin.users();
    users.add_roles(&id, ["editor"]).await.unwrap();
    assert_eq!(session.list_roles().await.unwrap().list[0].code, "editor");
    assert!(session.has_role("editor").await.unwrap());
    assert!(
        session
            .has_role("editor")
            .namespace("default")
            .await
            .unwrap()
    );
    assert!(!session.has_role("editor").namespace("shop").await.unwrap());
    assert!(!session.has_role("Editor").await.unwrap());
    let shop = session.list_roles().namespace("shop").await.unwrap();
    assert!(shop.list.is_empty());
    let empty = session.has_role("").await.unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::InvalidInput);
}

async fn applications_and_orgs(backend: Backend) {
    let (emulator, clients) = start(backend);
    let session = bob(&clients).await;
    let page = session.list_applications().await.unwrap();
    assert_eq!((page.total_count, page.list.len()), (1, 1));
    assert_eq!(page.list[0].id, emulator.app_id());
    let empty = session.list_applications().page(2).limit(5).await.unwrap();
    assert_eq!((empty.total_count, empty.list.len()), (1, 0));
    let mut stream = session.list_applications().stream();
    assert!(stream.next().await.unwrap().is_ok());
    assert!(stream.next().await.is_none());
    let zero = session.list_applications().page(0).await.unwrap_err();
    assert_eq!(zero.kind(), ErrorKind::InvalidInput);
    assert!(session.list_orgs().await.unwrap().is_empty());
}

async fn how_safe_the_account_is(backend: Backend) {
    let (emulator, clients) = start(backend);
    let session = bob(&clients).await;
    let level = session.get_security_level().await.unwrap();
    assert_eq!((level.password, level.phone), (Some(true), Some(false)));
    let before = level.score.unwrap();
    let code = sms(&emulator, &clients, PHONE).await;
    session.bind_phone(PHONE, code).await.unwrap();
    let level = session.get_security_level().await.unwrap();
    assert_eq!(level.phone, Some(true));
    assert!(level.score.unwrap() > before);
}

async fn nobody_may_do_any_of_it(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let session = bob(&clients).await;
    session.logout().await.unwrap();
    let errors = [
        session.update_password(NEW, PASSWORD).await.unwrap_err(),
        session.bind_phone(PHONE, "1234").await.unwrap_err(),
        session.unbind_email().await.unwrap_err(),
        session.list_udv().await.unwrap_err(),
        session.refresh_token().await.unwrap_err(),
        session.list_orgs().await.unwrap_err(),
        session.list_applications().await.unwrap_err(),
        session.get_security_level().await.unwrap_err(),
        session.has_role("editor").await.unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_unauthenticated(), "{error}");
    }
    let client = &clients.client;
    client.login_by_username("bob", PASSWORD).await.unwrap();
}

async fn sessions_do_not_mix(backend: Backend) {
    let (_emulator, clients) = start(backend);
    admin(
        &clients,
        "mutation { setUdf(targetType: USER, key: \"n\", dataType: NUMBER, label: \"\") { key } }",
    )
    .await;
    let mut tasks = Vec::new();
    for number in 0..6 {
        let client = clients.client.clone();
        tasks.push(tokio::spawn(async move {
            let email = format!("user-{number}@example.com");
            let registered = client.register_by_email(&email, PASSWORD);
            let mut session = registered.force_login(true).await.unwrap().session.unwrap();
            for _ in 0..4 {
                session.set_udv("n", number).await.unwrap();
                session = session.refresh_token().await.unwrap();
                assert_eq!(session.get_udf_value().await.unwrap()["n"], number.into());
                let user = session.get_current_user().await.unwrap();
                assert_eq!(user.email.as_ref(), Some(&email));
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
