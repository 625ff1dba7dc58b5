//! One-time codes by text message and e-mail, and what they are good for,
//! against the emulator over both transports.

use std::time::Duration;

use authing::v2::{EmailScene, SmsScene};
use authing::{Error, ErrorCode, ErrorKind};
use authing_emulator::{Emulator, MessageKind};
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use authing_tests::raw::read_request;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

both_transports!(
    the_outbox_shows_what_was_sent,
    codes_expire_and_work_once,
    a_code_is_for_one_address_and_purpose,
    mails_come_once_a_minute,
    resetting_a_password_by_phone,
    resetting_a_password_by_email,
    a_message_that_was_not_sent_is_an_error,
    how_good_a_password_is,
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

fn last_code(emulator: &Emulator) -> String {
    emulator.outbox().pop().unwrap().code
}

/// Another code than this one.
fn other(code: &str) -> String {
    let differs = |c| if c == '9' { '0' } else { '9' };
    code.chars().map(differs).collect()
}

fn refused(result: Result<impl std::fmt::Debug, Error>) -> ErrorCode {
    result.unwrap_err().code().unwrap()
}

async fn the_outbox_shows_what_was_sent(backend: Backend) {
    let (emulator, Clients { client, .. }) = start(backend);
    client.send_sms_code(PHONE).await.unwrap();
    let sms = client.send_sms_code(PHONE).scene(SmsScene::Login);
    sms.await.unwrap();
    let scene = EmailScene::VerifyCode;
    client.send_email("Bob@Example.com", scene).await.unwrap();
    let outbox = emulator.outbox();
    let seen: Vec<_> = outbox
        .iter()
        .map(|message| (message.to.as_str(), message.kind, message.scene.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (PHONE, MessageKind::Sms, ""),
            (PHONE, MessageKind::Sms, "login"),
            (EMAIL, MessageKind::Email, "VERIFY_CODE"),
        ]
    );
    assert!(outbox.iter().all(|message| message.code.len() == 4));

    // A test in another process reads it over HTTP.
    let address = emulator.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /_emulator/outbox HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = read_request(&mut stream).await.unwrap().unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let messages: Value = serde_json::from_str(body).unwrap();
    assert_eq!(messages[2]["to"], EMAIL);
    assert_eq!(messages[2]["kind"], "email");
    assert_eq!(messages[2]["code"], outbox[2].code);

    emulator.fix_code("+86 138 0000 0000", "0000");
    client.send_sms_code(PHONE).await.unwrap();
    assert_eq!(last_code(&emulator), "0000");
}

async fn codes_expire_and_work_once(backend: Backend) {
    let (emulator, Clients { client, .. }) = start(backend);
    client.send_sms_code(PHONE).await.unwrap();
    let code = last_code(&emulator);
    emulator.advance(Duration::from_secs(301));
    let late = client.register_by_phone_code(PHONE, code.as_str()).await;
    assert_eq!(refused(late), ErrorCode::VERIFICATION_CODE_EXPIRED);
    client.send_sms_code(PHONE).await.unwrap();
    let code = last_code(&emulator);
    let wrong = client.register_by_phone_code(PHONE, other(&code)).await;
    assert_eq!(refused(wrong), ErrorCode::WRONG_VERIFICATION_CODE);
    let register = client.register_by_phone_code(PHONE, code.as_str());
    register.await.unwrap();
    let again = client.login_by_phone_code(PHONE, code).await;
    assert_eq!(refused(again), ErrorCode::WRONG_VERIFICATION_CODE);
}

async fn a_code_is_for_one_address_and_purpose(backend: Backend) {
    let (emulator, Clients { client, .. }) = start(backend);
    let sms = client.send_sms_code(PHONE).scene(SmsScene::Register);
    sms.await.unwrap();
    let code = last_code(&emulator);
    let elsewhere = client.register_by_phone_code("13900000000", code.as_str());
    assert_eq!(refused(elsewhere.await), ErrorCode::WRONG_VERIFICATION_CODE);
    let register = client
        .register_by_phone_code(PHONE, code.as_str())
        .password(PASSWORD);
    register.await.unwrap();
    client.register_by_email(EMAIL, PASSWORD).await.unwrap();

    // A code to register with does not reset a password, nor the other way.
    let sms = client.send_sms_code(PHONE).scene(SmsScene::Register);
    sms.await.unwrap();
    let code = last_code(&emulator);
    let reset = client.reset_password_by_phone_code(PHONE, code, NEW).await;
    assert_eq!(refused(reset), ErrorCode::WRONG_VERIFICATION_CODE);
    client
        .send_email(EMAIL, EmailScene::ResetPassword)
        .await
        .unwrap();
    let code = last_code(&emulator);
    let login = client.login_by_email_code(EMAIL, code).await;
    assert_eq!(refused(login), ErrorCode::WRONG_VERIFICATION_CODE);
    client.login_by_email(EMAIL, PASSWORD).await.unwrap();
}

async fn mails_come_once_a_minute(backend: Backend) {
    let (emulator, Clients { client, .. }) = start(backend);
    let send = || client.send_email(EMAIL, EmailScene::ResetPassword);
    assert_eq!(send().await.unwrap().code, Some(200));
    assert_eq!(refused(send().await), ErrorCode::EMAIL_CODE_TOO_FREQUENT);
    let shouted = client.send_email("BOB@EXAMPLE.COM", EmailScene::ResetPassword);
    assert_eq!(refused(shouted.await), ErrorCode::EMAIL_CODE_TOO_FREQUENT);
    emulator.advance(Duration::from_secs(60));
    send().await.unwrap();
    assert_eq!(emulator.outbox().len(), 2);
}

async fn resetting_a_password_by_phone(backend: Backend) {
    let (emulator, Clients { client, .. }) = start(backend);
    emulator.fix_code(PHONE, "4321");
    client.send_sms_code(PHONE).await.unwrap();
    let register = client.register_by_phone_code(PHONE, "4321");
    register.password(PASSWORD).await.unwrap();
    client.send_sms_code(PHONE).await.unwrap();
    let wrong = client.reset_password_by_phone_code(PHONE, "0000", NEW);
    assert_eq!(refused(wrong.await), ErrorCode::WRONG_VERIFICATION_CODE);
    let short = client.reset_password_by_phone_code(PHONE, "4321", "12345");
    assert_eq!(refused(short.await), ErrorCode::PASSWORD_TOO_SHORT);
    let login = client.login_by_phone_password(PHONE, PASSWORD).await;
    login.unwrap();
    let done = client
        .reset_password_by_phone_code("+8613800000000", "4321", NEW)
        .await;
    assert_eq!(done.unwrap().code, Some(200));
    let old = client.login_by_phone_password(PHONE, PASSWORD).await;
    assert_eq!(refused(old), ErrorCode::WRONG_PASSWORD);
    client.login_by_phone_password(PHONE, NEW).await.unwrap();
    let unknown = client.reset_password_by_phone_code("13900000000", "4321", NEW);
    assert_eq!(refused(unknown.await), ErrorCode::USER_NOT_FOUND);
}

async fn resetting_a_password_by_email(backend: Backend) {
    let (emulator, Clients { client, .. }) = start(backend);
    client.register_by_email(EMAIL, PASSWORD).await.unwrap();
    client
        .send_email(EMAIL, EmailScene::ResetPassword)
        .await
        .unwrap();
    let code = last_code(&emulator);
    let reset = client.reset_password_by_email_code("Bob@Example.com", code.as_str(), NEW);
    reset.await.unwrap();
    client.login_by_email(EMAIL, NEW).await.unwrap();
    let again = client.reset_password_by_email_code(EMAIL, code, PASSWORD);
    assert_eq!(refused(again.await), ErrorCode::WRONG_VERIFICATION_CODE);
    let empty = [
        client.reset_password_by_email_code("", "1234", NEW).await,
        client.reset_password_by_email_code(EMAIL, "", NEW).await,
        client.reset_password_by_email_code(EMAIL, "1234", "").await,
        client.send_email("", EmailScene::ResetPassword).await,
    ];
    for result in empty {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

async fn a_message_that_was_not_sent_is_an_error(backend: Backend) {
    let (emulator, Clients { client, .. }) = start(backend);
    for phone in ["bob", "12", "1380000000x"] {
        let error = client.send_sms_code(phone).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api, "{phone}: {error}");
    }
    let scene = SmsScene::from("nonsense");
    client.send_sms_code(PHONE).scene(scene).await.unwrap_err();
    let empty = client.send_sms_code("").await.unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::InvalidInput);
    let scene = EmailScene::from("NONSENSE");
    client.send_email(EMAIL, scene).await.unwrap_err();
    let malformed = client.send_email("bob", EmailScene::VerifyCode).await;
    assert_eq!(refused(malformed), ErrorCode::WRONG_EMAIL_FORMAT);
    assert_eq!(emulator.outbox(), []);
}

async fn how_good_a_password_is(backend: Backend) {
    let (_emulator, Clients { client, .. }) = start(backend);
    let strength = client.check_password_strength(PASSWORD).await.unwrap();
    assert!(strength.valid);
    let strength = client.check_password_strength("12345").await.unwrap();
    assert!(!strength.valid);
    assert_eq!(strength.message.as_deref(), Some("密码长度不能少于 6 位"));
    let strength = client.check_password_strength("").await.unwrap();
    assert_eq!(strength.message.as_deref(), Some("请输入密码"));
}
