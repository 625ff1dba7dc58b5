use authing_core::{EncodeContext, Result, Secret, operation};
use authing_types::v2::{USER_FIELDS, User};
use serde::Serialize;

use super::client::{AuthenticationClient, Call};
use super::session::Session;

/// [`AuthenticationClient::login_by_username`].
#[derive(Debug, Clone)]
pub struct LoginByUsername {
    client: AuthenticationClient,
    username: String,
    password: Secret,
    options: Options,
}

/// What may be wished of a login.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_register: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    captcha_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_ip: Option<String>,
}

operation! {
    LoginByUsername => Session,
    id: "authentication.login_by_username",
    repeat: Never,
    graphql: [include_str!("documents/login_by_username.graphql"), USER_FIELDS]
        => "loginByUsername",
    variables: |login, context| login.variables(context),
    read: |login, user: Option<User>| {
        user.and_then(|user| Session::of(&login.client, &user))
            .ok_or_else(Session::no_token)
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
    #[serde(flatten)]
    options: &'a Options,
}

impl LoginByUsername {
    pub(super) fn new(client: &AuthenticationClient, username: String, password: Secret) -> Self {
        Self {
            client: client.clone(),
            username,
            password,
            options: Options::default(),
        }
    }

    fn variables(&self, context: &EncodeContext<'_>) -> Result<Variables<'_>> {
        Ok(Variables {
            input: Input {
                username: &self.username,
                password: context.encrypt(&self.password)?,
                options: &self.options,
            },
        })
    }
}

impl Call<LoginByUsername> {
    /// Whether to register a user whom the pool does not know; the server's
    /// default is not to.
    pub fn auto_register(mut self, register: bool) -> Self {
        self.0.operation.options.auto_register = Some(register);
        self
    }

    /// What the user read in the picture, after a login failed with
    /// [`ErrorCode::CAPTCHA_REQUIRED`](crate::ErrorCode::CAPTCHA_REQUIRED).
    pub fn captcha_code(mut self, code: impl Into<String>) -> Self {
        self.0.operation.options.captcha_code = Some(code.into());
        self
    }

    /// The address that the user logs in from, when a backend does it for
    /// them.
    pub fn client_ip(mut self, ip: impl Into<String>) -> Self {
        self.0.operation.options.client_ip = Some(ip.into());
        self
    }
}
