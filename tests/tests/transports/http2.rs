//! HTTP/2 when the other side dies, leaves or refuses; frame by frame.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authing::{HttpTransport, TransportErrorKind};
use authing_tests::clients::{Backend, Clients};
use authing_tests::raw::RawServer;
use authing_tests::{both_transports, transport_with};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::authority::{Authority, tls_server};

both_transports!(
    a_dead_connection_is_given_up_and_a_slow_one_is_not,
    a_request_given_back_is_told_from_a_lost_one,
    a_request_given_back_is_sent_again_by_the_pipeline,
    a_refused_stream_leaves_the_connection,
    a_connection_that_says_goodbye_is_replaced,
    headers_without_end_are_refused,
);

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

struct Http2(TlsStream<TcpStream>);

impl Http2 {
    async fn start(mut stream: TlsStream<TcpStream>) -> io::Result<Self> {
        stream.read_exact(&mut [0; 24]).await?;
        let mut http2 = Self(stream);
        http2.write(SETTINGS, 0, 0, &[]).await?;
        Ok(http2)
    }

    async fn write(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> io::Result<()> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.0.write_all(&frame).await?;
        self.0.flush().await
    }

    /// The next frame: kind, flags, stream, payload.
    async fn read(&mut self) -> io::Result<(u8, u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        self.0.read_exact(&mut payload).await?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        Ok((head[3], head[4], stream, payload))
    }

    /// Reads a whole request, answering what must be answered meanwhile.
    async fn request(&mut self) -> io::Result<u32> {
        loop {
            let (kind, flags, stream, payload) = self.read().await?;
            match kind {
                SETTINGS if flags & ACK == 0 => self.write(SETTINGS, ACK, 0, &[]).await?,
                PING if flags & ACK == 0 => self.write(PING, ACK, 0, &payload).await?,
                // HEADERS and DATA have the same flag.
                0 | HEADERS if flags & END_STREAM != 0 => return Ok(stream),
                _ => {}
            }
        }
    }

    /// Status 200 and no body.
    async fn answer(&mut self, stream: u32) -> io::Result<()> {
        self.write(HEADERS, END_HEADERS | END_STREAM, stream, &[0x88])
            .await
    }

    async fn reset(&mut self, stream: u32, reason: u32) -> io::Result<()> {
        self.write(RST_STREAM, 0, stream, &reason.to_be_bytes())
            .await
    }

    async fn go_away(&mut self, last: u32, reason: u32) -> io::Result<()> {
        let payload = [last.to_be_bytes(), reason.to_be_bytes()].concat();
        self.write(GOAWAY, 0, 0, &payload).await
    }

    async fn answer_all(&mut self) -> io::Result<()> {
        loop {
            let stream = self.request().await?;
            self.answer(stream).await?;
        }
    }

    /// Says nothing any more, not even to a ping, until the client hangs up.
    async fn play_dead(&mut self) {
        while self.read().await.is_ok() {}
    }
}

/// A server whose connections `handle` numbers from 0, and a transport that
/// trusts it.
async fn server<F, Fut>(backend: Backend, handle: F) -> (RawServer, Arc<dyn HttpTransport>)
where
    F: Fn(usize, Http2) -> Fut + Send + Sync + Clone + 'static,
    Fut: Future<Output = io::Result<()>> + Send + 'static,
{
    let authority = Authority::new();
    let mut config = authority.config(&authority.leaf("localhost"));
    config.alpn_protocols = vec![b"h2".to_vec()];
    let number = Arc::new(AtomicUsize::new(0));
    let server = tls_server(config, move |stream| {
        let handle = handle.clone();
        let number = number.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { handle(number, Http2::start(stream).await?).await })
    })
    .await;
    let transport = transport_with!(backend, |builder| builder
        .add_root_certificate(authority.pem()))
    .unwrap();
    (server, transport)
}

async fn post(
    server: &RawServer,
    transport: &Arc<dyn HttpTransport>,
) -> Result<u16, TransportErrorKind> {
    let request = http::Request::post(server.https_url())
        .body(Bytes::from_static(b"{}"))
        .unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(30), transport.send(request));
    let answer = answer.await.expect("a call hangs for ever");
    answer
        .map(|answer| answer.status().as_u16())
        .map_err(|error| error.kind())
}

/// The first connection answers once and dies; later ones live.
async fn mortal(number: usize, mut http2: Http2) -> io::Result<()> {
    if number > 0 {
        return http2.answer_all().await;
    }
    let stream = http2.request().await?;
    http2.answer(stream).await?;
    http2.play_dead().await;
    Ok(())
}

/// Each of them waits for some seconds, so they wait together.
async fn a_dead_connection_is_given_up_and_a_slow_one_is_not(backend: Backend) {
    tokio::join!(
        given_up_while_a_call_waits(backend),
        given_up_while_nobody_waits(backend),
        a_slow_answer_is_waited_for(backend),
    );
}

async fn given_up_while_a_call_waits(backend: Backend) {
    let (server, transport) = server(backend, mortal).await;
    assert_eq!(post(&server, &transport).await, Ok(200));
    let timeout = Err(TransportErrorKind::Timeout);
    assert_eq!(post(&server, &transport).await, timeout);
    assert_eq!(post(&server, &transport).await, Ok(200));
    assert_eq!(server.connections(), 2);
}

async fn given_up_while_nobody_waits(backend: Backend) {
    let (server, transport) = server(backend, mortal).await;
    assert_eq!(post(&server, &transport).await, Ok(200));
    server.shrinks_to(0).await;
    assert_eq!(post(&server, &transport).await, Ok(200));
}

async fn a_slow_answer_is_waited_for(backend: Backend) {
    // The server works for longer than a dead one is given, but answers pings.
    let (server, transport) = server(backend, |_, mut http2| async move {
        let stream = http2.request().await?;
        let work = tokio::time::sleep(Duration::from_secs(10));
        tokio::pin!(work);
        loop {
            tokio::select! {
                () = &mut work => break,
                again = http2.request() => drop(again?),
            }
        }
        http2.answer(stream).await
    })
    .await;
    assert_eq!(post(&server, &transport).await, Ok(200));
    assert_eq!(server.connections(), 1);
}

/// What a server does with a request that it has read.
#[derive(Debug, Clone, Copy)]
enum Parting {
    Close,
    Reset(u32),
    HeadThenReset(u32),
    /// Leaves, and names the request as the last it looked at, or none.
    Leave {
        looked_at: bool,
        reason: u32,
    },
}

async fn part(parting: Parting, mut http2: Http2) -> io::Result<()> {
    let stream = http2.request().await?;
    match parting {
        Parting::Close => return Ok(()),
        Parting::Reset(reason) => http2.reset(stream, reason).await?,
        Parting::HeadThenReset(reason) => {
            http2.write(HEADERS, END_HEADERS, stream, &[0x88]).await?;
            http2.reset(stream, reason).await?;
        }
        Parting::Leave { looked_at, reason } => {
            let last = if looked_at { stream } else { 0 };
            http2.go_away(last, reason).await?;
            if looked_at {
                return Ok(());
            }
        }
    }
    http2.play_dead().await;
    Ok(())
}

async fn a_request_given_back_is_told_from_a_lost_one(backend: Backend) {
    use TransportErrorKind::{Interrupted, Unprocessed};
    let leave = |looked_at, reason| Parting::Leave { looked_at, reason };
    for (parting, kind) in [
        (Parting::Close, Interrupted),
        (Parting::Reset(REFUSED_STREAM), Unprocessed),
        (Parting::Reset(INTERNAL_ERROR), Interrupted),
        (Parting::Reset(ENHANCE_YOUR_CALM), Interrupted),
        (Parting::HeadThenReset(REFUSED_STREAM), Interrupted),
        (Parting::HeadThenReset(INTERNAL_ERROR), Interrupted),
        (leave(false, NO_ERROR), Unprocessed),
        (leave(false, ENHANCE_YOUR_CALM), Unprocessed),
        (leave(true, NO_ERROR), Interrupted),
        (leave(true, ENHANCE_YOUR_CALM), Interrupted),
    ] {
        // Errors travel together with the end of the connection, or before it.
        for _ in 0..5 {
            let (server, transport) = server(backend, move |_, http2| part(parting, http2)).await;
            assert_eq!(post(&server, &transport).await, Err(kind), "{parting:?}");
        }
    }
}

async fn a_request_given_back_is_sent_again_by_the_pipeline(backend: Backend) {
    let (server, transport) = server(backend, |number, mut http2| async move {
        if number == 0 {
            return part(
                Parting::Leave {
                    looked_at: false,
                    reason: NO_ERROR,
                },
                http2,
            )
            .await;
        }
        http2.answer_all().await
    })
    .await;
    let clients = Clients::retrying(
        &server.https_url(),
        transport,
        Duration::from_secs(10),
        authing::RetryPolicy::new(),
    )
    .unwrap();
    // Never to be repeated, unless it was not processed; the answer is empty.
    let error = clients
        .client
        .register_by_username("bob", "correct horse")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), authing::ErrorKind::Decode, "{error:?}");
    assert_eq!(server.connections(), 2);
}

async fn a_refused_stream_leaves_the_connection(backend: Backend) {
    let (server, transport) = server(backend, |_, mut http2| async move {
        let stream = http2.request().await?;
        http2.reset(stream, REFUSED_STREAM).await?;
        http2.answer_all().await
    })
    .await;
    let refused = Err(TransportErrorKind::Unprocessed);
    assert_eq!(post(&server, &transport).await, refused);
    assert_eq!(post(&server, &transport).await, Ok(200));
    assert_eq!(server.connections(), 1);
}

async fn a_connection_that_says_goodbye_is_replaced(backend: Backend) {
    let (server, transport) = server(backend, |_, mut http2| async move {
        let stream = http2.request().await?;
        http2.go_away(stream, NO_ERROR).await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
        http2.answer(stream).await?;
        http2.play_dead().await;
        Ok(())
    })
    .await;
    for calls in 1..=5 {
        assert_eq!(post(&server, &transport).await, Ok(200));
        assert_eq!(server.connections(), calls);
    }
}

async fn headers_without_end_are_refused(backend: Backend) {
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let (server, transport) = server(backend, move |_, mut http2| {
        let count = Arc::clone(&count);
        async move {
            let stream = http2.request().await?;
            http2.write(HEADERS, 0, stream, &[0x88]).await?;
            // A literal header "a" that is not remembered, of 16 KB with others.
            let mut block = vec![0x00, 1, b'a', 0x7f, 0x81, 0x7c];
            block.resize(6 + 16_000, b'x');
            loop {
                http2.write(CONTINUATION, 0, stream, &block).await?;
                count.fetch_add(block.len(), Ordering::SeqCst);
            }
        }
    })
    .await;
    let kind = post(&server, &transport).await.unwrap_err();
    assert_eq!(kind, TransportErrorKind::Interrupted);
    assert!(written.load(Ordering::SeqCst) < 16 << 20);
}
