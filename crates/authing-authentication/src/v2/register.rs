use authing_core::{Error, Result, Secret, operation};
use authing_types::v2::{USER_FIELDS, User};

use super::client::{AuthenticationClient, Call};
use super::entry::{Account, Entry};
use super::session::Session;

/// What comes of a registration.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Registration {
    /// The new user.
    pub user: User,
    /// The user's session, if the registration asked to be logged in with
    /// [`force_login`](Call::force_login) or
    /// [`generate_token`](Call::generate_token).
    pub session: Option<Session>,
}

impl AuthenticationClient {
    /// Registers a user with a name and a password, which is encrypted on the
    /// way.
    ///
    /// Fails with [`ErrorCode::USER_EXISTS`](crate::ErrorCode::USER_EXISTS) if
    /// the name is taken.
    ///
    /// ```no_run
    /// # use authing_authentication::v2::{AuthenticationClient, RegisterProfile};
    /// # async fn example(client: AuthenticationClient) -> Result<(), authing_authentication::Error> {
    /// let registration = client
    ///     .register_by_username("bob", "correct horse")
    ///     .profile(RegisterProfile::new().nickname("Bobby"))
    ///     .custom_data("age", 34)
    ///     .force_login(true)
    ///     .await?;
    /// println!("{} has a session: {:?}", registration.user.id, registration.session);
    /// # Ok(())
    /// # }
    /// ```
    pub fn register_by_username(
        &self,
        username: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Call<RegisterByUsername> {
        let account = Account::Username(username.into());
        self.call(RegisterByUsername(Entry::by_password(
            self,
            account,
            password.into(),
        )))
    }

    /// Registers a user with an e-mail address and a password, which is
    /// encrypted on the way. The server keeps the address in lower case, and
    /// does not count it as verified.
    ///
    /// Fails with [`ErrorCode::USER_EXISTS`](crate::ErrorCode::USER_EXISTS) if
    /// the address is taken.
    pub fn register_by_email(
        &self,
        email: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Call<RegisterByEmail> {
        let account = Account::Email(email.into());
        self.call(RegisterByEmail(Entry::by_password(
            self,
            account,
            password.into(),
        )))
    }

    /// Registers a user with a phone number and the code that
    /// [`send_sms_code`](Self::send_sms_code) sent to it; a password is
    /// optional.
    ///
    /// Fails with
    /// [`ErrorCode::WRONG_VERIFICATION_CODE`](crate::ErrorCode::WRONG_VERIFICATION_CODE)
    /// for a wrong code, and with
    /// [`ErrorCode::USER_EXISTS`](crate::ErrorCode::USER_EXISTS) if the number
    /// is taken.
    pub fn register_by_phone_code(
        &self,
        phone: impl Into<String>,
        code: impl Into<Secret>,
    ) -> Call<RegisterByPhoneCode> {
        let account = Account::Phone(phone.into());
        self.call(RegisterByPhoneCode(Entry::by_code(
            self,
            account,
            code.into(),
        )))
    }
}

impl Entry {
    /// What a registration answered.
    fn registration(&self, user: Option<User>) -> Result<Registration> {
        let user = user.ok_or_else(|| Error::not_found("the registration gave no user"))?;
        Ok(Registration {
            session: Session::of(&self.client, &user),
            user,
        })
    }
}

/// [`AuthenticationClient::register_by_username`].
#[derive(Debug, Clone)]
pub struct RegisterByUsername(Entry);

operation! {
    RegisterByUsername => Registration,
    id: "authentication.register_by_username",
    repeat: Never,
    graphql: [include_str!("documents/register_by_username.graphql"), USER_FIELDS] => "registerByUsername",
    variables: |register, context| register.0.variables(context),
    read: |register, user: Option<User>| register.0.registration(user),
}

/// [`AuthenticationClient::register_by_email`].
#[derive(Debug, Clone)]
pub struct RegisterByEmail(Entry);

operation! {
    RegisterByEmail => Registration,
    id: "authentication.register_by_email",
    repeat: Never,
    graphql: [include_str!("documents/register_by_email.graphql"), USER_FIELDS] => "registerByEmail",
    variables: |register, context| register.0.variables(context),
    read: |register, user: Option<User>| register.0.registration(user),
}

/// [`AuthenticationClient::register_by_phone_code`].
#[derive(Debug, Clone)]
pub struct RegisterByPhoneCode(Entry);

operation! {
    RegisterByPhoneCode => Registration,
    id: "authentication.register_by_phone_code",
    repeat: Never,
    graphql: [include_str!("documents/register_by_phone_code.graphql"), USER_FIELDS] => "registerByPhoneCode",
    variables: |register, context| register.0.variables(context),
    read: |register, user: Option<User>| register.0.registration(user),
}

setters!(RegisterByUsername: profile, force_login, generate_token, client_ip, custom_data, context);
setters!(RegisterByEmail: profile, force_login, generate_token, client_ip, custom_data, context);
setters!(
    RegisterByPhoneCode: profile,
    force_login,
    generate_token,
    phone_country_code,
    client_ip,
    custom_data,
    context,
);

impl Call<RegisterByPhoneCode> {
    /// A password to log in with later, besides codes; it is encrypted on the
    /// way.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.0.operation.0.password = Some(password.into());
        self
    }
}
