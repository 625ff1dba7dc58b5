//! What pages of other origins may do: all that is there of Authing.
//!
//! Authing lets every origin in unless told otherwise, and its own clients for browsers send cookies along, so the answer
//! names the origin and allows that. A page of the web cannot use the login of a browser this way: the cookie is
//! `SameSite=Lax`. The control API and the page for people know nothing of this.

use std::time::Duration;

use axum::http::{HeaderName, header};
use tower_http::cors::{
    AllowHeaders, AllowMethods, AllowOrigin, AllowPrivateNetwork, CorsLayer, ExposeHeaders,
};

const MAX_AGE: Duration = Duration::from_secs(600);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers preflights itself, so that no fault strikes them and the journal has none.
pub(crate) fn layer() -> CorsLayer {
    let exposed = [
        REQUEST_ID,
        header::DATE,
        header::RETRY_AFTER,
        header::WWW_AUTHENTICATE,
    ];
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(ExposeHeaders::list(exposed))
        .allow_credentials(true)
        .allow_private_network(AllowPrivateNetwork::yes())
        .max_age(MAX_AGE)
}
