use authing_core::{Payload, Secret, operation};
use authing_types::v2::{USER_FIELDS, User};

use super::client::{AuthenticationClient, Call};
use super::entry::{Account, Entry};
use super::session::Session;

impl AuthenticationClient {
    /// Logs a user in with a name and a password, which is encrypted on the
    /// way.
    ///
    /// Which code a wrong login has depends on the server and its settings:
    /// [`ErrorCode::USER_NOT_FOUND`](crate::ErrorCode::USER_NOT_FOUND),
    /// [`ErrorCode::WRONG_PASSWORD`](crate::ErrorCode::WRONG_PASSWORD) or
    /// [`ErrorCode::WRONG_ACCOUNT_OR_PASSWORD`](crate::ErrorCode::WRONG_ACCOUNT_OR_PASSWORD).
    /// A login that is right so far but needs more, such as a second factor,
    /// fails too: [`next_step`](Self::next_step) says what it needs.
    pub fn login_by_username(
        &self,
        username: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Call<LoginByUsername> {
        let account = Account::Username(username.into());
        self.call(LoginByUsername(Entry::by_password(
            self,
            account,
            password.into(),
        )))
    }

    /// Logs a user in with an e-mail address and a password, which is encrypted
    /// on the way. Fails as [`login_by_username`](Self::login_by_username)
    /// does.
    pub fn login_by_email(
        &self,
        email: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Call<LoginByEmail> {
        let account = Account::Email(email.into());
        self.call(LoginByEmail(Entry::by_password(
            self,
            account,
            password.into(),
        )))
    }

    /// Logs a user in with a phone number and a password, which is encrypted on
    /// the way. Fails as [`login_by_username`](Self::login_by_username) does.
    pub fn login_by_phone_password(
        &self,
        phone: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Call<LoginByPhonePassword> {
        let account = Account::Phone(phone.into());
        self.call(LoginByPhonePassword(Entry::by_password(
            self,
            account,
            password.into(),
        )))
    }

    /// Logs a user in with a phone number and the code that
    /// [`send_sms_code`](Self::send_sms_code) sent to it.
    ///
    /// Fails with
    /// [`ErrorCode::WRONG_VERIFICATION_CODE`](crate::ErrorCode::WRONG_VERIFICATION_CODE)
    /// for a wrong code, and with
    /// [`ErrorCode::VERIFICATION_CODE_EXPIRED`](crate::ErrorCode::VERIFICATION_CODE_EXPIRED)
    /// for an old one.
    ///
    /// ```no_run
    /// # use authing_authentication::v2::AuthenticationClient;
    /// # async fn example(client: AuthenticationClient, typed: &str) -> Result<(), authing_authentication::Error> {
    /// client.send_sms_code("13800000000").await?;
    /// let session = client.login_by_phone_code("13800000000", typed).await?;
    /// # let _ = session;
    /// # Ok(())
    /// # }
    /// ```
    pub fn login_by_phone_code(
        &self,
        phone: impl Into<String>,
        code: impl Into<Secret>,
    ) -> Call<LoginByPhoneCode> {
        let account = Account::Phone(phone.into());
        self.call(LoginByPhoneCode(Entry::by_code(self, account, code.into())))
    }

    /// Logs a user in with an e-mail address and the code that
    /// [`send_email`](Self::send_email) sent to it for
    /// [`EmailScene::LoginVerifyCode`](super::EmailScene::LoginVerifyCode).
    /// Fails as [`login_by_phone_code`](Self::login_by_phone_code) does.
    pub fn login_by_email_code(
        &self,
        email: impl Into<String>,
        code: impl Into<Secret>,
    ) -> Call<LoginByEmailCode> {
        let account = Account::Email(email.into());
        self.call(LoginByEmailCode(Entry::by_code(self, account, code.into())))
    }
}

/// [`AuthenticationClient::login_by_username`].
#[derive(Debug, Clone)]
pub struct LoginByUsername(Entry);

operation! {
    LoginByUsername => Session,
    id: "authentication.login_by_username",
    repeat: Never,
    graphql: [include_str!("documents/login_by_username.graphql"), USER_FIELDS] => "loginByUsername",
    variables: |login, context| login.0.variables(context),
    read: |login, user: Option<User>| login.0.session(user),
}

/// [`AuthenticationClient::login_by_email`].
#[derive(Debug, Clone)]
pub struct LoginByEmail(Entry);

operation! {
    LoginByEmail => Session,
    id: "authentication.login_by_email",
    repeat: Never,
    graphql: [include_str!("documents/login_by_email.graphql"), USER_FIELDS] => "loginByEmail",
    variables: |login, context| login.0.variables(context),
    read: |login, user: Option<User>| login.0.session(user),
}

/// [`AuthenticationClient::login_by_phone_password`].
#[derive(Debug, Clone)]
pub struct LoginByPhonePassword(Entry);

operation! {
    LoginByPhonePassword => Session,
    id: "authentication.login_by_phone_password",
    repeat: Never,
    graphql: [include_str!("documents/login_by_phone_password.graphql"), USER_FIELDS] => "loginByPhonePassword",
    variables: |login, context| login.0.variables(context),
    read: |login, user: Option<User>| login.0.session(user),
}

/// [`AuthenticationClient::login_by_phone_code`].
#[derive(Debug, Clone)]
pub struct LoginByPhoneCode(Entry);

operation! {
    LoginByPhoneCode => Session,
    id: "authentication.login_by_phone_code",
    repeat: Never,
    graphql: [include_str!("documents/login_by_phone_code.graphql"), USER_FIELDS] => "loginByPhoneCode",
    variables: |login, context| login.0.variables(context),
    read: |login, user: Option<User>| login.0.session(user),
}

/// [`AuthenticationClient::login_by_email_code`].
#[derive(Debug, Clone)]
pub struct LoginByEmailCode(Entry);

operation! {
    LoginByEmailCode => Session,
    id: "authentication.login_by_email_code",
    repeat: Never,
    rest: POST |login, context| Payload::json("/api/v2/login/email-code", &login.0.input(context)?),
    read: |login, user: Option<User>| login.0.session(user),
}

setters!(LoginByUsername: auto_register, captcha_code, client_ip, custom_data, context);
setters!(LoginByEmail: auto_register, captcha_code, client_ip, custom_data, context);
setters!(LoginByPhonePassword: auto_register, captcha_code, client_ip, custom_data, context);
setters!(
    LoginByPhoneCode: auto_register,
    phone_country_code,
    client_ip,
    custom_data,
    context,
);
setters!(LoginByEmailCode: client_ip, custom_data, context);
