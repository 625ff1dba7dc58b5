//! Answers without measure: refused at the cap, or when time is up.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authing::{ErrorKind, TransportErrorKind};
use authing_core::BoxFuture;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use authing_tests::raw::{RawServer, answer, read_request};
use bytes::Bytes;
use tokio::io::AsyncWriteExt;

both_transports!(
    what_has_no_end_is_refused,
    what_drips_ends_with_the_timeout,
    interim_responses_without_end_meet_the_timeout,
    compression_nobody_asked_for_is_told,
    an_announced_giant_is_refused_unread,
    an_answer_of_just_the_cap_is_read,
);

const CAP: usize = 100_000;

/// A server that writes `head` and then `piece` again and again; it counts the
/// bytes, which are more than the client has read and kept.
async fn endless(head: &'static str, piece: &'static [u8]) -> (RawServer, Arc<AtomicUsize>) {
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    // A hundred thousand writes of a byte would take a busy machine a minute.
    let pieces: Arc<[u8]> = piece.repeat(4096_usize.div_ceil(piece.len())).into();
    let server = RawServer::start(move |mut stream| {
        let pieces = Arc::clone(&pieces);
        let count = Arc::clone(&count);
        Box::pin(async move {
            read_request(&mut stream).await?;
            stream.write_all(head.as_bytes()).await?;
            loop {
                stream.write_all(&pieces).await?;
                count.fetch_add(pieces.len(), Ordering::SeqCst);
            }
        })
    })
    .await
    .unwrap();
    (server, written)
}

async fn send(
    backend: Backend,
    server: &RawServer,
) -> Result<http::Response<Bytes>, TransportErrorKind> {
    let transport = backend.capped(CAP).unwrap();
    let request = http::Request::get(server.url()).body(Bytes::new()).unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(120), transport.send(request));
    let answer = answer.await.expect("the answer is read for ever");
    answer.map_err(|error| error.kind())
}

async fn what_has_no_end_is_refused(backend: Backend) {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for (head, piece) in [
        ("HTTP/1.1 200 OK\r\n\r\n", &[b' '; 4096][..]),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n",
            b"x",
        ),
        (chunked, b"10\r\n0123456789abcdef\r\n"),
        (chunked, b"1\r\nx\r\n"),
        ("", b"\r\n"),
        ("HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        ("HTTP/1.1 200 OK\r\nx: ", &[b'x'; 4096]),
        ("HTTP/1.1 200 ", &[b'O'; 4096]),
    ] {
        let (server, written) = endless(head, piece).await;
        let outcome = send(backend, &server).await.map(|_| ());
        let shown = format!("{head:?} {:?}", &piece[..piece.len().min(20)]);
        assert_eq!(outcome, Err(TransportErrorKind::TooLarge), "{shown}");
        server.shrinks_to(0).await;
        // The cap, and what fits into the sockets of both sides.
        let written = written.load(Ordering::SeqCst);
        assert!(written < CAP + (12 << 20), "{written} bytes of {shown}");
    }
    // What belongs to no body: more about a chunk, and what follows the last.
    for (head, piece) in [
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;",
            &[b'x'; 4096][..],
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n",
            b"x: y\r\n",
        ),
    ] {
        let (server, written) = endless(head, piece).await;
        let outcome = send(backend, &server).await.map(|_| ());
        assert_eq!(outcome, Err(TransportErrorKind::Interrupted), "{head:?}");
        server.shrinks_to(0).await;
        assert!(
            written.load(Ordering::SeqCst) < CAP + (12 << 20),
            "{head:?}"
        );
    }
}

async fn what_drips_ends_with_the_timeout(backend: Backend) {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for (head, drop) in [
        ("", "x"),
        ("HTTP/1.1 200 OK\r\nx: ", "x"),
        (head, " "),
        (chunked, "1\r\n \r\n"),
    ] {
        let server = RawServer::start(move |mut stream| {
            Box::pin(async move {
                read_request(&mut stream).await?;
                stream.write_all(head.as_bytes()).await?;
                for byte in drop.bytes().cycle() {
                    stream.write_all(&[byte]).await?;
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
        let transport = backend.transport().unwrap();
        let clients = Clients::at(server.url(), transport, Duration::from_millis(300)).unwrap();
        let error = clients.session.logout().await.unwrap_err();
        // What cannot be the beginning of an answer is refused sooner.
        assert!(error.is_timeout() || head.is_empty(), "{head:?}: {error:?}");
        server.shrinks_to(0).await;
    }
}

async fn interim_responses_without_end_meet_the_timeout(backend: Backend) {
    // Long ones: an unoptimised build takes long to read many that are short.
    const HINT: [&str; 3] = ["HTTP/1.1 103 Early Hints\r\nlink: ", "x", "\r\n\r\n"];
    let [head, fill, end] = HINT;
    let hint = [head, &fill.repeat(4000), end].concat();
    let (server, _) = endless("", hint.leak().as_bytes()).await;
    let transport = backend.transport().unwrap();
    let clients = Clients::at(server.url(), transport, Duration::from_millis(300)).unwrap();
    let error = clients.session.logout().await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    server.shrinks_to(0).await;
}

/// `{"code":200}`, compressed.
const GZIP: [u8; 32] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0x4a, 0xce, 0x4f, 0x49,
    0x55, 0xb2, 0x32, 0x32, 0x30, 0xa8, 0x05, 0x00, 0x54, 0x03, 0x96, 0xea, 0x0c, 0x00, 0x00, 0x00,
];

async fn compression_nobody_asked_for_is_told(backend: Backend) {
    for (header, word) in [("content-encoding: gzip\r\n", "compressed"), ("", "UTF-8")] {
        let head = format!(
            "HTTP/1.1 200 OK\r\n{header}content-length: {}\r\n\r\n",
            GZIP.len()
        );
        let server = RawServer::answering([head.as_bytes(), &GZIP].concat())
            .await
            .unwrap();
        // As it came: a small answer cannot grow into a large one.
        let answer = send(backend, &server).await.unwrap();
        assert_eq!(&answer.body()[..], GZIP);
        let transport = backend.transport().unwrap();
        let clients = Clients::at(server.url(), transport, Duration::from_secs(10)).unwrap();
        let error = clients.session.logout().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.message().contains(word), "{error}");
    }
}

async fn an_announced_giant_is_refused_unread(backend: Backend) {
    let server = RawServer::start(|mut stream| -> BoxFuture<'static, io::Result<()>> {
        Box::pin(async move {
            read_request(&mut stream).await?;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", CAP + 1);
            stream.write_all(head.as_bytes()).await?;
            // Not a byte of it comes.
            read_request(&mut stream).await.map(drop)
        })
    })
    .await
    .unwrap();
    let outcome = send(backend, &server).await.map(|_| ());
    assert_eq!(outcome, Err(TransportErrorKind::TooLarge));
}

async fn an_answer_of_just_the_cap_is_read(backend: Backend) {
    let server = RawServer::answering(answer("200 OK", &"x".repeat(CAP)))
        .await
        .unwrap();
    assert_eq!(send(backend, &server).await.unwrap().body().len(), CAP);
    let server = RawServer::answering(answer("200 OK", &"x".repeat(CAP + 1)))
        .await
        .unwrap();
    let outcome = send(backend, &server).await.map(|_| ());
    assert_eq!(outcome, Err(TransportErrorKind::TooLarge));
}
