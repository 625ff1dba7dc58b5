//! Encryption of passwords on their way to the server.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::DecodePublicKey;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Encrypt, RsaPublicKey};

use crate::{Error, Result, Secret};

/// The public key that Authing's cloud decrypts passwords for; its SDKs carry
/// the same one.
const CLOUD: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC4xKeUgQ+Aoz7TLfAfs9+paePb
5KIofVthEopwrXFkp8OCeocaTHt9ICjTT2QeJh6cZaDaArfZ873GPUn00eOIZ7Ae
+TiA2BKHbCvloW3w5Lnqm70iSsUi5Fmu9/2+68GZRH9L7Mlh8cFksCicW2Y2W2uM
GKl64GDcIq3au+aqJQIDAQAB
-----END PUBLIC KEY-----";

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

/// Bytes that PKCS#1 v1.5 padding takes (RFC 8017, section 7.2.1).
const PADDING: usize = 11;

/// The public key that passwords are encrypted with: RSA (PKCS#1 v1.5), or SM2
/// with feature `sm2`.
///
/// The default is the key of Authing's cloud. A private deployment has a key
/// of its own, to be read at `{host}/api/v2/.well-known`.
#[derive(Clone)]
pub struct PasswordKey(Kind);

#[derive(Clone)]
enum Kind {
    Rsa(RsaPublicKey),
    #[cfg(feature = "sm2")]
    Sm2(crate::sm2::Sm2Key),
}

impl PasswordKey {
    /// The key of Authing's cloud.
    ///
    /// # Errors
    ///
    /// None in practice: the key is part of this crate.
    pub fn cloud() -> Result<Self> {
        Self::from_pem(CLOUD)
    }

    /// Reads a key from PEM (`BEGIN PUBLIC KEY`), or from the same without its
    /// first and last line, as Authing's console shows it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the
    /// text is not an RSA public key.
    pub fn from_pem(text: &str) -> Result<Self> {
        // Settings hold the key in one line, with spaces or `\n` for its ends of lines.
        let text = text.replace("\\r", " ").replace("\\n", " ");
        let body = match text.trim().strip_prefix(BEGIN) {
            Some(framed) => framed.strip_suffix(END),
            None => Some(text.as_str()),
        };
        body.map(|body| body.split_whitespace().collect::<String>())
            .and_then(|base64| STANDARD.decode(base64).ok())
            .and_then(|der| RsaPublicKey::from_public_key_der(&der).ok())
            .map(|key| Self(Kind::Rsa(key)))
            .ok_or_else(|| Error::configuration("the public key is not an RSA key in PEM"))
    }

    /// Reads an SM2 key from the hexadecimal digits of its point, with or
    /// without the leading `04`, for private deployments that ask for SM2.
    ///
    /// Its authors say that the `sm2` crate behind it was never audited
    /// independently. Only encryption with the public key is used here, and it
    /// agrees with the example of GM/T 0003.5.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the
    /// digits are not those of a point on the curve.
    #[cfg(feature = "sm2")]
    pub fn sm2_from_hex(digits: &str) -> Result<Self> {
        crate::sm2::Sm2Key::from_hex(digits).map(|key| Self(Kind::Sm2(key)))
    }

    /// The longest password in bytes: 117 for the cloud's 1024-bit RSA key,
    /// `None` for SM2, which has no limit.
    #[must_use]
    pub fn max_len(&self) -> Option<usize> {
        match &self.0 {
            Kind::Rsa(key) => Some(key.size().saturating_sub(PADDING)),
            #[cfg(feature = "sm2")]
            Kind::Sm2(_) => None,
        }
    }

    /// Encrypts a password as the server wants it: in base64, or for SM2 in
    /// hexadecimal digits after `sm2:`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a
    /// password longer than [`max_len`](Self::max_len) bytes of UTF-8, or for
    /// an empty one with SM2.
    pub fn encrypt(&self, password: &Secret) -> Result<String> {
        let plain = password.expose().as_bytes();
        if let Some(max_len) = self.max_len().filter(|max_len| plain.len() > *max_len) {
            return Err(Error::invalid_input(format!(
                "the password has {} bytes, the key takes at most {max_len}",
                plain.len(),
            )));
        }
        match &self.0 {
            Kind::Rsa(key) => key
                .encrypt(&mut OsRng, Pkcs1v15Encrypt, plain)
                .map(|cipher| STANDARD.encode(cipher))
                .map_err(|cause| {
                    Error::invalid_input("the password cannot be encrypted").with_source(cause)
                }),
            #[cfg(feature = "sm2")]
            Kind::Sm2(key) => key.encrypt(plain),
        }
    }
}

impl fmt::Debug for PasswordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Rsa(key) => write!(f, "PasswordKey({} bit)", key.size() * 8),
            #[cfg(feature = "sm2")]
            Kind::Sm2(_) => f.write_str("PasswordKey(SM2)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn the_clouds_key_takes_117_bytes() {
        let key = PasswordKey::cloud().unwrap();
        assert_eq!(key.max_len(), Some(117));
        let cipher = key.encrypt(&Secret::from("x".repeat(117))).unwrap();
        assert_eq!(cipher.len(), 172);
        let error = key.encrypt(&Secret::from("é".repeat(59))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(
            error.message(),
            "the password has 118 bytes, the key takes at most 117"
        );
    }

    #[test]
    fn the_same_password_never_looks_the_same() {
        let key = PasswordKey::cloud().unwrap();
        let password = Secret::from("hunter2");
        assert_ne!(
            key.encrypt(&password).unwrap(),
            key.encrypt(&password).unwrap()
        );
    }

    #[test]
    fn keys_are_read_with_and_without_their_frame() {
        let bare: String = CLOUD
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        let rsa = |key: PasswordKey| match key.0 {
            Kind::Rsa(key) => key,
            #[cfg(feature = "sm2")]
            Kind::Sm2(_) => panic!("this is no RSA key"),
        };
        assert_eq!(
            rsa(PasswordKey::from_pem(&bare).unwrap()),
            rsa(PasswordKey::cloud().unwrap())
        );
        // As they come out of files from elsewhere, one-line settings and `.env` files.
        for other in [
            CLOUD.replace('\n', "\r\n"),
            CLOUD.replace('\n', "\\n"),
            CLOUD.replace('\n', " "),
            format!("-----BEGIN PUBLIC KEY-----\n{bare}\n-----END PUBLIC KEY-----\n"),
        ] {
            let key = PasswordKey::from_pem(&other).unwrap_or_else(|_| panic!("{other}"));
            assert_eq!(rsa(key), rsa(PasswordKey::cloud().unwrap()));
        }
        for bad in [
            "",
            "nonsense",
            "-----",
            "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        ] {
            let error = PasswordKey::from_pem(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
        }
    }
}
