//! The seam between the SDK and an HTTP library.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::clock::{Clock, SystemClock};

/// Sends one HTTP request and reads the whole answer.
///
/// Bring your own by implementing this trait, or wrap one of the ready-made
/// transports to log, meter or refuse: the request's
/// [`extensions`](http::Request::extensions) hold the
/// [`OperationInfo`](crate::OperationInfo) of the call.
///
/// What an implementation must do:
///
/// - send the request as it is: add no body, drop no header;
/// - return every status as `Ok`, and follow no redirect: a redirect would
///   carry the credential to another host;
/// - read the whole body, up to a cap of its own
///   ([`TransportErrorKind::TooLarge`] beyond it);
/// - verify TLS certificates;
/// - say [`TransportErrorKind::Connect`] only when nothing can have reached
///   the server, and [`TransportErrorKind::Unprocessed`] only on the server's
///   word, since such calls may be repeated whatever they do;
/// - send nothing a second time on its own, unless the same is certain;
/// - connect `localhost` and the names below it to this machine, whatever DNS
///   says (RFC 6761, section 6.3): clients send secrets to them in plain HTTP.
///
/// It needs no timeout: the pipeline drops the future when time is up.
///
/// ```
/// use authing_core::{HttpTransport, TransportError};
/// use bytes::Bytes;
///
/// /// Prints which operation runs, then lets `inner` do the work.
/// #[derive(Debug)]
/// struct Traced<T>(T);
///
/// #[async_trait::async_trait]
/// impl<T: HttpTransport> HttpTransport for Traced<T> {
///     async fn send(
///         &self,
///         request: http::Request<Bytes>,
///     ) -> Result<http::Response<Bytes>, TransportError> {
///         if let Some(info) = request.extensions().get::<authing_core::OperationInfo>() {
///             eprintln!("{} (try {})", info.id(), info.attempt());
///         }
///         self.0.send(request).await
///     }
/// }
/// ```
#[async_trait]
pub trait HttpTransport: fmt::Debug + Send + Sync + 'static {
    /// Performs one exchange.
    ///
    /// # Errors
    ///
    /// A [`TransportError`] whose kind says how far the request got.
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError>;

    /// The clock that fits the runtime of this transport; by default the
    /// [`SystemClock`], which works everywhere. A transport that wraps another
    /// does well to hand on that one's.
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }
}

#[async_trait]
impl<T: HttpTransport + ?Sized> HttpTransport for Arc<T> {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        (**self).send(request).await
    }

    fn clock(&self) -> Arc<dyn Clock> {
        (**self).clock()
    }
}

#[async_trait]
impl<T: HttpTransport + ?Sized> HttpTransport for Box<T> {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        (**self).send(request).await
    }

    fn clock(&self) -> Arc<dyn Clock> {
        (**self).clock()
    }
}

/// How an exchange failed: what may be repeated is decided by this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection came about: nothing reached the server.
    Connect,
    /// The server gave the request back and said that it did nothing with it,
    /// as HTTP/2 has words for; it does so when it is about to restart.
    Unprocessed,
    /// No answer in time. The server may have acted on the request.
    Timeout,
    /// The connection broke after the request had begun to leave.
    Interrupted,
    /// The answer is larger than the transport's cap.
    TooLarge,
    /// The request could not be expressed in HTTP; nothing was sent.
    Request,
    /// The transport is set up wrongly for this address, such as with a proxy
    /// of a kind that it does not support; nothing was sent. The call fails with
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) and the
    /// words of the cause, which must hold no secret.
    Configuration,
    /// Anything else.
    Other,
}

impl TransportErrorKind {
    /// A few words for a person.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "could not connect",
            Self::Unprocessed => "the server gave the request back",
            Self::Timeout => "no answer in time",
            Self::Interrupted => "the connection broke",
            Self::TooLarge => "the answer is too large",
            Self::Request => "the request is not valid HTTP",
            Self::Configuration => "the transport is set up wrongly",
            Self::Other => "the exchange failed",
        }
    }
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An exchange that brought no HTTP answer.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// An error of this kind, caused by `source`.
    pub fn new(
        kind: TransportErrorKind,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            source: Some(source.into()),
        }
    }

    /// How the exchange failed.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl From<TransportErrorKind> for TransportError {
    fn from(kind: TransportErrorKind) -> Self {
        Self { kind, source: None }
    }
}

/// Makes a transport of a closure: the shortest way to a fake in a test.
///
/// ```
/// use authing_core::{TransportError, transport_fn};
/// use bytes::Bytes;
///
/// let teapot = transport_fn(|_request: http::Request<Bytes>| async {
///     let mut answer = http::Response::new(Bytes::from_static(b"{}"));
///     *answer.status_mut() = http::StatusCode::IM_A_TEAPOT;
///     Ok::<_, TransportError>(answer)
/// });
/// # let _ = teapot;
/// ```
pub fn transport_fn<F, Fut>(function: F) -> TransportFn<F>
where
    F: Fn(http::Request<Bytes>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<http::Response<Bytes>, TransportError>> + Send + 'static,
{
    TransportFn(function)
}

/// A transport made by [`transport_fn`].
#[derive(Clone, Copy)]
pub struct TransportFn<F>(F);

impl<F> fmt::Debug for TransportFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TransportFn")
    }
}

#[async_trait]
impl<F, Fut> HttpTransport for TransportFn<F>
where
    F: Fn(http::Request<Bytes>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<http::Response<Bytes>, TransportError>> + Send + 'static,
{
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        (self.0)(request).await
    }
}
