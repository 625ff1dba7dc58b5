//! What a refused login carries for its next step.

use authing::v2::{AuthenticationClient, NextStep};
use authing::{ErrorCode, ErrorKind, RetryPolicy};
use http::StatusCode;
use serde_json::{Value, json};

use super::check;
use super::server::{Answer, Server, run};

const CODES: [ErrorCode; 7] = [
    ErrorCode::MFA_REQUIRED,
    ErrorCode::APP_MFA_REQUIRED,
    ErrorCode::FIRST_LOGIN_RESET,
    ErrorCode::FORCED_RESET,
    ErrorCode::PROFILE_INCOMPLETE,
    ErrorCode::CAPTCHA_REQUIRED,
    ErrorCode::USER_NOT_FOUND,
];

/// The `data` of a refused login, as JSON.
pub(super) fn next_step(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let data = serde_json::from_str::<Value>(&text).ok();
    let server = Server::default();
    let client = AuthenticationClient::builder()
        .app_id("app-1")
        .retry(RetryPolicy::none())
        .transport(server.clone())
        .build()
        .unwrap();
    for code in CODES {
        // Written, not built, so that what is no JSON comes through as well.
        let body = format!(
            r#"{{"errors":[{{"message":{{"code":{code},"message":"no","data":{text}}}}}],"data":null}}"#
        );
        server.now_answer([Answer::new(StatusCode::OK, body.as_bytes())], None);
        // No password, which would be encrypted each time.
        let login = client.login_by_phone_code("13800000000", "1234");
        let error = run(login.send()).unwrap_err();
        check::error(&error, &[ErrorKind::Api, ErrorKind::Decode]);
        if let Some(data) = data.as_ref().filter(|data| !data.is_null()) {
            // What is no JSON may end the data and go on as anything, in the
            // place of the message too, which is shown.
            check::clean(&error);
            assert_eq!(error.code(), Some(code), "{error:?}");
            assert_eq!(error.data().as_ref(), Some(data));
            step(code, data, client.next_step(&error));
        }
    }
}

/// Checks that the step is the right one, and there if its token is.
fn step(code: ErrorCode, data: &Value, step: Option<NextStep>) {
    let token = |name: &str| data[name].as_str().filter(|token| !token.is_empty());
    let (given, expected) = match (code, &step) {
        (ErrorCode::MFA_REQUIRED | ErrorCode::APP_MFA_REQUIRED, step) => (
            step.as_ref().map(|step| match step {
                NextStep::Mfa(step) => step.token(),
                other => panic!("{other:?}"),
            }),
            token("mfaToken"),
        ),
        (ErrorCode::FIRST_LOGIN_RESET, Some(NextStep::SetFirstPassword(step))) => {
            (Some(step.token()), token("token"))
        }
        (ErrorCode::FORCED_RESET, Some(NextStep::ResetPassword(step))) => {
            (Some(step.token()), token("token"))
        }
        (ErrorCode::PROFILE_INCOMPLETE, Some(NextStep::CompleteProfile(step))) => {
            let names = json!(step.fields).to_string();
            assert!(names.len() <= data.to_string().len() + 2);
            (step.token.as_ref(), token("token"))
        }
        (ErrorCode::FIRST_LOGIN_RESET | ErrorCode::FORCED_RESET, None) => (None, token("token")),
        (ErrorCode::CAPTCHA_REQUIRED, Some(NextStep::Captcha))
        | (ErrorCode::USER_NOT_FOUND, None) => return,
        (_, other) => panic!("{code} gives {other:?}"),
    };
    assert_eq!(given.map(|token| token.expose()), expected);
    // The token is told nowhere, unless the server itself repeats it.
    if let (Some(token), Some(step)) = (expected, &step)
        && token.len() > 20
        && data.to_string().matches(token).count() == 1
    {
        assert!(!format!("{step:?}").contains(token), "{step:?}");
    }
}
