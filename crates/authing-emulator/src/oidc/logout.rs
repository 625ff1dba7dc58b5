//! Where a login ends.

use std::sync::Arc;

use axum::extract::{RawForm, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::browser::{cookie_of, set_cookie};
use super::page;
use super::params::{Params, append};
use super::settings::is_registered;
use super::tokens::read_id_token;
use crate::context::Context;
use crate::shared::Shared;
use crate::world::Hint;

pub(super) async fn end_session(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    let params = Params::parse(&form);
    let hint = Hint {
        app: params.get("client_id"),
        token: params.get("id_token_hint"),
        ..Hint::default()
    };
    shared.with_context(&headers, hint, |context| {
        answer(&shared, &params, &headers, context)
    })
}

fn answer(shared: &Shared, params: &Params, headers: &HeaderMap, context: Context<'_>) -> Response {
    let pool = context.pool;
    // A hint may be out of date: it says who logs out, and opens nothing.
    let is_ours = |hint: &str| read_id_token(shared, pool, hint).is_some();
    let hint = params.get("id_token_hint");
    if hint.is_some_and(|hint| !is_ours(hint)) {
        return page::failure(StatusCode::BAD_REQUEST, "The id_token_hint is not valid.");
    }
    let target = params.get("post_logout_redirect_uri");
    let list = pool.oidc.logout_redirect_uris.as_deref();
    if target.is_some_and(|uri| hint.is_none() || !is_registered(list, uri)) {
        return page::failure(
            StatusCode::BAD_REQUEST,
            "The post_logout_redirect_uri is not one of the application's logout callbacks, or there is no id_token_hint.",
        );
    }
    if let Some(cookie) = cookie_of(headers, pool) {
        context.state.oidc.browsers.remove(cookie);
    }
    let mut response = match target {
        Some(uri) => {
            let state = params.get("state").map(|state| ("state", state));
            let address = match state {
                Some(state) => append(uri, '?', &[state]),
                None => uri.to_owned(),
            };
            Redirect::to(&address).into_response()
        }
        None => page::signed_out(),
    };
    set_cookie(&mut response, pool, "");
    response
}
