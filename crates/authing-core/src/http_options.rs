//! The options that the transports of this workspace have in common, written
//! once. No HTTP library is named here.

use std::fmt;
use std::time::Duration;

use http::Uri;

use crate::clock::time_limit;
use crate::{Error, Result, Secret};

/// What the setters of `http_options!` fill in.
/// Not for direct use.
#[derive(Clone)]
pub struct HttpOptions {
    /// Authorities to be trusted besides the usual ones, in PEM.
    pub roots: Vec<Vec<u8>>,
    /// The client's certificates and their key, in PEM.
    pub identity: Option<(Vec<u8>, Secret)>,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a connection is kept that nobody uses.
    pub pool_idle_timeout: Duration,
    /// The largest answer that is read.
    pub max_answer_bytes: usize,
}

impl HttpOptions {
    /// An HTTP/2 connection that has been silent this long is asked for a sign
    /// of life. All calls share one connection, and a dead one would fail them
    /// all for ever. Together with [`PING_TIMEOUT`](Self::PING_TIMEOUT) it is
    /// less than the default timeout of a call, so that a call which may be
    /// repeated meets a new connection before its caller loses patience.
    pub const PING_INTERVAL: Duration = Duration::from_secs(4);

    /// How long the answer to that may take: three losses in a row fit in.
    pub const PING_TIMEOUT: Duration = Duration::from_secs(4);

    /// The same for TCP, where the system asks. It keeps routers from
    /// forgetting a connection on which a slow answer is awaited.
    pub const TCP_KEEPALIVE: Duration = Duration::from_secs(15);

    /// After so many questions without an answer the connection is closed.
    pub const TCP_KEEPALIVE_RETRIES: u32 = 3;

    /// How long what was sent may stay without an acknowledgement.
    pub const TCP_USER_TIMEOUT: Duration = Duration::from_secs(30);

    /// Checks what the setters took.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for a limit
    /// of nothing.
    pub fn check(&self) -> Result<()> {
        time_limit("connect timeout", self.connect_timeout).map_err(Error::configuration)
    }

    /// Why this is not the URL of an HTTP proxy, if it is none. The words do not
    /// repeat it: it may hold a password.
    #[must_use]
    pub fn proxy_fault(url: &str) -> Option<&'static str> {
        let Ok(uri) = url.parse::<Uri>() else {
            return Some("is not a URL");
        };
        let scheme = uri.scheme_str().unwrap_or("http").to_ascii_lowercase();
        if scheme.starts_with("socks") {
            return Some("is a SOCKS proxy, and only HTTP proxies are supported");
        }
        if !["http", "https"].contains(&&*scheme) {
            return Some("is not an HTTP proxy");
        }
        let Some(authority) = uri.authority() else {
            return Some("has no host in its URL");
        };
        let after_user = authority.as_str().rsplit('@').next().unwrap_or_default();
        let port = after_user.get(authority.host().len()..);
        if authority.host().is_empty() {
            return Some("has no host in its URL");
        }
        (port != Some("") && authority.port_u16().is_none())
            .then_some("has no valid port in its URL")
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            identity: None,
            connect_timeout: Duration::from_secs(5),
            // Load balancers close such connections after 60 (AWS) or 75
            // seconds (nginx), and a request that meets the closing is lost.
            pool_idle_timeout: Duration::from_secs(45),
            // Far above any honest answer.
            max_answer_bytes: 16 << 20,
        }
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("extra_roots", &self.roots.len())
            .field("identity", &self.identity.is_some())
            .field("connect_timeout", &self.connect_timeout)
            .field("pool_idle_timeout", &self.pool_idle_timeout)
            .field("max_answer_bytes", &self.max_answer_bytes)
            .finish()
    }
}

/// Gives a builder with a field `options` the setters for it.
#[doc(hidden)]
#[macro_export]
macro_rules! http_options {
    ($builder:ident) => {
        impl $builder {
            /// Also trusts this certificate authority (PEM, one or more
            /// certificates), as a private deployment needs it.
            pub fn add_root_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
                self.options.roots.push(pem.as_ref().to_vec());
                self
            }

            /// Shows this certificate to servers that ask for one, as private
            /// deployments may: PEM, the certificate of the client first, then
            /// those that lead from it to an authority the server knows. The
            /// key is PEM too: PKCS #8, PKCS #1 or SEC 1, without a password.
            pub fn identity(
                mut self,
                chain: impl AsRef<[u8]>,
                key: impl Into<$crate::Secret>,
            ) -> Self {
                self.options.identity = Some((chain.as_ref().to_vec(), key.into()));
                self
            }

            /// How long it may take to connect, with everything that belongs
            /// to it: finding the address, the proxy, the TLS handshake. 5
            /// seconds by default, and zero makes `build` fail. The client's
            /// timeout limits the whole exchange.
            pub fn connect_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.options.connect_timeout = $crate::__private::bounded(timeout);
                self
            }

            /// How long a connection is kept for the next call; 45 seconds by
            /// default, and with zero each call has its own. It should be less than the time after which a load
            /// balancer on the way closes idle connections (60 seconds is
            /// common), because a request that meets the closing is lost: then
            /// the call fails with
            /// [`Interrupted`](authing_core::TransportErrorKind::Interrupted), unless
            /// it may be repeated.
            pub fn pool_idle_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.options.pool_idle_timeout = $crate::__private::bounded(timeout);
                self
            }

            /// The largest answer that is read, in bytes; 16 MiB by default.
            /// Beyond it a call fails with
            /// [`TooLarge`](authing_core::TransportErrorKind::TooLarge), and so it
            /// does where the header of an answer is larger than any honest
            /// one.
            pub fn max_answer_bytes(mut self, bytes: usize) -> Self {
                self.options.max_answer_bytes = bytes;
                self
            }
        }
    };
}
