//! Public keys, which come from a deployment or a file of settings.

use authing::{ErrorKind, Secret};
use authing_core::PasswordKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::check;

/// A key in PEM, or in DER.
pub(super) fn password_key(input: &[u8]) {
    for text in [
        String::from_utf8_lossy(input).into_owned(),
        STANDARD.encode(input),
    ] {
        match PasswordKey::from_pem(&text) {
            Ok(key) => rsa(&key),
            Err(error) => check::error(&error, &[ErrorKind::Configuration]),
        }
    }
}

fn rsa(key: &PasswordKey) {
    let most = key.max_len().unwrap();
    let size = most + 11;
    for length in [0, 1, most / 2, most] {
        let password = "x".repeat(length);
        match key.encrypt(&Secret::from(&password)) {
            Ok(cipher) => {
                let cipher = STANDARD.decode(cipher).unwrap();
                assert_eq!(cipher.len(), size, "{key:?}");
            }
            // A key of a few bits takes nothing at all.
            Err(error) => check::error(&error, &[ErrorKind::InvalidInput]),
        }
    }
    let error = key
        .encrypt(&Secret::from("x".repeat(most + 1)))
        .unwrap_err();
    check::error(&error, &[ErrorKind::InvalidInput]);
}

/// The point of an SM2 key in hexadecimal digits, or in bytes.
pub(super) fn sm2_key(input: &[u8]) {
    let digits = input.iter().map(|byte| format!("{byte:02x}")).collect();
    for text in [String::from_utf8_lossy(input).into_owned(), digits] {
        match PasswordKey::sm2_from_hex(&text) {
            Ok(key) => {
                let cipher = key.encrypt(&Secret::from("hunter2")).unwrap();
                let digits = cipher.strip_prefix("sm2:").unwrap();
                assert!(digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
                assert_eq!(digits.len(), 2 * (64 + 32 + "hunter2".len()));
                key.encrypt(&Secret::from("")).unwrap_err();
            }
            Err(error) => check::error(&error, &[ErrorKind::Configuration]),
        }
    }
}
