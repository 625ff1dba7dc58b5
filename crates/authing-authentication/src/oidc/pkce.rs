//! Random text, and the proof that whoever ends a login began it (RFC 7636).

use authing_core::{Error, ErrorKind, Result, Secret};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// 256 bits from the operating system as 43 letters, the shortest verifier
/// that is allowed.
pub(super) fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|cause| {
        Error::new(
            ErrorKind::Configuration,
            "the operating system gives no random numbers",
        )
        .with_source(cause)
    })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The challenge of method `S256`.
pub(super) fn challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into();
        assert_eq!(
            challenge(&verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(
            challenge(&"x".repeat(43).into()),
            "zAscLGbzu5_RoIHGJrob72L2-WRBpDvhUmhSN3asJqE"
        );
    }

    #[test]
    fn random_text_is_long_and_new_each_time() {
        let text = random().unwrap();
        assert_eq!(text.len(), 43);
        assert_ne!(text, random().unwrap());
    }
}
