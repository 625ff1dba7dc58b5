//! Operations that send messages.

use axum::http::Method;
use serde::Deserialize;

use crate::context::Context;
use crate::graphql::{Access, Table};
use crate::outbox::MessageKind;
use crate::phones;
use crate::refusal::{CommonMessage, Refusal};
use crate::rest::Routes;
use crate::users::{check_email, check_phone};
use crate::wording;

pub(crate) fn operations(table: &mut Table) {
    table.mutation("sendEmail", Access::Anyone, send_email);
}

#[derive(Deserialize)]
struct SendEmail {
    email: String,
    scene: String,
}

/// Scenes of a mail to somebody who forgot the password, whose address may be any text.
pub(crate) const RESET_SCENES: [&str; 2] = ["RESET_PASSWORD", "RESET_PASSWORD_VERIFY_CODE"];

/// Does not tell whether anybody has the address.
fn send_email(context: &mut Context<'_>, args: SendEmail) -> Result<CommonMessage, Refusal> {
    if !RESET_SCENES.contains(&args.scene.as_str()) {
        check_email(&args.email)?;
    }
    let outbox = &mut context.state.outbox;
    outbox.check_pause(&args.email, MessageKind::Email, &args.scene, context.now)?;
    outbox.send(&args.email, MessageKind::Email, &args.scene, context.now);
    Ok(CommonMessage::SENT)
}

pub(crate) fn routes(routes: &mut Routes) {
    routes.add(
        Method::POST,
        "/api/v2/sms/send",
        Access::Anyone,
        "发送成功",
        send_sms,
    );
}

const SMS_SCENES: [&str; 9] = [
    "login",
    "register",
    "reset",
    "bind",
    "unbind",
    "mfa-bind",
    "mfa-verify",
    "mfa-unbind",
    "complete-phone",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SendSms {
    phone: String,
    phone_country_code: Option<String>,
    scene: Option<String>,
}

/// Does not tell whether anybody has the number. A code without a scene is good for every purpose.
fn send_sms(context: &mut Context<'_>, args: SendSms) -> Result<(), Refusal> {
    check_phone(&args.phone)?;
    let scene = args.scene.as_deref().unwrap_or_default();
    if !scene.is_empty() && !SMS_SCENES.contains(&scene) {
        return Err(Refusal::about(&wording::NO_SUCH_SCENE, &[&scene]));
    }
    let phone = phones::normal(&args.phone, args.phone_country_code.as_deref());
    let outbox = &mut context.state.outbox;
    outbox.send(&phone, MessageKind::Sms, scene, context.now);
    Ok(())
}

/// Sends a code for the second factor of a login.
pub(crate) fn send_second_factor(
    context: &mut Context<'_>,
    kind: MessageKind,
    to: &str,
) -> Result<(), Refusal> {
    match kind {
        MessageKind::Email => {
            let message = SendEmail {
                email: to.to_owned(),
                scene: "MFA_VERIFY".to_owned(),
            };
            send_email(context, message).map(drop)
        }
        MessageKind::Sms => {
            let message = SendSms {
                phone: to.to_owned(),
                phone_country_code: None,
                scene: Some("mfa-verify".to_owned()),
            };
            send_sms(context, message)
        }
    }
}
