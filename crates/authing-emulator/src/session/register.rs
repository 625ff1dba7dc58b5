//! Registering.

use serde::Deserialize;
use serde_json::json;

use crate::context::Context;
use crate::passwords::Password;
use crate::refusal::{Refusal, code};
use crate::users::{Fields, Origin, admit};

#[derive(Deserialize)]
pub(super) struct ByUsername {
    input: ByUsernameInput,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ByUsernameInput {
    username: String,
    password: String,
    profile: Option<Fields>,
    force_login: Option<bool>,
    generate_token: Option<bool>,
    client_ip: Option<String>,
    params: Option<String>,
    phone_token: Option<String>,
    email_token: Option<String>,
}

pub(super) fn by_username(context: &mut Context<'_>, args: ByUsername) -> Result<Fields, Refusal> {
    let input = args.input;
    // Nothing in the emulator issues such tokens.
    if input.phone_token.is_some() || input.email_token.is_some() {
        return Err(Refusal::new(
            code::WRONG_VERIFICATION_CODE,
            "the verification token is wrong",
        ));
    }
    let plain = context.key.decrypt_new(&input.password)?;
    let mut fields = input.profile.unwrap_or_default();
    fields.insert("username".to_owned(), json!(input.username));
    fields.insert("signedUp".to_owned(), json!(context.now.iso()));
    let ip = fields.remove("ip");
    if let Some(ip) = input.client_ip.as_ref().map(|ip| json!(ip)).or(ip) {
        fields.insert("lastIP".to_owned(), ip);
    }
    let id = admit(
        context,
        fields,
        Some(Password::salted(&plain)),
        Origin::Username,
        input.params.as_deref(),
    )?;
    if input.force_login == Some(true) {
        return context.sign_in(&id, input.client_ip);
    }
    let token = match input.generate_token {
        Some(true) => Some(context.open_session(&id)?),
        _ => None,
    };
    let mut shown = context.show(context.state.users.require(&id)?);
    if let Some(token) = token {
        shown.insert("token".to_owned(), json!(token.text));
    }
    Ok(shown)
}
