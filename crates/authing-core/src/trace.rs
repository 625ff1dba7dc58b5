//! Spans and events for `tracing`; nothing at all without the feature.

use std::time::Duration;

use crate::operation::Spec;
use crate::{Error, Result};

/// The span of one call, all its tries included.
///
/// Its fields are the attributes of OpenTelemetry's HTTP client spans, and
/// `authing.*`. Nothing that a caller or a server wrote is among them: no
/// address beyond the host, no arguments, no messages.
pub(crate) struct CallSpan {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg(feature = "tracing")]
impl CallSpan {
    pub(crate) fn open(spec: &'static Spec, method: &http::Method, host: &str) -> Self {
        use tracing::field::Empty;
        Self {
            span: tracing::info_span!(
                target: "authing",
                "authing.call",
                otel.kind = "client",
                otel.name = spec.id(),
                otel.status_code = Empty,
                http.request.method = method.as_str(),
                http.response.status_code = Empty,
                http.request.resend_count = Empty,
                server.address = host,
                error.type = Empty,
                authing.operation = spec.id(),
                authing.code = Empty,
                authing.request_id = Empty,
            ),
        }
    }

    /// Runs the call within the span.
    pub(crate) async fn follow<F: Future>(&self, call: F) -> F::Output {
        use tracing::Instrument;
        call.instrument(self.span.clone()).await
    }

    pub(crate) fn close<T>(&self, tries: u32, outcome: &Result<T>) {
        if tries > 1 {
            self.span.record("http.request.resend_count", tries - 1);
        }
        let Err(error) = outcome else { return };
        self.span.record("otel.status_code", "ERROR");
        self.span.record("error.type", error_type(error));
        if let Some(status) = error.http_status() {
            self.span
                .record("http.response.status_code", status.as_u16());
        }
        if let Some(code) = error.code() {
            self.span.record("authing.code", code.number());
        }
        if let Some(id) = error.request_id() {
            self.span.record("authing.request_id", id);
        }
    }
}

#[cfg(not(feature = "tracing"))]
impl CallSpan {
    pub(crate) fn open(_: &'static Spec, _: &http::Method, _: &str) -> Self {
        Self {}
    }

    pub(crate) async fn follow<F: Future>(&self, call: F) -> F::Output {
        call.await
    }

    #[expect(clippy::unused_self, reason = "the feature gives it a meaning")]
    pub(crate) fn close<T>(&self, _: u32, _: &Result<T>) {}
}

/// Tells that a call is sent again, and why.
pub(crate) fn sent_again(error: &Error, tries: u32, wait: Duration) {
    #[cfg(feature = "tracing")]
    tracing::debug!(
        target: "authing",
        tries,
        wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        error.type = error_type(error),
        "the call is sent again"
    );
    #[cfg(not(feature = "tracing"))]
    let _ = (error, tries, wait);
}

/// Tells that the server refused the administrator's token.
pub(crate) fn token_refused() {
    #[cfg(feature = "tracing")]
    tracing::debug!(target: "authing", "the token was refused, a new one is fetched");
}

/// A word for the failure, of which there are few.
#[cfg(feature = "tracing")]
fn error_type(error: &Error) -> &'static str {
    use crate::{ErrorKind, TransportErrorKind};
    match (error.kind(), error.transport_kind()) {
        (_, Some(TransportErrorKind::Connect)) => "connect",
        (_, Some(TransportErrorKind::Unprocessed)) => "unprocessed",
        (_, Some(TransportErrorKind::Timeout)) => "timeout",
        (_, Some(TransportErrorKind::Interrupted)) => "interrupted",
        (_, Some(TransportErrorKind::TooLarge)) => "too_large",
        (_, Some(_)) | (ErrorKind::Transport, _) => "transport",
        (ErrorKind::Configuration, _) => "configuration",
        (ErrorKind::InvalidInput, _) => "invalid_input",
        (ErrorKind::Api, _) => "api",
        (ErrorKind::Http, _) => "http",
        (ErrorKind::Decode, _) => "decode",
        (ErrorKind::NotFound, _) => "not_found",
        (ErrorKind::Token, _) => "token",
        (ErrorKind::Untrusted, _) => "untrusted",
    }
}
