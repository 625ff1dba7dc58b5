//! TLS is verified, by both transports.

use std::sync::Arc;
use std::time::Duration;

use authing::{ErrorKind, HttpTransport, TransportErrorKind};
use authing_hyper::HyperTransport;
use authing_reqwest::ReqwestTransport;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use authing_tests::raw::{RawServer, answer, read_request};
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
);

/// A server with a certificate of its own for `name`, and that certificate.
async fn server(name: &str) -> (RawServer, String) {
    let key = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let pem = key.cert.pem();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
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
