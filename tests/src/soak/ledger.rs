//! What the workers did, and what they were told.

use authing::{Error, TransportErrorKind};

/// What a call was for. Users are named by their username, which is never used
/// twice.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Creates a user. Must not be carried out twice.
    Create(String),
    /// Gives a user another nickname.
    Rename(String, String),
    /// Deletes a user.
    Delete(String),
    /// Logs a user in, which is counted. Must not be carried out twice.
    LogIn(String),
    /// Changes nothing.
    Read,
}

impl Action {
    /// Whether doing it twice would be a mistake.
    #[must_use]
    pub fn only_once(&self) -> bool {
        matches!(self, Self::Create(_) | Self::LogIn(_))
    }
}

/// One call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Entry {
    /// What the requests of the call carry.
    pub tag: String,
    /// What it was for.
    pub action: Action,
    /// What its error was called; none if it succeeded.
    pub error: Option<String>,
    /// Whether the answer was about somebody else.
    pub mixed_up: bool,
}

/// A word or two for an error, of which there are few.
pub(super) fn name_of(error: &Error) -> String {
    match (error.transport_kind(), error.http_status(), error.code()) {
        (Some(TransportErrorKind::Connect), ..) => "could not connect".to_owned(),
        (Some(TransportErrorKind::Timeout), ..) => "no answer in time".to_owned(),
        (Some(kind), ..) => kind.to_string(),
        (_, _, Some(code)) => format!("code {code}"),
        (_, Some(status), _) if !status.is_success() => format!("HTTP {}", status.as_u16()),
        _ => format!("{:?}", error.kind()).to_lowercase(),
    }
}
