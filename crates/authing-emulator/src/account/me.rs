//! What users see of themselves over REST.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::paging::{Page, Paging};
use crate::passwords::Password;
use crate::refusal::Refusal;

#[derive(Deserialize)]
pub(super) struct Nothing {}

/// The emulator has no organisations, so nobody is in one.
pub(super) fn orgs(context: &mut Context<'_>, _: Nothing) -> Result<Vec<Value>, Refusal> {
    context.own_id().map(|_| Vec::new())
}

#[derive(Deserialize)]
pub(super) struct WhichPage {
    page: Option<String>,
    limit: Option<String>,
}

/// The one application of the emulator, which lets in everybody.
pub(super) fn applications(
    context: &mut Context<'_>,
    args: WhichPage,
) -> Result<Page<Value>, Refusal> {
    context.own_id()?;
    let application = json!({
        "id": context.pool.app_id,
        "name": "emulator",
        "logo": null,
        "domain": null,
        "description": null,
        "protocol": "oidc",
        "createdAt": null,
        "updatedAt": null,
    });
    let paging = Paging::of_texts(args.page.as_deref(), args.limit.as_deref());
    Ok(paging.cut(vec![application]))
}

/// A quarter of the points each for a password, an e-mail address, a phone number and a second factor.
pub(super) fn security_level(context: &mut Context<'_>, _: Nothing) -> Result<Value, Refusal> {
    const QUARTER: usize = 25;
    let id = context.own_id()?;
    let user = context.state.users.require(&id)?;
    let has = |field| user.text(field).is_some_and(|text| !text.is_empty());
    let (email, phone) = (has("email"), has("phone"));
    let password = user.password.is_some();
    let mfa = context.state.mfa.has_app(&id);
    let points = [password, email, phone, mfa];
    Ok(json!({
        "score": QUARTER * points.into_iter().filter(|given| *given).count(),
        "email": email,
        "phone": phone,
        "password": password,
        "passwordSecurityLevel": user.password.as_ref().and_then(Password::level),
        "mfa": mfa,
    }))
}
