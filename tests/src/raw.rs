//! Servers that do exactly what they are told, byte by byte.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authing_core::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A TCP server whose connections are handled by a closure. Dropping it stops
/// it.
#[derive(Debug)]
pub struct RawServer {
    url: String,
    connections: Arc<AtomicUsize>,
    open: watch::Sender<usize>,
    task: JoinHandle<()>,
}

impl RawServer {
    /// Starts to listen on a free port of this machine.
    ///
    /// # Errors
    ///
    /// There is no free port.
    pub async fn start<F>(handle: F) -> io::Result<Self>
    where
        F: Fn(TcpStream) -> BoxFuture<'static, io::Result<()>> + Send + Sync + 'static,
    {
        Self::start_at("127.0.0.1:0", handle).await
    }

    /// The same at another address.
    ///
    /// # Errors
    ///
    /// There is no such address, or it is in use.
    pub async fn start_at<F>(address: &str, handle: F) -> io::Result<Self>
    where
        F: Fn(TcpStream) -> BoxFuture<'static, io::Result<()>> + Send + Sync + 'static,
    {
        let listener = TcpListener::bind(address).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let connections = Arc::new(AtomicUsize::new(0));
        let open = watch::Sender::new(0);
        let counters = (Arc::clone(&connections), open.clone());
        let task = tokio::spawn(async move {
            // Ends its connections with itself.
            let mut handlers = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counters.0.fetch_add(1, Ordering::SeqCst);
                let open = Open::one(&counters.1);
                let handler = handle(stream);
                handlers.spawn(async move {
                    let _open = open;
                    handler.await
                });
            }
        });
        Ok(Self {
            url,
            connections,
            open,
            task,
        })
    }

    /// Starts a server that answers every request with these bytes.
    ///
    /// # Errors
    ///
    /// There is no free port.
    pub async fn answering(answer: impl Into<Vec<u8>>) -> io::Result<Self> {
        let answer: Arc<[u8]> = answer.into().into();
        Self::start(move |mut stream| {
            let answer = Arc::clone(&answer);
            Box::pin(async move {
                while read_request(&mut stream).await?.is_some() {
                    stream.write_all(&answer).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address without the scheme.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The address for TLS, by the name that certificates are made for.
    #[must_use]
    pub fn https_url(&self) -> String {
        self.url.replace("http://127.0.0.1", "https://localhost")
    }

    /// How many connections are handled at this moment.
    #[must_use]
    pub fn open(&self) -> usize {
        *self.open.borrow()
    }

    /// Waits until no more connections than these are handled.
    ///
    /// # Panics
    ///
    /// If it does not come to that within two minutes.
    pub async fn shrinks_to(&self, connections: usize) {
        let mut open = self.open.subscribe();
        let shrunk = open.wait_for(|open| *open <= connections);
        let in_time = tokio::time::timeout(Duration::from_secs(120), shrunk).await;
        assert!(in_time.is_ok(), "{} connections are kept", self.open());
    }

    /// How many connections came in.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Counts a connection for as long as it lives.
struct Open(watch::Sender<usize>);

impl Open {
    fn one(counter: &watch::Sender<usize>) -> Self {
        counter.send_modify(|open| *open += 1);
        Self(counter.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An address of this machine where nobody listens, and nobody else can while
/// this lives.
#[derive(Debug)]
pub struct Nobody {
    url: String,
    _socket: TcpSocket,
}

impl Nobody {
    /// Takes a free port.
    ///
    /// # Errors
    ///
    /// There is no free port.
    pub fn new() -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(([127, 0, 0, 1], 0).into())?;
        Ok(Self {
            url: format!("http://{}", socket.local_addr()?),
            _socket: socket,
        })
    }

    /// `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Reads one HTTP/1.1 request as text: its head, and its body by
/// `Content-Length`. `None` at the end of the connection.
///
/// # Errors
///
/// The connection broke.
pub async fn read_request(
    stream: &mut (impl tokio::io::AsyncRead + Unpin),
) -> io::Result<Option<String>> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        request.extend_from_slice(&byte);
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    request.extend(body);
    Ok(Some(String::from_utf8_lossy(&request).into_owned()))
}

/// An HTTP/1.1 answer with this status line, such as `200 OK`, and body.
#[must_use]
pub fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
