//! Whether users are there, and how to send them away.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::{Caller, Context};
use crate::outbox::MessageKind;
use crate::refusal::{CommonMessage, Refusal, code};
use crate::wording;

/// The scene of the mail, in the words of the API.
const FIRST_LOGIN: &str = "FIRST_EMAIL_LOGIN_VERIFY";

fn check_application(context: &Context<'_>, id: Option<&str>) -> Result<(), Refusal> {
    match id {
        Some(id) if !id.is_empty() && id != context.pool.app_id => {
            Err(Refusal::new(&wording::APPLICATION_MISSING))
        }
        _ => Ok(()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kick {
    user_ids: Vec<String>,
}

/// All of them, or none when one does not exist.
pub(super) fn kick(context: &mut Context<'_>, args: Kick) -> Result<(), Refusal> {
    for id in &args.user_ids {
        context.state.users.require(id)?;
    }
    for id in &args.user_ids {
        context.state.end_logins(id);
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogOut {
    user_id: Option<String>,
    app_id: Option<String>,
}

/// An administrator names the user. A user ends the own session.
pub(super) fn log_out(context: &mut Context<'_>, args: LogOut) -> Result<(), Refusal> {
    check_application(context, args.app_id.as_deref())?;
    let id = context.whom(args.user_id, code::NOT_PERMITTED)?;
    if let Caller::User(_) = context.caller {
        context.log_out();
        return Ok(());
    }
    // Nobody of that name is logged in, so there is nothing to refuse.
    context.state.end_logins(&id);
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    user_id: String,
    app_id: Option<String>,
    device_id: Option<String>,
}

/// No session is bound to a device, so nobody is logged in on one that is named.
pub(super) fn login_status(context: &mut Context<'_>, args: Status) -> Result<Value, Refusal> {
    check_application(context, args.app_id.as_deref())?;
    let user = context.state.users.require(&args.user_id)?;
    let on_a_device = args.device_id.is_some_and(|id| !id.is_empty());
    if on_a_device || !context.state.sessions.has_any(&args.user_id, context.now) {
        return Ok(json!({"isLogin": false}));
    }
    Ok(json!({
        "isLogin": true,
        "user": context.show(user),
        "application": [{"id": context.pool.app_id, "name": "emulator"}],
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FirstLogin {
    user_id: String,
    app_id: String,
}

pub(super) fn send_first_login_verify_email(
    context: &mut Context<'_>,
    args: FirstLogin,
) -> Result<CommonMessage, Refusal> {
    if args.app_id != context.pool.app_id {
        return Err(Refusal::new(&wording::APPLICATION_MISSING));
    }
    let user = context.state.users.require(&args.user_id)?;
    let Some(email) = user.text("email").filter(|email| !email.is_empty()) else {
        return Err(Refusal::new(&wording::USER_HAS_NO_EMAIL));
    };
    let email = email.to_owned();
    let outbox = &mut context.state.outbox;
    outbox.check_pause(&email, MessageKind::Email, FIRST_LOGIN, context.now)?;
    outbox.send(&email, MessageKind::Email, FIRST_LOGIN, context.now);
    Ok(CommonMessage::SENT)
}
