//! Codes of authenticator apps, after RFC 6238: SHA-1, 6 digits, a new code every 30 seconds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::dates::Moment;
use crate::ids;

const STEP: u64 = 30;
/// One step early or late is accepted, since phones are not on time.
const SKEW: u16 = 1;
/// Bytes that RFC 4226 recommends.
const KEY_LENGTH: usize = 20;
const ISSUER: &str = "Authing emulator";

/// The key that the server and an authenticator app share.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Key([u8; KEY_LENGTH]);

/// Without the key.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    pub(super) fn generate() -> Self {
        Self(ids::bytes())
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(SKEW)
            .with_step_duration(STEP)
            .with_secret(Secret::new_stack(self.0))
            // The other way to build differs only in checks of these constants.
            .build_noncompliant()
    }

    /// The number of the step that the code belongs to, if it is right about now.
    pub(super) fn check(&self, code: &str, now: Moment) -> Option<u64> {
        let seconds = u64::try_from(now.seconds()).ok()?;
        self.totp().check(code, seconds)
    }

    pub(super) fn base32(&self) -> String {
        self.totp().secret().to_base32()
    }

    /// The key as apps read it from a picture.
    pub(super) fn uri(&self, account: &str) -> String {
        let issuer = utf8_percent_encode(ISSUER, NON_ALPHANUMERIC);
        let account = utf8_percent_encode(account, NON_ALPHANUMERIC);
        let secret = self.base32();
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&period={STEP}&digits=6&algorithm=SHA1&issuer={issuer}"
        )
    }
}

/// A picture of a text as a `data:` URL. Nothing where the text is too long for one.
pub(super) fn picture(text: &str) -> Option<String> {
    let svg = QrCode::new(text).ok()?.render::<svg::Color<'_>>().build();
    Some(format!(
        "data:image/svg+xml;base64,{}",
        STANDARD.encode(svg)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the rows for SHA-1, cut to the last six of eight digits.
    #[test]
    fn agrees_with_the_rfc() {
        let key = Key(*b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = seconds / 30;
            let check = |at: i64| key.check(code, Moment::from_seconds(at));
            assert_eq!(check(seconds), u64::try_from(step).ok(), "{seconds}");
            assert!(check((step + 2) * 30 - 1).is_some(), "one step late");
            assert!(check((step + 2) * 30).is_none(), "two steps late");
            assert!(check((step - 1) * 30).is_some(), "one step early");
            assert!(check((step - 1) * 30 - 1).is_none(), "two steps early");
        }
    }

    #[test]
    fn other_text_is_no_code() {
        let key = Key(*b"12345678901234567890");
        for text in [
            "", "28708", "94287082", "+87082", "28708２", " 287082", "abcdef",
        ] {
            assert_eq!(key.check(text, Moment::from_seconds(59)), None, "{text:?}");
        }
    }

    #[test]
    fn keys_are_random_and_have_a_uri_and_a_picture() {
        let key = Key(*b"12345678901234567890");
        let uri = key.uri("ann:1@example.com");
        assert_eq!(
            uri,
            "otpauth://totp/Authing%20emulator:ann%3A1%40example%2Ecom?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &period=30&digits=6&algorithm=SHA1&issuer=Authing%20emulator"
        );
        assert!(
            picture(&uri)
                .unwrap()
                .starts_with("data:image/svg+xml;base64,")
        );
        assert_eq!(picture(&"x".repeat(5000)), None);
        assert_ne!(Key::generate().0, Key::generate().0);
        assert_eq!(format!("{key:?}"), "Key");
    }
}
