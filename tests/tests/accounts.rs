//! Registering and logging in, by every way there is, against the emulator over
//! both transports.

use std::time::Duration;

use authing::v2::{CreateUserInput, RegisterProfile, Session};
use authing::{Error, ErrorCode, ErrorKind};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use serde_json::{Value, json};

both_transports!(
    by_email,
    by_phone_code,
    by_phone_password,
    by_email_code,
    a_phone_number_in_all_its_spellings,
    logging_in_can_register,
    custom_data_and_context,
    too_many_wrong_passwords,
    bad_input_is_not_sent,
    nothing_half_written,
    who_exists,
);

const PASSWORD: &str = "correct horse";
const PHONE: &str = "13800000000";
const CODE: &str = "4321";

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    emulator.fix_code(PHONE, CODE);
    (emulator, clients)
}

async fn name_of(session: &Session) -> String {
    session.get_current_user().await.unwrap().id
}

fn refused(result: Result<impl std::fmt::Debug, Error>) -> ErrorCode {
    result.unwrap_err().code().unwrap()
}

async fn by_email(backend: Backend) {
    let (_emulator, Clients { client, .. }) = start(backend);
    let registered = client
        .register_by_email("Bob@Example.com", PASSWORD)
        .profile(RegisterProfile::new().nickname("Bobby"))
        .await
        .unwrap();
    assert!(registered.session.is_none(), "nobody asked to be logged in");
    let user = registered.user;
    assert_eq!(user.email.as_deref(), Some("bob@example.com"));
    assert_eq!(user.email_verified, Some(false));
    assert_eq!(user.register_source.unwrap(), ["basic:email"]);
    assert_eq!(user.nickname.as_deref(), Some("Bobby"));

    let session = client
        .login_by_email("BOB@example.com", PASSWORD)
        .client_ip("192.0.2.7")
        .await
        .unwrap();
    let shown = session.user().unwrap();
    assert_eq!((&shown.id, shown.logins_count), (&user.id, Some(1)));
    assert_eq!(shown.last_ip.as_deref(), Some("192.0.2.7"));
    assert_eq!(name_of(&session).await, user.id);

    let again = client.register_by_email("bob@EXAMPLE.com", PASSWORD).await;
    assert_eq!(refused(again), ErrorCode::USER_EXISTS);
    let wrong = client.login_by_email("bob@example.com", "wrong").await;
    assert_eq!(refused(wrong), ErrorCode::WRONG_PASSWORD);
    let unknown = client.login_by_email("eve@example.com", PASSWORD).await;
    assert_eq!(refused(unknown), ErrorCode::USER_NOT_FOUND);
    let malformed = client.register_by_email("bob", PASSWORD).await;
    assert_eq!(refused(malformed), ErrorCode::WRONG_EMAIL_FORMAT);

    let unicode = client.register_by_email("老王@例子.中国", PASSWORD).await;
    let session = client.login_by_email("老王@例子.中国", PASSWORD).await;
    assert_eq!(session.unwrap().user_id(), Some(unicode.unwrap().user.id));
}

async fn by_phone_code(backend: Backend) {
    let (_emulator, Clients { client, .. }) = start(backend);
    client.send_sms_code(PHONE).await.unwrap();
    let registered = client
        .register_by_phone_code(PHONE, CODE)
        .profile(RegisterProfile::new().nickname("Bobby"))
        .force_login(true)
        .await
        .unwrap();
    let user = registered.user;
    assert_eq!(user.phone.as_deref(), Some(PHONE));
    assert_eq!(user.phone_verified, Some(true));
    assert_eq!(user.register_source.unwrap(), ["basic:phone-code"]);
    assert!(user.password.is_none(), "there is none");
    assert_eq!(name_of(&registered.session.unwrap()).await, user.id);

    client.send_sms_code(PHONE).await.unwrap();
    let session = client.login_by_phone_code(PHONE, CODE).await.unwrap();
    assert_eq!(session.user_id(), Some(user.id));
    assert_eq!(session.user().unwrap().logins_count, Some(2));

    client.send_sms_code(PHONE).await.unwrap();
    let taken = client.register_by_phone_code(PHONE, CODE).await;
    assert_eq!(refused(taken), ErrorCode::USER_EXISTS);
}

async fn by_phone_password(backend: Backend) {
    let (_emulator, Clients { client, .. }) = start(backend);
    client.send_sms_code(PHONE).await.unwrap();
    let registered = client
        .register_by_phone_code(PHONE, CODE)
        .password(PASSWORD)
        .generate_token(true)
        .await
        .unwrap();
    assert!(registered.session.is_some());
    assert_eq!(registered.user.logins_count, Some(0));
    let session = client
        .login_by_phone_password(PHONE, PASSWORD)
        .await
        .unwrap();
    assert_eq!(session.user_id(), Some(registered.user.id));
    let wrong = client.login_by_phone_password(PHONE, "wrong").await;
    assert_eq!(refused(wrong), ErrorCode::WRONG_PASSWORD);
    let unknown = client
        .login_by_phone_password("13900000000", PASSWORD)
        .await;
    assert_eq!(refused(unknown), ErrorCode::USER_NOT_FOUND);
}

async fn by_email_code(backend: Backend) {
    let (emulator, Clients { client, .. }) = start(backend);
    let email = "bob@example.com";
    let registered = client.register_by_email(email, PASSWORD).await.unwrap();
    let scene = authing::v2::EmailScene::LoginVerifyCode;
    client.send_email(email, scene).await.unwrap();
    let code = emulator.outbox().pop().unwrap().code;
    let session = client
        .login_by_email_code("BOB@example.com", code.as_str())
        .await
        .unwrap();
    assert_eq!(session.user_id(), Some(registered.user.id));
    let user = session.get_current_user().await.unwrap();
    assert_eq!(user.email_verified, Some(true));
    let again = client.login_by_email_code(email, code).await;
    assert_eq!(refused(again), ErrorCode::WRONG_VERIFICATION_CODE);
}

async fn a_phone_number_in_all_its_spellings(backend: Backend) {
    let (emulator, Clients { client, admin, .. }) = start(backend);
    client.send_sms_code("+8613800000000").await.unwrap();
    assert_eq!(emulator.outbox()[0].to, PHONE);
    let registered = client.register_by_phone_code("86 138 0000 0000", CODE);
    let user = registered.password(PASSWORD).await.unwrap().user;
    assert_eq!(user.phone.as_deref(), Some(PHONE));
    for spelling in ["138-0000-0000", "+86 13800000000", "0086 138 0000 0000"] {
        let session = client.login_by_phone_password(spelling, PASSWORD).await;
        assert_eq!(session.unwrap().user_id().as_ref(), Some(&user.id));
        assert!(client.is_user_exists().phone(spelling).await.unwrap());
        let taken = CreateUserInput::new().phone(spelling);
        let error = admin.users().create(taken).await;
        assert_eq!(refused(error), ErrorCode::USER_EXISTS, "{spelling}");
    }

    // Abroad: the country stands in the number or beside it.
    emulator.fix_code("+1 202 555 0123", CODE);
    let sms = client.send_sms_code("2025550123").phone_country_code("+1");
    sms.await.unwrap();
    let abroad = client
        .register_by_phone_code("2025550123", CODE)
        .phone_country_code("+1")
        .await
        .unwrap();
    client.send_sms_code("+12025550123").await.unwrap();
    let session = client.login_by_phone_code("+12025550123", CODE).await;
    assert_eq!(session.unwrap().user_id(), Some(abroad.user.id));
    let here = client.send_sms_code("not a number").await;
    assert!(refused(here).number() >= 400);
}

async fn logging_in_can_register(backend: Backend) {
    let (_emulator, Clients { client, .. }) = start(backend);
    client.send_sms_code(PHONE).await.unwrap();
    let unknown = client.login_by_phone_code(PHONE, CODE).await;
    assert_eq!(refused(unknown), ErrorCode::USER_NOT_FOUND);
    // The refused login has not used the code up.
    let session = client
        .login_by_phone_code(PHONE, CODE)
        .auto_register(true)
        .await
        .unwrap();
    assert_eq!(session.user().unwrap().phone.as_deref(), Some(PHONE));
    let session = client
        .login_by_email("new@example.com", PASSWORD)
        .auto_register(true)
        .await
        .unwrap();
    let user = session.user().unwrap();
    assert_eq!(user.email.as_deref(), Some("new@example.com"));
    assert_eq!(user.email_verified, Some(false));
    let session = client
        .login_by_phone_password("13900000000", PASSWORD)
        .auto_register(true)
        .await
        .unwrap();
    assert_eq!(session.user().unwrap().phone_verified, Some(false));
}

/// The pool's custom fields `age` and `school`.
async fn define_fields(emulator: &Emulator, clients: &Clients) {
    for (key, data_type) in [("age", "NUMBER"), ("school", "STRING")] {
        let document = format!(
            "mutation {{ setUdf(targetType: USER, key: \"{key}\", dataType: {data_type}, label: \"\") {{ key }} }}"
        );
        let define = authing_core::GraphQl::<Value>::new(document, Value::Null);
        clients.admin.call(define).await.unwrap();
    }
    assert_eq!(emulator.request_count("accessToken"), 1);
}

async fn custom_data_and_context(backend: Backend) {
    let (emulator, clients) = start(backend);
    define_fields(&emulator, &clients).await;
    let client = &clients.client;
    let session = client
        .register_by_email("bob@example.com", PASSWORD)
        .force_login(true)
        .custom_data("age", 33)
        .custom_data("age", 34)
        .custom_data("school", "南京\"大学\"")
        .context(json!({"campaign": "autumn"}))
        .await
        .unwrap()
        .session
        .unwrap();
    let values = session.get_udf_value().await.unwrap();
    assert_eq!(values["age"], 34.into());
    assert_eq!(values["school"], "南京\"大学\"".into());
    let session = client
        .login_by_email("bob@example.com", PASSWORD)
        .custom_data("age", 35)
        .await
        .unwrap();
    assert_eq!(session.get_udf_value().await.unwrap()["age"], 35.into());
    let wrong = client
        .login_by_email("bob@example.com", PASSWORD)
        .custom_data("age", "old");
    wrong.await.unwrap_err();
    assert_eq!(session.get_udf_value().await.unwrap()["age"], 35.into());
}

async fn too_many_wrong_passwords(backend: Backend) {
    let (emulator, Clients { client, .. }) = start(backend);
    let email = "bob@example.com";
    client.register_by_email(email, PASSWORD).await.unwrap();
    for _ in 0..5 {
        let wrong = client.login_by_email(email, "wrong").await;
        assert_eq!(refused(wrong), ErrorCode::WRONG_PASSWORD);
    }
    assert_eq!(emulator.captcha_code(email), None);
    let error = client.login_by_email(email, PASSWORD).await;
    assert_eq!(refused(error), ErrorCode::CAPTCHA_REQUIRED);
    let picture = emulator.captcha_code(email).unwrap();
    let misread = client
        .login_by_email(email, PASSWORD)
        .captcha_code("misread");
    assert_eq!(refused(misread.await), ErrorCode::CAPTCHA_REQUIRED);
    let login = client.login_by_email(email, PASSWORD).captcha_code(picture);
    login.await.unwrap();
    client.login_by_email(email, PASSWORD).await.unwrap();

    for _ in 0..5 {
        client.login_by_email(email, "wrong").await.unwrap_err();
    }
    emulator.advance(Duration::from_secs(300));
    client.login_by_email(email, PASSWORD).await.unwrap();
}

async fn bad_input_is_not_sent(backend: Backend) {
    let (emulator, Clients { client, .. }) = start(backend);
    let login = || client.login_by_email("bob@example.com", PASSWORD);
    let results = [
        client.login_by_email("", PASSWORD).await,
        client.login_by_email("bob@example.com", "").await,
        client.login_by_phone_password("", PASSWORD).await,
        client.login_by_phone_code("", CODE).await,
        client.login_by_phone_code(PHONE, "").await,
        client.login_by_email_code("bob@example.com", "").await,
        client.login_by_username("", PASSWORD).await,
        login().context(json!([1])).await,
        login().context(json!({"a": ["\0"]})).await,
        login().custom_data("", 1).await,
        login().custom_data("k", "a\0b").await,
        client.login_by_email("b\0b@example.com", PASSWORD).await,
        client.login_by_email_code("b\0b@example.com", CODE).await,
    ];
    for result in results {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    let code = client.register_by_phone_code(PHONE, "").await;
    assert_eq!(code.unwrap_err().kind(), ErrorKind::InvalidInput);
    let nobody = client.is_user_exists().username("").await;
    assert_eq!(nobody.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(emulator.requests(), []);
}

async fn nothing_half_written(backend: Backend) {
    let (_emulator, Clients { client, .. }) = start(backend);
    client.send_sms_code(PHONE).await.unwrap();
    let short = client.register_by_phone_code(PHONE, CODE).password("12345");
    assert_eq!(refused(short.await), ErrorCode::PASSWORD_TOO_SHORT);
    let no_field = client
        .register_by_phone_code(PHONE, CODE)
        .custom_data("unknown", 1);
    no_field.await.unwrap_err();
    client.register_by_username("bob", PASSWORD).await.unwrap();
    let taken = client
        .register_by_phone_code(PHONE, CODE)
        .profile(RegisterProfile::new().username("bob"));
    assert_eq!(refused(taken.await), ErrorCode::USER_EXISTS);
    assert!(!client.is_user_exists().phone(PHONE).await.unwrap());
    // None of it has used the code up.
    client.register_by_phone_code(PHONE, CODE).await.unwrap();
    assert!(client.is_user_exists().phone(PHONE).await.unwrap());
}

async fn who_exists(backend: Backend) {
    let (_emulator, Clients { client, .. }) = start(backend);
    client
        .register_by_email("bob@example.com", PASSWORD)
        .await
        .unwrap();
    let exists = || client.is_user_exists();
    assert!(exists().email("Bob@Example.com").await.unwrap());
    assert!(!exists().username("bob").await.unwrap());
    let either = exists().username("bob").email("bob@example.com");
    assert!(either.await.unwrap());
}
