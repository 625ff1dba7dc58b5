//! OpenID Connect: the endpoints below `/oidc` of an application's host.

mod authorize;
mod browser;
mod client;
mod keys;
mod logout;
mod page;
mod params;
mod reply;
mod second_factor;
mod settings;
mod sign_in;
mod store;
mod token;
mod tokens;
mod user_info;

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::exchange::Verdict;
use crate::shared::Shared;

pub(crate) use keys::{PrivateKeys, SigningKeys};
pub use settings::ClientAuthentication;
pub(crate) use settings::Settings;
pub(crate) use store::Oidc;

/// The scopes that every application has, and what its users may be asked for.
const SCOPES: [&str; 13] = [
    "openid",
    "profile",
    "username",
    "email",
    "phone",
    "address",
    "external_id",
    "unionid",
    "userpool_id",
    "roles",
    "extended_fields",
    "tenant_id",
    "offline_access",
];

/// What [`routes`] answers of the API that the SDKs know.
pub(crate) const ROUTES: [&str; 8] = [
    "GET /oidc/auth",
    "POST /oidc/token",
    "POST /oidc/token/introspection",
    "POST /oidc/token/revocation",
    "GET /oidc/me",
    "POST /oidc/me",
    "GET /oidc/session/end",
    "GET /api/v2/oidc/validate_token",
];

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/oidc/.well-known/openid-configuration", get(discovery))
        .route("/oidc/.well-known/jwks.json", get(jwks))
        .route(
            "/oidc/auth",
            get(authorize::authorize).post(authorize::authorize),
        )
        .route(
            "/interaction/oidc/{uid}/login",
            get(sign_in::show).post(sign_in::submit),
        )
        .route(
            "/interaction/oidc/{uid}/password",
            post(sign_in::set_password),
        )
        .route(
            "/interaction/oidc/{uid}/second-factor",
            post(second_factor::submit),
        )
        .route("/interaction/oidc/{uid}/abort", get(sign_in::abort))
        .route("/oidc/token", post(token::token))
        .route("/oidc/token/introspection", post(tokens::introspect))
        .route("/oidc/token/revocation", post(tokens::revoke))
        .route("/oidc/me", get(user_info::me).post(user_info::me))
        .route(
            "/oidc/session/end",
            get(logout::end_session).post(logout::end_session),
        )
        .route("/api/v2/oidc/validate_token", get(tokens::validate))
        .route_layer(map_response(judged))
}

/// The status of OAuth's answers says whether they are refusals.
async fn judged(mut response: Response) -> Response {
    let verdict = Verdict::by_status(response.status());
    response.extensions_mut().insert(verdict);
    response
}

async fn discovery(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Json<Value> {
    let issuer = shared.issuer(&headers);
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/me"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "end_session_endpoint": format!("{issuer}/session/end"),
        "introspection_endpoint": format!("{issuer}/token/introspection"),
        "revocation_endpoint": format!("{issuer}/token/revocation"),
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["HS256", "RS256"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "client_secret_basic", "none"],
        "code_challenge_methods_supported": ["plain", "S256"],
    }))
}

async fn jwks(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(shared.signing_keys.published())
}
