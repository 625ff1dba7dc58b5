//! The TLS configuration: rustls with an explicit provider.

use std::error::Error as StdError;
use std::sync::Arc;

use authing_core::{Error, HttpOptions, Secret};
use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::Verifier;

use crate::unusable;

/// Trusts the operating system's authorities and those of the options besides.
///
/// The provider is passed by hand: two of them in one program would otherwise
/// make the first connection panic.
pub(crate) fn config(options: &HttpOptions) -> Result<ClientConfig, Error> {
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(ring::default_provider()));
    let mut extra = Vec::new();
    for root in &options.roots {
        extra.extend(certificates(root).map_err(bad_root)?);
    }
    let verifier =
        Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(unusable)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match &options.identity {
        None => config.with_no_client_auth(),
        Some((chain, key)) => {
            let chain = certificates(chain).map_err(bad_identity)?;
            let key = private_key(key).map_err(bad_identity)?;
            config
                .with_client_auth_cert(chain, key)
                .map_err(bad_identity)?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(text).collect::<Result<_, _>>()?;
    match found.is_empty() {
        true => Err(pem::Error::NoItemsFound),
        false => Ok(found),
    }
}

fn private_key(text: &Secret) -> Result<PrivateKeyDer<'static>, pem::Error> {
    PrivateKeyDer::from_pem_slice(text.expose().as_bytes())
}

fn bad_root(cause: impl StdError + Send + Sync + 'static) -> Error {
    Error::configuration("the root certificate is not PEM").with_source(cause)
}

fn bad_identity(cause: impl StdError + Send + Sync + 'static) -> Error {
    Error::configuration("the client's certificate and key are not PEM, or do not fit")
        .with_source(cause)
}
