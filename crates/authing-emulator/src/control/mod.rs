//! The control API below `/_emulator/`: what tests in other processes and languages say to the emulator. `CONTROL.md`
//! describes it.

mod guard;
mod routes;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post, put};

use crate::http::not_found;
use crate::page;
use crate::shared::Shared;

pub(crate) use guard::Control;

/// A snapshot with many users is larger than any request to Authing.
const LARGEST_STATE: usize = 1 << 30;

pub(crate) fn routes(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let reads = Router::new()
        .route("/_emulator/health", get(routes::health))
        .route("/_emulator/pools", get(routes::pools))
        .route("/_emulator/outbox", get(routes::outbox))
        .route("/_emulator/clock", get(routes::clock))
        .route("/_emulator/faults", get(routes::faults))
        .route("/_emulator/requests", get(routes::requests))
        .route("/_emulator/webhooks", get(routes::webhooks));
    let changes = Router::new()
        .route("/_emulator/reset", post(routes::reset))
        .route("/_emulator/pools", post(routes::add_pool))
        .route("/_emulator/outbox/codes", put(routes::fix_code))
        .route("/_emulator/clock", post(routes::turn_clock))
        .route(
            "/_emulator/faults",
            put(routes::set_faults).delete(routes::clear_faults),
        )
        .route(
            "/_emulator/requests",
            axum::routing::delete(routes::clear_requests),
        )
        .route(
            "/_emulator/webhooks",
            put(routes::set_webhook).delete(routes::clear_webhook),
        )
        .route("/_emulator/webhooks/test", post(routes::test_webhook))
        // Not a change, but all secrets at once.
        .route(
            "/_emulator/state",
            get(routes::export)
                .put(routes::import)
                .layer(DefaultBodyLimit::max(LARGEST_STATE)),
        )
        .route_layer(from_fn_with_state(Arc::clone(shared), guard::with_token));
    // Here too, so that nothing below is answered as if it were Authing's.
    let others = ["/_emulator", "/_emulator/", "/_emulator/{*path}"];
    let others = others.into_iter().fold(Router::new(), |router, path| {
        router.route(path, any(not_found))
    });
    reads
        .merge(changes)
        .merge(others)
        .merge(page::routes())
        .layer(from_fn_with_state(Arc::clone(shared), guard::at_own_host))
}
