//! A page.
use crate::shared::Shared;
use axum::Router;
use std::sync::Arc;
pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
}
