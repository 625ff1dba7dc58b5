use authing_core::{EncodeContext, Error, Result, Secret, operation};
use authing_types::v2::{RegisterProfile, USER_FIELDS, User};
use serde::Serialize;

use super::client::{AuthenticationClient, Call};
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

/// [`AuthenticationClient::register_by_username`].
#[derive(Debug, Clone)]
pub struct RegisterByUsername {
    client: AuthenticationClient,
    username: String,
    password: Secret,
    profile: Option<RegisterProfile>,
    options: Options,
}

/// What may be wished of a registration.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    force_login: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generate_token: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_ip: Option<String>,
}

operation! {
    RegisterByUsername => Registration,
    id: "authentication.register_by_username",
    repeat: Never,
    graphql: [include_str!("documents/register_by_username.graphql"), USER_FIELDS]
        => "registerByUsername",
    variables: |register, context| register.variables(context),
    read: |register, user: Option<User>| {
        let user = user.ok_or_else(|| Error::not_found("the registration gave no user"))?;
        Ok(Registration {
            session: Session::of(&register.client, &user),
            user,
        })
    },
}

#[derive(Serialize)]
struct Variables<'a> {
    input: Input<'a>,
}

#[derive(Serialize)]
struct Input<'a> {
    username: &'a str,
    password: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a RegisterProfile>,
    #[serde(flatten)]
    options: &'a Options,
}

impl RegisterByUsername {
    pub(super) fn new(client: &AuthenticationClient, username: String, password: Secret) -> Self {
        Self {
            client: client.clone(),
            username,
            password,
            profile: None,
            options: Options::default(),
        }
    }

    fn variables(&self, context: &EncodeContext<'_>) -> Result<Variables<'_>> {
        Ok(Variables {
            input: Input {
                username: &self.username,
                password: context.encrypt(&self.password)?,
                profile: self.profile.as_ref(),
                options: &self.options,
            },
        })
    }
}

impl Call<RegisterByUsername> {
    /// What else is known of the user.
    pub fn profile(mut self, profile: RegisterProfile) -> Self {
        self.0.operation.profile = Some(profile);
        self
    }

    /// Whether to log the user in at once, as [`login_by_username`] would;
    /// the server's default is not to.
    ///
    /// [`login_by_username`]: AuthenticationClient::login_by_username
    pub fn force_login(mut self, force: bool) -> Self {
        self.0.operation.options.force_login = Some(force);
        self
    }

    /// Whether to issue a token without counting it as a login; the server's
    /// default is not to.
    pub fn generate_token(mut self, generate: bool) -> Self {
        self.0.operation.options.generate_token = Some(generate);
        self
    }

    /// The address that the user registers from, when a backend does it for
    /// them.
    pub fn client_ip(mut self, ip: impl Into<String>) -> Self {
        self.0.operation.options.client_ip = Some(ip.into());
        self
    }
}
