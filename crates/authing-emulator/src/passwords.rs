//! Passwords: how they arrive, and how they are kept.

use std::fmt;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sm2::pke::DecryptingKey;

use crate::ids;
use crate::refusal::Refusal;
use crate::wording;
use crate::work;

/// Public test material: everybody has it, so it protects nothing. It is fixed so that a start costs no key generation.
const TEST_KEY: &str = include_str!("../keys/test-only.pem");
pub(crate) const SHORTEST: usize = 6;

/// Published as well: the private key of the example in GM/T 0003.5.
const SM2_TEST_KEY: [u8; 32] = [
    0x39, 0x45, 0x20, 0x8f, 0x7b, 0x21, 0x44, 0xb1, 0x3f, 0x36, 0xe3, 0x8a, 0xc6, 0xd3, 0x9f, 0x95,
    0x88, 0x93, 0x93, 0x69, 0x28, 0x60, 0xb5, 0x1a, 0x42, 0xfb, 0x81, 0xef, 0x4d, 0xf7, 0xc5, 0xb8,
];
/// What marks a password that is encrypted with SM2, and a point with both coordinates.
const SM2: (&str, u8) = ("sm2:", 4);

/// The key pairs for passwords on the wire.
pub(crate) struct PasswordKey {
    private: RsaPrivateKey,
    public_pem: String,
    sm2_private: DecryptingKey,
    sm2_public: String,
}

impl PasswordKey {
    /// Read once for all emulators of the process, since that takes its time.
    pub(crate) fn shared() -> Result<Arc<Self>, String> {
        static SHARED: OnceLock<Result<Arc<PasswordKey>, String>> = OnceLock::new();
        SHARED.get_or_init(|| Self::load().map(Arc::new)).clone()
    }

    pub(crate) fn load() -> Result<Self, String> {
        let private = RsaPrivateKey::from_pkcs8_pem(TEST_KEY).map_err(|error| error.to_string())?;
        let public_pem = private
            .to_public_key()
            .to_public_key_pem(LineEnding::LF)
            .map_err(|error| error.to_string())?;
        let sm2_private =
            DecryptingKey::from_slice(&SM2_TEST_KEY).map_err(|error| error.to_string())?;
        Ok(Self {
            private,
            public_pem,
            sm2_public: ids::to_hex(&sm2_private.encrypting_key().to_sec1_bytes()),
            sm2_private,
        })
    }

    /// The digits of the point.
    pub(crate) fn sm2_public(&self) -> &str {
        &self.sm2_public
    }

    pub(crate) fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// Reads a password from the wire.
    pub(crate) fn decrypt(&self, encrypted: &str) -> Result<String, Refusal> {
        work::spend(work::DECRYPTION);
        let (mark, _) = SM2;
        let plain = match encrypted.strip_prefix(mark) {
            Some(digits) => self.decrypt_sm2(digits),
            None => STANDARD
                .decode(encrypted)
                .ok()
                .and_then(|cipher| self.private.decrypt(Pkcs1v15Encrypt, &cipher).ok()),
        };
        plain
            .and_then(|plain| String::from_utf8(plain).ok())
            .ok_or_else(|| Refusal::new(&wording::PASSWORD_UNREADABLE))
    }

    /// C1 || C3 || C2, where C1 came without its mark.
    fn decrypt_sm2(&self, digits: &str) -> Option<Vec<u8>> {
        let (_, mark) = SM2;
        let mut cipher = vec![mark];
        cipher.extend(ids::from_hex(digits)?);
        self.sm2_private.decrypt(&cipher).ok()
    }

    /// Reads a password that a user is to have from now on.
    pub(crate) fn decrypt_new(&self, encrypted: &str) -> Result<String, Refusal> {
        let plain = self.decrypt(encrypted)?;
        check_new(&plain)?;
        Ok(plain)
    }
}

/// Refuses a password that nobody may choose.
pub(crate) fn check_new(plain: &str) -> Result<(), Refusal> {
    if plain.chars().count() < SHORTEST {
        return Err(Refusal::new(&wording::TOO_SHORT));
    }
    Ok(())
}

/// A password at rest.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Password {
    Salted {
        salt: String,
        digest: String,
        /// Nothing where the state was written by an emulator that did not tell.
        #[serde(default)]
        level: Option<u8>,
    },
    /// `keepPassword`: the caller's own digest, which the pool would check with a function of its own.
    Kept(String),
}

impl Password {
    pub(crate) fn salted(plain: &str) -> Self {
        let salt = ids::secret();
        let digest = digest(&salt, plain);
        let level = Some(level(plain));
        Self::Salted {
            salt,
            digest,
            level,
        }
    }

    /// How good it is, from 1 to 3. Nobody knows of a text that stands for another one.
    pub(crate) fn level(&self) -> Option<u8> {
        match self {
            Self::Salted { level, .. } => *level,
            Self::Kept(_) => None,
        }
    }

    pub(crate) fn is(&self, plain: &str) -> bool {
        match self {
            Self::Salted {
                salt, digest: own, ..
            } => digest(salt, plain) == *own,
            Self::Kept(kept) => kept == plain,
        }
    }

    /// What `User.password` answers.
    pub(crate) fn shown(&self) -> &str {
        match self {
            Self::Salted { digest, .. } => digest,
            Self::Kept(kept) => kept,
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// By the rule that the SDKs have for it: 1 is low, 2 middle, 3 high.
fn level(plain: &str) -> u8 {
    let has = |is: fn(&char) -> bool| plain.chars().any(|letter| is(&letter));
    let (lower, upper) = (has(char::is_ascii_lowercase), has(char::is_ascii_uppercase));
    match (plain.chars().count(), has(char::is_ascii_digit)) {
        (12.., true) if lower && upper => 3,
        (8.., true) if lower || upper => 2,
        _ => 1,
    }
}

/// 32 hexadecimal digits, as in Authing's answers.
fn digest(salt: &str, plain: &str) -> String {
    let bytes = keyed_hash(salt.as_bytes(), plain.as_bytes());
    ids::to_hex(bytes.get(..16).unwrap_or(&bytes))
}

fn keyed_hash(key: &[u8], data: &[u8]) -> Vec<u8> {
    // A key of any length is accepted, so the error cannot happen.
    let Ok(mut mac) = <Hmac<Sha256>>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::code;
    use rsa::rand_core::OsRng;

    fn encrypt(key: &PasswordKey, plain: &[u8]) -> String {
        let cipher = key
            .private
            .to_public_key()
            .encrypt(&mut OsRng, Pkcs1v15Encrypt, plain)
            .unwrap();
        STANDARD.encode(cipher)
    }

    #[test]
    fn reads_what_the_public_key_encrypted() {
        let key = PasswordKey::load().unwrap();
        assert!(key.public_pem().starts_with("-----BEGIN PUBLIC KEY-----"));
        let encrypted = encrypt(&key, "密码 passw0rd".as_bytes());
        assert_eq!(encrypted.len(), 172);
        assert_eq!(key.decrypt(&encrypted).unwrap(), "密码 passw0rd");
    }

    /// The ciphertext of the example in GM/T 0003.5.
    #[test]
    fn reads_sm2() {
        let key = PasswordKey::load().unwrap();
        assert!(key.sm2_public().starts_with("0409f9df311e5421a1"));
        let cipher = "sm2:\
            04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73\
            e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0\
            59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766\
            21886ca989ca9c7d58087307ca93092d651efa";
        assert_eq!(key.decrypt(cipher).unwrap(), "encryption standard");
        let spoilt = cipher.replace("651efa", "651efb");
        assert!(key.decrypt(&spoilt).is_err());
    }

    #[test]
    fn refuses_plain_and_short_passwords() {
        let key = PasswordKey::load().unwrap();
        for sent in [
            "",
            "passw0rd",
            "not base64!",
            "sm2:",
            "sm2:04",
            "sm2:é",
            "sm2:000",
        ] {
            assert_eq!(
                key.decrypt(sent).unwrap_err().code,
                code::UNDECIPHERABLE_PASSWORD
            );
        }
        let short = encrypt(&key, b"12345");
        assert_eq!(
            key.decrypt_new(&short).unwrap_err().code,
            code::PASSWORD_TOO_SHORT
        );
    }

    #[test]
    fn tells_how_good_a_password_is() {
        for (plain, level) in [
            ("123456", 1),
            ("abcdefghijkl", 1),
            ("pass0rd", 1),
            ("passw0rd", 2),
            ("123456789012A", 2),
            ("Passw0rd123", 2),
            ("Passw0rd1234", 3),
        ] {
            assert_eq!(Password::salted(plain).level(), Some(level), "{plain}");
        }
        assert_eq!(Password::Kept("Passw0rd1234".to_owned()).level(), None);
        let old = r#"{"Salted": {"salt": "s", "digest": "d"}}"#;
        let old: Password = serde_json::from_str(old).unwrap();
        assert_eq!(old.level(), None);
    }

    #[test]
    fn keeps_digests() {
        let password = Password::salted("passw0rd");
        assert!(password.is("passw0rd"));
        assert!(!password.is("Passw0rd"));
        assert_eq!(password.shown().len(), 32);
        assert_ne!(password.shown(), Password::salted("passw0rd").shown());
        assert_eq!(format!("{password:?}"), "Password");
    }
}
