//! Posting JSON to the REST API.

use authing_core::__private::Bytes;
use authing_core::{Error, Payload, Result};
use serde::Serialize;

/// A payload that sends `body` as JSON.
pub(super) fn body(path: &'static str, body: &impl Serialize) -> Result<Payload> {
    let json = serde_json::to_value(body)
        .map_err(|cause| Error::invalid_input("the arguments are not JSON").with_source(cause))?;
    if super::options::holds_nul(&json) {
        return Err(Error::invalid_input("an argument holds a NUL character"));
    }
    Ok(Payload::new(path, Some(Bytes::from(json.to_string()))))
}
