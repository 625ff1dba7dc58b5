//! What a transport promises, over real sockets, for both of them.

#[path = "transports/addresses.rs"]
mod addresses;
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
#[path = "transports/proxy.rs"]
mod proxy;
#[path = "transports/tls.rs"]
mod tls;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use authing::{Error, TransportErrorKind};
use authing_core::HttpTransport;
use authing_reqwest::ReqwestTransport;
use authing_tests::clients::{Backend, Clients};
use authing_tests::raw::{Nobody, RawServer, answer, read_request};
use authing_tests::{both_transports, conformance};
use tokio::io::AsyncWriteExt;

both_transports!(
    it_conforms,
    it_keeps_to_its_cap,
    connections_are_reused,
    a_connection_closed_meanwhile_is_replaced,
    a_redirect_is_not_followed,
    a_silent_server_times_out,
    a_slow_body_times_out,
    a_call_can_be_more_patient,
    nobody_listening,
);

const PATIENCE: Duration = Duration::from_secs(60);
const IMPATIENCE: Duration = Duration::from_millis(200);

/// The outcome of a call that needs no administrator.
async fn call(backend: Backend, url: &str, timeout: Duration) -> Result<(), Error> {
    let clients = Clients::at(url, backend.transport().unwrap(), timeout).unwrap();
    clients.session.logout().await
}

async fn it_conforms(backend: Backend) {
    conformance::conforms(backend.transport().unwrap()).await;
}

async fn it_keeps_to_its_cap(backend: Backend) {
    conformance::keeps_to_its_cap(backend.capped(1000).unwrap(), 1000).await;
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
    assert!(server.connections() < 50, "none was used again");
}

async fn a_connection_closed_meanwhile_is_replaced(backend: Backend) {
    // Servers close idle connections without saying so beforehand.
    let server = RawServer::start(|mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await?;
            let text = answer("200 OK", "{\"code\":200}");
            stream.write_all(text.as_bytes()).await?;
            stream.shutdown().await?;
            // Until the client has noticed.
            read_request(&mut stream).await.map(drop)
        })
    })
    .await
    .unwrap();
    let transport = backend.transport().unwrap();
    let clients = Clients::at(server.url(), transport, PATIENCE).unwrap();
    for _ in 0..5 {
        clients.session.logout().await.unwrap();
        server.shrinks_to(0).await;
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
    let patient = Arc::new(AtomicBool::new(false));
    let waits = Arc::clone(&patient);
    let server = RawServer::start(move |mut stream| {
        let waits = Arc::clone(&waits);
        Box::pin(async move {
            while read_request(&mut stream).await?.is_some() {
                if !waits.load(Ordering::SeqCst) {
                    return std::future::pending().await;
                }
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
    patient.store(true, Ordering::SeqCst);
    clients.session.logout().timeout(PATIENCE).await.unwrap();
}

async fn nobody_listening(backend: Backend) {
    let nobody = Nobody::new().unwrap();
    let error = call(backend, nobody.url(), PATIENCE).await.unwrap_err();
    assert_eq!(error.transport_kind(), Some(TransportErrorKind::Connect));
    let error = call(backend, "https://nowhere.invalid", PATIENCE)
        .await
        .unwrap_err();
    assert_eq!(error.transport_kind(), Some(TransportErrorKind::Connect));
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
    // Until one has to wait.
    let mut crowd = Vec::new();
    let full = loop {
        let mut next = Box::pin(tokio::net::TcpStream::connect(address));
        match tokio::time::timeout(IMPATIENCE, &mut next).await {
            Ok(stream) => crowd.push(stream.unwrap()),
            Err(_) => break next,
        }
    };
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
    drop((crowd, full));
}
