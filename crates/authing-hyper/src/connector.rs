//! How connections come about: directly, or through a proxy.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
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

use crate::tls;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Connects within a limit of time that covers all there is to it.
#[derive(Clone)]
pub(crate) struct Connector {
    direct: HttpsConnector<HttpConnector>,
    proxy: Option<Proxy>,
    timeout: Duration,
}

/// An HTTP proxy: it makes tunnels for `https`, and passes on what is `http`.
#[derive(Clone)]
struct Proxy {
    uri: Uri,
    authorization: Option<HeaderValue>,
    tunnel: HttpsConnector<Tunnel<HttpConnector>>,
}

impl Connector {
    pub(crate) fn new(options: &HttpOptions, proxy: Option<&str>) -> Result<Self, Error> {
        let mut http = HttpConnector::new();
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
            Ok(Stream { io, proxied })
        })
    }
}

/// A connection that knows whether a proxy reads what is sent.
pub(crate) struct Stream {
    io: MaybeHttpsStream<TokioIo<TcpStream>>,
    proxied: bool,
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.io.connected().proxy(self.proxied)
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl Write for Stream {
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
