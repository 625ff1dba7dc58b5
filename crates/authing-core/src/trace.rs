//! Spans and events for `tracing`; nothing at all without the feature.

use std::time::Duration;

use crate::host::Host;
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
    pub(crate) fn open(spec: &'static Spec, method: &http::Method, host: &Host) -> Self {
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
                network.protocol.version = Empty,
                server.address = host.name(),
                server.port = host.port(),
                error.type = Empty,
                authing.operation = spec.id(),
                authing.tries = Empty,
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

    /// An answer came; the last one stays.
    pub(crate) fn answered<T>(&self, answer: &http::Response<T>) {
        self.span
            .record("http.response.status_code", answer.status().as_u16());
        let version = protocol_version(answer.version());
        self.span.record("network.protocol.version", version);
    }

    pub(crate) fn close<T>(&self, tries: u32, outcome: &Result<T>) {
        self.span.record("authing.tries", tries);
        if tries > 1 {
            self.span.record("http.request.resend_count", tries - 1);
        }
        let Err(error) = outcome else { return };
        self.span.record("otel.status_code", "ERROR");
        self.span.record("error.type", error_type(error));
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
    pub(crate) fn open(_: &'static Spec, _: &http::Method, _: &Host) -> Self {
        Self {}
    }

    pub(crate) async fn follow<F: Future>(&self, call: F) -> F::Output {
        call.await
    }

    #[expect(clippy::unused_self, reason = "the feature gives it a meaning")]
    pub(crate) fn answered<T>(&self, _: &http::Response<T>) {}

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
    tracing::debug!(target: "authing", "the token was refused, the next call fetches a new one");
}

/// Tells that a token store failed, which costs a fetch.
pub(crate) fn token_store_failed(what: &'static str, error: &Error) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "authing", what, reason = error.message(), "the token store failed");
    #[cfg(not(feature = "tracing"))]
    let _ = (what, error);
}

/// Reports that an optional member of an answer is not of a type that can be
/// read, and is treated as absent.
pub(crate) fn left_out(record: &'static str, member: &str, found: &'static str) {
    #[cfg(feature = "tracing")]
    tracing::debug!(target: "authing", record, member, found, "an optional member is left out");
    #[cfg(not(feature = "tracing"))]
    let _ = (record, member, found);
}

/// As OpenTelemetry writes it.
#[cfg(feature = "tracing")]
fn protocol_version(version: http::Version) -> &'static str {
    match version {
        http::Version::HTTP_10 => "1.0",
        http::Version::HTTP_2 => "2",
        http::Version::HTTP_3 => "3",
        _ => "1.1",
    }
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
        (ErrorKind::ClientRateLimit, _) => "client_rate_limit",
        (ErrorKind::Api, _) => "api",
        (ErrorKind::Http, _) => "http",
        (ErrorKind::Decode, _) => "decode",
        (ErrorKind::NotFound, _) => "not_found",
        (ErrorKind::Token, _) => "token",
        (ErrorKind::Untrusted, _) => "untrusted",
    }
}
