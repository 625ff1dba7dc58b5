//! Passwords that must be set before a login.

use serde::Deserialize;

use super::store::ResetKind;
use crate::context::Context;
use crate::refusal::{CommonMessage, Refusal};
use crate::wording;

#[derive(Deserialize)]
pub(super) struct FirstPassword {
    token: String,
    password: String,
}

pub(super) fn by_first_login_token(
    context: &mut Context<'_>,
    args: FirstPassword,
) -> Result<CommonMessage, Refusal> {
    let plain = context.key.decrypt_new(&args.password)?;
    let id = context.reset_token(&args.token, ResetKind::FirstLogin)?;
    context.set_password(&id, &plain)?;
    Ok(CommonMessage::PASSWORD_RESET)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ForcedReset {
    token: String,
    old_password: String,
    new_password: String,
}

pub(super) fn by_force_reset_token(
    context: &mut Context<'_>,
    args: ForcedReset,
) -> Result<CommonMessage, Refusal> {
    let old = context.key.decrypt(&args.old_password)?;
    let new = context.key.decrypt_new(&args.new_password)?;
    let id = context.reset_token(&args.token, ResetKind::Forced)?;
    let user = context.state.users.require(&id)?;
    if !user.password.as_ref().is_some_and(|own| own.is(&old)) {
        return Err(Refusal::new(&wording::OLD_PASSWORD_WRONG));
    }
    context.set_password(&id, &new)?;
    Ok(CommonMessage::PASSWORD_RESET)
}

impl Context<'_> {
    /// The user who may set a password with this token.
    pub(crate) fn reset_token(&self, token: &str, kind: ResetKind) -> Result<String, Refusal> {
        self.state
            .sessions
            .reset(token, kind)
            .ok_or_else(|| Refusal::new(&wording::WRONG_RESET_TOKEN))
    }
}
