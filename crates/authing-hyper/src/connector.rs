//! How connections come about: directly, or through a proxy.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use authing_core::{BoxFuture, Error, HttpOptions};
use http::HeaderMap;
use http::header::{HeaderValue, PROXY_AUTHORIZATION};
use http::uri::{Scheme, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::resolver::Resolver;
use crate::tls;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Connects within a limit of time that covers all there is to it.
#[derive(Clone)]
pub(crate) struct Connector {
    direct: HttpsConnector<HttpConnector<Resolver>>,
    proxy: Option<Proxy>,
    timeout: Duration,
}

/// An HTTP proxy: it makes tunnels for `https`, and passes on what is `http`.
#[derive(Clone)]
struct Proxy {
    uri: Uri,
    authorization: Option<HeaderValue>,
    tunnel: HttpsConnector<Tunnel<HttpConnector<Resolver>>>,
}

/// As much as hyper reads at once over HTTP/1.1, and as long as the header of
/// an answer may be.
pub(crate) const MOST_AT_ONCE: usize = 1 << 16;

impl Connector {
    pub(crate) fn new(options: &HttpOptions, proxy: Option<&str>) -> Result<Self, Error> {
        let mut http = HttpConnector::new_with_resolver(Resolver::new());
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(options.connect_timeout));
        http.set_keepalive(Some(HttpOptions::TCP_KEEPALIVE));
        http.set_keepalive_interval(Some(HttpOptions::TCP_KEEPALIVE));
        http.set_keepalive_retries(Some(HttpOptions::TCP_KEEPALIVE_RETRIES));
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        http.set_tcp_user_timeout(Some(HttpOptions::TCP_USER_TIMEOUT));
        let tls = Arc::new(tls::config(options)?);
        let proxy = match proxy {
            None => None,
            Some(url) => {
                let (uri, authorization) = parse(url)?;
                let mut tunnel = Tunnel::new(uri.clone(), http.clone());
                if let Some(value) = &authorization {
                    tunnel = tunnel.with_auth(value.clone());
                }
                Some(Proxy {
                    uri,
                    authorization,
                    tunnel: HttpsConnector::from((tunnel, Arc::clone(&tls))),
                })
            }
        };
        Ok(Self {
            direct: HttpsConnector::from((http, tls)),
            proxy,
            timeout: options.connect_timeout,
        })
    }

    /// Tells a proxy that passes on a plain request who sends it; in a tunnel
    /// the server would hear it.
    pub(crate) fn authorize(&self, uri: &Uri, headers: &mut HeaderMap) {
        if let Some(Proxy {
            authorization: Some(value),
            ..
        }) = &self.proxy
            && uri.scheme() == Some(&Scheme::HTTP)
        {
            headers.insert(PROXY_AUTHORIZATION, value.clone());
        }
    }
}

/// The address of the proxy, and what it wants to hear.
fn parse(url: &str) -> Result<(Uri, Option<HeaderValue>), Error> {
    if let Some(why) = HttpOptions::proxy_fault(url) {
        return Err(Error::configuration(format!("the proxy {why}")));
    }
    // The URL may hold a password, so it is not repeated.
    let proxy = Matcher::builder()
        .all(url)
        .build()
        .intercept(&Uri::from_static("https://authing.invalid"))
        .ok_or_else(|| Error::configuration("the proxy is not a URL"))?;
    if proxy.uri().scheme() != Some(&Scheme::HTTP) {
        return Err(Error::configuration(
            "the proxy's URL must begin with http://",
        ));
    }
    let authorization = proxy.basic_auth().cloned().map(|mut value| {
        value.set_sensitive(true);
        value
    });
    Ok((proxy.uri().clone(), authorization))
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Stream, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // The connectors below are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let mut proxied = false;
        let connecting = match &mut self.proxy {
            None => self.direct.call(to),
            Some(proxy) if to.scheme() == Some(&Scheme::HTTPS) => proxy.tunnel.call(to),
            Some(proxy) => {
                proxied = true;
                self.direct.call(proxy.uri.clone())
            }
        };
        let timeout = self.timeout;
        Box::pin(async move {
            let io = tokio::time::timeout(timeout, connecting)
                .await
                .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
            Ok(Stream {
                io,
                proxied,
                unbroken: 0,
            })
        })
    }
}

/// A connection that knows whether a proxy reads what is sent, and that lets
/// others have their turn while much is received.
pub(crate) struct Stream<Io = MaybeHttpsStream<TokioIo<TcpStream>>> {
    io: Io,
    proxied: bool,
    /// How many bytes can have been read since the last wait.
    unbroken: usize,
}

impl<Io> Stream<Io> {
    /// After so many bytes without a wait, other tasks come first. hyper reads
    /// one interim response (1xx) after another until there is nothing to read;
    /// from a server that has no end of them that is fifty megabytes at a time.
    const TURN: usize = 1 << 15;
}

impl<Io: Connection> Connection for Stream<Io> {
    fn connected(&self) -> Connected {
        self.io.connected().proxy(self.proxied)
    }
}

impl<Io: Read + Unpin> Read for Stream<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unbroken >= Self::TURN {
            self.unbroken = 0;
            // Pending, and woken when timers and sockets have been looked at.
            ready!(pin!(tokio::task::yield_now()).poll(context));
        }
        let most = buffer.remaining();
        let outcome = Pin::new(&mut self.io).poll_read(context, buffer);
        self.unbroken = match outcome.is_ready() {
            true => self.unbroken.saturating_add(most),
            false => 0,
        };
        outcome
    }
}

impl<Io: Write + Unpin> Write for Stream<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use hyper::rt::ReadBuf;

    use super::*;

    /// Has always something to read.
    struct Endless;

    impl Read for Endless {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            mut buffer: ReadBufCursor<'_>,
        ) -> Poll<io::Result<()>> {
            let some = vec![b'x'; buffer.remaining()];
            buffer.put_slice(&some);
            Poll::Ready(Ok(()))
        }
    }

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn much_is_read_in_turns() {
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&wakes));
        let mut stream = Stream {
            io: Endless,
            proxied: false,
            unbroken: 0,
        };
        let mut room = vec![0; 1 << 13];
        let most = Stream::<Endless>::TURN / room.len();
        for turn in 0..3 {
            let mut reads = 0;
            while Pin::new(&mut stream)
                .poll_read(
                    &mut Context::from_waker(&waker),
                    ReadBuf::new(&mut room).unfilled(),
                )
                .is_ready()
            {
                reads += 1;
                assert!(reads <= most, "others wait for ever");
            }
            assert_eq!((reads, wakes.0.load(Ordering::SeqCst)), (most, turn + 1));
        }
    }
}
