//! How a failure is told decides what is sent again, so it is told honestly.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authing::TransportErrorKind::{self, Connect, Interrupted, TooLarge};
use authing_tests::both_transports;
use authing_tests::clients::Backend;
use authing_tests::raw::{RawServer, answer, read_request};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

both_transports!(
    broken_answers,
    odd_answers,
    resets,
    a_server_that_hangs_up_at_once,
    a_request_that_is_none,
);

/// The outcome for a server that reads a request, answers this and hangs up.
/// The request must have been read once.
async fn outcome(
    backend: Backend,
    text: impl Into<Vec<u8>>,
) -> Result<http::Response<Bytes>, TransportErrorKind> {
    let text: Arc<[u8]> = text.into().into();
    with(backend, move |mut stream| {
        let text = Arc::clone(&text);
        Box::pin(async move {
            stream.write_all(&text).await?;
            // Hangs up only when the client does, or has read everything.
            stream.shutdown().await?;
            let mut rest = [0; 64];
            while stream.read(&mut rest).await? > 0 {}
            Ok(())
        })
    })
    .await
}

/// The outcome for a server that reads a request and does this.
async fn with<F>(backend: Backend, then: F) -> Result<http::Response<Bytes>, TransportErrorKind>
where
    F: Fn(tokio::net::TcpStream) -> authing_core::BoxFuture<'static, io::Result<()>>
        + Send
        + Sync
        + 'static,
{
    let read = Arc::new(AtomicUsize::new(0));
    let (count, then) = (Arc::clone(&read), Arc::new(then));
    let server = RawServer::start(move |mut stream| {
        let (count, then) = (Arc::clone(&count), Arc::clone(&then));
        Box::pin(async move {
            if read_request(&mut stream).await?.is_some() {
                count.fetch_add(1, Ordering::SeqCst);
            }
            then(stream).await
        })
    })
    .await
    .unwrap();
    let transport = backend.transport().unwrap();
    let request = http::Request::post(server.url()).body(Bytes::from_static(b"{}"));
    let answer = transport.send(request.unwrap());
    let answer = tokio::time::timeout(Duration::from_secs(120), answer)
        .await
        .expect("a call hangs for ever");
    assert_eq!(read.load(Ordering::SeqCst), 1);
    answer.map_err(|error| error.kind())
}

async fn broken_answers(backend: Backend) {
    let long_line = format!("x: {}\r\n", "y".repeat(1 << 20));
    let many_lines = "x: y\r\n".repeat(10_000);
    let with_header = |header: &str| format!("HTTP/1.1 200 OK\r\n{header}\r\n");
    let chunked = |body: &str| with_header("transfer-encoding: chunked\r\n") + body;
    for (text, kind) in [
        (String::new(), Interrupted),
        ("HTTP/1.1 200 OK\r\ncontent-le".into(), Interrupted),
        ("{\"code\":200}".into(), Interrupted),
        ("HTTP/0.9 200 OK\r\n\r\n".into(), Interrupted),
        ("HTTP/1.1 abc OK\r\n\r\n".into(), Interrupted),
        ("\r\n\r\n\0\0\0".into(), Interrupted),
        (with_header("content-length: 5\r\n") + "1234", Interrupted),
        (with_header("content-length: -5\r\n") + "12345", Interrupted),
        (
            with_header("content-length: 5, 6\r\n") + "12345",
            Interrupted,
        ),
        (
            with_header("content-length: 5\r\ncontent-length: 6\r\n") + "123456",
            Interrupted,
        ),
        (with_header("a b: c\r\n"), Interrupted),
        (chunked(""), Interrupted),
        (chunked("zz\r\n"), Interrupted),
        (chunked("5\r\n1234"), Interrupted),
        (chunked("5\r\n1234567\r\n0\r\n\r\n"), Interrupted),
        (chunked("fffffffffffffffff\r\n1"), Interrupted),
        (chunked("5\r\n12345\r\n"), Interrupted),
        (with_header(&long_line), TooLarge),
        (with_header(&many_lines), TooLarge),
    ] {
        let kind_of = outcome(backend, text.clone()).await.map(|_| ());
        let shown: String = text.chars().take(80).collect();
        assert_eq!(kind_of, Err(kind), "{shown:?}");
    }
}

async fn odd_answers(backend: Backend) {
    let chunked = "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    for (text, status, body) in [
        (
            "HTTP/1.1 200 OK\r\n\r\nuntil the end".to_owned(),
            200,
            "until the end",
        ),
        (format!("HTTP/1.1 200 OK\r\n{chunked}"), 200, "hello"),
        // What is longer than announced is not a part of it.
        (answer("200 OK", "hello") + "world", 200, "hello"),
        ("HTTP/1.0 200 OK\r\n\r\nold".to_owned(), 200, "old"),
        ("HTTP/1.1 204 No Content\r\n\r\n".to_owned(), 204, ""),
        (
            "HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n".to_owned(),
            999,
            "",
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n".to_owned()
                + &answer("200 OK", "at last"),
            200,
            "at last",
        ),
    ] {
        let answer = outcome(backend, text.clone()).await.unwrap();
        assert_eq!(answer.status(), status, "{text}");
        assert_eq!(answer.body(), body, "{text}");
    }
}

async fn resets(backend: Backend) {
    for text in [
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ] {
        let outcome = with(backend, move |mut stream| {
            Box::pin(async move {
                stream.write_all(text.as_bytes()).await?;
                // Lets the client see it before it is thrown away.
                tokio::time::sleep(Duration::from_millis(50)).await;
                stream.set_zero_linger()
            })
        })
        .await;
        assert_eq!(outcome.map(|_| ()), Err(Interrupted), "{text:?}");
    }
}

async fn a_server_that_hangs_up_at_once(backend: Backend) {
    for reset in [false, true] {
        let server = RawServer::start(move |stream| {
            if reset {
                stream.set_zero_linger().unwrap();
            }
            drop(stream);
            Box::pin(async { Ok(()) })
        })
        .await
        .unwrap();
        for _ in 0..20 {
            let transport = backend.transport().unwrap();
            let request = http::Request::post(server.url()).body(Bytes::new());
            let kind = transport.send(request.unwrap()).await.unwrap_err().kind();
            // Nothing was read; it depends on the moment whether that is known.
            assert!(matches!(kind, Connect | Interrupted), "{kind:?}");
        }
    }
}

async fn a_request_that_is_none(backend: Backend) {
    let transport = backend.transport().unwrap();
    for uri in ["/path", "localhost:1", "*"] {
        let request = http::Request::get(uri).body(Bytes::new()).unwrap();
        let kind = transport.send(request).await.unwrap_err().kind();
        assert_eq!(kind, TransportErrorKind::Request, "{uri}");
    }
}
