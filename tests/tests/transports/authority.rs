//! A certificate authority of a private deployment, and servers that it knows.

use std::io;
use std::sync::Arc;

use authing_core::BoxFuture;
use authing_tests::raw::{RawServer, answer, read_request};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

pub(crate) struct Leaf {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(crate) fn leaf(&self, name: &str) -> Leaf {
        self.sign(CertificateParams::new([name.to_owned()]).unwrap())
    }

    pub(crate) fn expired_leaf(&self, name: &str) -> Leaf {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Leaf {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Leaf { certificate, key }
    }

    /// What a server needs that shows `leaf`.
    pub(crate) fn config(&self, leaf: &Leaf) -> ServerConfig {
        self.versions(leaf, rustls::ALL_VERSIONS, false)
    }

    /// The same for these versions of TLS; it may ask clients for a certificate
    /// of this authority.
    pub(crate) fn versions(
        &self,
        leaf: &Leaf,
        versions: &[&'static SupportedProtocolVersion],
        asks: bool,
    ) -> ServerConfig {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .unwrap();
        let builder = if asks {
            let mut roots = RootCertStore::empty();
            roots.add(self.0.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf.key.serialize_der()));
        builder
            .with_single_cert(vec![leaf.certificate.der().clone()], key)
            .unwrap()
    }
}

impl Leaf {
    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }

    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }
}

/// A server that speaks TLS, and then does what `handle` says.
pub(crate) async fn tls_server<F>(config: ServerConfig, handle: F) -> RawServer
where
    F: Fn(TlsStream<TcpStream>) -> BoxFuture<'static, io::Result<()>> + Send + Sync + 'static,
{
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let handle = Arc::new(handle);
    RawServer::start(move |stream| {
        let acceptor = acceptor.clone();
        let handle = Arc::clone(&handle);
        Box::pin(async move { handle(acceptor.accept(stream).await?).await })
    })
    .await
    .unwrap()
}

/// A server that speaks TLS and is content with everything.
pub(crate) async fn content_server(config: ServerConfig) -> RawServer {
    tls_server(config, |mut stream| {
        Box::pin(async move {
            while read_request(&mut stream).await?.is_some() {
                let text = answer("200 OK", "{\"code\":200}");
                stream.write_all(text.as_bytes()).await?;
                stream.flush().await?;
            }
            Ok(())
        })
    })
    .await
}
