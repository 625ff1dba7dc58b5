//! The user's phone number and e-mail address: bound, changed and unbound, each with a code.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::outbox::MessageKind;
use crate::phones;
use crate::refusal::{Refusal, code};
use crate::users::{Fields, User, change, check_email, check_phone};
use crate::wording;

const PHONE_SCENES: [&str; 2] = ["", "bind"];
const OLD_PHONE_SCENES: [&str; 3] = ["", "bind", "unbind"];
const BIND_EMAIL_SCENES: [&str; 3] = ["EMAIL_BIND_VERIFY_CODE", "CHANGE_EMAIL", "VERIFY_CODE"];
const CHANGE_EMAIL_SCENES: [&str; 2] = ["CHANGE_EMAIL", "VERIFY_CODE"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Phone {
    phone: String,
    phone_code: String,
    phone_country_code: Option<String>,
    old_phone: Option<String>,
    old_phone_code: Option<String>,
    old_phone_country_code: Option<String>,
}

impl Phone {
    fn number(&self) -> String {
        phones::normal(&self.phone, self.phone_country_code.as_deref())
    }

    /// Authing has no numbers of its own for what can be wrong with a phone number here.
    fn check_code(
        &self,
        context: &Context<'_>,
        number: &str,
        code: &str,
        scenes: &[&str],
    ) -> Result<(), Refusal> {
        let outbox = &context.state.outbox;
        check_phone(number)
            .and_then(|()| outbox.check(number, MessageKind::Sms, scenes, code, context.now))
            .map_err(|refusal| refusal.with_code(code::GENERIC))
    }

    /// Stores the new number, and uses its code up.
    fn store(&self, context: &mut Context<'_>, id: &str) -> Result<Fields, Refusal> {
        let number = self.number();
        if context.state.users.find("phone", &number).is_some() {
            return Err(Refusal::new(&wording::PHONE_TAKEN));
        }
        let (kind, code, now) = (MessageKind::Sms, &self.phone_code, context.now);
        let changes = fields([
            ("phone", json!(self.phone)),
            ("phoneCountryCode", json!(self.phone_country_code)),
            ("phoneVerified", json!(true)),
        ]);
        let shown = change(context, id, changes)?;
        let outbox = &mut context.state.outbox;
        outbox.redeem(&number, kind, &PHONE_SCENES, code, now)?;
        Ok(shown)
    }
}

pub(super) fn bind_phone(context: &mut Context<'_>, args: Phone) -> Result<Fields, Refusal> {
    let id = context.own_id()?;
    if context.state.users.require(&id)?.phone().is_some() {
        return Err(Refusal::new(&wording::PHONE_BOUND));
    }
    args.check_code(context, &args.number(), &args.phone_code, &PHONE_SCENES)?;
    args.store(context, &id)
}

pub(super) fn update_phone(context: &mut Context<'_>, args: Phone) -> Result<Fields, Refusal> {
    let id = context.own_id()?;
    let own = context.state.users.require(&id)?.phone();
    if own.as_ref() == Some(&args.number()) {
        return Err(Refusal::new(&wording::PHONE_UNCHANGED));
    }
    args.check_code(context, &args.number(), &args.phone_code, &PHONE_SCENES)?;
    let Some(own) = own else {
        return args.store(context, &id);
    };
    let (Some(old), Some(old_code)) = (&args.old_phone, &args.old_phone_code) else {
        return Err(Refusal::new(&wording::OLD_PHONE_NOT_VERIFIED));
    };
    let old_country_code = args.old_phone_country_code.as_deref();
    if phones::normal(old, old_country_code) != own {
        return Err(Refusal::new(&wording::OTHER_OLD_PHONE));
    }
    args.check_code(context, &own, old_code, &OLD_PHONE_SCENES)?;
    let shown = args.store(context, &id)?;
    let now = context.now;
    let outbox = &mut context.state.outbox;
    outbox.redeem(&own, MessageKind::Sms, &OLD_PHONE_SCENES, old_code, now)?;
    Ok(shown)
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

pub(super) fn unbind_phone(context: &mut Context<'_>, _: Nothing) -> Result<Fields, Refusal> {
    let id = context.own_id()?;
    let user = context.state.users.require(&id)?;
    if user.phone().is_none() {
        return Err(Refusal::new(&wording::NO_PHONE));
    }
    check_another_way(user, ["username", "email"])?;
    let changes = fields([
        ("phone", Value::Null),
        ("phoneCountryCode", Value::Null),
        ("phoneVerified", json!(false)),
    ]);
    change(context, &id, changes)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Email {
    email: String,
    email_code: String,
    old_email: Option<String>,
    old_email_code: Option<String>,
}

impl Email {
    fn check_code(&self, context: &Context<'_>, scenes: &[&str]) -> Result<(), Refusal> {
        check_email(&self.email)?;
        let outbox = &context.state.outbox;
        let (kind, now) = (MessageKind::Email, context.now);
        outbox.check(&self.email, kind, scenes, &self.email_code, now)
    }

    /// Stores the new address, and uses its code up.
    fn store(
        &self,
        context: &mut Context<'_>,
        id: &str,
        scenes: &[&str],
    ) -> Result<Fields, Refusal> {
        if context.state.users.find("email", &self.email).is_some() {
            return Err(Refusal::new(&wording::EMAIL_OF_ANOTHER));
        }
        let changes = fields([("email", json!(self.email)), ("emailVerified", json!(true))]);
        let shown = change(context, id, changes)?;
        let (kind, now) = (MessageKind::Email, context.now);
        let outbox = &mut context.state.outbox;
        outbox.redeem(&self.email, kind, scenes, &self.email_code, now)?;
        Ok(shown)
    }
}

pub(super) fn bind_email(context: &mut Context<'_>, args: Email) -> Result<Fields, Refusal> {
    let id = context.own_id()?;
    if has_text(context.state.users.require(&id)?, "email") {
        return Err(Refusal::new(&wording::EMAIL_BOUND));
    }
    args.check_code(context, &BIND_EMAIL_SCENES)?;
    args.store(context, &id, &BIND_EMAIL_SCENES)
}

pub(super) fn update_email(context: &mut Context<'_>, args: Email) -> Result<Fields, Refusal> {
    let id = context.own_id()?;
    let user = context.state.users.require(&id)?;
    let own = user.text("email").unwrap_or_default().to_owned();
    if own == args.email.to_lowercase() {
        return Err(Refusal::new(&wording::EMAIL_UNCHANGED));
    }
    args.check_code(context, &CHANGE_EMAIL_SCENES)?;
    if own.is_empty() {
        return args.store(context, &id, &CHANGE_EMAIL_SCENES);
    }
    let (Some(old), Some(old_code)) = (&args.old_email, &args.old_email_code) else {
        return Err(Refusal::new(&wording::OLD_EMAIL_NEEDED));
    };
    if old.to_lowercase() != own {
        return Err(Refusal::new(&wording::OTHER_OLD_EMAIL));
    }
    let (kind, scenes, now) = (MessageKind::Email, &CHANGE_EMAIL_SCENES, context.now);
    let outbox = &context.state.outbox;
    outbox.check(&own, kind, scenes, old_code, now)?;
    let shown = args.store(context, &id, scenes)?;
    let outbox = &mut context.state.outbox;
    outbox.redeem(&own, kind, scenes, old_code, now)?;
    Ok(shown)
}

pub(super) fn unbind_email(context: &mut Context<'_>, _: Nothing) -> Result<Fields, Refusal> {
    let id = context.own_id()?;
    let user = context.state.users.require(&id)?;
    if !has_text(user, "email") {
        return Err(Refusal::new(&wording::NOTHING_TO_UNBIND));
    }
    check_another_way(user, ["username", "phone"])?;
    let changes = fields([("email", Value::Null), ("emailVerified", json!(false))]);
    change(context, &id, changes)
}

fn check_another_way(user: &User, others: [&str; 2]) -> Result<(), Refusal> {
    if others.iter().any(|field| has_text(user, field)) || !user.identities.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(&wording::ONLY_WAY_LEFT))
}

fn has_text(user: &User, field: &str) -> bool {
    user.text(field).is_some_and(|text| !text.is_empty())
}

fn fields<const N: usize>(changes: [(&str, Value); N]) -> Fields {
    changes
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
