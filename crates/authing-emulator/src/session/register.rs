//! Registering.

use serde::Deserialize;
use serde_json::json;

use super::account::Account;
use super::login::check_pipeline_context;
use crate::context::Context;
use crate::outbox::MessageKind;
use crate::passwords::Password;
use crate::refusal::Refusal;
use crate::users::{Fields, admit};
use crate::wording;

#[derive(Deserialize)]
pub(super) struct Register<I> {
    input: I,
}

#[derive(Deserialize)]
pub(super) struct ByPassword {
    #[serde(flatten)]
    account: Account,
    password: String,
    #[serde(flatten)]
    options: Options,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    profile: Option<Fields>,
    force_login: Option<bool>,
    generate_token: Option<bool>,
    client_ip: Option<String>,
    params: Option<String>,
    context: Option<String>,
    phone_token: Option<String>,
    email_token: Option<String>,
}

pub(super) fn by_password(
    context: &mut Context<'_>,
    args: Register<ByPassword>,
) -> Result<Fields, Refusal> {
    let input = args.input;
    input.account.name()?;
    let plain = context.key.decrypt_new(&input.password)?;
    let password = Some(Password::salted(&plain));
    register(context, &input.account, password, None, input.options)
}

#[derive(Deserialize)]
pub(super) struct ByCode {
    #[serde(flatten)]
    account: Account,
    code: String,
    password: Option<String>,
    #[serde(flatten)]
    options: Options,
}

pub(super) fn by_code(
    context: &mut Context<'_>,
    args: Register<ByCode>,
) -> Result<Fields, Refusal> {
    const SCENES: [&str; 2] = ["", "register"];
    let input = args.input;
    let (_, phone) = input.account.name()?;
    let (kind, code, now) = (MessageKind::Sms, &input.code, context.now);
    let outbox = &context.state.outbox;
    outbox.check(&phone, kind, &SCENES, code, now)?;
    let password = match &input.password {
        Some(encrypted) => Some(Password::salted(&context.key.decrypt_new(encrypted)?)),
        None => None,
    };
    let verified = Some("phoneVerified");
    let shown = register(context, &input.account, password, verified, input.options)?;
    // Used up by a registration that worked, so that a refused one can be tried again.
    let outbox = &mut context.state.outbox;
    outbox.redeem(&phone, kind, &SCENES, code, now)?;
    Ok(shown)
}

fn register(
    context: &mut Context<'_>,
    account: &Account,
    password: Option<Password>,
    verified: Option<&str>,
    options: Options,
) -> Result<Fields, Refusal> {
    // Nothing in the emulator issues such tokens.
    if options.phone_token.is_some() || options.email_token.is_some() {
        return Err(Refusal::new(&wording::WRONG_TOKEN));
    }
    check_pipeline_context(options.context.as_deref())?;
    let mut fields = options.profile.unwrap_or_default();
    fields.extend(account.fields());
    fields.extend(verified.map(|field| (field.to_owned(), json!(true))));
    fields.insert("signedUp".to_owned(), json!(context.now.iso()));
    if fields.contains_key("udf") {
        return Err(Refusal::not_emulated("profile.udf"));
    }
    let ip = fields.remove("ip");
    if let Some(ip) = options.client_ip.as_ref().map(|ip| json!(ip)).or(ip) {
        fields.insert("lastIP".to_owned(), ip);
    }
    let params = options.params.as_deref();
    let id = admit(context, fields, password, account.origin(), params)?;
    let wants = |option| option == Some(true);
    if !wants(options.force_login) && !wants(options.generate_token) {
        return Ok(context.show(context.state.users.require(&id)?));
    }
    let ip = options.client_ip.as_deref();
    let proved = context.first_factor(&id);
    let first = proved.map_err(|missing| context.refusal(missing))?;
    if wants(options.force_login) {
        return context.sign_in(first, ip);
    }
    // A token is a session, though it counts as no login.
    let outcome = context.second_factor(first, ip);
    outcome.map_err(|missing| context.refusal(missing))?;
    let token = context.open_session(&id)?;
    let mut shown = context.show(context.state.users.require(&id)?);
    shown.insert("token".to_owned(), json!(token.text));
    Ok(shown)
}
