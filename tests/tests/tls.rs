//! TLS is verified, by both transports.

use std::sync::Arc;
use std::time::Duration;

use ::hyper::service::service_fn;
use ::hyper_util::rt::{TokioExecutor, TokioIo};
use ::hyper_util::server::conn::auto;
use authing::{ErrorKind, HttpTransport, TransportErrorKind};
use authing_hyper::HyperTransport;
use authing_reqwest::ReqwestTransport;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use authing_tests::raw::{RawServer, answer, read_request};
use bytes::Bytes;
use http_body_util::Full;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

both_transports!(
    an_unknown_authority_is_refused,
    an_added_authority_is_trusted,
    another_hosts_certificate_is_refused,
    a_bad_certificate_is_a_configuration_error,
    http_2_is_spoken_where_it_is_offered,
);

/// A certificate of its own for `name`, and what a server needs for it.
fn certificate(name: &str) -> (ServerConfig, String) {
    let key = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let pem = key.cert.pem();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    (config, pem)
}

/// A server with a certificate of its own for `name`, and that certificate.
async fn server(name: &str) -> (RawServer, String) {
    let (config, pem) = certificate(name);
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = RawServer::start(move |stream| {
        let acceptor = acceptor.clone();
        Box::pin(async move {
            let mut stream = acceptor.accept(stream).await?;
            while read_request(&mut stream).await?.is_some() {
                stream
                    .write_all(answer("200 OK", "{\"code\":200}").as_bytes())
                    .await?;
                stream.flush().await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    (server, pem)
}

fn trusting(backend: Backend, pem: &str) -> Result<Arc<dyn HttpTransport>, authing::Error> {
    Ok(match backend {
        Backend::Reqwest => Arc::new(
            ReqwestTransport::builder()
                .no_proxy()
                .add_root_certificate(pem)
                .build()?,
        ),
        _ => Arc::new(
            HyperTransport::builder()
                .add_root_certificate(pem)
                .build()?,
        ),
    })
}

fn clients(server: &RawServer, transport: Arc<dyn HttpTransport>) -> Clients {
    let url = server
        .url()
        .replace("http://127.0.0.1", "https://localhost");
    Clients::at(&url, transport, Duration::from_secs(10)).unwrap()
}

async fn an_unknown_authority_is_refused(backend: Backend) {
    let (server, _) = server("localhost").await;
    let error = clients(&server, backend.transport().unwrap())
        .session
        .logout()
        .await
        .unwrap_err();
    assert_eq!(
        error.transport_kind(),
        Some(TransportErrorKind::Connect),
        "{error:?}"
    );
}

async fn an_added_authority_is_trusted(backend: Backend) {
    let (server, pem) = server("localhost").await;
    let clients = clients(&server, trusting(backend, &pem).unwrap());
    clients.session.logout().await.unwrap();
    clients.session.logout().await.unwrap();
}

async fn another_hosts_certificate_is_refused(backend: Backend) {
    let (server, pem) = server("elsewhere.example").await;
    let clients = clients(&server, trusting(backend, &pem).unwrap());
    let error = clients.session.logout().await.unwrap_err();
    assert_eq!(
        error.transport_kind(),
        Some(TransportErrorKind::Connect),
        "{error:?}"
    );
}

async fn a_bad_certificate_is_a_configuration_error(backend: Backend) {
    for pem in [
        "",
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    ] {
        let error = trusting(backend, pem).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{pem}");
    }
}

async fn http_2_is_spoken_where_it_is_offered(backend: Backend) {
    let (mut config, pem) = certificate("localhost");
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = RawServer::start(move |stream| {
        let acceptor = acceptor.clone();
        Box::pin(async move {
            let stream = acceptor.accept(stream).await?;
            let service = service_fn(
                |request: ::hyper::Request<::hyper::body::Incoming>| async move {
                    let version = format!("{:?}", request.version());
                    let mut answer = http::Response::new(Full::<Bytes>::from("{\"code\":200}"));
                    answer
                        .headers_mut()
                        .insert("x-version", version.parse().unwrap());
                    Ok::<_, std::convert::Infallible>(answer)
                },
            );
            auto::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await
                .map_err(std::io::Error::other)
        })
    })
    .await
    .unwrap();
    let transport = trusting(backend, &pem).unwrap();
    let url = server
        .url()
        .replace("http://127.0.0.1", "https://localhost");
    let calls = (0..20).map(|_| {
        let request = http::Request::get(format!("{url}/api/v2/logout")).body(Bytes::new());
        let transport = Arc::clone(&transport);
        tokio::spawn(async move { transport.send(request.unwrap()).await.unwrap() })
    });
    for call in calls.collect::<Vec<_>>() {
        let answer = call.await.unwrap();
        assert_eq!(answer.headers()["x-version"], "HTTP/2.0");
        assert_eq!(&answer.body()[..], b"{\"code\":200}");
    }
}
