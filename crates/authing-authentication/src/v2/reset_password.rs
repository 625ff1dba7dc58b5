use authing_core::__private::require;
use authing_core::{Secret, operation};
use authing_types::v2::CommonMessage;
use serde::Serialize;

use super::client::{AuthenticationClient, Call};
use super::password::encrypt_new;

impl AuthenticationClient {
    /// Sets a new password with the code that
    /// [`send_sms_code`](Self::send_sms_code) sent to the user's phone.
    ///
    /// Fails with
    /// [`ErrorCode::WRONG_VERIFICATION_CODE`](crate::ErrorCode::WRONG_VERIFICATION_CODE)
    /// for a wrong code.
    pub fn reset_password_by_phone_code(
        &self,
        phone: impl Into<String>,
        code: impl Into<Secret>,
        new_password: impl Into<Secret>,
    ) -> Call<ResetPasswordByPhoneCode> {
        self.call(ResetPasswordByPhoneCode {
            phone: phone.into(),
            phone_country_code: None,
            code: code.into(),
            new_password: new_password.into(),
        })
    }

    /// Sets a new password with the code that [`send_email`](Self::send_email)
    /// sent to the user's address for
    /// [`EmailScene::ResetPassword`](super::EmailScene::ResetPassword).
    ///
    /// Fails with
    /// [`ErrorCode::WRONG_VERIFICATION_CODE`](crate::ErrorCode::WRONG_VERIFICATION_CODE)
    /// for a wrong code.
    pub fn reset_password_by_email_code(
        &self,
        email: impl Into<String>,
        code: impl Into<Secret>,
        new_password: impl Into<Secret>,
    ) -> Call<ResetPasswordByEmailCode> {
        self.call(ResetPasswordByEmailCode {
            email: email.into(),
            code: code.into(),
            new_password: new_password.into(),
        })
    }
}

/// The variables of `resetPassword`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reset<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_country_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    code: &'a str,
    new_password: String,
}

/// [`AuthenticationClient::reset_password_by_phone_code`].
#[derive(Debug, Clone)]
pub struct ResetPasswordByPhoneCode {
    phone: String,
    phone_country_code: Option<String>,
    code: Secret,
    new_password: Secret,
}

operation! {
    ResetPasswordByPhoneCode => CommonMessage,
    id: "authentication.reset_password_by_phone_code",
    repeat: Never,
    graphql: [include_str!("documents/reset_password.graphql")] => "resetPassword",
    newer: |reset| reset.phone_country_code.is_some()
        => [include_str!("documents/with_country_code/reset_password.graphql")],
    variables: |reset, context| Ok(Reset {
        phone: Some(require("the phone number", &reset.phone)?),
        phone_country_code: reset.phone_country_code.as_deref(),
        email: None,
        code: require("the verification code", reset.code.expose())?,
        new_password: encrypt_new(&reset.new_password, context)?,
    }),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

impl Call<ResetPasswordByPhoneCode> {
    /// The calling code of the phone number's country, such as `+86`, for a
    /// number that does not have it in itself.
    pub fn phone_country_code(mut self, code: impl Into<String>) -> Self {
        self.0.operation.phone_country_code = Some(code.into());
        self
    }
}

/// [`AuthenticationClient::reset_password_by_email_code`].
#[derive(Debug, Clone)]
pub struct ResetPasswordByEmailCode {
    email: String,
    code: Secret,
    new_password: Secret,
}

operation! {
    ResetPasswordByEmailCode => CommonMessage,
    id: "authentication.reset_password_by_email_code",
    repeat: Never,
    graphql: [include_str!("documents/reset_password.graphql")] => "resetPassword",
    variables: |reset, context| Ok(Reset {
        phone: None,
        phone_country_code: None,
        email: Some(require("the e-mail address", &reset.email)?),
        code: require("the verification code", reset.code.expose())?,
        new_password: encrypt_new(&reset.new_password, context)?,
    }),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
