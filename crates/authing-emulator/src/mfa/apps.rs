//! Adding and removing authenticator apps.

use serde::Deserialize;
use serde_json::{Value, json};

use super::challenge::Owner;
use super::store::Authenticator;
use super::totp::picture;
use crate::context::{Caller, Context};
use crate::refusal::Refusal;
use crate::wording;

const TOTP: &str = "totp";

#[derive(Deserialize)]
pub(super) struct OfType {
    r#type: Option<String>,
}

pub(super) fn list(context: &mut Context<'_>, args: OfType) -> Result<Value, Refusal> {
    let owner = context.owner()?;
    let apps = match args.r#type.as_deref() {
        None | Some(TOTP) => context.state.mfa.apps.get(&owner.user_id),
        Some(_) => None,
    };
    let Some(apps) = apps else {
        return Ok(json!([]));
    };
    let confirmed = apps.confirmed.iter().map(|app| shown(app, &owner, true));
    let waiting = apps.waiting.iter().map(|app| shown(app, &owner, false));
    Ok(confirmed.chain(waiting).collect())
}

/// Who has only the first factor must not read the second from here.
fn shown(app: &Authenticator, owner: &Owner, enable: bool) -> Value {
    let secret = |text: String| (!(owner.is_logging_in && enable)).then_some(text);
    json!({
        "id": app.id,
        "createdAt": app.created.iso(),
        "updatedAt": app.updated.iso(),
        "userId": owner.user_id,
        "enable": enable,
        "secret": secret(app.key.base32()),
        "authenticatorType": TOTP,
        "recoveryCode": secret(app.recovery_code.clone()),
    })
}

#[derive(Deserialize)]
pub(super) struct Kind {
    #[serde(alias = "authenticatorType")]
    authenticator_type: String,
}

impl Kind {
    fn check(&self) -> Result<(), Refusal> {
        match self.authenticator_type.as_str() {
            TOTP => Ok(()),
            other => Err(Refusal::about(&wording::NO_SUCH_AUTHENTICATOR, &[&other])),
        }
    }
}

pub(super) fn associate(context: &mut Context<'_>, args: Kind) -> Result<Value, Refusal> {
    let owner = owner_who_may_change(context)?;
    args.check()?;
    let user = context.state.users.require(&owner.user_id)?;
    let names = ["username", "email", "phone", "id"];
    let account = names.iter().find_map(|name| user.text(name));
    let app = Authenticator::new(context.now);
    let uri = app.key.uri(account.unwrap_or_default());
    let answer = json!({
        "authenticator_type": TOTP,
        "secret": app.key.base32(),
        "qrcode_uri": uri,
        "qrcode_data_url": picture(&uri),
        "recovery_code": app.recovery_code,
    });
    let apps = context.state.mfa.apps.entry(owner.user_id).or_default();
    apps.waiting = Some(app);
    Ok(answer)
}

#[derive(Deserialize)]
pub(super) struct Confirmation {
    #[serde(flatten)]
    kind: Kind,
    totp: String,
}

pub(super) fn confirm(context: &mut Context<'_>, args: Confirmation) -> Result<(), Refusal> {
    let owner = owner_who_may_change(context)?;
    args.kind.check()?;
    let now = context.now;
    let wrong = || Refusal::new(&wording::APP_NOT_CONFIRMED);
    let apps = context.state.mfa.apps.get_mut(&owner.user_id);
    let apps = apps.ok_or_else(wrong)?;
    let app = apps.waiting.as_mut();
    if !app.is_some_and(|app| app.redeem(&args.totp, now)) {
        return Err(wrong());
    }
    apps.confirmed = apps.waiting.take();
    Ok(())
}

/// The first factor alone must not replace the second.
fn owner_who_may_change(context: &Context<'_>) -> Result<Owner, Refusal> {
    let owner = context.owner()?;
    if owner.is_logging_in && context.state.mfa.confirmed(&owner.user_id).is_some() {
        return Err(Refusal::new(&wording::APP_IN_FORCE));
    }
    Ok(owner)
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

pub(super) fn delete(context: &mut Context<'_>, _args: Nothing) -> Result<(), Refusal> {
    let Caller::User(token) = &context.caller else {
        return Err(Refusal::not_logged_in());
    };
    context.state.mfa.apps.remove(&token.user_id);
    Ok(())
}
