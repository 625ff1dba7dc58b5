//! What is told about a user, by scope.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::params::Params;
use super::reply::{OAuthError, answer_of};
use super::store::Kind;
use super::tokens::live;
use crate::context::Context;
use crate::roles::{DEFAULT_NAMESPACE, Role};
use crate::session::claims_about;
use crate::shared::Shared;
use crate::users::{Fields, User};
use crate::world::Hint;

const PROFILE: [&str; 14] = [
    "birthdate",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

/// The claims that a scope opens; empty ones are null.
pub(super) fn claims(context: &Context<'_>, user: &User, scope: &str) -> Fields {
    let state = &context.state;
    let mut all = claims_about(user);
    for (claim, value) in [
        ("username", user.get("username").clone()),
        ("userpool_id", json!(context.pool.id)),
        ("roles", roles(context, user)),
        (
            "extended_fields",
            json!(state.custom_fields.named("USER", user.id())),
        ),
        // There are no tenants here.
        ("tenant_id", Value::Null),
    ] {
        all.insert(claim.to_owned(), value);
    }
    let open = |claim: &str| {
        scope.split(' ').any(|scope| match scope {
            "openid" => claim == "sub",
            "profile" => PROFILE.contains(&claim),
            "email" => ["email", "email_verified"].contains(&claim),
            "phone" => ["phone_number", "phone_number_verified"].contains(&claim),
            other => claim == other,
        })
    };
    all.into_iter().filter(|(claim, _)| open(claim)).collect()
}

/// The codes of the user's roles. Other namespaces than the default one may have roles of the same codes, so these name
/// theirs.
pub(super) fn roles(context: &Context<'_>, user: &User) -> Value {
    let state = &context.state;
    let named = |role: &Role| match &*role.namespace {
        DEFAULT_NAMESPACE => json!(role.code),
        namespace => json!({"code": role.code, "namespace": namespace}),
    };
    let roles = state.roles.of_user(user.id(), &state.groups);
    roles.into_iter().map(named).collect()
}

/// The token may be in the header, the query or the form, and there may be no form.
pub(super) async fn me(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let query = Params::parse(query.unwrap_or_default().as_bytes());
    let form = Params::parse(&body);
    let given = form.get("access_token").or(query.get("access_token"));
    let hint = Hint {
        token: given,
        ..Hint::default()
    };
    answer_of(shared.with_context(&headers, hint, |context| {
        let token = context.bearer.as_deref().or(given);
        token.map_or(Err(OAuthError::INVALID_TOKEN), |token| {
            whose(&context, token)
        })
    }))
}

fn whose(context: &Context<'_>, text: &str) -> Result<Value, OAuthError> {
    let (token, grant) = live(context, text)
        .filter(|(token, _)| token.kind == Kind::Access)
        .ok_or(OAuthError::INVALID_TOKEN)?;
    if !token.scope.split(' ').any(|scope| scope == "openid") {
        return Err(OAuthError::INSUFFICIENT_SCOPE);
    }
    let user = grant
        .user_id
        .as_ref()
        .and_then(|id| context.state.users.get(id))
        .ok_or(OAuthError::INVALID_TOKEN)?;
    Ok(Value::Object(claims(context, user, &token.scope)))
}
