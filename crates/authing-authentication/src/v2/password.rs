use authing_core::__private::require;
use authing_core::{EncodeContext, Result, Secret, operation};
use authing_types::v2::{USER_FIELDS, User};
use serde::{Deserialize, Serialize};

use super::client::{AuthenticationClient, Call};
use super::session::Session;

impl AuthenticationClient {
    /// Asks whether a password is good enough for the pool. The API wants it
    /// unencrypted: it travels as it is, inside TLS.
    pub fn check_password_strength(
        &self,
        password: impl Into<Secret>,
    ) -> Call<CheckPasswordStrength> {
        self.call(CheckPasswordStrength {
            password: password.into(),
        })
    }
}

impl Session {
    /// Changes the user's password.
    ///
    /// The new password comes first, as in Authing's other SDKs. A wrong old
    /// one is refused; which code that has depends on the server.
    pub fn update_password(
        &self,
        new_password: impl Into<Secret>,
        old_password: impl Into<Secret>,
    ) -> Call<UpdatePassword> {
        self.call(UpdatePassword {
            new_password: new_password.into(),
            old_password: Some(old_password.into()),
        })
    }

    /// Gives a password to a user who has none, for example because they
    /// registered with a code. A user who has one needs
    /// [`update_password`](Self::update_password).
    pub fn set_password(&self, new_password: impl Into<Secret>) -> Call<UpdatePassword> {
        self.call(UpdatePassword {
            new_password: new_password.into(),
            old_password: None,
        })
    }
}

pub(super) fn encrypt_new(password: &Secret, context: &EncodeContext<'_>) -> Result<String> {
    require("the new password", password.expose())?;
    context.encrypt(password)
}

pub(super) fn encrypt_old(password: &Secret, context: &EncodeContext<'_>) -> Result<String> {
    require("the old password", password.expose())?;
    context.encrypt(password)
}

/// [`Session::update_password`] and [`Session::set_password`].
#[derive(Debug, Clone)]
pub struct UpdatePassword {
    new_password: Secret,
    old_password: Option<Secret>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Passwords {
    new_password: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_password: Option<String>,
}

operation! {
    UpdatePassword => User,
    id: "authentication.update_password",
    repeat: Never,
    graphql: [include_str!("documents/update_password.graphql"), USER_FIELDS] => "updatePassword",
    variables: |update, context| Ok(Passwords {
        new_password: encrypt_new(&update.new_password, context)?,
        old_password: match &update.old_password {
            Some(password) => Some(encrypt_old(password, context)?),
            None => None,
        },
    }),
}

/// Whether a password is good enough, and why not.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct PasswordStrength {
    /// Whether the pool takes the password.
    #[serde(default)]
    pub valid: bool,
    /// The server's words.
    pub message: Option<String>,
}

/// [`AuthenticationClient::check_password_strength`].
#[derive(Debug, Clone)]
pub struct CheckPasswordStrength {
    password: Secret,
}

#[derive(Serialize)]
struct Clear<'a> {
    password: &'a str,
}

operation! {
    CheckPasswordStrength => PasswordStrength,
    id: "authentication.check_password_strength",
    repeat: Safe,
    graphql: [include_str!("documents/check_password_strength.graphql")]
        => "checkPasswordStrength",
    variables: |check, _| Ok(Clear { password: check.password.expose() }),
}
