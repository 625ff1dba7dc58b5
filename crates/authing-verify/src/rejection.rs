use std::error::Error as StdError;
use std::fmt;

use authing_core::Error;
use http::{HeaderValue, StatusCode};

/// Which check a token failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// There is no token.
    Missing,
    /// The request has more than one token, or an `Authorization` header that
    /// cannot be read.
    Ambiguous,
    /// The token is longer than any honest one.
    TooLong,
    /// It is no JWT, or not a strict one: base64url without padding, JSON that
    /// says nothing twice, claims of the right type.
    Malformed,
    /// It is encrypted (JWE).
    Encrypted,
    /// It says that it is signed with another algorithm than the configured
    /// one.
    Algorithm,
    /// Its header asks for what is never done: critical extensions, a key that
    /// the token brings itself, another media type.
    Header,
    /// It must say which key signed it, and does not.
    KeyId,
    /// No key has the name that it gives.
    UnknownKey,
    /// The key that it names is too weak, or not for signatures.
    UnusableKey,
    /// The signature is not that of the key.
    Signature,
    /// It is a good token of another kind.
    Kind,
    /// It does not say whom it is about.
    Subject,
    /// It comes from somewhere else.
    Issuer,
    /// It is for another application.
    Audience,
    /// It was issued to another application.
    AuthorizedParty,
    /// Its time is over, or it does not say when that is.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It was issued in the future.
    IssuedAt,
    /// It is not the answer to this login.
    Nonce,
    /// It was issued in another user pool.
    UserPool,
    /// Its claims do not fit the type that the program reads them into.
    OwnClaims,
    /// It was taken back.
    Revoked,
    /// The token is good and its owner may not do this.
    Forbidden,
    /// Nobody can say: the keys, or the server to ask, could not be reached.
    Unavailable,
}

/// Why a token was refused.
///
/// `Display` explains it to whoever reads the logs: which check failed and
/// what would have passed. It never quotes the token or its signature, but
/// does quote claims such as the issuer. The caller is told nothing but
/// [`status`](Self::status) and [`challenge`](Self::challenge).
///
/// ```
/// use authing_verify::{Reason, Rejection};
///
/// let rejection = Rejection::new(Reason::Expired, "expired 4 s ago");
/// assert_eq!(rejection.status(), 401);
/// assert_eq!(rejection.challenge("api").unwrap(), r#"Bearer realm="api", error="invalid_token""#);
/// assert_eq!(rejection.to_string(), "expired 4 s ago");
/// ```
#[derive(Clone)]
pub struct Rejection(Box<Inner>);

#[derive(Clone)]
struct Inner {
    reason: Reason,
    words: Box<str>,
    scope: Option<Box<str>>,
    cause: Option<Error>,
}

impl Rejection {
    /// A rejection for this reason, in words for the logs.
    pub fn new(reason: Reason, words: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            reason,
            words: words.into().into_boxed_str(),
            scope: None,
            cause: None,
        }))
    }

    /// The server could not be asked.
    pub(crate) fn unavailable(words: impl Into<String>, cause: Option<Error>) -> Self {
        let mut rejection = Self::new(Reason::Unavailable, words);
        rejection.0.cause = cause;
        rejection
    }

    /// Names the scopes that would have been enough, for the challenge.
    #[cfg(feature = "tower")]
    pub(crate) fn with_scope(mut self, scope: &str) -> Self {
        self.0.scope = Some(scope.into());
        self
    }

    /// Which check failed.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// What the caller gets to see: 401; 400 for a request with two tokens;
    /// 403 for a good token whose owner may not do this; 503 when the keys
    /// cannot be had, since then the token may be good.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.0.reason {
            Reason::Ambiguous => StatusCode::BAD_REQUEST,
            Reason::Forbidden => StatusCode::FORBIDDEN,
            Reason::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    /// The `WWW-Authenticate` header for the answer (RFC 6750, section 3);
    /// none with a 503. A request without a token is told no error code, as
    /// the RFC wants it.
    ///
    /// Quotation marks, backslashes and what is not visible ASCII are left out
    /// of the realm.
    #[must_use]
    pub fn challenge(&self, realm: &str) -> Option<HeaderValue> {
        let error = match self.0.reason {
            Reason::Missing => None,
            Reason::Unavailable => return None,
            Reason::Ambiguous => Some("invalid_request"),
            Reason::Forbidden => Some("insufficient_scope"),
            _ => Some("invalid_token"),
        };
        let mut text = format!("Bearer realm=\"{}\"", plain(realm));
        if let Some(error) = error {
            text.extend([", error=\"", error, "\""]);
        }
        if let Some(scope) = &self.0.scope {
            text.extend([", scope=\"", &plain(scope), "\""]);
        }
        HeaderValue::try_from(text).ok()
    }
}

/// What may stand in a quoted string as it is.
fn plain(text: &str) -> String {
    let fits = |letter: &char| matches!(letter, ' '..='~') && !matches!(letter, '"' | '\\');
    text.chars().filter(fits).collect()
}

/// A stranger's text for a log line: escaped, and cut.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let cut = text.char_indices().nth(LONGEST).map(|(at, _)| at);
    match cut.and_then(|at| text.get(..at)) {
        Some(start) => format!("{start:?}…"),
        None => format!("{text:?}"),
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.words)
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("reason", &self.0.reason)
            .field("words", &self.0.words)
            .field("cause", &self.0.cause)
            .finish()
    }
}

impl StdError for Rejection {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let cause = self.0.cause.as_ref();
        cause.map(|cause| cause as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let challenge = |reason| {
            let rejection = Rejection::new(reason, "");
            let challenge = rejection.challenge("a \"b\"\r\n\\é");
            let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
            (rejection.status().as_u16(), challenge)
        };
        let says = |status, text: &str| (status, Some(text.to_owned()));
        assert_eq!(
            challenge(Reason::Missing),
            says(401, r#"Bearer realm="a b""#)
        );
        assert_eq!(
            challenge(Reason::Signature),
            says(401, r#"Bearer realm="a b", error="invalid_token""#)
        );
        assert_eq!(
            challenge(Reason::Ambiguous),
            says(400, r#"Bearer realm="a b", error="invalid_request""#)
        );
        assert_eq!(
            challenge(Reason::Forbidden),
            says(403, r#"Bearer realm="a b", error="insufficient_scope""#)
        );
        assert_eq!(challenge(Reason::Unavailable), (503, None));
    }

    #[test]
    fn strangers_write_no_log_lines() {
        assert_eq!(quoted("a\nb\u{202e}"), r#""a\nb\u{202e}""#);
        assert_eq!(quoted(&"x".repeat(500)).chars().count(), 83);
    }
}
