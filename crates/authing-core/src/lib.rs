//! What every Authing client shares: the transport trait, the call pipeline,
//! tokens, errors, paging and secrets.
//!
//! Users of the SDK meet this crate through the types that the clients return
//! ([`Error`], [`Page`], [`Secret`], [`Patch`]) and when they bring an HTTP
//! backend of their own ([`HttpTransport`]). It names no HTTP library, spawns
//! no task and needs no async runtime.
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `password` | yes | [`PasswordKey`]: RSA encryption of passwords, as the v2 API wants it |
//! | `sm2` | no | [`PasswordKey::sm2_from_hex`]: SM2 instead of RSA, for private deployments that ask for it |
//! | `tokio-clock` | no | [`TokioClock`], for transports that run on Tokio |
//! | `tracing` | no | a span for each call, with the attributes of OpenTelemetry |
//! | `chrono` | no | [`Timestamp::to_chrono`] |
//! | `jiff` | no | [`Timestamp::to_jiff`] |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod bounded;
mod call;
mod clock;
mod code;
mod error;
mod flight;
mod graphql;
mod headers;
mod host;
mod http_options;
mod limiter;
mod namespace;
mod oauth;
mod operation;
mod options;
mod page;
#[cfg(feature = "password")]
mod password;
mod patch;
mod pipeline;
mod place;
mod record;
mod rest;
mod retry;
mod secret;
mod skew;
#[cfg(feature = "sm2")]
mod sm2;
mod string_enum;
mod timestamp;
mod token;
mod told;
mod trace;
mod transport;

pub use call::{Credential, Request};
#[cfg(feature = "tokio-clock")]
pub use clock::TokioClock;
pub use clock::{Clock, ClockFn, SystemClock, clock_fn};
pub use code::ErrorCode;
pub use error::{Error, ErrorKind};
pub use graphql::{Document, GraphQl};
#[doc(hidden)]
pub use http_options::HttpOptions;
pub use limiter::{LocalRateLimiter, RateLimiter};
pub use operation::{
    EncodeContext, Operation, OperationInfo, Payload, Protocol, Repeat, Reply, Spec,
};
pub use page::{Page, PageStream, Paged};
#[cfg(feature = "password")]
pub use password::PasswordKey;
pub use patch::Patch;
pub use pipeline::{Pipeline, PipelineBuilder};
pub use retry::RetryPolicy;
pub use secret::Secret;
pub use timestamp::Timestamp;
pub use token::{
    FileTokenStore, IssuedToken, MemoryTokenStore, StoreLock, StoredToken, TokenCache, TokenSource,
    TokenStore,
};
pub use transport::{HttpTransport, TransportError, TransportErrorKind, TransportFn, transport_fn};

/// The result of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What the macros of this crate refer to. Not for direct use.
#[doc(hidden)]
pub mod __private {
    pub use crate::body::JsonText;
    pub use crate::bounded::if_readable;
    pub use crate::clock::{bounded, epoch_seconds, time_limit, within};
    pub use crate::error::read_part;
    pub use crate::flight::Flight;
    pub use crate::graphql::{decode as decode_graphql, encode as encode_graphql};
    pub use crate::host::{LOOPBACK, is_loopback, is_same_issuer};
    pub use crate::oauth::{decode as decode_oauth, encode_form};
    pub use crate::operation::require;
    pub use crate::page::{FIRST_PAGE, PAGE_LIMIT};
    pub use crate::pipeline::env_var;
    pub use crate::record::{Optional, Record, Slot, read_record};
    pub use crate::rest::{decode as decode_rest, encode_path, segment};
    pub use bytes::Bytes;
    pub use http::Method;
    pub use serde;
}
