//! Users over REST.

use axum::http::Method;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::model::Fields;
use super::queries::{self, Batch};
use super::{identities, presence};
use crate::context::{Caller, Context};
use crate::graphql::Access;
use crate::refusal::Refusal;
use crate::rest::Routes;

pub(crate) fn routes(routes: &mut Routes) {
    const READ: &str = "获取成功";
    const DONE: &str = "操作成功";
    let all = Access::Administrator;
    routes.add(Method::GET, "/api/v2/users/me", Access::SignedIn, READ, me);
    routes.add(Method::GET, "/api/v2/users/{id}", all, READ, detail);
    routes.add(Method::POST, "/api/v2/users/batch", all, READ, batch);
    routes.add(
        Method::GET,
        "/api/v2/users/{id}/has-role",
        all,
        READ,
        has_role,
    );
    routes.add(Method::GET, "/api/v2/users/{id}/orgs", all, READ, orgs);
    routes.add(
        Method::GET,
        "/api/v2/users/login-status",
        all,
        READ,
        presence::login_status,
    );
    routes.add(
        Method::POST,
        "/api/v2/users/kick",
        all,
        DONE,
        presence::kick,
    );
    routes.add(
        Method::GET,
        "/logout",
        Access::SignedIn,
        DONE,
        presence::log_out,
    );
    routes.add(
        Method::POST,
        "/api/v2/users/identity/link",
        all,
        DONE,
        identities::link,
    );
    routes.add(
        Method::POST,
        "/api/v2/users/identity/unlink",
        all,
        DONE,
        identities::unlink,
    );
}

/// A user as the REST API shows it, which leaves the custom fields out unless they are asked for.
fn shown(context: &Context<'_>, id: &str, with_custom_data: bool) -> Option<Fields> {
    let mut shown = context.show(context.state.users.get(id)?);
    if with_custom_data {
        let custom_data = context.state.custom_fields.values("USER", id);
        shown.insert("customData".to_owned(), json!(custom_data));
    }
    Some(shown)
}

/// The SDKs send `1` and `0`, `true` and `false`, and both as text.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value == json!(true) || value == json!(1) || value == "1" || value == "true")
}

#[derive(Deserialize)]
struct Me {
    #[serde(default, deserialize_with = "flag")]
    with_custom_data: bool,
}

fn me(context: &mut Context<'_>, args: Me) -> Result<Fields, Refusal> {
    let Caller::User(token) = &context.caller else {
        return Err(Refusal::not_logged_in());
    };
    shown(context, &token.user_id, args.with_custom_data).ok_or_else(Refusal::no_such_user)
}

#[derive(Deserialize)]
struct Detail {
    id: String,
    #[serde(default, deserialize_with = "flag")]
    with_custom_data: bool,
}

fn detail(context: &mut Context<'_>, args: Detail) -> Result<Option<Fields>, Refusal> {
    Ok(shown(context, &args.id, args.with_custom_data))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RestBatch {
    #[serde(flatten)]
    batch: Batch,
    #[serde(default, deserialize_with = "flag")]
    with_custom_data: bool,
}

fn batch(context: &mut Context<'_>, args: RestBatch) -> Result<Vec<Fields>, Refusal> {
    let found = queries::user_batch(context, args.batch)?;
    let ids = found
        .iter()
        .filter_map(|user| user.get("id").and_then(Value::as_str));
    Ok(ids
        .filter_map(|id| shown(context, id, args.with_custom_data))
        .collect())
}

#[derive(Deserialize)]
struct HasRole {
    id: String,
    code: String,
    namespace: Option<String>,
}

fn has_role(context: &mut Context<'_>, args: HasRole) -> Result<bool, Refusal> {
    let state = &context.state;
    state.users.require(&args.id)?;
    let namespace = args.namespace.filter(|namespace| !namespace.is_empty());
    Ok(state
        .roles
        .of_user(&args.id, &state.groups)
        .iter()
        .any(|role| role.is(namespace.as_deref(), &args.code)))
}

#[derive(Deserialize)]
struct ById {
    id: String,
}

/// There are no organisations here.
fn orgs(context: &mut Context<'_>, args: ById) -> Result<Vec<Value>, Refusal> {
    context.state.users.require(&args.id)?;
    Ok(Vec::new())
}
