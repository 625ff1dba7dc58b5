//! [`HttpTransport`] over [hyper](https://docs.rs/hyper): the lean backend of
//! authing-rs.
//!
//! Speaks HTTP/1.1, and HTTP/2 where a TLS server offers it, over a connection
//! pool. Verifies TLS with Mozilla's certificates, which it brings along, so that it also works in a container
//! without any. It knows no proxies; `authing-reqwest` does. TLS is rustls; its
//! cryptography is the provider installed for the process, or else *ring*.
//!
//! ```
//! use authing_hyper::HyperTransport;
//!
//! let transport = HyperTransport::builder().max_answer_bytes(1 << 20).build()?;
//! # let _ = transport;
//! # Ok::<(), authing_core::Error>(())
//! ```

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use authing_core::{Clock, Error, HttpTransport, TokioClock, TransportError, TransportErrorKind};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// Far above any honest answer.
const MAX_ANSWER_BYTES: usize = 16 << 20;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Sends calls with hyper. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct HyperTransport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
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
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let response = self
            .client
            .request(request.map(Full::new))
            .await
            .map_err(|cause| {
                let kind = match cause.is_connect() {
                    true => TransportErrorKind::Connect,
                    false => TransportErrorKind::Interrupted,
                };
                TransportError::new(kind, cause)
            })?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, self.max_answer_bytes)
            .collect()
            .await
            .map_err(|cause| match cause.is::<LengthLimitError>() {
                true => TransportErrorKind::TooLarge.into(),
                false => TransportError::new(TransportErrorKind::Interrupted, cause),
            })?;
        Ok(http::Response::from_parts(parts, body.to_bytes()))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(TokioClock::default())
    }
}

/// Sets up a [`HyperTransport`].
#[must_use]
pub struct HyperTransportBuilder {
    roots: Vec<Vec<u8>>,
    connect_timeout: Duration,
    max_answer_bytes: usize,
}

impl Default for HyperTransportBuilder {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            connect_timeout: CONNECT_TIMEOUT,
            max_answer_bytes: MAX_ANSWER_BYTES,
        }
    }
}

impl HyperTransportBuilder {
    /// Also trusts this certificate authority (PEM, one or more certificates),
    /// as a private deployment needs it.
    pub fn add_root_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.roots.push(pem.as_ref().to_vec());
        self
    }

    /// How long it may take to connect; 5 seconds by default. The client's
    /// timeout limits the whole exchange.
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
    /// a certificate that is not PEM.
    pub fn build(self) -> Result<HyperTransport, Error> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(self.connect_timeout));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls(&self.roots)?)
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(http);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(https);
        Ok(HyperTransport {
            client,
            max_answer_bytes: self.max_answer_bytes,
        })
    }
}

impl fmt::Debug for HyperTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransportBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("max_answer_bytes", &self.max_answer_bytes)
            .field("extra_roots", &self.roots.len())
            .finish()
    }
}

/// Trusts Mozilla's authorities and these (PEM) besides.
///
/// The provider is passed by hand: two of them in one program would otherwise
/// make the first connection panic.
fn tls(extra: &[Vec<u8>]) -> Result<ClientConfig, Error> {
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(ring::default_provider()));
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for pem in extra {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|cause| bad_certificate().with_source(cause))?;
            roots
                .add(certificate)
                .map_err(|cause| bad_certificate().with_source(cause))?;
        }
        if roots.len() == before {
            return Err(bad_certificate());
        }
    }
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

fn bad_certificate() -> Error {
    Error::configuration("the root certificate is not PEM")
}

fn unusable(cause: impl StdError + Send + Sync + 'static) -> Error {
    Error::configuration("TLS cannot be set up").with_source(cause)
}
