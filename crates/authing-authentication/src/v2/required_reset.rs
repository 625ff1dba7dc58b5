use authing_core::__private::require;
use authing_core::{EncodeContext, Result, Secret, operation};
use authing_types::v2::CommonMessage;
use serde::Serialize;

use super::client::{AuthenticationClient, Call};
use super::password::{encrypt_new, encrypt_old};

impl AuthenticationClient {
    /// Sets the first password of a user's own, with the token of a login that
    /// failed with
    /// [`ErrorCode::FIRST_LOGIN_RESET`](crate::ErrorCode::FIRST_LOGIN_RESET):
    /// see [`NextStep::SetFirstPassword`](super::NextStep::SetFirstPassword).
    #[doc(alias = "reset_password_by_first_token")]
    pub fn reset_password_by_first_login_token(
        &self,
        token: impl Into<Secret>,
        password: impl Into<Secret>,
    ) -> Call<ResetPasswordByFirstLoginToken> {
        self.call(ResetPasswordByFirstLoginToken {
            token: token.into(),
            password: password.into(),
        })
    }

    /// Replaces a password, with the token of a login that failed with
    /// [`ErrorCode::FORCED_RESET`](crate::ErrorCode::FORCED_RESET): see
    /// [`NextStep::ResetPassword`](super::NextStep::ResetPassword).
    #[doc(alias = "reset_password_with_force_reset")]
    pub fn reset_password_by_force_reset_token(
        &self,
        token: impl Into<Secret>,
        old_password: impl Into<Secret>,
        new_password: impl Into<Secret>,
    ) -> Call<ResetPasswordByForceResetToken> {
        self.call(ResetPasswordByForceResetToken {
            token: token.into(),
            old_password: old_password.into(),
            new_password: new_password.into(),
        })
    }
}

/// [`AuthenticationClient::reset_password_by_first_login_token`].
#[derive(Debug, Clone)]
pub struct ResetPasswordByFirstLoginToken {
    token: Secret,
    password: Secret,
}

operation! {
    ResetPasswordByFirstLoginToken => CommonMessage,
    id: "authentication.reset_password_by_first_login_token",
    repeat: Never,
    graphql: [include_str!("documents/reset_password_by_first_login_token.graphql")]
        => "resetPasswordByFirstLoginToken",
    variables: |reset, context| reset.variables(context),
    read: |_, message: Option<CommonMessage>| CommonMessage::check(message),
}

#[derive(Serialize)]
struct FirstVariables<'a> {
    token: &'a str,
    password: String,
}

impl ResetPasswordByFirstLoginToken {
    fn variables(&self, context: &EncodeContext<'_>) -> Result<FirstVariables<'_>> {
        Ok(FirstVariables {
            token: require("the token", self.token.expose())?,
            password: encrypt_new(&self.password, context)?,
        })
    }
}

/// [`AuthenticationClient::reset_password_by_force_reset_token`].
#[derive(Debug, Clone)]
pub struct ResetPasswordByForceResetToken {
    token: Secret,
    old_password: Secret,
    new_password: Secret,
}

operation! {
    ResetPasswordByForceResetToken => CommonMessage,
    id: "authentication.reset_password_by_force_reset_token",
    repeat: Never,
    graphql: [include_str!("documents/reset_password_by_force_reset_token.graphql")]
        => "resetPasswordByForceResetToken",
    variables: |reset, context| reset.variables(context),
    read: |_, message: Option<CommonMessage>| CommonMessage::check(message),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ForceVariables<'a> {
    token: &'a str,
    old_password: String,
    new_password: String,
}

impl ResetPasswordByForceResetToken {
    fn variables(&self, context: &EncodeContext<'_>) -> Result<ForceVariables<'_>> {
        Ok(ForceVariables {
            token: require("the token", self.token.expose())?,
            old_password: encrypt_old(&self.old_password, context)?,
            new_password: encrypt_new(&self.new_password, context)?,
        })
    }
}
