//! Signing in.

use serde::Deserialize;
use serde_json::json;

use super::account::Account;
use super::sign_in::{FirstFactor, Missing, SignedIn};
use crate::context::Context;
use crate::dates::Moment;
use crate::outbox::MessageKind;
use crate::passwords::Password;
use crate::refusal::Refusal;
use crate::users::{Fields, admit};
use crate::wording;

#[derive(Deserialize)]
pub(super) struct Login<I> {
    input: I,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ByPassword {
    #[serde(flatten)]
    account: Account,
    password: String,
    captcha_code: Option<String>,
    #[serde(flatten)]
    options: Options,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    auto_register: Option<bool>,
    client_ip: Option<String>,
    params: Option<String>,
    context: Option<String>,
}

impl Options {
    /// What pipelines are told must be readable, although there are none here.
    fn check(&self) -> Result<(), Refusal> {
        check_pipeline_context(self.context.as_deref())
    }
}

pub(super) fn check_pipeline_context(text: Option<&str>) -> Result<(), Refusal> {
    match text.map(serde_json::from_str::<Fields>) {
        None | Some(Ok(_)) => Ok(()),
        Some(Err(_)) => Err(Refusal::new(&wording::CONTEXT_MALFORMED)),
    }
}

pub(super) fn by_password(
    context: &mut Context<'_>,
    args: Login<ByPassword>,
) -> Result<Fields, Refusal> {
    let input = args.input;
    input.options.check()?;
    let (field, name) = input.account.name()?;
    let known = context.state.users.find(field, &name);
    match known.map(|user| user.id().to_owned()) {
        Some(id) => {
            let plain = context.key.decrypt(&input.password)?;
            let captcha = input.captcha_code.as_deref();
            let proved = context.prove_password(&id, &plain, captcha);
            welcome(context, proved, &id, input.options)
        }
        None if input.options.auto_register == Some(true) => {
            let plain = context.key.decrypt_new(&input.password)?;
            let password = Some(Password::salted(&plain));
            welcome_new(context, &input.account, password, input.options)
        }
        None => Err(Refusal::no_such_user()),
    }
}

#[derive(Deserialize)]
pub(super) struct ByCode {
    #[serde(flatten)]
    account: Account,
    code: String,
    #[serde(flatten)]
    options: Options,
}

pub(super) fn by_phone_code(
    context: &mut Context<'_>,
    args: Login<ByCode>,
) -> Result<Fields, Refusal> {
    by_code(context, args.input, MessageKind::Sms, &["", "login"])
}

pub(super) fn by_email_code(context: &mut Context<'_>, input: ByCode) -> Result<Fields, Refusal> {
    let scenes = ["LOGIN_VERIFY_CODE", "VERIFY_CODE"];
    by_code(context, input, MessageKind::Email, &scenes)
}

fn by_code(
    context: &mut Context<'_>,
    input: ByCode,
    kind: MessageKind,
    scenes: &[&str],
) -> Result<Fields, Refusal> {
    input.options.check()?;
    let (field, name) = input.account.name()?;
    let (code, now) = (&input.code, context.now);
    context.state.outbox.check(&name, kind, scenes, code, now)?;
    let verified = format!("{field}Verified");
    let known = context.state.users.find(field, &name);
    let known = known.map(|user| user.id().to_owned());
    let result = match known {
        Some(id) => {
            let proved = context.first_factor(&id);
            welcome(context, proved, &id, input.options)
        }
        None if input.options.auto_register == Some(true) => {
            welcome_new(context, &input.account, None, input.options)
        }
        None => Err(Refusal::no_such_user()),
    };
    // Used up by a login that worked, also when it goes on with a second factor; a refused one can be tried again.
    if result
        .as_ref()
        .map_or_else(|refusal| refusal.data.is_some(), |_| true)
    {
        context
            .state
            .outbox
            .redeem(&name, kind, scenes, code, now)?;
        if let Some(id) = context
            .state
            .users
            .find(field, &name)
            .map(|user| user.id().to_owned())
        {
            let user = context.state.users.require_mut(&id)?;
            user.set(&verified, json!(true));
        }
    }
    result.map(|mut shown| {
        shown.insert(verified, json!(true));
        shown
    })
}

/// Lets in a user who has proved to be one.
fn welcome(
    context: &mut Context<'_>,
    proved: Result<FirstFactor, Missing>,
    id: &str,
    options: Options,
) -> Result<Fields, Refusal> {
    let first = proved.map_err(|missing| context.refusal(missing))?;
    let params = options.params.as_deref();
    let custom_data = context.state.custom_fields.read_params(params)?;
    let mut shown = context.sign_in(first, options.client_ip.as_deref())?;
    for (key, value) in custom_data {
        context.state.custom_fields.store("USER", id, key, value);
    }
    shown.insert("newlyCreated".to_owned(), json!(false));
    Ok(shown)
}

/// Lets in somebody whom the pool did not know.
fn welcome_new(
    context: &mut Context<'_>,
    account: &Account,
    password: Option<Password>,
    options: Options,
) -> Result<Fields, Refusal> {
    let params = options.params.as_deref();
    let id = admit(
        context,
        account.fields(),
        password,
        account.origin(),
        params,
    )?;
    let proved = context.first_factor(&id);
    let first = proved.map_err(|missing| context.refusal(missing))?;
    let mut shown = context.sign_in(first, options.client_ip.as_deref())?;
    shown.insert("newlyCreated".to_owned(), json!(true));
    Ok(shown)
}

impl Context<'_> {
    /// Ends the first factor: opens a session, or asks for the second factor.
    pub(super) fn sign_in(
        &mut self,
        first: FirstFactor,
        ip: Option<&str>,
    ) -> Result<Fields, Refusal> {
        let outcome = self.second_factor(first, ip);
        let signed_in = outcome.map_err(|missing| self.refusal(missing))?;
        self.finish_sign_in(&signed_in, ip)
    }

    /// Opens a session and answers the user with its token.
    pub(crate) fn finish_sign_in(
        &mut self,
        signed_in: &SignedIn,
        ip: Option<&str>,
    ) -> Result<Fields, Refusal> {
        let id = signed_in.user_id();
        let token = self.open_session(id)?;
        self.record_sign_in(signed_in, ip)?;
        let user = self.state.users.require_mut(id)?;
        let expires = Moment::from_seconds(token.expires).iso();
        user.set("tokenExpiredAt", json!(expires));
        let mut shown = user.shown();
        shown.insert("token".to_owned(), json!(token.text));
        Ok(shown)
    }
}
