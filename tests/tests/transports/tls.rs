//! TLS is verified, by both transports.

use std::sync::Arc;
use std::time::Duration;

use ::hyper::service::service_fn;
use ::hyper_util::rt::{TokioExecutor, TokioIo};
use ::hyper_util::server::conn::auto;
use authing::{ErrorKind, HttpTransport, TransportErrorKind};
use authing_tests::clients::{Backend, Clients};
use authing_tests::raw::RawServer;
use authing_tests::{both_transports, transport_with};
use bytes::Bytes;
use http_body_util::Full;
use rustls::version::{TLS12, TLS13};

use crate::authority::{Authority, content_server, tls_server};

both_transports!(
    an_unknown_authority_is_refused,
    an_added_authority_is_trusted,
    another_hosts_certificate_is_refused,
    an_expired_certificate_is_refused,
    a_bad_certificate_is_a_configuration_error,
    either_version_of_tls_is_spoken,
    a_client_shows_its_certificate,
    a_bad_identity_is_a_configuration_error,
    a_handshake_that_never_ends_is_no_connection,
    a_server_without_tls_is_no_connection,
    http_2_is_spoken_where_it_is_offered,
);

fn trusting(backend: Backend, pem: &str) -> Arc<dyn HttpTransport> {
    transport_with!(backend, |builder| builder.add_root_certificate(pem)).unwrap()
}

/// What becomes of a call that needs no administrator.
async fn call(
    server: &RawServer,
    transport: Arc<dyn HttpTransport>,
) -> Result<(), Option<TransportErrorKind>> {
    let clients = Clients::at(&server.https_url(), transport, Duration::from_secs(20)).unwrap();
    let outcome = clients.session.logout().await;
    outcome.map_err(|error| error.transport_kind())
}

const NO_CONNECTION: Result<(), Option<TransportErrorKind>> =
    Err(Some(TransportErrorKind::Connect));

async fn an_unknown_authority_is_refused(backend: Backend) {
    let authority = Authority::new();
    let server = content_server(authority.config(&authority.leaf("localhost"))).await;
    let transport = backend.transport().unwrap();
    assert_eq!(call(&server, transport).await, NO_CONNECTION);
    // Nor does another one of one's own help.
    let other = trusting(backend, &Authority::new().pem());
    assert_eq!(call(&server, other).await, NO_CONNECTION);
}

async fn an_added_authority_is_trusted(backend: Backend) {
    let authority = Authority::new();
    let server = content_server(authority.config(&authority.leaf("localhost"))).await;
    // One of several, in a file of several.
    let file = Authority::new().pem() + &authority.pem();
    let transport = transport_with!(backend, |builder| builder
        .add_root_certificate(Authority::new().pem())
        .add_root_certificate(&file))
    .unwrap();
    assert_eq!(call(&server, Arc::clone(&transport)).await, Ok(()));
    assert_eq!(call(&server, transport).await, Ok(()));
}

async fn another_hosts_certificate_is_refused(backend: Backend) {
    let authority = Authority::new();
    let leaf = authority.leaf("elsewhere.example");
    let server = content_server(authority.config(&leaf)).await;
    let transport = trusting(backend, &authority.pem());
    assert_eq!(call(&server, transport).await, NO_CONNECTION);
}

async fn an_expired_certificate_is_refused(backend: Backend) {
    let authority = Authority::new();
    let leaf = authority.expired_leaf("localhost");
    let server = content_server(authority.config(&leaf)).await;
    let transport = trusting(backend, &authority.pem());
    assert_eq!(call(&server, transport).await, NO_CONNECTION);
}

async fn a_bad_certificate_is_a_configuration_error(backend: Backend) {
    for pem in [
        "",
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    ] {
        let outcome = transport_with!(backend, |builder| builder.add_root_certificate(pem));
        assert_eq!(
            outcome.unwrap_err().kind(),
            ErrorKind::Configuration,
            "{pem}"
        );
    }
}

async fn either_version_of_tls_is_spoken(backend: Backend) {
    let authority = Authority::new();
    let leaf = authority.leaf("localhost");
    for version in [&TLS12, &TLS13] {
        let server = content_server(authority.versions(&leaf, &[version], false)).await;
        let transport = trusting(backend, &authority.pem());
        assert_eq!(call(&server, transport).await, Ok(()), "{version:?}");
    }
}

async fn a_client_shows_its_certificate(backend: Backend) {
    let authority = Authority::new();
    let leaf = authority.leaf("localhost");
    let own = authority.leaf("service.example");
    let strange = Authority::new().leaf("service.example");
    for version in [&TLS12, &TLS13] {
        let server = content_server(authority.versions(&leaf, &[version], true)).await;
        let with = |leaf: &crate::authority::Leaf| {
            transport_with!(backend, |builder| builder
                .add_root_certificate(authority.pem())
                .identity(leaf.pem(), leaf.key_pem()))
            .unwrap()
        };
        assert_eq!(call(&server, with(&own)).await, Ok(()), "{version:?}");
        // With TLS 1.3 the client may send before it hears of the refusal.
        for transport in [with(&strange), trusting(backend, &authority.pem())] {
            let kind = call(&server, transport).await.unwrap_err();
            match kind {
                Some(TransportErrorKind::Connect) => {}
                Some(TransportErrorKind::Interrupted) if *version == TLS13 => {}
                other => panic!("{version:?}: {other:?}"),
            }
        }
    }
}

async fn a_bad_identity_is_a_configuration_error(backend: Backend) {
    let authority = Authority::new();
    let (one, other) = (authority.leaf("one"), authority.leaf("other"));
    for (chain, key) in [
        (String::new(), one.key_pem()),
        (one.pem(), String::new()),
        (one.pem(), one.pem()),
        (one.key_pem(), one.key_pem()),
        (one.pem(), other.key_pem()),
    ] {
        let outcome = transport_with!(backend, |builder| {
            let builder = builder.identity(&chain, key.as_str());
            assert!(!format!("{builder:?}").contains("PRIVATE"));
            builder
        });
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!format!("{error:?}").contains("PRIVATE"));
    }
}

async fn a_handshake_that_never_ends_is_no_connection(backend: Backend) {
    let server = RawServer::start(|stream| {
        Box::pin(async move {
            let _stream = stream;
            std::future::pending().await
        })
    })
    .await
    .unwrap();
    let transport = transport_with!(backend, |builder| builder
        .connect_timeout(Duration::from_millis(200)))
    .unwrap();
    assert_eq!(call(&server, transport).await, NO_CONNECTION);
}

async fn a_server_without_tls_is_no_connection(backend: Backend) {
    let silent = RawServer::start(|stream| {
        drop(stream);
        Box::pin(async { Ok(()) })
    });
    let plain = RawServer::answering("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    for server in [silent.await.unwrap(), plain.await.unwrap()] {
        let transport = transport_with!(backend, |builder| builder
            .connect_timeout(Duration::from_secs(1)))
        .unwrap();
        assert_eq!(call(&server, transport).await, NO_CONNECTION);
    }
}

async fn http_2_is_spoken_where_it_is_offered(backend: Backend) {
    let authority = Authority::new();
    let leaf = authority.leaf("localhost");
    for (offered, spoken) in [
        (&["h2", "http/1.1"][..], "HTTP/2.0"),
        (&["h2"], "HTTP/2.0"),
        (&["http/1.1"], "HTTP/1.1"),
        (&[], "HTTP/1.1"),
    ] {
        let mut config = authority.config(&leaf);
        config.alpn_protocols = offered
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        let server = tls_server(config, |stream| {
            Box::pin(async move {
                let service = service_fn(|request: ::hyper::Request<_>| async move {
                    let _: &::hyper::body::Incoming = request.body();
                    let version = format!("{:?}", request.version());
                    let mut answer = http::Response::new(Full::<Bytes>::from("{\"code\":200}"));
                    answer
                        .headers_mut()
                        .insert("x-version", version.parse().unwrap());
                    Ok::<_, std::convert::Infallible>(answer)
                });
                auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await
                    .map_err(std::io::Error::other)
            })
        })
        .await;
        let transport = trusting(backend, &authority.pem());
        let calls = (0..20).map(|_| {
            let url = format!("{}/api/v2/logout", server.https_url());
            let request = http::Request::get(url).body(Bytes::new());
            let transport = Arc::clone(&transport);
            tokio::spawn(async move { transport.send(request.unwrap()).await.unwrap() })
        });
        for call in calls.collect::<Vec<_>>() {
            let answer = call.await.unwrap();
            assert_eq!(answer.headers()["x-version"], spoken);
            assert_eq!(&answer.body()[..], b"{\"code\":200}");
        }
    }
}
