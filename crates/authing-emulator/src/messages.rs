//! Operations that send messages.

use serde::Deserialize;

use crate::context::Context;
use crate::graphql::{Access, Table};
use crate::outbox::MessageKind;
use crate::refusal::{CommonMessage, Refusal};
use crate::users::check_email;

pub(crate) fn operations(table: &mut Table) {
    table.mutation("sendEmail", Access::Anyone, send_email);
}

#[derive(Deserialize)]
struct SendEmail {
    email: String,
    scene: String,
}

/// Does not tell whether anybody has the address.
fn send_email(context: &mut Context<'_>, args: SendEmail) -> Result<CommonMessage, Refusal> {
    check_email(&args.email)?;
    let outbox = &mut context.state.outbox;
    outbox.check_pause(&args.email, MessageKind::Email, &args.scene, context.now)?;
    outbox.send(&args.email, MessageKind::Email, &args.scene, context.now);
    Ok(CommonMessage::SENT)
}
