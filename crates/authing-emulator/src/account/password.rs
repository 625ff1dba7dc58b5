//! Passwords: set, changed, and judged.

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::outbox::MessageKind;
use crate::passwords::{Password, SHORTEST};
use crate::phones;
use crate::refusal::{CommonMessage, Refusal, code};
use crate::users::Fields;

const SMS_SCENES: [&str; 2] = ["", "reset"];
const EMAIL_SCENES: [&str; 2] = ["RESET_PASSWORD", "RESET_PASSWORD_VERIFY_CODE"];

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
        (None, Some(email)) => ("email", email, MessageKind::Email, EMAIL_SCENES),
        _ => {
            return Err(Refusal::new(
                code::INCOMPLETE,
                "either a phone number or an email address is needed",
            ));
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
        let old = args.old_password.ok_or_else(|| {
            Refusal::new(code::OLD_PASSWORD_MISSING, "the old password is needed")
        })?;
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
pub(super) fn check_strength(_: &mut Context<'_>, args: Clear) -> Result<Strength, Refusal> {
    let (valid, message) = match args.password.chars().count() {
        0 => (false, "请输入密码"),
        length if length < SHORTEST => (false, "密码长度不能少于 6 位"),
        _ => (true, "密码验证成功"),
    };
    Ok(Strength { valid, message })
}

fn wrong_old_password() -> Refusal {
    Refusal::new(code::WRONG_OLD_PASSWORD, "the old password is wrong")
}

impl Context<'_> {
    /// Gives a user a password that they chose. One that has to be replaced is replaced by another.
    pub(crate) fn set_password(&mut self, id: &str, plain: &str) -> Result<(), Refusal> {
        let user = self.state.users.require_mut(id)?;
        let must_be_another = user.must_set_password || user.must_reset_password;
        if must_be_another && user.password.as_ref().is_some_and(|own| own.is(plain)) {
            return Err(Refusal::generic("the new password is the old one"));
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
