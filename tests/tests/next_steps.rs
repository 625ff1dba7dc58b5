//! Logins that are not finished: each kind becomes a value that knows how to
//! go on.

use authing::v2::NextStep;
use authing::{Error, ErrorCode, ErrorKind, Secret};
use authing_core::operation;
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

both_transports!(
    the_first_password,
    a_forced_reset,
    what_the_server_may_say,
    what_the_server_should_not_say,
    other_errors_have_no_next_step,
);

const OLD: &str = "correct horse";
const NEW: &str = "battery staple";

/// A user who must set a password at the first login.
struct CreateUser {
    password: &'static str,
}

operation! {
    CreateUser => serde_json::Value,
    id: "tests.create_user",
    repeat: Never,
    graphql: ["mutation createUser($userInfo: CreateUserInput!) {
        createUser(userInfo: $userInfo, resetPasswordOnFirstLogin: true) { id }
    }"] => "createUser",
    variables: |create, context| {
        let password = context.encrypt(&Secret::from(create.password))?;
        Ok(json!({"userInfo": {"username": "bob", "password": password}}))
    },
}

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

async fn the_first_password(backend: Backend) {
    let (emulator, clients) = start(backend);
    clients
        .admin
        .call(CreateUser { password: OLD })
        .await
        .unwrap();
    let error = clients
        .client
        .login_by_username("bob", OLD)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::FIRST_LOGIN_RESET));
    let Some(NextStep::SetFirstPassword(step)) = clients.client.next_step(&error) else {
        panic!("{error}");
    };
    let short = step.set_password("12345").await.unwrap_err();
    assert_eq!(short.code(), Some(ErrorCode::PASSWORD_TOO_SHORT));
    step.set_password(NEW).await.unwrap();
    clients.client.login_by_username("bob", NEW).await.unwrap();
    let again = step.set_password(OLD).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Api);
    // The token of one purpose is of no use for the other.
    let user = clients.admin.users().find().username("bob").await.unwrap();
    emulator.force_password_reset(&user.unwrap().id);
    let error = clients
        .client
        .login_by_username("bob", NEW)
        .await
        .unwrap_err();
    let Some(NextStep::ResetPassword(step)) = clients.client.next_step(&error) else {
        panic!("{error}");
    };
    let reset = clients
        .client
        .reset_password_by_first_login_token(step.token(), OLD);
    reset.await.unwrap_err();
}

async fn a_forced_reset(backend: Backend) {
    let (emulator, clients) = start(backend);
    let registered = clients
        .client
        .register_by_username("bob", OLD)
        .await
        .unwrap();
    assert!(emulator.force_password_reset(&registered.user.id));
    let error = clients
        .client
        .login_by_username("bob", OLD)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::FORCED_RESET));
    let Some(NextStep::ResetPassword(step)) = clients.client.next_step(&error) else {
        panic!("{error}");
    };
    step.reset_password("wrong", NEW).await.unwrap_err();
    step.reset_password(OLD, OLD).await.unwrap_err();
    // Nothing changed yet.
    clients
        .client
        .login_by_username("bob", NEW)
        .await
        .unwrap_err();
    step.reset_password(OLD, NEW).await.unwrap();
    clients.client.login_by_username("bob", NEW).await.unwrap();
    let error = clients
        .client
        .login_by_username("bob", OLD)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::WRONG_PASSWORD));
    let empty = clients
        .client
        .reset_password_by_force_reset_token("", OLD, NEW);
    assert_eq!(empty.await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// What a login comes to when the server refuses it so.
async fn refused(backend: Backend, code: i64, data: Value) -> (Clients, Error) {
    let server = MockServer::start().await;
    let message = json!({"code": code, "message": "请继续", "data": data});
    let answer = json!({"errors": [{"message": message}], "data": {"loginByUsername": null}});
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .mount(&server)
        .await;
    let timeout = std::time::Duration::from_secs(10);
    let clients = Clients::at(&server.uri(), backend.transport().unwrap(), timeout).unwrap();
    let error = clients
        .client
        .login_by_username("bob", OLD)
        .await
        .unwrap_err();
    (clients, error)
}

async fn next_step(backend: Backend, code: i64, data: Value) -> Option<NextStep> {
    let (clients, error) = refused(backend, code, data).await;
    assert_eq!(error.code(), Some(ErrorCode::new(code)));
    clients.client.next_step(&error)
}

async fn what_the_server_may_say(backend: Backend) {
    let data = json!({
        "mfaToken": "the token", "nickname": null, "email": "bob@example.com", "phone": "",
        "totpMfaEnabled": true, "somethingNew": {"a": 1},
        "applicationMfa": [{"mfaPolicy": "OTP", "status": 1, "sort": 1}, {"mfaPolicy": "PASSKEY"}],
    });
    let Some(NextStep::Mfa(challenge)) = next_step(backend, 1636, data).await else {
        panic!("no challenge");
    };
    assert_eq!(challenge.token().expose(), "the token");
    assert!(challenge.is_required_by_application());
    assert_eq!(
        challenge.details().email.as_deref(),
        Some("bob@example.com")
    );
    let policies = challenge.details().application_mfa.as_ref().unwrap();
    assert_eq!(policies[1].mfa_policy.as_ref().unwrap().as_str(), "PASSKEY");

    let fields = json!({"token": "the token", "extendsFields": ["name", {"name": "company"}, 7]});
    let Some(NextStep::CompleteProfile(step)) = next_step(backend, 1642, fields).await else {
        panic!("no profile to complete");
    };
    assert_eq!(step.fields, ["name", "company"]);
    assert_eq!(step.token.unwrap().expose(), "the token");
    let bare = next_step(backend, 1642, Value::Null).await;
    assert!(matches!(bare, Some(NextStep::CompleteProfile(step)) if step.token.is_none()));
    let captcha = next_step(backend, 2000, Value::Null).await;
    assert!(matches!(captcha, Some(NextStep::Captcha)));
}

async fn what_the_server_should_not_say(backend: Backend) {
    // The details are wrong, but the token is there.
    let odd = json!({"mfaToken": "the token", "email": 7, "applicationMfa": "x", "phone": "138"});
    let Some(NextStep::Mfa(challenge)) = next_step(backend, 1635, odd).await else {
        panic!("no challenge");
    };
    assert_eq!(challenge.details().phone.as_deref(), Some("138"));
    for (code, data) in [
        (1635, Value::Null),
        (1635, json!({})),
        (1636, json!({"mfaToken": ""})),
        (1636, json!({"mfaToken": 7})),
        (1639, json!({"token": null})),
        (2058, json!("token")),
    ] {
        let step = next_step(backend, code, data.clone()).await;
        assert!(step.is_none(), "{code} {data}: {step:?}");
    }
}

async fn other_errors_have_no_next_step(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let error = clients
        .client
        .login_by_username("nobody", OLD)
        .await
        .unwrap_err();
    assert!(clients.client.next_step(&error).is_none());
    assert!(clients.client.next_step(&Error::not_found("x")).is_none());
    let data = json!({"mfaToken": "the token", "token": "the token"});
    assert!(next_step(backend, 2006, data).await.is_none());
}
