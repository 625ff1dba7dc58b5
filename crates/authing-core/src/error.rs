//! The one error type.

mod misfit;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::bounded::{self, Room};
use crate::code::ErrorCode;
use crate::operation::Reply;
use crate::place::path_at;
use crate::transport::{TransportError, TransportErrorKind};
use misfit::{Misfit, content_type, snippet};

/// Why a call failed.
///
/// `Display` is one line that carries the server's own words;
/// [`source`](StdError::source) carries what lies beneath. Cloning is cheap:
/// callers who waited for the same token share one error.
///
/// ```no_run
/// # use authing_core::{Error, ErrorCode};
/// # fn handle(error: Error) {
/// match error.code() {
///     Some(ErrorCode::USER_NOT_FOUND) => println!("who is that?"),
///     _ if error.is_retryable() => println!("try again later: {error}"),
///     _ => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: Box<str>,
    code: Option<ErrorCode>,
    oauth: Option<Box<str>>,
    data: Option<Box<str>>,
    operation: Option<&'static str>,
    status: Option<StatusCode>,
    request_id: Option<Box<str>>,
    transport: Option<TransportErrorKind>,
    repeatable: bool,
    retry_after: Option<Duration>,
    tries: u32,
    elapsed: Duration,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client was set up wrongly; nothing was sent.
    Configuration,
    /// An argument cannot be right; nothing was sent.
    InvalidInput,
    /// The client's own rate limit gave the call no turn before its deadline;
    /// nothing was sent. The server's own limit is an [`Http`](Self::Http)
    /// error with status 429.
    ClientRateLimit,
    /// No HTTP answer came: see [`Error::transport_kind`].
    Transport,
    /// Authing refused: see [`Error::code`] and [`Error::message`].
    Api,
    /// An HTTP error without a readable answer, as a gateway sends it.
    Http,
    /// The answer could not be read.
    Decode,
    /// What was asked for does not exist, although the server did not call
    /// that an error.
    NotFound,
    /// No token could be had, or the session's token is not valid.
    Token,
    /// What came back does not belong to what was asked, such as a login
    /// callback with another `state`, or an ID token for another application.
    /// Somebody may be trying to pass off a login as theirs or yours: do not
    /// log anybody in.
    Untrusted,
}

impl Error {
    /// An error of this kind in these words. For the SDK's own crates and for
    /// implementors of its traits.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into().into_boxed_str(),
            code: None,
            oauth: None,
            data: None,
            operation: None,
            status: None,
            request_id: None,
            transport: None,
            repeatable: false,
            retry_after: None,
            tries: 0,
            elapsed: Duration::ZERO,
            source: None,
        }))
    }

    /// The client is set up wrongly.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// An argument cannot be right.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// What was asked for does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// Authing refused with a code and its own words. Where it has no words
    /// the message is what the code means.
    pub fn api(code: Option<ErrorCode>, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.trim().is_empty() {
            message = unsaid(code).to_owned();
        }
        let mut error = Self::new(ErrorKind::Api, message);
        let inner = error.edit();
        inner.code = code;
        inner.repeatable = code.is_some_and(|code| code == 429 || code == 503);
        error
    }

    /// An OAuth 2.0 refusal, such as `invalid_grant`, with its description.
    /// Both may come from anybody, through a browser.
    pub fn oauth(error: &str, description: Option<&str>) -> Self {
        /// As long as a description may be; no honest one is.
        const LONGEST: usize = 500;
        let mut line = String::new();
        // Each word has a letter, so there are enough of them.
        for word in description
            .unwrap_or_default()
            .split_whitespace()
            .take(LONGEST)
        {
            if !line.is_empty() {
                line.push(' ');
            }
            line.extend(word.chars().take(LONGEST));
        }
        let line: String = line.chars().take(LONGEST).collect();
        let name: String = error
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST)
            .collect();
        let message = match &*line {
            "" => format!("the server answered {name}"),
            line => line.to_owned(),
        };
        let mut refusal = Self::new(ErrorKind::Api, message);
        let inner = refusal.edit();
        inner.repeatable = name == "temporarily_unavailable";
        inner.oauth = Some(name.into_boxed_str());
        refusal
    }

    /// Time was up.
    pub(crate) fn timeout(message: String) -> Self {
        let mut error = Self::from(TransportError::from(TransportErrorKind::Timeout));
        error.edit().message = message.into_boxed_str();
        error
    }

    /// The client's own rate limit let nothing through in time.
    pub(crate) fn client_rate_limit(message: String) -> Self {
        let mut error = Self::new(ErrorKind::ClientRateLimit, message);
        error.edit().repeatable = true;
        error
    }

    /// What came back does not belong to what was asked.
    pub fn untrusted(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Untrusted, message)
    }

    pub(crate) fn decode(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Decode, message)
    }

    /// An answer of a good status that is not what the types say: where it does
    /// not fit, or what it is if it is no JSON. The cause is told without the
    /// value that was found: it may be a token in the wrong place.
    pub(crate) fn unfit(reply: &Reply<'_>, cause: Option<&serde_json::Error>, room: &Room) -> Self {
        let text = reply.text.trim_start();
        if text.is_empty() {
            return Self::decode("the answer is empty");
        }
        let Some(cause) = cause else {
            return Self::decode("the answer does not fit");
        };
        if cause.is_syntax() && !text.starts_with(['{', '[', '"']) {
            return Self::decode(format!(
                "the server answered HTTP {} with {} and not with JSON: {}",
                reply.status.as_u16(),
                content_type(reply.headers),
                snippet(text)
            ));
        }
        Self::misfit(ErrorKind::Decode, "the answer", reply.text, cause, room)
    }

    /// A JSON text that is not what its type says.
    fn misfit(
        kind: ErrorKind,
        name: &str,
        text: &str,
        cause: &serde_json::Error,
        room: &Room,
    ) -> Self {
        let misfit = Misfit::of(cause);
        let mut path = path_at(text, cause.line(), cause.column(), misfit.is_list);
        if let Some(member) = misfit.missing() {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(member);
        }
        let what = match (room.is_full(), cause.is_data() || cause.is_eof()) {
            (true, _) => "has a list that is too long for its size",
            (false, true) => "does not fit",
            (false, false) if misfit.text.starts_with("trailing characters") => {
                "goes on after its end"
            }
            (false, false) => "is no JSON",
        };
        let message = match &*path {
            "" => format!("{name} {what}"),
            path => format!("{name} {what} at {path}"),
        };
        Self::new(kind, message).with_source(misfit)
    }

    pub(crate) fn http(status: StatusCode, body: &str) -> Self {
        let mut error = Self::new(
            ErrorKind::Http,
            match &*snippet(body) {
                "" => "the server answered without a body".to_owned(),
                // It may be an answer with a token in it, sent with a wrong status.
                text if text.starts_with(['{', '[', '"']) => {
                    "the server answered with JSON that gives no reason".to_owned()
                }
                text => format!("the server answered: {text}"),
            },
        );
        error.edit().repeatable = is_passing(status);
        error
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.edit().source = Some(Arc::from(source.into()));
        self
    }

    pub(crate) fn with_data(mut self, data: Option<String>) -> Self {
        self.edit().data = data.map(String::into_boxed_str);
        self
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<&str>) -> Self {
        if let Some(id) = request_id {
            self.edit().request_id = Some(id.into());
        }
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        let inner = self.edit();
        inner.status = Some(status);
        inner.repeatable |= is_passing(status);
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.edit().retry_after = wait;
        self
    }

    /// Tells how hard it was tried; the first account stays.
    pub(crate) fn with_tries(mut self, tries: u32, elapsed: Duration) -> Self {
        let inner = self.edit();
        if inner.tries == 0 {
            inner.tries = tries;
            inner.elapsed = elapsed;
        }
        self
    }

    /// Names the operation that failed; the first name stays.
    #[must_use]
    pub fn with_operation(mut self, operation: &'static str) -> Self {
        let inner = self.edit();
        inner.operation = inner.operation.or(Some(operation));
        self
    }

    fn edit(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Authing's number for the error, if it gave one.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        self.0.code
    }

    /// What to do about the error, in English, if its [`code`](Self::code)
    /// tells; [`ErrorCode::advice_zh`] has it in Chinese.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        self.0.code?.advice()
    }

    /// The name of an OAuth 2.0 refusal, such as `invalid_grant` or
    /// `access_denied`.
    #[must_use]
    pub fn oauth_error(&self) -> Option<&str> {
        self.0.oauth.as_deref()
    }

    /// The server's words, or the SDK's where the server had none.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What Authing sent along with the error, such as the token for the next
    /// step of a login; `None` if there was nothing or it has another shape.
    #[must_use]
    pub fn data<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.0.data.as_deref()?).ok()
    }

    /// The operation that failed, such as `management.users.list`.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status of the answer, if there was one.
    #[must_use]
    pub fn http_status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The server's id of the request, for Authing's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How the exchange failed, for errors of kind [`ErrorKind::Transport`].
    #[must_use]
    pub fn transport_kind(&self) -> Option<TransportErrorKind> {
        self.0.transport
    }

    /// How long the server asks to wait before the next call (`Retry-After`).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How often the call was sent; 0 if nothing was.
    #[must_use]
    pub fn tries(&self) -> u32 {
        self.0.tries
    }

    /// How long the call took from its start to this error, waits included.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Whether the same call could succeed a little later.
    ///
    /// An Authing `500` is often a business refusal, so it is not among them.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.repeatable
    }

    /// Whether no answer came in time.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.transport == Some(TransportErrorKind::Timeout)
    }

    /// Whether the thing asked for does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        // A user pool or application that is not there is a mistake of the
        // configuration: nobody asked for it.
        self.0.kind == ErrorKind::NotFound
            || matches!(
                self.0.code,
                Some(
                    ErrorCode::USER_NOT_FOUND
                        | ErrorCode::DELETED_NAMESPACE_NOT_FOUND
                        | ErrorCode::UPDATED_NAMESPACE_NOT_FOUND
                )
            )
    }

    /// Whether the token was missing, expired or refused: log in again.
    #[must_use]
    pub fn is_unauthenticated(&self) -> bool {
        if let Some(error) = self.oauth_error() {
            // `invalid_client` is a 401 as well, but no login can mend it.
            return matches!(error, "invalid_grant" | "invalid_token" | "login_required");
        }
        self.0.kind == ErrorKind::Token
            || self.0.status == Some(StatusCode::UNAUTHORIZED)
            || matches!(
                self.0.code,
                Some(
                    ErrorCode::NOT_LOGGED_IN | ErrorCode::LOGIN_EXPIRED | ErrorCode::LOGIN_INVALID
                )
            )
    }
}

/// Reads JSON that is a part of an answer, such as the payload of a token.
///
/// # Errors
///
/// Of this kind: what does not fit the type, and where.
#[doc(hidden)]
pub fn read_part<T: DeserializeOwned>(
    kind: ErrorKind,
    name: &str,
    json: &[u8],
) -> Result<T, Error> {
    let Ok(text) = std::str::from_utf8(json) else {
        return Err(Error::new(kind, format!("{name} is not UTF-8")));
    };
    let room = Room::of_body(text.len());
    bounded::read(text, &room).map_err(|cause| Error::misfit(kind, name, text, &cause, &room))
}

/// The words for a refusal that came without any.
fn unsaid(code: Option<ErrorCode>) -> &'static str {
    // These two explain nothing; a gateway may put a 200 under its own status.
    code.filter(|code| !matches!(*code, ErrorCode::SUCCESS | ErrorCode::GENERIC_FAILURE))
        .and_then(ErrorCode::meaning)
        .unwrap_or("the server gave no reason")
}

/// Whether the status is one of those that gateways use when there are too many
/// requests, or the service behind them is not there.
fn is_passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

/// The text with a space for what would end a line of a log, or be acted on by
/// a terminal.
fn one_line(text: &str) -> Cow<'_, str> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    match text.contains(breaks) {
        true => {
            let parts = text.split(breaks).filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join(" ").into()
        }
        false => text.into(),
    }
}

impl From<TransportError> for Error {
    fn from(cause: TransportError) -> Self {
        let kind = cause.kind();
        if kind == TransportErrorKind::Configuration {
            let words = StdError::source(&cause).map(ToString::to_string);
            return Self::configuration(words.as_deref().unwrap_or(kind.as_str()));
        }
        let mut error = Self::new(ErrorKind::Transport, kind.as_str());
        let inner = error.edit();
        inner.transport = Some(kind);
        inner.repeatable = matches!(
            kind,
            TransportErrorKind::Connect
                | TransportErrorKind::Unprocessed
                | TransportErrorKind::Timeout
                | TransportErrorKind::Interrupted
        );
        if StdError::source(&cause).is_some() {
            inner.source = Some(Arc::new(cause));
        }
        error
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = inner.operation {
            write!(f, "{operation} failed: ")?;
        }
        f.write_str(&one_line(&inner.message))?;
        let mut notes = Vec::new();
        if let Some(code) = inner.code {
            notes.push(format!("code {code}"));
        }
        if let Some(error) = &inner.oauth {
            notes.push(one_line(error).into_owned());
        }
        if let Some(status) = inner.status.filter(|status| !status.is_success()) {
            notes.push(format!("HTTP {}", status.as_u16()));
        }
        if let Some(id) = &inner.request_id {
            notes.push(format!("request id {}", one_line(id)));
        }
        if inner.tries > 1 {
            notes.push(format!("{} tries in {:.1?}", inner.tries, inner.elapsed));
        }
        if !notes.is_empty() {
            write!(f, " ({})", notes.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("message", &inner.message)
            .field("code", &inner.code)
            .field("oauth_error", &inner.oauth)
            .field("data", &inner.data.as_ref().map(|_| "[redacted]"))
            .field("operation", &inner.operation)
            .field("http_status", &inner.status)
            .field("request_id", &inner.request_id)
            .field("transport", &inner.transport)
            .field("retry_after", &inner.retry_after)
            .field("tries", &inner.tries)
            .field("elapsed", &inner.elapsed)
            .field("source", &inner.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests;
