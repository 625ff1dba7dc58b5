//! [`HttpTransport`] over [reqwest](https://docs.rs/reqwest): the default
//! backend of authing-rs.
//!
//! Speaks HTTP/1.1, and HTTP/2 where a TLS server offers it, over a connection
//! pool. Verifies TLS with the operating system's certificates, honours
//! `HTTPS_PROXY` and its kin except towards this machine itself, follows no
//! redirect and repeats nothing on its own. TLS is rustls; its cryptography is
//! the provider installed for the process, or else *ring*. Nothing is installed
//! for the process by this crate.
//!
//! ```
//! use authing_reqwest::ReqwestTransport;
//!
//! let transport = ReqwestTransport::builder().max_answer_bytes(1 << 20).build()?;
//! # let _ = transport;
//! # Ok::<(), authing_core::Error>(())
//! ```

mod tls;

use std::error::Error as StdError;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use authing_core::{Clock, Error, HttpTransport, TokioClock, TransportError, TransportErrorKind};
use bytes::{Bytes, BytesMut};
use reqwest::redirect::Policy;

/// Far above any honest answer.
const MAX_ANSWER_BYTES: usize = 16 << 20;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Sends calls with reqwest. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    /// For this machine itself: a proxy of the environment leads away from it.
    local: reqwest::Client,
    max_answer_bytes: usize,
}

impl ReqwestTransport {
    /// A transport with the default options.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](authing_core::ErrorKind::Configuration) if
    /// TLS cannot be set up, for example because the system has no
    /// certificates.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Starts to set up a transport.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder::default()
    }
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // reqwest's own Debug shows proxies, which may hold a password.
        f.debug_struct("ReqwestTransport")
            .field("max_answer_bytes", &self.max_answer_bytes)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpTransport for ReqwestTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let client = match request.uri().host().is_some_and(is_loopback) {
            true => &self.local,
            false => &self.client,
        };
        let request = reqwest::Request::try_from(request).map_err(transport_error)?;
        let mut response = client.execute(request).await.map_err(transport_error)?;
        let announced = response.content_length().unwrap_or(0);
        if announced > self.max_answer_bytes as u64 {
            return Err(TransportErrorKind::TooLarge.into());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(transport_error)? {
            if body.len() + chunk.len() > self.max_answer_bytes {
                return Err(TransportErrorKind::TooLarge.into());
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(body.freeze());
        *answer.status_mut() = response.status();
        *answer.version_mut() = response.version();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(TokioClock::default())
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn transport_error(cause: reqwest::Error) -> TransportError {
    let kind = if cause.is_connect() {
        TransportErrorKind::Connect
    } else if cause.is_timeout() {
        TransportErrorKind::Timeout
    } else if cause.is_builder() {
        TransportErrorKind::Request
    } else {
        TransportErrorKind::Interrupted
    };
    // The URL is the caller's business and may hold a token.
    TransportError::new(kind, cause.without_url())
}

/// Sets up a [`ReqwestTransport`].
#[must_use]
pub struct ReqwestTransportBuilder {
    proxy: Proxy,
    roots: Vec<Vec<u8>>,
    connect_timeout: Duration,
    max_answer_bytes: usize,
}

enum Proxy {
    System,
    None,
    Url(String),
}

impl Default for ReqwestTransportBuilder {
    fn default() -> Self {
        Self {
            proxy: Proxy::System,
            roots: Vec::new(),
            connect_timeout: CONNECT_TIMEOUT,
            max_answer_bytes: MAX_ANSWER_BYTES,
        }
    }
}

impl ReqwestTransportBuilder {
    /// Sends everything through this proxy (`http://[user:password@]host:port`)
    /// instead of the one that the environment names.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Proxy::Url(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxy::None;
        self
    }

    /// Also trusts this certificate authority (PEM, one or more certificates),
    /// as a private deployment needs it.
    pub fn add_root_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.roots.push(pem.as_ref().to_vec());
        self
    }

    /// How long it may take to connect, the TLS handshake included; 5 seconds
    /// by default. The client's timeout limits the whole exchange.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The largest answer that is read, in bytes; 16 MiB by default.
    pub fn max_answer_bytes(mut self, bytes: usize) -> Self {
        self.max_answer_bytes = bytes;
        self
    }

    /// Makes the transport.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](authing_core::ErrorKind::Configuration) for
    /// a proxy that is not a URL, a certificate that is not PEM, or a system
    /// without usable TLS.
    pub fn build(self) -> Result<ReqwestTransport, Error> {
        let tls = tls::config(&self.roots)?;
        let builder = || {
            reqwest::Client::builder()
                .redirect(Policy::none())
                // Whether a call may be repeated is the pipeline's to say.
                .retry(reqwest::retry::never())
                .referer(false)
                .connect_timeout(self.connect_timeout)
                .tls_backend_preconfigured(tls.clone())
        };
        let made = |builder: reqwest::ClientBuilder| builder.build().map_err(unusable);
        let (client, local) = match self.proxy {
            Proxy::System => (made(builder())?, made(builder().no_proxy())?),
            Proxy::None => {
                let client = made(builder().no_proxy())?;
                (client.clone(), client)
            }
            Proxy::Url(url) => {
                let proxy = reqwest::Proxy::all(url)
                    // The cause may repeat the URL with its password.
                    .map_err(|_| Error::configuration("the proxy is not a URL"))?;
                let client = made(builder().proxy(proxy))?;
                (client.clone(), client)
            }
        };
        Ok(ReqwestTransport {
            client,
            local,
            max_answer_bytes: self.max_answer_bytes,
        })
    }
}

impl fmt::Debug for ReqwestTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransportBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("max_answer_bytes", &self.max_answer_bytes)
            .field("extra_roots", &self.roots.len())
            .finish_non_exhaustive()
    }
}

fn unusable(cause: impl StdError + Send + Sync + 'static) -> Error {
    Error::configuration("TLS cannot be set up").with_source(cause)
}
