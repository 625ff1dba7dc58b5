//! The second factor: authenticator apps, codes by message, recovery codes.

mod apps;
mod challenge;
mod store;
mod totp;
mod verify;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::http::Shared;

pub(crate) use store::Mfa;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/api/v2/mfa/authenticator", get(apps::list))
        .route(
            "/api/v2/mfa/totp/associate",
            post(apps::associate).delete(apps::delete),
        )
        .route("/api/v2/mfa/totp/associate/confirm", post(apps::confirm))
        .route("/api/v2/mfa/totp/verify", post(verify::totp))
        .route("/api/v2/mfa/totp/recovery", post(verify::recovery))
        .route("/api/v2/applications/mfa/check", post(verify::bindable))
        .route("/api/v2/applications/mfa/sms/verify", post(verify::sms))
        .route("/api/v2/applications/mfa/email/verify", post(verify::email))
}
