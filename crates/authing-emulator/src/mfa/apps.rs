//! Adding and removing authenticator apps.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::challenge::Owner;
use super::store::Authenticator;
use super::totp::picture;
use crate::context::{Caller, Context};
use crate::http::{Shared, read, rest};
use crate::refusal::{Refusal, code};

const TOTP: &str = "totp";

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Json<Value> {
    rest(&shared, &headers, "获取 MFA 认证器成功", |context| {
        let owner = context.owner()?;
        let kind = query.get("type").map_or(TOTP, String::as_str);
        let apps = match kind {
            TOTP => context.state.mfa.apps.get(&owner.user_id),
            _ => None,
        };
        let Some(apps) = apps else {
            return Ok(json!([]));
        };
        let confirmed = apps.confirmed.iter().map(|app| shown(app, &owner, true));
        let waiting = apps.waiting.iter().map(|app| shown(app, &owner, false));
        Ok(confirmed.chain(waiting).collect())
    })
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
struct Kind {
    #[serde(alias = "authenticatorType")]
    authenticator_type: String,
}

impl Kind {
    fn check(&self) -> Result<(), Refusal> {
        match self.authenticator_type.as_str() {
            TOTP => Ok(()),
            other => Err(Refusal::generic(format!(
                "`{other}` is no kind of authenticator"
            ))),
        }
    }
}

pub(super) async fn associate(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Json<Value> {
    rest(&shared, &headers, "获取 MFA 密钥成功", |context| {
        let owner = owner_who_may_change(context)?;
        read::<Kind>(&body)?.check()?;
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
    })
}

#[derive(Deserialize)]
struct Confirmation {
    #[serde(flatten)]
    kind: Kind,
    totp: String,
}

pub(super) async fn confirm(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    let mut status = StatusCode::OK;
    let answer = rest(&shared, &headers, "TOTP MFA 绑定成功", |context| {
        let owner = owner_who_may_change(context)?;
        let confirmation = read::<Confirmation>(&body)?;
        confirmation.kind.check()?;
        let now = context.now;
        let apps = context.state.mfa.apps.entry(owner.user_id).or_default();
        let app = apps.waiting.as_mut();
        if app.is_some_and(|app| app.redeem(&confirmation.totp, now)) {
            apps.confirmed = apps.waiting.take();
            return Ok(Value::Null);
        }
        status = StatusCode::BAD_REQUEST;
        Err(Refusal::new(400, "the code is wrong"))
    });
    (status, answer)
}

/// The first factor alone must not replace the second.
fn owner_who_may_change(context: &Context<'_>) -> Result<Owner, Refusal> {
    let owner = context.owner()?;
    if owner.is_logging_in && context.state.mfa.confirmed(&owner.user_id).is_some() {
        return Err(Refusal::new(
            code::NOT_PERMITTED,
            "log in with your authenticator to replace it",
        ));
    }
    Ok(owner)
}

pub(super) async fn delete(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Json<Value> {
    rest(&shared, &headers, "TOTP MFA 解绑成功", |context| {
        let Caller::User(token) = &context.caller else {
            return Err(Refusal::not_logged_in());
        };
        context.state.mfa.apps.remove(&token.user_id);
        Ok(Value::Null)
    })
}
