//! The second factor, against the emulator over real sockets and both
//! transports.

use std::time::{Duration, UNIX_EPOCH};

use authing::v2::mfa::MfaAssociation;
use authing::v2::{MfaChallenge, NextStep, Session, UpdateUserInput};
use authing::{Error, ErrorCode, ErrorKind};
use authing_core::operation;
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use serde::Serialize;
use serde::de::IgnoredAny;
use totp_rs::Totp;

both_transports!(
    log_in_with_an_authenticator,
    a_code_is_good_once,
    a_recovery_code_is_good_once,
    the_first_factor_is_not_enough,
    a_challenge_survives_between_requests,
    a_challenge_ends,
    enrol_on_the_way_in,
    registering_meets_the_second_factor_too,
    remove_the_authenticator,
    bindable_or_not,
    a_code_by_mail,
    codes_by_message_are_checked,
    bad_input_is_not_sent,
    a_locked_user_loses_nothing,
);

const PASSWORD: &str = "correct horse";
const STEP: Duration = Duration::from_secs(30);

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

async fn register(clients: &Clients, username: &str) -> Session {
    let registration = clients.client.register_by_username(username, PASSWORD);
    registration
        .generate_token(true)
        .await
        .unwrap()
        .session
        .unwrap()
}

/// What the user's app shows: it read the picture.
fn code(emulator: &Emulator, key: &MfaAssociation) -> String {
    let app = Totp::from_url(key.qrcode_uri.as_ref().unwrap().expose()).unwrap();
    let now = emulator.now().duration_since(UNIX_EPOCH).unwrap();
    app.generate(now.as_secs()).to_string()
}

/// Gives the user an authenticator app, and turns to its next code.
async fn enrol(emulator: &Emulator, session: &Session) -> MfaAssociation {
    let mfa = session.mfa();
    let key = mfa.associate_mfa_authenticator().await.unwrap();
    mfa.confirm_associate_mfa_authenticator(code(emulator, &key))
        .await
        .unwrap();
    emulator.advance(STEP);
    key
}

async fn refusal(clients: &Clients, username: &str) -> Error {
    clients
        .client
        .login_by_username(username, PASSWORD)
        .await
        .unwrap_err()
}

async fn challenge(clients: &Clients, username: &str) -> MfaChallenge {
    let error = refusal(clients, username).await;
    match clients.client.next_step(&error) {
        Some(NextStep::Mfa(challenge)) => challenge,
        other => panic!("{error}: {other:?}"),
    }
}

async fn log_in_with_an_authenticator(backend: Backend) {
    let (emulator, clients) = start(backend);
    let session = register(&clients, "bob").await;
    let mfa = session.mfa();
    assert!(mfa.get_mfa_authenticators().await.unwrap().is_empty());
    let key = mfa.associate_mfa_authenticator().await.unwrap();
    assert!(
        key.qrcode_data_url
            .as_ref()
            .unwrap()
            .expose()
            .starts_with("data:image/")
    );
    let listed = mfa.get_mfa_authenticators().await.unwrap();
    assert_eq!((listed.len(), listed[0].enable), (1, Some(false)));
    assert!(listed[0].created_at.is_some());
    // Not confirmed: nothing is asked.
    clients
        .client
        .login_by_username("bob", PASSWORD)
        .await
        .unwrap();

    let error = mfa
        .confirm_associate_mfa_authenticator("000000")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(
        mfa.get_mfa_authenticators().await.unwrap()[0].enable,
        Some(false)
    );
    mfa.confirm_associate_mfa_authenticator(code(&emulator, &key))
        .await
        .unwrap();
    assert_eq!(
        mfa.get_mfa_authenticators().await.unwrap()[0].enable,
        Some(true)
    );
    emulator.advance(STEP);

    let error = refusal(&clients, "bob").await;
    assert_eq!(error.code(), Some(ErrorCode::MFA_REQUIRED));
    let Some(NextStep::Mfa(challenge)) = clients.client.next_step(&error) else {
        panic!("{error}");
    };
    assert!(!challenge.is_required_by_application());
    assert_eq!(challenge.details().username.as_deref(), Some("bob"));
    assert_eq!(challenge.details().totp_mfa_enabled, Some(true));
    let error = challenge.verify_totp_mfa("000000").await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::WRONG_TOTP));
    let session = challenge
        .verify_totp_mfa(code(&emulator, &key))
        .await
        .unwrap();
    assert_eq!(session.user().unwrap().logins_count, Some(2));
    let user = session.get_current_user().await.unwrap();
    assert_eq!(user.username.as_deref(), Some("bob"));
    assert!(session.check_login_status().await.unwrap().is_logged_in());
}

async fn a_code_is_good_once(backend: Backend) {
    let (emulator, clients) = start(backend);
    let key = enrol(&emulator, &register(&clients, "bob").await).await;
    let used = code(&emulator, &key);
    let first = challenge(&clients, "bob").await;
    first.verify_totp_mfa(&used).await.unwrap();
    let second = challenge(&clients, "bob").await;
    let error = second.verify_totp_mfa(&used).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::WRONG_TOTP));
    emulator.advance(STEP);
    let next = code(&emulator, &key);
    let error = first.verify_totp_mfa(&next).await.unwrap_err();
    assert!(error.is_unauthenticated(), "a finished challenge: {error}");
    second.verify_totp_mfa(&next).await.unwrap();
}

async fn a_recovery_code_is_good_once(backend: Backend) {
    let (emulator, clients) = start(backend);
    let key = enrol(&emulator, &register(&clients, "bob").await).await;
    let used = key.recovery_code.as_ref().unwrap();
    let lost = challenge(&clients, "bob").await;
    let error = lost.verify_totp_recovery_code("wrong").await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::WRONG_RECOVERY_CODE));
    let recovery = lost.verify_totp_recovery_code(used).await.unwrap();
    recovery.session.get_current_user().await.unwrap();
    let fresh = recovery.recovery_code.unwrap();
    assert_ne!(fresh.expose(), used.expose());
    let again = challenge(&clients, "bob").await;
    let error = again.verify_totp_recovery_code(used).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::WRONG_RECOVERY_CODE));
    again.verify_totp_recovery_code(&fresh).await.unwrap();
}

async fn the_first_factor_is_not_enough(backend: Backend) {
    let (emulator, clients) = start(backend);
    let key = enrol(&emulator, &register(&clients, "bob").await).await;
    let challenge = challenge(&clients, "bob").await;
    let listed = challenge.mfa().get_mfa_authenticators().await.unwrap();
    assert_eq!(listed[0].enable, Some(true));
    assert!(listed[0].secret.is_none() && listed[0].recovery_code.is_none());
    challenge
        .mfa()
        .associate_mfa_authenticator()
        .await
        .unwrap_err();
    challenge
        .mfa()
        .delete_mfa_authenticator()
        .await
        .unwrap_err();
    let session = clients.client.session(challenge.token());
    let error = session.get_current_user().await.unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
    assert!(!session.check_login_status().await.unwrap().is_logged_in());
    // The authenticator is still the one it was.
    challenge
        .verify_totp_mfa(code(&emulator, &key))
        .await
        .unwrap();
}

async fn a_challenge_survives_between_requests(backend: Backend) {
    let (emulator, clients) = start(backend);
    let key = enrol(&emulator, &register(&clients, "bob").await).await;
    let kept = challenge(&clients, "bob").await.token().expose().to_owned();
    let challenge = clients.client.mfa_challenge(kept);
    assert!(challenge.details().username.is_none());
    let session = challenge
        .verify_totp_mfa(code(&emulator, &key))
        .await
        .unwrap();
    assert_eq!(session.user().unwrap().username.as_deref(), Some("bob"));
}

async fn a_challenge_ends(backend: Backend) {
    let (emulator, clients) = start(backend);
    let key = enrol(&emulator, &register(&clients, "bob").await).await;
    let challenge = challenge(&clients, "bob").await;
    emulator.advance(Duration::from_secs(361));
    let error = challenge
        .verify_totp_mfa(code(&emulator, &key))
        .await
        .unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
    for token in ["nonsense", ""] {
        let made_up = clients.client.mfa_challenge(token);
        let error = made_up.verify_totp_mfa("123456").await.unwrap_err();
        assert!(error.is_unauthenticated(), "{error}");
    }
}

async fn enrol_on_the_way_in(backend: Backend) {
    let (emulator, clients) = start(backend);
    register(&clients, "bob").await;
    emulator.require_mfa(true);
    let error = refusal(&clients, "bob").await;
    assert_eq!(error.code(), Some(ErrorCode::APP_MFA_REQUIRED));
    let challenge = challenge(&clients, "bob").await;
    assert!(challenge.is_required_by_application());
    let details = challenge.details();
    assert_eq!(details.totp_mfa_enabled, Some(false));
    assert_eq!(details.application_mfa.as_ref().unwrap().len(), 3);
    let mfa = challenge.mfa();
    let key = mfa.associate_mfa_authenticator().await.unwrap();
    mfa.confirm_associate_mfa_authenticator(code(&emulator, &key))
        .await
        .unwrap();
    emulator.advance(STEP);
    let session = challenge
        .verify_totp_mfa(code(&emulator, &key))
        .await
        .unwrap();
    session.get_current_user().await.unwrap();
    emulator.require_mfa(false);
    let error = refusal(&clients, "bob").await;
    assert_eq!(
        error.code(),
        Some(ErrorCode::MFA_REQUIRED),
        "the user keeps it"
    );
}

async fn registering_meets_the_second_factor_too(backend: Backend) {
    let (emulator, clients) = start(backend);
    emulator.require_mfa(true);
    let registration = clients.client.register_by_username("bob", PASSWORD);
    let error = registration.force_login(true).await.unwrap_err();
    assert!(matches!(
        clients.client.next_step(&error),
        Some(NextStep::Mfa(_))
    ));
    let error = clients
        .client
        .register_by_username("bob", PASSWORD)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::USER_EXISTS));
}

async fn remove_the_authenticator(backend: Backend) {
    let (emulator, clients) = start(backend);
    let session = register(&clients, "bob").await;
    enrol(&emulator, &session).await;
    session.mfa().delete_mfa_authenticator().await.unwrap();
    assert!(
        session
            .mfa()
            .get_mfa_authenticators()
            .await
            .unwrap()
            .is_empty()
    );
    clients
        .client
        .login_by_username("bob", PASSWORD)
        .await
        .unwrap();
    session.logout().await.unwrap();
    let error = session.mfa().get_mfa_authenticators().await.unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
}

async fn bindable_or_not(backend: Backend) {
    let (emulator, clients) = start(backend);
    register(&clients, "bob").await;
    let eve = register(&clients, "eve").await.user_id().unwrap();
    let phone = UpdateUserInput::new().phone("13800000000");
    clients.admin.users().update(&eve, phone).await.unwrap();
    emulator.require_mfa(true);
    let challenge = challenge(&clients, "bob").await;
    let ask = || challenge.phone_or_email_bindable();
    assert!(!ask().phone("13800000000").await.unwrap());
    assert!(ask().phone("13900000000").await.unwrap());
    assert!(ask().email("bob@example.com").await.unwrap());
}

/// Has the server send the code of the second factor by mail.
#[derive(Serialize)]
struct SendMfaCode {
    email: &'static str,
}

operation! {
    SendMfaCode => IgnoredAny,
    id: "tests.send_mfa_code",
    repeat: Never,
    graphql: ["mutation sendEmail($email: String!) { sendEmail(email: $email, scene: MFA_VERIFY) { code } }"]
        => "sendEmail",
}

async fn a_code_by_mail(backend: Backend) {
    let (emulator, clients) = start(backend);
    register(&clients, "bob").await;
    emulator.require_mfa(true);
    let email = "Bob@example.com";
    let challenge = challenge(&clients, "bob").await;
    clients.client.call(SendMfaCode { email }).await.unwrap();
    let code = emulator.outbox().pop().unwrap().code;
    let session = challenge.verify_app_email_mfa(email, &code).await.unwrap();
    let user = session.get_current_user().await.unwrap();
    assert_eq!(user.email.as_deref(), Some("bob@example.com"));
    assert_eq!(user.email_verified, Some(true));
    let error = challenge
        .verify_app_email_mfa(email, &code)
        .await
        .unwrap_err();
    assert!(error.is_unauthenticated(), "a finished challenge: {error}");

    // From now on codes go there, and nowhere else.
    let challenge = self::challenge(&clients, "bob").await;
    assert_eq!(
        challenge.details().mfa_email.as_deref(),
        Some("bob@example.com")
    );
    let error = challenge
        .verify_app_email_mfa(email, &code)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::WRONG_VERIFICATION_CODE));
    let eve = "eve@example.com";
    clients
        .client
        .call(SendMfaCode { email: eve })
        .await
        .unwrap();
    let code = emulator.outbox().pop().unwrap().code;
    let error = challenge
        .verify_app_email_mfa(eve, &code)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::NOT_PERMITTED));
}

async fn codes_by_message_are_checked(backend: Backend) {
    let (emulator, clients) = start(backend);
    register(&clients, "bob").await;
    emulator.require_mfa(true);
    let challenge = challenge(&clients, "bob").await;
    let error = challenge
        .verify_app_sms_mfa("13800000000", "0000")
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::WRONG_VERIFICATION_CODE));
    let error = challenge
        .verify_app_email_mfa("bob@example.com", "0000")
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::WRONG_VERIFICATION_CODE));
    // Nothing was bound by that.
    let bob = clients
        .admin
        .users()
        .find()
        .username("bob")
        .await
        .unwrap()
        .unwrap();
    assert!(bob.phone.is_none() && bob.email.is_none());
}

async fn bad_input_is_not_sent(backend: Backend) {
    let (emulator, clients) = start(backend);
    let before = emulator.requests().len();
    let challenge = clients.client.mfa_challenge("token");
    let mfa = challenge.mfa();
    for error in [
        challenge.verify_totp_mfa("").await.unwrap_err(),
        challenge.verify_totp_recovery_code("").await.unwrap_err(),
        challenge.verify_app_sms_mfa("", "1234").await.unwrap_err(),
        challenge.verify_app_sms_mfa("138", "").await.unwrap_err(),
        challenge
            .verify_app_email_mfa("", "1234")
            .await
            .unwrap_err(),
        challenge
            .verify_app_email_mfa("a@b.c", "")
            .await
            .unwrap_err(),
        challenge.phone_or_email_bindable().await.unwrap_err(),
        challenge
            .phone_or_email_bindable()
            .phone("")
            .await
            .unwrap_err(),
        mfa.confirm_associate_mfa_authenticator("")
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert_eq!(emulator.requests().len(), before);
}

async fn a_locked_user_loses_nothing(backend: Backend) {
    let (emulator, clients) = start(backend);
    let session = register(&clients, "bob").await;
    let key = enrol(&emulator, &session).await;
    let challenge = challenge(&clients, "bob").await;
    let id = session.user_id().unwrap();
    let lock = |locked| {
        clients
            .admin
            .users()
            .update(&id, UpdateUserInput::new().blocked(locked))
    };
    lock(true).await.unwrap();
    let recovery_code = key.recovery_code.as_ref().unwrap();
    let error = challenge
        .verify_totp_recovery_code(recovery_code)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::USER_LOCKED));
    lock(false).await.unwrap();
    challenge
        .verify_totp_recovery_code(recovery_code)
        .await
        .unwrap();
}

/// The example is a part of this test, so that it is not built twice.
#[path = "../../crates/authing/examples/mfa-login.rs"]
#[expect(dead_code, reason = "its main is not called")]
mod example;

#[tokio::test]
async fn the_example() {
    let mut out = Vec::new();
    example::run(true, &mut &b""[..], &mut out).await.unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("otpauth://totp/"), "{out}");
    assert!(out.contains("(code 1635"), "{out}");
    assert!(out.ends_with("All 4 steps went well.\n"), "{out}");
}

#[tokio::test]
async fn the_example_lets_one_try_again() {
    let mut out = Vec::new();
    let mut typed = &b"wrong\n\n"[..];
    let error = example::run(false, &mut typed, &mut out).await.unwrap_err();
    assert_eq!(error.to_string(), "the input ended");
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out.matches("Try the next one").count(), 2, "{out}");
}
