//! The backend of a client that was given none.

use std::sync::Arc;

use authing_core::{HttpTransport, Result};

#[cfg(feature = "transport-reqwest")]
pub(crate) fn default_transport() -> Result<Arc<dyn HttpTransport>> {
    Ok(Arc::new(authing_reqwest::ReqwestTransport::new()?))
}

#[cfg(all(feature = "transport-hyper", not(feature = "transport-reqwest")))]
pub(crate) fn default_transport() -> Result<Arc<dyn HttpTransport>> {
    Ok(Arc::new(authing_hyper::HyperTransport::new()?))
}

#[cfg(not(any(feature = "transport-reqwest", feature = "transport-hyper")))]
pub(crate) fn default_transport() -> Result<Arc<dyn HttpTransport>> {
    Err(authing_core::Error::configuration(
        "there is no HTTP backend: give one with .transport(..), or turn on the feature \
         transport-reqwest or transport-hyper",
    ))
}
