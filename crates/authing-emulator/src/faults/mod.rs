//! How the server misbehaves when a test wants it to.
//!
//! A [`Faults`] is a plan: rules that say which requests are struck, how often, and by what. [`Injector`] draws by
//! it; what a fault does to an answer is in `answers`, what it does to the bytes of one in `wire`.

mod answers;
mod handle;
mod injector;
mod plan;
mod wire;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(crate) use answers::{blank, damaged};
pub(crate) use injector::{Arrival, Injector, Strike};
pub use plan::{Faults, Rule};
pub(crate) use wire::{Line, Wire};

/// What goes wrong with one request.
///
/// As JSON it is the name of the variant, or an object of that name with the fields; durations are in milliseconds.
///
/// ```
/// use authing_emulator::{Fault, FaultKind};
/// use std::time::Duration;
///
/// let slow = Fault::Latency { from: Duration::from_millis(5), to: Duration::from_millis(20) };
/// assert_eq!(slow.kind(), FaultKind::Latency);
/// assert_eq!(slow.kind().to_string(), "latency");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
#[non_exhaustive]
pub enum Fault {
    /// The answer takes its time, drawn evenly from this range. Before: the operation waits. After: it is carried out
    /// at once, and the answer waits.
    Latency {
        /// The shortest wait.
        #[serde(with = "milliseconds")]
        from: Duration,
        /// The longest wait.
        #[serde(with = "milliseconds")]
        to: Duration,
    },
    /// The listener is closed for a time: who connects is refused. Connections that are open go on, but for the one
    /// of this request, which is reset. Before only.
    Refuse {
        /// How long nobody can connect. One more of these faults in that time starts it anew.
        #[serde(with = "milliseconds")]
        during: Duration,
    },
    /// The connection is reset before anything of an answer is written.
    Reset,
    /// The connection is reset in the middle of the answer's body. After only.
    ResetInBody,
    /// The connection is closed in an orderly way in the middle of the answer's body, whose `content-length` had
    /// promised all of it. After only.
    CloseInBody,
    /// The HTTP message is whole, but its body is the first half of the JSON. After only.
    TruncatedJson,
    /// The answer is right, but calls itself `text/html`. After only.
    WrongContentType,
    /// Instead of the answer a page in HTML, with status 200.
    GatewayPage,
    /// Status 429 with the body that Authing has for it. Before only.
    TooManyRequests {
        /// What `Retry-After` says; without it there is no such header.
        #[serde(default)]
        retry_after: Option<RetryAfter>,
    },
    /// A page in HTML with this status, which should be 500 or more.
    ServerError {
        /// The HTTP status: 500, 502, 503, 504.
        status: u16,
        /// What `Retry-After` says; without it there is no such header.
        #[serde(default)]
        retry_after: Option<RetryAfter>,
    },
    /// The connection stays open, and nothing is ever answered on it any more.
    HalfOpen,
    /// The head of the answer comes piece by piece; the body follows at once. After only.
    SlowHead {
        /// How many bytes come together, at least 1.
        bytes: usize,
        /// The wait before each piece.
        #[serde(with = "milliseconds")]
        pause: Duration,
    },
    /// The head of the answer comes at once, the body piece by piece. After only.
    SlowBody {
        /// How many bytes come together, at least 1.
        bytes: usize,
        /// The wait before each piece.
        #[serde(with = "milliseconds")]
        pause: Duration,
    },
    /// The same answer is written twice, all at once. After only.
    ///
    /// A second answer that came later could reach the client after its next request on the same connection, and then
    /// no client of HTTP/1.1 can tell it from that request's own.
    Duplicate,
    /// The bearer token of the request has expired, for this request and all later ones. A request without one is not
    /// struck. Before only: the operation is carried out in nobody's name, and refuses as Authing does.
    ExpiredToken,
}

impl Fault {
    /// A wait that is always the same.
    #[must_use]
    pub fn latency(wait: Duration) -> Self {
        Self::Latency {
            from: wait,
            to: wait,
        }
    }

    /// A page in HTML with this status, without `Retry-After`.
    #[must_use]
    pub fn server_error(status: u16) -> Self {
        Self::ServerError {
            status,
            retry_after: None,
        }
    }

    /// Which fault it is, without its details.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        match self {
            Self::Latency { .. } => FaultKind::Latency,
            Self::Refuse { .. } => FaultKind::Refuse,
            Self::Reset => FaultKind::Reset,
            Self::ResetInBody => FaultKind::ResetInBody,
            Self::CloseInBody => FaultKind::CloseInBody,
            Self::TruncatedJson => FaultKind::TruncatedJson,
            Self::WrongContentType => FaultKind::WrongContentType,
            Self::GatewayPage => FaultKind::GatewayPage,
            Self::TooManyRequests { .. } => FaultKind::TooManyRequests,
            Self::ServerError { .. } => FaultKind::ServerError,
            Self::HalfOpen => FaultKind::HalfOpen,
            Self::SlowHead { .. } => FaultKind::SlowHead,
            Self::SlowBody { .. } => FaultKind::SlowBody,
            Self::Duplicate => FaultKind::Duplicate,
            Self::ExpiredToken => FaultKind::ExpiredToken,
        }
    }

    /// The only moment at which this fault makes sense; none if both do.
    #[must_use]
    pub fn only(&self) -> Option<Timing> {
        match self {
            Self::Refuse { .. } | Self::TooManyRequests { .. } | Self::ExpiredToken => {
                Some(Timing::Before)
            }
            Self::ResetInBody
            | Self::CloseInBody
            | Self::TruncatedJson
            | Self::WrongContentType
            | Self::SlowHead { .. }
            | Self::SlowBody { .. }
            | Self::Duplicate => Some(Timing::After),
            Self::Latency { .. }
            | Self::Reset
            | Self::GatewayPage
            | Self::ServerError { .. }
            | Self::HalfOpen => None,
        }
    }

    /// The status that goes over the wire, where the emulator itself has answered with `own`; 0 if none does.
    pub(crate) fn status(&self, own: u16) -> u16 {
        match self {
            Self::Refuse { .. } | Self::Reset | Self::HalfOpen => 0,
            Self::GatewayPage => 200,
            Self::TooManyRequests { .. } => 429,
            Self::ServerError { status, .. } => *status,
            _ => own,
        }
    }
}

/// When a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Timing {
    /// The request was read, and the operation is not carried out.
    Before,
    /// The operation was carried out, and only its answer suffers.
    After,
}

/// What the header `Retry-After` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RetryAfter {
    /// A number of seconds.
    Seconds(u64),
    /// A date, this many milliseconds in JSON after now and rounded up to a second. It is told by the emulator's clock, as
    /// the header `Date` is, also where that was turned.
    #[serde(with = "milliseconds")]
    Date(Duration),
}

/// Which [`Fault`] it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is named after its fault")]
pub enum FaultKind {
    Latency,
    Refuse,
    Reset,
    ResetInBody,
    CloseInBody,
    TruncatedJson,
    WrongContentType,
    GatewayPage,
    TooManyRequests,
    ServerError,
    HalfOpen,
    SlowHead,
    SlowBody,
    Duplicate,
    ExpiredToken,
}

/// The name that it has in JSON.
impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Durations in JSON.
mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}
