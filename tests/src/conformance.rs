//! What every [`HttpTransport`] must do, whoever wrote it.
//!
//! The servers here answer one request on each connection and hang up, so that
//! the simplest transport can be held to it. Those that get several requests say
//! so beforehand: otherwise the next one could come just when they hang up.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use authing::{HttpTransport, TransportError, TransportErrorKind};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;

use crate::raw::{Nobody, RawServer, answer, read_request};

/// Holds a transport to what the trait asks for.
///
/// # Panics
///
/// It does not do so.
pub async fn conforms(transport: Arc<dyn HttpTransport>) {
    requests_go_out_as_they_are(&transport).await;
    every_status_is_an_answer(&transport).await;
    the_whole_body_is_read(&transport).await;
    what_is_broken_is_no_answer_and_not_sent_again(&transport).await;
    nobody_there_is_no_connection(&transport).await;
    a_request_without_an_address_is_none(&transport).await;
    answers_are_not_mixed_up(&transport).await;
    a_dropped_call_hangs_up(&transport).await;
    the_clock_goes(&transport).await;
}

/// Holds a transport to its promise to read no answer beyond `cap` bytes.
///
/// # Panics
///
/// It does not keep it.
pub async fn keeps_to_its_cap(transport: Arc<dyn HttpTransport>, cap: usize) {
    let whole = server(answer("200 OK", &"x".repeat(cap))).await;
    let reply = send(&transport, request(whole.url(), "")).await.unwrap();
    assert_eq!(reply.body().len(), cap);
    let too_much = "x".repeat(cap + 1);
    for text in [
        answer("200 OK", &too_much),
        format!("HTTP/1.1 200 OK\r\n\r\n{too_much}"),
        format!("HTTP/1.1 500 Oops\r\n\r\n{too_much}"),
    ] {
        let server = server(text).await;
        let error = send(&transport, request(server.url(), "")).await;
        assert_eq!(error.unwrap_err().kind(), TransportErrorKind::TooLarge);
    }
}

/// Answers the one request of each connection with this.
async fn server(text: impl Into<Vec<u8>>) -> RawServer {
    let text: Arc<[u8]> = text.into().into();
    RawServer::start(move |mut stream| {
        let text = Arc::clone(&text);
        Box::pin(async move {
            read_request(&mut stream).await?;
            stream.write_all(&text).await?;
            stream.shutdown().await
        })
    })
    .await
    .expect("a free port")
}

/// An answer after which the server hangs up.
fn last_answer(body: &str) -> String {
    answer("200 OK\r\nconnection: close", body)
}

fn request(url: &str, body: &'static str) -> http::Request<Bytes> {
    http::Request::post(format!("{url}/path?query=a%20b"))
        .header("x-one", "1")
        .header("x-two", "a")
        .header("x-two", "b")
        .body(Bytes::from_static(body.as_bytes()))
        .expect("a request")
}

async fn send(
    transport: &Arc<dyn HttpTransport>,
    request: http::Request<Bytes>,
) -> Result<http::Response<Bytes>, TransportError> {
    tokio::time::timeout(Duration::from_secs(20), transport.send(request))
        .await
        .expect("a call hangs for ever")
}

async fn requests_go_out_as_they_are(transport: &Arc<dyn HttpTransport>) {
    let seen = Arc::new(Mutex::new(String::new()));
    let record = Arc::clone(&seen);
    let server = RawServer::start(move |mut stream| {
        let record = Arc::clone(&record);
        Box::pin(async move {
            *record.lock().unwrap() = read_request(&mut stream).await?.unwrap_or_default();
            stream.write_all(last_answer("ok").as_bytes()).await
        })
    });
    let server = server.await.unwrap();
    let get = http::Request::get(format!("{}/%E7%8E%8B/a?x=%2F&y=", server.url()))
        .body(Bytes::new())
        .unwrap();
    for (request, line, expected_body) in [
        (
            request(server.url(), "{\"é\":1}"),
            "POST /path?query=a%20b HTTP/1.",
            "{\"é\":1}",
        ),
        (get, "GET /%E7%8E%8B/a?x=%2F&y= HTTP/1.", ""),
    ] {
        let expected: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        let reply = send(transport, request).await.unwrap();
        assert_eq!(&reply.body()[..], b"ok");
        let seen = seen.lock().unwrap().clone();
        let (head, body) = seen.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(line), "{head}");
        assert_eq!(body, expected_body);
        let headers: Vec<_> = head.lines().skip(1).map(str::to_lowercase).collect();
        for header in &expected {
            assert!(headers.contains(header), "{header} is not in {headers:?}");
        }
        for name in ["cookie", "referer", "accept-encoding"] {
            let added = headers.iter().any(|line| line.starts_with(name));
            assert!(!added, "{name} is in {headers:?}");
        }
    }
}

async fn every_status_is_an_answer(transport: &Arc<dyn HttpTransport>) {
    let elsewhere = server(answer("200 OK", "elsewhere")).await;
    for status in [
        "204 No Content",
        "302 Found",
        "307 Temporary Redirect",
        "401 Unauthorized",
        "404 Not Found",
        "500 Oops",
        "503 Busy",
        "299 Odd",
    ] {
        let server = server(format!(
            "HTTP/1.1 {status}\r\nlocation: {}/\r\ncontent-length: 0\r\nx-a: 1\r\nx-a: 2\r\n\r\n",
            elsewhere.url()
        ))
        .await;
        let reply = send(transport, request(server.url(), "")).await.unwrap();
        assert!(status.starts_with(reply.status().as_str()), "{status}");
        assert_eq!(reply.headers().get_all("x-a").iter().count(), 2);
        assert!(reply.body().is_empty());
        assert_eq!(server.connections(), 1, "{status}");
    }
    assert_eq!(elsewhere.connections(), 0, "a redirect was followed");
}

async fn the_whole_body_is_read(transport: &Arc<dyn HttpTransport>) {
    let body: Vec<u8> = (0..300_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    for head in [&*announced, "HTTP/1.1 200 OK\r\n\r\n"] {
        let server = server([head.as_bytes(), &body].concat()).await;
        let reply = send(transport, request(server.url(), "")).await.unwrap();
        assert!(reply.body()[..] == body, "it came back changed");
    }
}

async fn what_is_broken_is_no_answer_and_not_sent_again(transport: &Arc<dyn HttpTransport>) {
    for text in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"code\"",
        "SSH-2.0-OpenSSH_9.0\r\n\r\n",
    ] {
        let server = server(text).await;
        let error = send(transport, request(server.url(), "x")).await;
        let kind = error.expect_err(text).kind();
        // The server has read it, so this is neither of the kinds that allow
        // to repeat everything.
        assert!(
            matches!(
                kind,
                TransportErrorKind::Interrupted | TransportErrorKind::Other
            ),
            "{text:?}: {kind:?}"
        );
        assert_eq!(server.connections(), 1, "{text:?}");
    }
}

async fn nobody_there_is_no_connection(transport: &Arc<dyn HttpTransport>) {
    let nobody = Nobody::new().unwrap();
    for url in [nobody.url(), "http://nowhere.invalid"] {
        let error = send(transport, request(url, "")).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Connect, "{url}");
    }
}

async fn a_request_without_an_address_is_none(transport: &Arc<dyn HttpTransport>) {
    let error = send(transport, request("", "")).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Request);
}

async fn answers_are_not_mixed_up(transport: &Arc<dyn HttpTransport>) {
    let server = RawServer::start(|mut stream| {
        Box::pin(async move {
            let request = read_request(&mut stream).await?.unwrap_or_default();
            let body = request.split_once("\r\n\r\n").unwrap_or_default().1;
            stream.write_all(last_answer(body).as_bytes()).await?;
            stream.shutdown().await
        })
    });
    let server = server.await.unwrap();
    let calls = (0..50).map(|number| {
        let (transport, url) = (Arc::clone(transport), server.url().to_owned());
        tokio::spawn(async move {
            let body = format!("number {number}");
            let request = http::Request::put(url).body(Bytes::from(body.clone()));
            let reply = send(&transport, request.unwrap()).await.unwrap();
            assert_eq!(reply.body(), &body);
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
}

async fn a_dropped_call_hangs_up(transport: &Arc<dyn HttpTransport>) {
    let arrived = Arc::new(Notify::new());
    let tell = Arc::clone(&arrived);
    let server = RawServer::start(move |mut stream| {
        let tell = Arc::clone(&tell);
        Box::pin(async move {
            read_request(&mut stream).await?;
            tell.notify_one();
            // Ends when the client hangs up.
            stream.read_u8().await.map(drop)
        })
    });
    let server = server.await.unwrap();
    tokio::select! {
        outcome = transport.send(request(server.url(), "")) => {
            panic!("the server answers nothing: {outcome:?}")
        }
        () = arrived.notified() => {}
    }
    server.shrinks_to(0).await;
}

async fn the_clock_goes(transport: &Arc<dyn HttpTransport>) {
    let clock = transport.clock();
    let before = clock.elapsed();
    clock.sleep(Duration::from_millis(5)).await;
    assert!(clock.elapsed() - before >= Duration::from_millis(5));
}
