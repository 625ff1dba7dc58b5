//! Signing in.

use serde::Deserialize;
use serde_json::json;

use super::store::ResetKind;
use crate::context::Context;
use crate::dates::Moment;
use crate::passwords::Password;
use crate::refusal::{Refusal, code};
use crate::users::{Fields, Origin, admit};

/// Where a request comes from when it does not say so itself: the server listens nowhere else.
const LOOPBACK: &str = "127.0.0.1";

#[derive(Deserialize)]
pub(super) struct ByUsername {
    input: ByUsernameInput,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ByUsernameInput {
    username: String,
    password: String,
    auto_register: Option<bool>,
    client_ip: Option<String>,
    params: Option<String>,
}

pub(super) fn by_username(context: &mut Context<'_>, args: ByUsername) -> Result<Fields, Refusal> {
    let input = args.input;
    let known = context.state.users.find("username", &input.username);
    let known = known.map(|user| user.id().to_owned());
    let newly_created = known.is_none();
    let id = match known {
        Some(id) => {
            let plain = context.key.decrypt(&input.password)?;
            check_password(context, &id, &plain)?;
            let params = input.params.as_deref();
            let custom_data = context.state.custom_fields.read_params(params)?;
            for (key, value) in custom_data {
                context.state.custom_fields.store("USER", &id, key, value);
            }
            id
        }
        None if input.auto_register == Some(true) => {
            let plain = context.key.decrypt_new(&input.password)?;
            let fields = [("username".to_owned(), json!(input.username))];
            admit(
                context,
                fields.into_iter().collect(),
                Some(Password::salted(&plain)),
                Origin::Username,
                input.params.as_deref(),
            )?
        }
        None => return Err(Refusal::no_such_user()),
    };
    let mut shown = context.sign_in(&id, input.client_ip)?;
    shown.insert("newlyCreated".to_owned(), json!(newly_created));
    Ok(shown)
}

fn check_password(context: &mut Context<'_>, id: &str, plain: &str) -> Result<(), Refusal> {
    let user = context.state.users.require(id)?;
    if !user.password.as_ref().is_some_and(|own| own.is(plain)) {
        return Err(Refusal::new(code::WRONG_PASSWORD, "the password is wrong"));
    }
    if user.is("blocked") {
        return Err(Refusal::new(code::USER_LOCKED, "the user is locked"));
    }
    if user.must_set_password {
        let token = context
            .state
            .sessions
            .expect_reset(id, ResetKind::FirstLogin);
        return Err(Refusal::new(
            code::FIRST_LOGIN_RESET,
            "set a password of your own before the first login",
        )
        .with_data(json!({"token": token})));
    }
    if user.must_reset_password {
        let token = context.state.sessions.expect_reset(id, ResetKind::Forced);
        return Err(
            Refusal::new(code::FORCED_RESET, "change your password before you log in")
                .with_data(json!({"token": token})),
        );
    }
    Ok(())
}

impl Context<'_> {
    /// Ends the first factor: opens a session, or asks for the second factor.
    pub(super) fn sign_in(&mut self, id: &str, ip: Option<String>) -> Result<Fields, Refusal> {
        self.ask_for_second_factor(id, ip.as_deref())?;
        self.finish_sign_in(id, ip)
    }

    /// Opens a session and answers the user with its token.
    pub(crate) fn finish_sign_in(
        &mut self,
        id: &str,
        ip: Option<String>,
    ) -> Result<Fields, Refusal> {
        let token = self.open_session(id)?;
        let now = self.now.iso();
        let user = self.state.users.require_mut(id)?;
        let logins = user.get("loginsCount").as_i64().unwrap_or(0);
        user.set("loginsCount", json!(logins.saturating_add(1)));
        user.set("lastLogin", json!(now));
        user.set("lastIP", json!(ip.as_deref().unwrap_or(LOOPBACK)));
        if user.get("signedUp").is_null() {
            user.set("signedUp", json!(now));
        }
        let expires = Moment::from_seconds(token.expires).iso();
        user.set("tokenExpiredAt", json!(expires));
        let mut shown = user.shown();
        shown.insert("token".to_owned(), json!(token.text));
        Ok(shown)
    }
}
