//! [`HttpTransport`] over [reqwest](https://docs.rs/reqwest): the default
//! backend of authing-rs.
//!
//! Speaks HTTP/1.1, and HTTP/2 where a TLS server offers it, over a connection
//! pool. Verifies TLS with the operating system's certificates, honours
//! `HTTPS_PROXY` and its kin except towards this machine itself (a proxy that
//! cannot be used, such as `socks5://`, is a configuration error that names the
//! variable), follows no redirect and repeats nothing that can have reached a server. TLS is rustls;
//! its cryptography is the provider installed for the process, or else *ring*.
//! Nothing is installed for the process by this crate.
//!
//! A connection that has died without a word is given up: over HTTP/2 after 8
//! seconds of silence, over HTTP/1.1 by the call whose time ran out on it, and
//! by TCP's own questions after a minute.
//!
//! ```
//! use authing_reqwest::ReqwestTransport;
//!
//! let transport = ReqwestTransport::builder().max_answer_bytes(1 << 20).build()?;
//! # let _ = transport;
//! # Ok::<(), authing_core::Error>(())
//! ```

mod address;
mod environment;
mod kind;
mod resolver;
mod tls;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use authing_core::__private::is_loopback;
use authing_core::{
    Clock, Error, HttpOptions, HttpTransport, TokioClock, TransportError, TransportErrorKind,
    http_options,
};
use bytes::{Bytes, BytesMut};
use reqwest::redirect::Policy;

use crate::address::LastAddress;
use crate::environment::Environment;
use crate::resolver::ThisMachine;

/// Sends calls with reqwest. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    /// For this machine itself, without a resolver: a proxy of the environment
    /// leads away from it, and DNS may.
    local: reqwest::Client,
    /// What is wrong with the proxy of the environment.
    environment: Option<Arc<Environment>>,
    address: Arc<LastAddress>,
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
            false => {
                if let Some(environment) = &self.environment {
                    environment.check(request.uri())?;
                }
                &self.client
            }
        };
        let request = self.address.request(request)?;
        let mut response = client.execute(request).await.map_err(kind::of_request)?;
        let body = body(&mut response, self.max_answer_bytes).await?;
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.version_mut() = response.version();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(TokioClock::default())
    }
}

/// The whole body, unless it is longer than `most`.
async fn body(response: &mut reqwest::Response, most: usize) -> Result<Bytes, TransportError> {
    let announced = response.content_length().unwrap_or(0);
    let Some(announced) = usize::try_from(announced).ok().filter(|size| *size <= most) else {
        return Err(TransportErrorKind::TooLarge.into());
    };
    // More is not taken from the heap on the word of a server.
    const MOST_AT_ONCE: usize = 1 << 18;
    // What comes in one piece, as short answers do, need not be copied.
    let mut whole = Bytes::new();
    let mut pieces = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(kind::of_answer)? {
        if whole.len() + pieces.len() + piece.len() > most {
            return Err(TransportErrorKind::TooLarge.into());
        }
        if whole.is_empty() && pieces.is_empty() {
            whole = piece;
            continue;
        }
        if pieces.is_empty() {
            let here = whole.len() + piece.len();
            pieces.reserve(announced.min(MOST_AT_ONCE).max(here));
            pieces.extend_from_slice(&std::mem::take(&mut whole));
        }
        pieces.extend_from_slice(&piece);
    }
    Ok(match pieces.is_empty() {
        true => whole,
        false => pieces.freeze(),
    })
}

/// Sets up a [`ReqwestTransport`].
#[derive(Default)]
#[must_use]
pub struct ReqwestTransportBuilder {
    proxy: Proxy,
    options: HttpOptions,
}

http_options!(ReqwestTransportBuilder);

#[derive(Default)]
enum Proxy {
    #[default]
    System,
    None,
    Url(String),
}

impl ReqwestTransportBuilder {
    /// Sends everything through this HTTP proxy, towards this machine too, and
    /// not through the one that the environment names:
    /// `http://[user:password@]host:port`, or `https://…` where the way to the
    /// proxy is encrypted. There is no SOCKS.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Proxy::Url(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxy::None;
        self
    }

    /// Makes the transport.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](authing_core::ErrorKind::Configuration) for
    /// a proxy that is not the URL of an HTTP proxy, a certificate or key that
    /// is not PEM, a connect timeout of zero, or a system without usable TLS. Where
    /// the environment names a proxy that cannot be used, the calls that it is
    /// meant for fail in the same way: there may be none.
    pub fn build(self) -> Result<ReqwestTransport, Error> {
        self.options.check()?;
        let tls = tls::config(&self.options)?;
        let builder = || {
            let builder = reqwest::Client::builder()
                .redirect(Policy::none())
                // Whether a call may be repeated is the pipeline's to say.
                .retry(reqwest::retry::never())
                .referer(false)
                .connect_timeout(self.options.connect_timeout)
                .pool_idle_timeout(self.options.pool_idle_timeout)
                .http2_keep_alive_interval(HttpOptions::PING_INTERVAL)
                .http2_keep_alive_timeout(HttpOptions::PING_TIMEOUT)
                .http2_keep_alive_while_idle(true)
                .tcp_keepalive(HttpOptions::TCP_KEEPALIVE)
                .tcp_keepalive_interval(HttpOptions::TCP_KEEPALIVE)
                .tcp_keepalive_retries(HttpOptions::TCP_KEEPALIVE_RETRIES)
                .tls_backend_preconfigured(tls.clone());
            #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
            let builder = builder.tcp_user_timeout(HttpOptions::TCP_USER_TIMEOUT);
            builder
        };
        let made = |builder: reqwest::ClientBuilder| builder.build().map_err(unusable);
        let local = || made(builder().no_proxy().dns_resolver(ThisMachine));
        let mut environment = None;
        let (client, local) = match self.proxy {
            Proxy::System => {
                environment = Environment::read(std::env::var_os);
                (made(builder())?, local()?)
            }
            Proxy::None => (made(builder().no_proxy())?, local()?),
            Proxy::Url(url) => {
                if let Some((scheme, _)) = url.split_once("://")
                    && !["http", "https"].contains(&&*scheme.to_ascii_lowercase())
                {
                    return Err(Error::configuration("the proxy is not an HTTP proxy"));
                }
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
            environment: environment.map(Arc::new),
            address: Arc::default(),
            max_answer_bytes: self.options.max_answer_bytes,
        })
    }
}

impl fmt::Debug for ReqwestTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransportBuilder")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

fn unusable(cause: impl StdError + Send + Sync + 'static) -> Error {
    Error::configuration("TLS cannot be set up").with_source(cause)
}
