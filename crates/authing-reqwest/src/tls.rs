//! The TLS configuration: rustls with an explicit provider.

use std::sync::Arc;

use authing_core::Error;
use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use crate::unusable;

/// Trusts the operating system's authorities and these (PEM) besides.
///
/// The provider is passed by hand: two of them in one program would otherwise
/// make the first connection panic.
pub(crate) fn config(roots: &[Vec<u8>]) -> Result<ClientConfig, Error> {
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(ring::default_provider()));
    let mut extra = Vec::new();
    for pem in roots {
        let certificates = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|cause| bad_certificate().with_source(cause))?;
        if certificates.is_empty() {
            return Err(bad_certificate());
        }
        extra.extend(certificates);
    }
    let verifier =
        Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(unusable)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn bad_certificate() -> Error {
    Error::configuration("the root certificate is not PEM")
}
