//! What a transport promises, over real sockets, for both of them.

#[path = "transports/authority.rs"]
mod authority;
#[path = "transports/http2.rs"]
mod http2;
#[path = "transports/kinds.rs"]
mod kinds;
#[path = "transports/limits.rs"]
mod limits;
#[path = "transports/pool.rs"]
mod pool;
#[path = "transports/tls.rs"]
mod tls;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authing::{Error, ErrorKind, TransportErrorKind};
use authing_core::HttpTransport;
use authing_reqwest::ReqwestTransport;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use authing_tests::raw::{RawServer, answer, read_request};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

both_transports!(
    a_request_goes_out_as_it_is,
    every_status_is_an_answer,
    connections_are_reused,
    a_connection_closed_meanwhile_is_replaced,
    a_redirect_is_not_followed,
    a_silent_server_times_out,
    a_slow_body_times_out,
    a_call_can_be_more_patient,
    an_announced_giant_is_refused,
    an_endless_body_is_refused,
    an_answer_of_just_the_cap_is_read,
    a_closed_connection_is_interrupted,
    a_body_cut_short_is_interrupted,
    nonsense_is_not_an_answer,
    nobody_listening,
    a_dropped_call_frees_the_connection,
);

const PATIENCE: Duration = Duration::from_secs(10);
const IMPATIENCE: Duration = Duration::from_millis(200);

/// The outcome of a call that needs no administrator.
async fn call(backend: Backend, url: &str, timeout: Duration) -> Result<(), Error> {
    let clients = Clients::at(url, backend.transport().unwrap(), timeout).unwrap();
    clients.session.logout().await
}

fn request(url: &str, body: &'static str) -> http::Request<Bytes> {
    http::Request::post(format!("{url}/path?query=a%20b"))
        .header("x-one", "1")
        .header("x-two", "a")
        .header("x-two", "b")
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap()
}

async fn kind_of(backend: Backend, server: &RawServer) -> TransportErrorKind {
    let error = call(backend, server.url(), PATIENCE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(!error.to_string().contains('\n'));
    error.transport_kind().unwrap()
}

async fn a_request_goes_out_as_it_is(backend: Backend) {
    let seen = Arc::new(Mutex::new(String::new()));
    let record = Arc::clone(&seen);
    let server = RawServer::start(move |mut stream| {
        let record = Arc::clone(&record);
        Box::pin(async move {
            *record.lock().unwrap() = read_request(&mut stream).await?.unwrap_or_default();
            stream.write_all(answer("200 OK", "ok").as_bytes()).await
        })
    })
    .await
    .unwrap();
    let transport = backend.transport().unwrap();
    let reply = transport
        .send(request(server.url(), "{\"é\":1}"))
        .await
        .unwrap();
    assert_eq!(&reply.body()[..], b"ok");
    let seen = seen.lock().unwrap().clone();
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("POST /path?query=a%20b HTTP/1.1"));
    assert_eq!(body, "{\"é\":1}");
    let headers: Vec<_> = lines.map(str::to_lowercase).collect();
    for header in ["x-one: 1", "x-two: a", "x-two: b", "content-length: 8"] {
        assert!(
            headers.iter().any(|line| line == header),
            "{header} is not in {headers:?}"
        );
    }
    for name in ["cookie", "referer", "accept-encoding"] {
        assert!(
            !headers.iter().any(|line| line.starts_with(name)),
            "{name} is in {headers:?}"
        );
    }
}

async fn every_status_is_an_answer(backend: Backend) {
    for status in [
        "204 No Content",
        "404 Not Found",
        "500 Oops",
        "503 Busy",
        "299 Odd",
    ] {
        let text = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nx-a: 1\r\nx-a: 2\r\n\r\n");
        let server = RawServer::answering(text).await.unwrap();
        let reply = backend
            .transport()
            .unwrap()
            .send(request(server.url(), ""))
            .await
            .unwrap();
        assert!(status.starts_with(reply.status().as_str()));
        assert_eq!(reply.headers().get_all("x-a").iter().count(), 2);
        assert!(reply.body().is_empty());
    }
}

async fn connections_are_reused(backend: Backend) {
    let server = RawServer::answering(answer("200 OK", "{\"code\":200}"))
        .await
        .unwrap();
    let transport = backend.transport().unwrap();
    let clients = Clients::at(server.url(), transport, PATIENCE).unwrap();
    for _ in 0..50 {
        clients.session.logout().await.unwrap();
    }
    // A call that follows at once may come before the pool has the connection
    // back, so one is the rule and not a promise.
    assert!(
        server.connections() <= 10,
        "{} connections",
        server.connections()
    );
}

async fn a_connection_closed_meanwhile_is_replaced(backend: Backend) {
    // Servers close idle connections without saying so beforehand.
    let server = RawServer::start(|mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await?;
            let text = answer("200 OK", "{\"code\":200}");
            stream.write_all(text.as_bytes()).await
        })
    })
    .await
    .unwrap();
    let transport = backend.transport().unwrap();
    let clients = Clients::at(server.url(), transport, PATIENCE).unwrap();
    for _ in 0..5 {
        clients.session.logout().await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(server.connections(), 5);
}

async fn a_redirect_is_not_followed(backend: Backend) {
    let elsewhere = RawServer::answering(answer("200 OK", "{\"code\":200}"))
        .await
        .unwrap();
    let text = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}/\r\ncontent-length: 0\r\n\r\n",
        elsewhere.url()
    );
    let server = RawServer::answering(text).await.unwrap();
    let error = call(backend, server.url(), PATIENCE).await.unwrap_err();
    assert_eq!(error.http_status().unwrap(), 302);
    assert_eq!(elsewhere.connections(), 0, "the token went elsewhere");
}

async fn a_silent_server_times_out(backend: Backend) {
    let server = RawServer::start(|mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await?;
            std::future::pending().await
        })
    })
    .await
    .unwrap();
    let error = call(backend, server.url(), IMPATIENCE).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
}

async fn a_slow_body_times_out(backend: Backend) {
    let server = RawServer::start(|mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await?;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
                .await?;
            loop {
                stream.write_all(b" ").await?;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
    })
    .await
    .unwrap();
    let error = call(backend, server.url(), IMPATIENCE).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
}

async fn a_call_can_be_more_patient(backend: Backend) {
    let server = RawServer::start(|mut stream| {
        Box::pin(async move {
            while read_request(&mut stream).await?.is_some() {
                tokio::time::sleep(IMPATIENCE * 2).await;
                stream
                    .write_all(answer("200 OK", "{\"code\":200}").as_bytes())
                    .await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    let clients = Clients::at(server.url(), backend.transport().unwrap(), IMPATIENCE).unwrap();
    assert!(clients.session.logout().await.unwrap_err().is_timeout());
    clients.session.logout().timeout(PATIENCE).await.unwrap();
}

async fn capped(
    backend: Backend,
    server: &RawServer,
) -> Result<http::Response<Bytes>, TransportErrorKind> {
    let transport = backend.capped(1000).unwrap();
    let answer = transport.send(request(server.url(), ""));
    tokio::time::timeout(PATIENCE, answer)
        .await
        .expect("the answer is read for ever")
        .map_err(|error| error.kind())
}

async fn an_announced_giant_is_refused(backend: Backend) {
    let server = RawServer::answering(
        "HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n".to_owned() + &" ".repeat(1001),
    )
    .await
    .unwrap();
    assert_eq!(
        capped(backend, &server).await.unwrap_err(),
        TransportErrorKind::TooLarge
    );
}

async fn an_endless_body_is_refused(backend: Backend) {
    let server = RawServer::start(|mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await?;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                .await?;
            loop {
                stream.write_all(b"10\r\n0123456789abcdef\r\n").await?;
            }
        })
    })
    .await
    .unwrap();
    assert_eq!(
        capped(backend, &server).await.unwrap_err(),
        TransportErrorKind::TooLarge
    );
}

async fn an_answer_of_just_the_cap_is_read(backend: Backend) {
    let server = RawServer::answering(answer("200 OK", &"x".repeat(1000)))
        .await
        .unwrap();
    assert_eq!(capped(backend, &server).await.unwrap().body().len(), 1000);
}

async fn a_closed_connection_is_interrupted(backend: Backend) {
    let server = RawServer::start(|mut stream| {
        Box::pin(async move { read_request(&mut stream).await.map(drop) })
    })
    .await
    .unwrap();
    assert_eq!(
        kind_of(backend, &server).await,
        TransportErrorKind::Interrupted
    );
}

async fn a_body_cut_short_is_interrupted(backend: Backend) {
    let server = RawServer::start(|mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await?;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"code\"")
                .await
        })
    })
    .await
    .unwrap();
    assert_eq!(
        kind_of(backend, &server).await,
        TransportErrorKind::Interrupted
    );
}

async fn nonsense_is_not_an_answer(backend: Backend) {
    let server = RawServer::answering("SSH-2.0-OpenSSH_9.0\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(
        kind_of(backend, &server).await,
        TransportErrorKind::Interrupted
    );
    let server =
        RawServer::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xff\xfe".to_vec());
    let error = call(backend, server.await.unwrap().url(), PATIENCE)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

async fn nobody_listening(backend: Backend) {
    let server = RawServer::answering("").await.unwrap();
    let url = server.url().to_owned();
    drop(server);
    // The port is free again once the listener's task is gone.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let error = call(backend, &url, PATIENCE).await.unwrap_err();
    assert_eq!(error.transport_kind(), Some(TransportErrorKind::Connect));
    let error = call(backend, "https://nowhere.invalid", PATIENCE)
        .await
        .unwrap_err();
    assert_eq!(error.transport_kind(), Some(TransportErrorKind::Connect));
}

async fn a_dropped_call_frees_the_connection(backend: Backend) {
    let closed = Arc::new(tokio::sync::Notify::new());
    let notify = Arc::clone(&closed);
    let server = RawServer::start(move |mut stream| {
        let notify = Arc::clone(&notify);
        Box::pin(async move {
            read_request(&mut stream).await?;
            // Ends when the client hangs up.
            let mut byte = [0];
            let ended: io::Result<usize> = stream.read(&mut byte).await;
            notify.notify_one();
            ended.map(drop)
        })
    })
    .await
    .unwrap();
    let clients = Clients::at(server.url(), backend.transport().unwrap(), IMPATIENCE).unwrap();
    assert!(clients.session.logout().await.unwrap_err().is_timeout());
    tokio::time::timeout(PATIENCE, closed.notified())
        .await
        .unwrap();
}

/// Where connecting takes for ever: Linux drops what does not fit into the
/// queue of a listener.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn connecting_has_a_limit_of_its_own() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let crowd: Vec<_> = (0..8)
        .map(|_| tokio::spawn(tokio::net::TcpStream::connect(address)))
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let transports: [Arc<dyn HttpTransport>; 2] = [
        Arc::new(
            ReqwestTransport::builder()
                .no_proxy()
                .connect_timeout(IMPATIENCE)
                .build()
                .unwrap(),
        ),
        Arc::new(
            authing_hyper::HyperTransport::builder()
                .connect_timeout(IMPATIENCE)
                .build()
                .unwrap(),
        ),
    ];
    for transport in transports {
        let clients = Clients::at(&format!("http://{address}"), transport, PATIENCE).unwrap();
        let error = clients.session.logout().await.unwrap_err();
        let kind = error.transport_kind();
        assert_eq!(kind, Some(TransportErrorKind::Connect), "{error:?}");
    }
    drop(crowd);
}

#[tokio::test]
async fn reqwest_goes_through_a_proxy() {
    let seen = Arc::new(Mutex::new(String::new()));
    let record = Arc::clone(&seen);
    let proxy = RawServer::start(move |mut stream| {
        let record = Arc::clone(&record);
        Box::pin(async move {
            *record.lock().unwrap() = read_request(&mut stream).await?.unwrap_or_default();
            stream
                .write_all(answer("200 OK", "{\"code\":200}").as_bytes())
                .await
        })
    })
    .await
    .unwrap();
    let address = proxy.url().replace("http://", "http://bob:hunter2@");
    let transport = ReqwestTransport::builder().proxy(address).build().unwrap();
    assert!(!format!("{transport:?}").contains("hunter2"));
    let client = authing::v2::AuthenticationClient::builder()
        .app_id("app-1")
        .host("http://authing.invalid")
        .allow_insecure_http()
        .transport(transport)
        .build()
        .unwrap();
    client.session("token").logout().await.unwrap();
    let seen = seen.lock().unwrap().to_lowercase();
    assert!(
        seen.starts_with("get http://authing.invalid/api/v2/logout?app_id=app-1 "),
        "{seen}"
    );
    assert!(seen.contains("proxy-authorization: basic "), "{seen}");
}

#[test]
fn a_bad_proxy_is_told_without_its_password() {
    let error = ReqwestTransport::builder()
        .proxy("http://bob:hunter2@[")
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}
