//! Asking about tokens, and taking them back.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawForm, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::client::{authenticate, client_id, of_client};
use super::params::Params;
use super::reply::{OAuthError, answer_of};
use super::store::{Grant, Kind, Token};
use crate::context::Context;
use crate::pool::Pool;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::tokens::{self, TokenKind, unverified};
use crate::wording::{self, Language};
use crate::world::Hint;

pub(super) async fn introspect(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    let params = Params::parse(&form);
    let id = client_id(&headers, &params);
    answer_of(
        shared.with_context(&headers, of_client(id.as_deref()), |context| {
            authenticate(&headers, &params, context.pool)?;
            let token = params.get("token").ok_or(NO_TOKEN)?;
            Ok(describe(&context, token).unwrap_or_else(|| json!({"active": false})))
        }),
    )
}

const NO_TOKEN: OAuthError =
    OAuthError::bad("invalid_request", "missing required parameter(s) (token)");

/// A token that is valid for this application: issued to it, neither expired nor revoked, and of a user who is not
/// locked.
pub(super) fn live<'c>(context: &'c Context<'_>, text: &str) -> Option<(&'c Token, &'c Grant)> {
    let live = context.state.oidc.live(text, context.now.seconds());
    live.filter(|(_, grant)| grant.app_id == context.pool.app_id)
        .filter(|(_, grant)| {
            let user = grant.user_id.as_ref();
            user.is_none_or(|id| is_good_for_something(context, id))
        })
        .filter(|_| !context.state.sessions.has_expired(text))
}

const NOT_YOURS: OAuthError =
    OAuthError::bad("invalid_request", "this token does not belong to you");

fn describe(context: &Context<'_>, text: &str) -> Option<Value> {
    let (token, grant) = live(context, text)?;
    Some(json!({
        "active": true,
        "sub": grant.user_id.as_ref().unwrap_or(&grant.app_id),
        "client_id": grant.app_id,
        "exp": token.expires,
        "iat": token.issued,
        // The one that the token itself names, if it does.
        "iss": unverified(text)
            .and_then(|claims| claims.get("iss").cloned())
            .unwrap_or_else(|| json!(context.issuer)),
        "jti": token.id,
        "scope": token.scope,
        "token_type": "Bearer",
    }))
}

/// Tokens of a user who is locked or was deleted are not.
fn is_good_for_something(context: &Context<'_>, user_id: &str) -> bool {
    let user = context.state.users.get(user_id);
    user.is_some_and(|user| user.check_lock().is_ok())
}

/// Not OpenID Connect's but Authing's own: the claims of a token, as they are.
pub(super) async fn validate(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let (id_token, access_token) = (params.get("id_token"), params.get("access_token"));
    let hint = Hint {
        token: id_token.or(access_token),
        ..Hint::default()
    };
    let claims = shared.with_context(&headers, hint, |context| match (id_token, access_token) {
        (Some(token), _) => {
            claims_of_id_token(&shared, &context, token).ok_or(&wording::ID_TOKEN_INVALID)
        }
        (None, Some(token)) => {
            claims_of_access_token(&shared, &context, token).ok_or(&wording::ACCESS_TOKEN_INVALID)
        }
        (None, None) => Err(&wording::NO_TOKEN_GIVEN),
    });
    match claims {
        Ok(claims) => Json(claims).into_response(),
        Err(why) => {
            let refusal = Refusal::new(why).body(Language::of(&headers));
            (StatusCode::BAD_REQUEST, Json(refusal)).into_response()
        }
    }
}

/// The claims of an ID token of the application. Says nothing about its time.
pub(super) fn read_id_token(shared: &Shared, pool: &Pool, token: &str) -> Option<Value> {
    let claims =
        tokens::verify(token, &pool.app_secret).or_else(|| shared.signing_keys.verify(token))?;
    // Other tokens have the same signature, and may have been revoked.
    let is_id_token = TokenKind::of(&claims) == TokenKind::Id;
    let is_ours = claims.get("aud")?.as_str()? == pool.app_id;
    (is_id_token && is_ours).then_some(claims)
}

fn claims_of_id_token(shared: &Shared, context: &Context<'_>, token: &str) -> Option<Value> {
    let claims = read_id_token(shared, context.pool, token)?;
    let is_current = context.now.seconds() < claims.get("exp")?.as_i64()?;
    let user_id = claims.get("sub")?.as_str()?;
    (is_current && is_good_for_something(context, user_id)).then_some(claims)
}

fn claims_of_access_token(shared: &Shared, context: &Context<'_>, token: &str) -> Option<Value> {
    live(context, token)?;
    // A refresh token is no JWT, and has no claims.
    shared.signing_keys.verify(token)
}

pub(super) async fn revoke(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    let params = Params::parse(&form);
    let id = client_id(&headers, &params);
    let outcome = shared.with_context(&headers, of_client(id.as_deref()), |context| {
        authenticate(&headers, &params, context.pool)?;
        let text = params.get("token").ok_or(NO_TOKEN)?;
        let oidc = &mut context.state.oidc;
        let grant = oidc.tokens.get(text).and_then(|own| oidc.grant(&own.grant));
        if grant.is_some_and(|grant| grant.app_id != context.pool.app_id) {
            return Err(NOT_YOURS);
        }
        if let Some(token) = oidc.tokens.remove(text)
            && token.kind == Kind::Refresh
        {
            oidc.revoke_grant(&token.grant);
        }
        Ok(())
    });
    match outcome {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refusal) => OAuthError::into_response(refusal),
    }
}
