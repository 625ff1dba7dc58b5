//! What the caller sees of a rejection.

use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};

use crate::media_type::media_type;
use crate::rejection::{Reason, Rejection};

/// A status and a challenge, with an empty body.
pub(crate) fn answer<B: Default>(rejection: &Rejection, realm: &str) -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = rejection.status();
    if let Some(challenge) = rejection.challenge(realm) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The same for gRPC, whose clients read a status of their own: an answer of
/// trailers only.
pub(super) fn grpc_answer<B: Default>(rejection: &Rejection, realm: &str) -> Response<B> {
    let mut response = answer(rejection, realm);
    *response.status_mut() = StatusCode::OK;
    let (code, message) = match rejection.reason() {
        Reason::Forbidden => ("7", "permission denied"),
        Reason::Unavailable => ("14", "unavailable"),
        _ => ("16", "unauthenticated"),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert("grpc-status", HeaderValue::from_static(code));
    headers.insert("grpc-message", HeaderValue::from_static(message));
    response
}

/// Whether a request is one of gRPC, by all that makes it one: whoever asks on
/// behalf of others hands on their `Content-Type`, and takes a 200 for a yes.
pub(super) fn is_grpc<B>(request: &Request<B>) -> bool {
    const NAME: &[u8] = b"application/grpc";
    let is_of_grpc = |kind: &[u8]| {
        kind.split_at_checked(NAME.len())
            .is_some_and(|(name, rest)| {
                name.eq_ignore_ascii_case(NAME) && matches!(rest.first(), None | Some(b'+'))
            })
    };
    request.method() == Method::POST
        && request.version() == Version::HTTP_2
        && media_type(request.headers()).is_some_and(is_of_grpc)
}
