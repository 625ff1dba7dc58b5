use authing_core::__private::require;
use authing_core::{Payload, operation, string_enum};
use authing_types::v2::{CommonMessage, EmailScene};
use serde::Serialize;
use serde::de::IgnoredAny;

use super::client::{AuthenticationClient, Call};

string_enum! {
    /// What a code in a text message is for.
    pub enum SmsScene {
        /// To log in.
        Login = "login",
        /// To register.
        Register = "register",
        /// To reset a password.
        Reset = "reset",
        /// To bind a phone number.
        Bind = "bind",
        /// To unbind a phone number.
        Unbind = "unbind",
        /// To bind the number as a second factor.
        MfaBind = "mfa-bind",
        /// To pass the second factor.
        MfaVerify = "mfa-verify",
        /// To unbind the number as a second factor.
        MfaUnbind = "mfa-unbind",
        /// To complete one's profile.
        CompletePhone = "complete-phone",
    }
}

impl AuthenticationClient {
    /// Sends a code to a phone number, to log in, register, reset the password
    /// or bind the number with. Codes are good for a few minutes, and once.
    ///
    /// A message that the server did not send is an error.
    ///
    /// ```no_run
    /// # use authing_authentication::v2::{AuthenticationClient, SmsScene};
    /// # async fn example(client: AuthenticationClient) -> Result<(), authing_authentication::Error> {
    /// client.send_sms_code("13800000000").await?;
    /// client
    ///     .send_sms_code("2025550123")
    ///     .phone_country_code("+1")
    ///     .scene(SmsScene::Login)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn send_sms_code(&self, phone: impl Into<String>) -> Call<SendSmsCode> {
        self.call(SendSmsCode {
            phone: phone.into(),
            phone_country_code: None,
            scene: None,
        })
    }

    /// Sends a mail for a purpose, usually one with a code. A server sends one
    /// address the same mail once a minute, and otherwise refuses with
    /// [`ErrorCode::EMAIL_CODE_TOO_FREQUENT`](crate::ErrorCode::EMAIL_CODE_TOO_FREQUENT).
    ///
    /// ```no_run
    /// # use authing_authentication::v2::{AuthenticationClient, EmailScene};
    /// # async fn example(client: AuthenticationClient) -> Result<(), authing_authentication::Error> {
    /// client.send_email("bob@example.com", EmailScene::ResetPassword).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn send_email(&self, email: impl Into<String>, scene: EmailScene) -> Call<SendEmail> {
        self.call(SendEmail {
            email: email.into(),
            scene,
        })
    }
}

/// [`AuthenticationClient::send_sms_code`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SendSmsCode {
    phone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_country_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scene: Option<SmsScene>,
}

operation! {
    SendSmsCode => (),
    id: "authentication.send_sms_code",
    repeat: Never,
    rest: POST |send, _| {
        require("the phone number", &send.phone)?;
        Payload::json("/api/v2/sms/send", send)
    },
    read: |_, _answer: IgnoredAny| Ok(()),
}

impl Call<SendSmsCode> {
    /// The calling code of the phone number's country, such as `+86`, for a
    /// number that does not have it in itself.
    pub fn phone_country_code(mut self, code: impl Into<String>) -> Self {
        self.0.operation.phone_country_code = Some(code.into());
        self
    }

    /// What the code is for; without it, for anything.
    pub fn scene(mut self, scene: SmsScene) -> Self {
        self.0.operation.scene = Some(scene);
        self
    }
}

/// [`AuthenticationClient::send_email`].
#[derive(Debug, Clone, Serialize)]
pub struct SendEmail {
    email: String,
    scene: EmailScene,
}

operation! {
    SendEmail => CommonMessage,
    id: "authentication.send_email",
    repeat: Never,
    graphql: [include_str!("documents/send_email.graphql")] => "sendEmail",
    variables: |send, _| require("the e-mail address", &send.email).map(|_| send),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
