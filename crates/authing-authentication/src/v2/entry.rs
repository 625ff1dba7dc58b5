//! What registrations and logins have in common: who, with what proof, and
//! with which options.

use authing_core::__private::require;
use authing_core::{EncodeContext, Result, Secret};
use authing_types::v2::User;
use serde::Serialize;

use super::client::AuthenticationClient;
use super::options::Options;
use super::session::Session;

/// A registration or a login.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) client: AuthenticationClient,
    account: Account,
    code: Option<Secret>,
    pub(super) password: Option<Secret>,
    pub(super) options: Options,
}

/// How a user is named.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Account {
    Username(String),
    Email(String),
    Phone(String),
}

impl Account {
    fn check(&self) -> Result<()> {
        let (what, name) = match self {
            Self::Username(name) => ("the username", name),
            Self::Email(address) => ("the e-mail address", address),
            Self::Phone(number) => ("the phone number", number),
        };
        require(what, name).map(drop)
    }
}

#[derive(Serialize)]
pub(super) struct Input<'a> {
    #[serde(flatten)]
    account: &'a Account,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(flatten)]
    options: &'a Options,
}

#[derive(Serialize)]
pub(super) struct Variables<'a> {
    input: Input<'a>,
}

impl Entry {
    pub(super) fn by_password(
        client: &AuthenticationClient,
        account: Account,
        password: Secret,
    ) -> Self {
        Self::new(client, account, None, Some(password))
    }

    pub(super) fn by_code(client: &AuthenticationClient, account: Account, code: Secret) -> Self {
        Self::new(client, account, Some(code), None)
    }

    fn new(
        client: &AuthenticationClient,
        account: Account,
        code: Option<Secret>,
        password: Option<Secret>,
    ) -> Self {
        Self {
            client: client.clone(),
            account,
            code,
            password,
            options: Options::default(),
        }
    }

    pub(super) fn input(&self, context: &EncodeContext<'_>) -> Result<Input<'_>> {
        self.account.check()?;
        let code = match &self.code {
            Some(code) => Some(require("the verification code", code.expose())?),
            None => None,
        };
        let password = match &self.password {
            Some(password) => {
                require("the password", password.expose())?;
                Some(context.encrypt(password)?)
            }
            None => None,
        };
        Ok(Input {
            account: &self.account,
            code,
            password,
            options: &self.options,
        })
    }

    pub(super) fn variables(&self, context: &EncodeContext<'_>) -> Result<Variables<'_>> {
        self.input(context).map(|input| Variables { input })
    }

    /// The session of the user whom a login answered.
    pub(super) fn session(&self, user: Option<User>) -> Result<Session> {
        user.and_then(|user| Session::of(&self.client, &user))
            .ok_or_else(Session::no_token)
    }
}
