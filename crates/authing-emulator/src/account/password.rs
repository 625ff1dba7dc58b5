//! Passwords: set, changed, and judged.

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::messages::RESET_SCENES;
use crate::outbox::MessageKind;
use crate::passwords::{Password, SHORTEST};
use crate::phones;
use crate::refusal::{CommonMessage, Refusal};
use crate::users::Fields;
use crate::wording;

const SMS_SCENES: [&str; 2] = ["", "reset"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reset {
    phone: Option<String>,
    phone_country_code: Option<String>,
    email: Option<String>,
    code: String,
    new_password: String,
}

pub(super) fn reset(context: &mut Context<'_>, args: Reset) -> Result<CommonMessage, Refusal> {
    let (field, to, kind, scenes) = match (args.phone, args.email) {
        (Some(phone), None) => (
            "phone",
            phones::normal(&phone, args.phone_country_code.as_deref()),
            MessageKind::Sms,
            SMS_SCENES,
        ),
        (None, Some(email)) => ("email", email, MessageKind::Email, RESET_SCENES),
        _ => {
            return Err(Refusal::new(&wording::RECIPIENT_MISSING));
        }
    };
    let (code, now) = (&args.code, context.now);
    let user = context.state.users.find(field, &to);
    let id = user.ok_or_else(Refusal::no_such_user)?.id().to_owned();
    context.state.outbox.check(&to, kind, &scenes, code, now)?;
    let plain = context.key.decrypt_new(&args.new_password)?;
    context.set_password(&id, &plain)?;
    context.state.outbox.redeem(&to, kind, &scenes, code, now)?;
    Ok(CommonMessage::PASSWORD_RESET)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Update {
    new_password: String,
    old_password: Option<String>,
}

/// The sessions go on, with the caller's own.
pub(super) fn update(context: &mut Context<'_>, args: Update) -> Result<Fields, Refusal> {
    let id = context.own_id()?;
    let plain = context.key.decrypt_new(&args.new_password)?;
    if let Some(own) = context.state.users.require(&id)?.password.clone() {
        let old = args
            .old_password
            .ok_or_else(|| Refusal::new(&wording::OLD_PASSWORD_NEEDED))?;
        if !own.is(&context.key.decrypt(&old)?) {
            return Err(wrong_old_password());
        }
    }
    context.set_password(&id, &plain)?;
    Ok(context.show(context.state.users.require(&id)?))
}

#[derive(Deserialize)]
pub(super) struct Clear {
    password: String,
}

#[derive(Serialize)]
pub(super) struct Strength {
    valid: bool,
    message: &'static str,
}

/// The password comes in clear here.
pub(super) fn check_strength(context: &mut Context<'_>, args: Clear) -> Result<Strength, Refusal> {
    let (valid, words) = match args.password.chars().count() {
        0 => (false, &wording::PASSWORD_MISSING),
        length if length < SHORTEST => (false, &wording::TOO_SHORT),
        _ => (true, &wording::PASSWORD_FINE),
    };
    Ok(Strength {
        valid,
        message: words.text(context.language),
    })
}

fn wrong_old_password() -> Refusal {
    Refusal::new(&wording::OLD_PASSWORD_WRONG)
}

impl Context<'_> {
    /// Gives a user a password that they chose. One that has to be replaced is replaced by another.
    pub(crate) fn set_password(&mut self, id: &str, plain: &str) -> Result<(), Refusal> {
        let user = self.state.users.require_mut(id)?;
        let must_be_another = user.must_set_password || user.must_reset_password;
        if must_be_another && user.password.as_ref().is_some_and(|own| own.is(plain)) {
            return Err(Refusal::new(&wording::SAME_PASSWORD));
        }
        user.password = Some(Password::salted(plain));
        user.must_set_password = false;
        user.must_reset_password = false;
        self.state.users.touch(id, self.now);
        self.state.sessions.end_resets(id);
        self.state.attempts.forget(id);
        Ok(())
    }
}
