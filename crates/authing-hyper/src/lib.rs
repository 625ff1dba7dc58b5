//! [`HttpTransport`] over [hyper](https://docs.rs/hyper): the lean backend of
//! authing-rs.
//!
//! Speaks HTTP/1.1, and HTTP/2 where a TLS server offers it, over a connection
//! pool. Verifies TLS with Mozilla's certificates, which it brings along, so
//! that it also works in a container without any. Goes through a proxy where
//! one is given, and heeds no environment variable; `authing-reqwest` does. TLS
//! is rustls; its cryptography is the provider installed for the process, or
//! else *ring*.
//!
//! Follows no redirect and repeats nothing that can have reached a server. A
//! connection that has died without a word is given up: over HTTP/2 after 8
//! seconds of silence, over HTTP/1.1 by the call whose time ran out on it, and
//! by TCP's own questions after a minute.
//!
//! ```
//! use authing_hyper::HyperTransport;
//!
//! let transport = HyperTransport::builder().max_answer_bytes(1 << 20).build()?;
//! # let _ = transport;
//! # Ok::<(), authing_core::Error>(())
//! ```

mod connector;
mod kind;
mod resolver;
mod tls;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use authing_core::{
    Clock, Error, HttpOptions, HttpTransport, TokioClock, TransportError, TransportErrorKind,
    http_options,
};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Body;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::connector::{Connector, MOST_AT_ONCE};

/// Sends calls with hyper. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct HyperTransport {
    client: Client<Connector, Full<Bytes>>,
    connector: Connector,
    max_answer_bytes: usize,
}

impl HyperTransport {
    /// A transport with the default options.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](authing_core::ErrorKind::Configuration) if
    /// TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Starts to set up a transport.
    pub fn builder() -> HyperTransportBuilder {
        HyperTransportBuilder::default()
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport")
            .field("max_answer_bytes", &self.max_answer_bytes)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpTransport for HyperTransport {
    async fn send(
        &self,
        mut request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        if request.uri().scheme().is_none() || request.uri().authority().is_none() {
            return Err(TransportErrorKind::Request.into());
        }
        let uri = request.uri().clone();
        self.connector.authorize(&uri, request.headers_mut());
        let response = self
            .client
            .request(request.map(Full::new))
            .await
            .map_err(kind::of_request)?;
        let (parts, body) = response.into_parts();
        if body.size_hint().lower() > self.max_answer_bytes as u64 {
            return Err(TransportErrorKind::TooLarge.into());
        }
        let body = Limited::new(body, self.max_answer_bytes)
            .collect()
            .await
            .map_err(|cause| match cause.is::<LengthLimitError>() {
                true => TransportErrorKind::TooLarge.into(),
                false => kind::of_answer(cause),
            })?;
        Ok(http::Response::from_parts(parts, body.to_bytes()))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(TokioClock::default())
    }
}

/// Sets up a [`HyperTransport`].
#[derive(Default)]
#[must_use]
pub struct HyperTransportBuilder {
    proxy: Option<String>,
    options: HttpOptions,
}

http_options!(HyperTransportBuilder);

impl HyperTransportBuilder {
    /// Sends everything through this HTTP proxy, towards this machine too:
    /// `http://[user:password@]host:port`. What is `https` travels in a tunnel
    /// that the proxy cannot look into. There is no SOCKS.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Makes the transport.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](authing_core::ErrorKind::Configuration) for
    /// a proxy that is not the URL of an HTTP proxy, a certificate or key that
    /// is not PEM, or a connect timeout of zero.
    pub fn build(self) -> Result<HyperTransport, Error> {
        self.options.check()?;
        let connector = Connector::new(&self.options, self.proxy.as_deref())?;
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(self.options.pool_idle_timeout)
            .http1_max_buf_size(MOST_AT_ONCE)
            .http2_keep_alive_interval(HttpOptions::PING_INTERVAL)
            .http2_keep_alive_timeout(HttpOptions::PING_TIMEOUT)
            .http2_keep_alive_while_idle(true)
            .build(connector.clone());
        Ok(HyperTransport {
            client,
            connector,
            max_answer_bytes: self.options.max_answer_bytes,
        })
    }
}

impl fmt::Debug for HyperTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The proxy's URL may hold a password.
        f.debug_struct("HyperTransportBuilder")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
