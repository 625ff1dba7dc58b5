//! What the control API answers.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::guard::{Problem, refuse, shows_token};
use crate::dates::Moment;
use crate::faults::Faults;
use crate::ids;
use crate::pools::PoolInfo;
use crate::shared::Shared;
use crate::snapshot::Snapshot;
use crate::webhooks::Webhook;
use crate::world::Tenant;

type Answer = Result<Response, Problem>;

/// Which pool is meant; the first one unless named.
#[derive(Deserialize)]
pub(super) struct Which {
    pool: Option<String>,
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        refuse(
            StatusCode::BAD_REQUEST,
            format!("the body does not fit: {error}"),
        )
    })
}

fn in_pool<T>(
    shared: &Shared,
    which: &Which,
    use_it: impl FnOnce(&mut Tenant) -> T,
) -> Result<T, Problem> {
    let mut world = shared.world();
    let tenant = world.find(which.pool.as_deref());
    let tenant =
        tenant.ok_or_else(|| refuse(StatusCode::NOT_FOUND, "there is no such user pool"))?;
    Ok(use_it(tenant))
}

pub(super) async fn health(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "url": shared.host,
    }))
}

pub(super) async fn reset(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.reset();
    shared.door.open().await;
    StatusCode::NO_CONTENT
}

/// With the secrets for those who show the token.
pub(super) async fn pools(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Json<Value> {
    let mut pools = json!(shared.pools());
    if !shows_token(&shared, &headers) {
        for pool in pools.as_array_mut().into_iter().flatten() {
            hide_secrets(pool);
        }
    }
    Json(pools)
}

fn hide_secrets(pool: &mut Value) {
    let apps = pool.get_mut("apps").and_then(Value::as_array_mut);
    for app in apps.into_iter().flatten() {
        app.as_object_mut().map(|app| app.remove("secret"));
    }
    pool.as_object_mut().map(|pool| pool.remove("secret"));
}

pub(super) async fn add_pool(State(shared): State<Arc<Shared>>) -> Json<PoolInfo> {
    Json(shared.add_pool())
}

#[derive(Deserialize)]
pub(super) struct Recipient {
    to: Option<String>,
}

pub(super) async fn outbox(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<Which>,
    Query(recipient): Query<Recipient>,
) -> Answer {
    let mut messages = in_pool(&shared, &which, |tenant| tenant.state.outbox.messages())?;
    if let Some(to) = recipient.to {
        messages.retain(|message| message.is_to(&to));
    }
    Ok(Json(messages).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FixedCode {
    to: String,
    code: String,
}

pub(super) async fn fix_code(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<Which>,
    body: Bytes,
) -> Answer {
    let FixedCode { to, code } = read(&body)?;
    in_pool(&shared, &which, |tenant| {
        tenant.state.outbox.fix_code(&to, &code);
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize)]
pub(super) struct Time {
    now: String,
    frozen: bool,
}

pub(super) async fn clock(State(shared): State<Arc<Shared>>) -> Json<Time> {
    Json(Time {
        now: shared.clock.now().iso(),
        frozen: shared.clock.is_frozen(),
    })
}

/// In this order.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Turn {
    frozen: Option<bool>,
    set: Option<String>,
    advance_ms: Option<u64>,
}

pub(super) async fn turn_clock(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let turn: Turn = read(&body)?;
    let set = turn.set.as_deref().map(|text| {
        Moment::parse(text).ok_or_else(|| {
            refuse(
                StatusCode::BAD_REQUEST,
                "`set` is not a time such as 2030-01-01T00:00:00Z",
            )
        })
    });
    let set = set.transpose()?;
    match turn.frozen {
        Some(true) => shared.clock.freeze(),
        Some(false) => shared.clock.unfreeze(),
        None => {}
    }
    if let Some(now) = set {
        shared.clock.set(now);
    }
    if let Some(milliseconds) = turn.advance_ms {
        let by = std::time::Duration::from_millis(milliseconds);
        shared.clock.advance(by);
    }
    Ok(clock(State(shared)).await.into_response())
}

pub(super) async fn faults(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({"plan": shared.faults.plan(), "injected": shared.faults.injected()}))
}

pub(super) async fn set_faults(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let plan: Faults = read(&body)?;
    shared.faults.set(plan);
    Ok(faults(State(shared)).await.into_response())
}

pub(super) async fn clear_faults(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.faults.set(Faults::default());
    shared.door.open().await;
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
pub(super) struct Asked {
    /// A path, or the name of a GraphQL operation.
    name: Option<String>,
    tag: Option<String>,
}

pub(super) async fn requests(
    State(shared): State<Arc<Shared>>,
    Query(asked): Query<Asked>,
) -> Json<Value> {
    let mut requests = shared.journal.all();
    requests.retain(|request| {
        let named = asked.name.as_deref().is_none_or(|name| request.is(name));
        named && (asked.tag.is_none() || asked.tag == request.tag)
    });
    Json(json!(requests))
}

pub(super) async fn clear_requests(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.journal.clear();
    StatusCode::NO_CONTENT
}

/// Other requests go on while something long is read or written.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    done.map_err(|_| refuse(status, "the emulator is broken"))
}

pub(super) async fn export(State(shared): State<Arc<Shared>>) -> Answer {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    let snapshot = shared.snapshot();
    let text = apart(move || snapshot.to_json()).await?;
    Ok((kind, text).into_response())
}

pub(super) async fn import(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let snapshot = apart(move || Snapshot::from_json(&String::from_utf8_lossy(&body))).await?;
    let snapshot = snapshot.map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let cause = cause.map_or(String::new(), |cause| format!(": {cause}"));
        refuse(StatusCode::BAD_REQUEST, format!("{error}{cause}"))
    })?;
    shared.restore(&snapshot);
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn webhooks(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<Which>,
) -> Answer {
    let shown = in_pool(&shared, &which, |tenant| tenant.state.webhooks.shown())?;
    Ok(Json(shown).into_response())
}

pub(super) async fn set_webhook(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<Which>,
    body: Bytes,
) -> Answer {
    let webhook: Webhook = read(&body)?;
    shared
        .check_webhook(&webhook)
        .map_err(|why| refuse(StatusCode::BAD_REQUEST, why.to_string()))?;
    in_pool(&shared, &which, |tenant| {
        tenant.state.webhooks.set(Some(webhook));
    })?;
    shared.webhooks_waiting.notify_one();
    webhooks(State(shared), Query(which)).await
}

pub(super) async fn clear_webhook(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<Which>,
) -> Answer {
    in_pool(&shared, &which, |tenant| tenant.state.webhooks.set(None))?;
    shared.webhooks_waiting.notify_one();
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn test_webhook(
    State(shared): State<Arc<Shared>>,
    Query(which): Query<Which>,
) -> Answer {
    let now = shared.clock.now();
    let dropped = in_pool(&shared, &which, |tenant| {
        let data = json!({"description": "a test event of the emulator"});
        let Tenant { state, ids, .. } = tenant;
        ids::drawing_from(ids, || state.webhooks.add("test", data, now));
        state.webhooks.take_dropped()
    })?;
    shared.record_dropped(dropped);
    shared.webhooks_waiting.notify_one();
    Ok(StatusCode::ACCEPTED.into_response())
}
