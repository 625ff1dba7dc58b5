//! Asking about tokens, and taking them back.

use std::sync::Arc;

use axum::extract::{RawForm, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::client::{authenticate, client_id, of_client};
use super::params::Params;
use super::reply::{OAuthError, answer_of};
use super::store::Kind;
use crate::context::Context;
use crate::shared::Shared;

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

fn describe(context: &Context<'_>, text: &str) -> Option<Value> {
    let oidc = &context.state.oidc;
    let (token, grant) = oidc.live(text, context.now.seconds())?;
    if let Some(user_id) = &grant.user_id {
        let user = context.state.users.get(user_id)?;
        if user.is("blocked") {
            return None;
        }
    }
    Some(json!({
        "active": true,
        "sub": grant.user_id.as_ref().unwrap_or(&grant.app_id),
        "client_id": grant.app_id,
        "exp": token.expires,
        "iat": token.issued,
        "iss": context.pool.issuer(),
        "jti": token.id,
        "scope": token.scope,
        "token_type": "Bearer",
    }))
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
