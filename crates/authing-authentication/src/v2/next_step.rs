//! What a login that is not finished still needs.

use std::fmt;
use std::sync::Arc;

use authing_core::{Credential, Error, ErrorCode, Request, Secret};
use serde_json::Value;

use super::client::{AuthenticationClient, Call};
use super::mfa_details::MfaDetails;
use super::required_reset::{ResetPasswordByFirstLoginToken, ResetPasswordByForceResetToken};

/// What is missing before a login gives a [`Session`](super::Session): see
/// [`AuthenticationClient::next_step`].
///
/// Each step carries the client and the token that the server gave for it, so
/// that what comes next is a method of the step.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum NextStep {
    /// The user must pass a second factor, because they or the application
    /// wish so (1635, 1636).
    Mfa(MfaChallenge),
    /// The user must choose a password of their own before the first login
    /// (1639).
    SetFirstPassword(FirstPassword),
    /// The user must change the password, and knows the old one (2058).
    ResetPassword(ForcedReset),
    /// The profile lacks what the application asks for (1642).
    CompleteProfile(ProfileCompletion),
    /// The user must read a picture: log in again with its text as
    /// [`captcha_code`](Call::captcha_code) (2000).
    Captcha,
}

impl AuthenticationClient {
    /// What a login or registration that failed with `error` still needs, if
    /// it can go on at all. Other errors, and those that lack the token for
    /// the step, give `None`.
    ///
    /// ```no_run
    /// use authing_authentication::v2::{AuthenticationClient, NextStep, Session};
    ///
    /// # fn ask(_question: &str) -> String { String::new() }
    /// # async fn example(client: &AuthenticationClient) -> Result<Session, authing_authentication::Error> {
    /// let error = match client.login_by_username("bob", "correct horse").await {
    ///     Ok(session) => return Ok(session),
    ///     Err(error) => error,
    /// };
    /// match client.next_step(&error) {
    ///     # #[cfg(feature = "mfa")]
    ///     Some(NextStep::Mfa(challenge)) => {
    ///         challenge.verify_totp_mfa(ask("The code in your authenticator?")).await
    ///     }
    ///     Some(NextStep::SetFirstPassword(step)) => {
    ///         let password = ask("Your new password?");
    ///         step.set_password(&password).await?;
    ///         client.login_by_username("bob", password).await
    ///     }
    ///     _ => Err(error),
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn next_step(&self, error: &Error) -> Option<NextStep> {
        let code = error.code()?;
        let data = || error.data::<Value>();
        Some(match code {
            ErrorCode::MFA_REQUIRED | ErrorCode::APP_MFA_REQUIRED => {
                let data = data()?;
                NextStep::Mfa(MfaChallenge {
                    client: self.clone(),
                    token: text(&data, "mfaToken")?,
                    by_application: code == ErrorCode::APP_MFA_REQUIRED,
                    details: Arc::new(MfaDetails::read(data)),
                })
            }
            ErrorCode::FIRST_LOGIN_RESET => NextStep::SetFirstPassword(FirstPassword {
                client: self.clone(),
                token: text(&data()?, "token")?,
            }),
            ErrorCode::FORCED_RESET => NextStep::ResetPassword(ForcedReset {
                client: self.clone(),
                token: text(&data()?, "token")?,
            }),
            ErrorCode::PROFILE_INCOMPLETE => {
                let data = data().unwrap_or_default();
                NextStep::CompleteProfile(ProfileCompletion {
                    token: text(&data, "token"),
                    fields: fields(&data),
                })
            }
            ErrorCode::CAPTCHA_REQUIRED => NextStep::Captcha,
            _ => return None,
        })
    }

    /// The second factor of a login that was begun elsewhere, for example in
    /// the request before: `token` is [`MfaChallenge::token`]. Nothing is sent.
    pub fn mfa_challenge(&self, token: impl Into<Secret>) -> MfaChallenge {
        MfaChallenge {
            client: self.clone(),
            token: token.into(),
            by_application: false,
            details: Arc::default(),
        }
    }
}

fn text(data: &Value, key: &str) -> Option<Secret> {
    let text = data.get(key)?.as_str()?;
    (!text.is_empty()).then(|| text.into())
}

/// The fields by name, whether they come as names or as objects with one.
fn fields(data: &Value) -> Vec<String> {
    let list = data.get("extendsFields").and_then(Value::as_array);
    let name = |field: &Value| Some(field.get("name").unwrap_or(field).as_str()?.to_owned());
    list.into_iter().flatten().filter_map(name).collect()
}

/// A login that waits for the second factor.
///
/// The token in it is good for six minutes on Authing's cloud. With feature
/// `mfa` (on by default) the methods that lead to a
/// [`Session`](super::Session) are here: `verify_totp_mfa` and others.
#[derive(Clone)]
pub struct MfaChallenge {
    pub(super) client: AuthenticationClient,
    pub(super) token: Secret,
    pub(super) by_application: bool,
    details: Arc<MfaDetails>,
}

impl MfaChallenge {
    /// The token, to go on in another request: give it to
    /// [`AuthenticationClient::mfa_challenge`]. Whoever has it has passed the
    /// first factor, so keep it where only the user can reach it.
    #[must_use]
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// Whether the application asks for a second factor of everybody (1636),
    /// as opposed to the user who switched it on (1635). False for a challenge
    /// made of a token.
    #[must_use]
    pub fn is_required_by_application(&self) -> bool {
        self.by_application
    }

    /// Who is logging in, and with which factors they can go on; empty for a
    /// challenge made of a token.
    #[must_use]
    pub fn details(&self) -> &MfaDetails {
        &self.details
    }

    /// A call of `operation` with the token of the login; it may be one of your
    /// own that is declared with [`operation!`](authing_core::operation).
    pub fn call<O>(&self, operation: O) -> Call<O> {
        let credential = Credential::Bearer(self.token.clone());
        Call(Request::new(&self.client.pipeline, credential, operation))
    }
}

impl fmt::Debug for MfaChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MfaChallenge")
            .field("is_required_by_application", &self.by_application)
            .field("details", &self.details)
            .finish_non_exhaustive()
    }
}

/// A login that waits for the first password of the user's own.
#[derive(Debug, Clone)]
pub struct FirstPassword {
    client: AuthenticationClient,
    token: Secret,
}

impl FirstPassword {
    /// The token, to go on in another request with
    /// [`AuthenticationClient::reset_password_by_first_login_token`].
    #[must_use]
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// Sets the password, which is encrypted on the way. Then log in with it:
    /// the server opens no session here.
    pub fn set_password(
        &self,
        password: impl Into<Secret>,
    ) -> Call<ResetPasswordByFirstLoginToken> {
        self.client
            .reset_password_by_first_login_token(&self.token, password)
    }
}

/// A login that waits for another password.
#[derive(Debug, Clone)]
pub struct ForcedReset {
    client: AuthenticationClient,
    token: Secret,
}

impl ForcedReset {
    /// The token, to go on in another request with
    /// [`AuthenticationClient::reset_password_by_force_reset_token`].
    #[must_use]
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// Replaces the password; both are encrypted on the way. Then log in with
    /// the new one: the server opens no session here.
    pub fn reset_password(
        &self,
        old_password: impl Into<Secret>,
        new_password: impl Into<Secret>,
    ) -> Call<ResetPasswordByForceResetToken> {
        self.client
            .reset_password_by_force_reset_token(&self.token, old_password, new_password)
    }
}

/// A login that waits for a fuller profile. The v2 API has no call for it: send
/// the user to the hosted login page.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProfileCompletion {
    /// The server's token for the step, if it sent one.
    pub token: Option<Secret>,
    /// The names of the fields that are missing, if the server told them.
    pub fields: Vec<String>,
}
