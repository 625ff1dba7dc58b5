//! What went wrong, and how far the request got.

use std::error::Error as StdError;
use std::io;

use authing_core::{TransportError, TransportErrorKind};
use hyper_util::client::legacy::Error;

/// The error of a request that got no answer.
pub(crate) fn of_request(cause: Error) -> TransportError {
    let kind = match cause.is_connect() {
        true => TransportErrorKind::Connect,
        false => kind(&cause),
    };
    TransportError::new(kind, cause)
}

/// The error of an answer whose head has come: the request was processed.
pub(crate) fn of_answer(cause: Box<dyn StdError + Send + Sync>) -> TransportError {
    let kind = match kind(&*cause) {
        TransportErrorKind::Unprocessed => TransportErrorKind::Interrupted,
        kind => kind,
    };
    TransportError::new(kind, cause)
}

/// Looks for what the libraries below have to say.
fn kind(error: &(dyn StdError + 'static)) -> TransportErrorKind {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(cause) = cause.downcast_ref::<hyper::Error>() {
            if cause.is_timeout() {
                return TransportErrorKind::Timeout;
            }
            // The question `is_parse_too_large` comes only with hyper's server.
            if cause.is_parse() && cause.to_string() == "message head is too large" {
                return TransportErrorKind::TooLarge;
            }
        }
        if cause.downcast_ref().is_some_and(gives_back) {
            return TransportErrorKind::Unprocessed;
        }
        if let Some(cause) = cause.downcast_ref::<io::Error>()
            && cause.kind() == io::ErrorKind::TimedOut
        {
            return TransportErrorKind::Timeout;
        }
        next = cause.source();
    }
    TransportErrorKind::Interrupted
}

/// Whether the server says that it did nothing with the request: it refused the
/// stream, or closes the connection and names an earlier stream as the last
/// that it looked at (RFC 9113, section 8.7).
fn gives_back(error: &h2::Error) -> bool {
    error.is_remote() && (error.is_go_away() || error.reason() == Some(h2::Reason::REFUSED_STREAM))
}
