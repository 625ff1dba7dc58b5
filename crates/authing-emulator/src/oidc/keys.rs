//! The keys that sign with RS256, and how the world learns of them.

use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, LineEnding};
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use rsa::traits::PublicKeyParts as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::ids;

/// Public test material: everybody has it, so it protects nothing. It is fixed so that a start costs no key generation.
const TEST_KEY: &str = include_str!("../../keys/oidc-test-only.pem");
const BITS: usize = 2048;
/// The key that signs now, and the one before it.
const PUBLISHED: usize = 2;

#[derive(Clone)]
struct Key {
    id: String,
    private: RsaPrivateKey,
}

impl Key {
    fn new(private: RsaPrivateKey) -> Self {
        let digest = Sha256::digest(private.n().to_bytes_be());
        Self {
            id: URL_SAFE_NO_PAD.encode(digest),
            private,
        }
    }

    fn published(&self) -> Value {
        json!({
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "kid": self.id,
            "n": URL_SAFE_NO_PAD.encode(self.private.n().to_bytes_be()),
            "e": URL_SAFE_NO_PAD.encode(self.private.e().to_bytes_be()),
        })
    }
}

/// Read once for all emulators of the process, since that takes longer than all else at a start.
fn fixed() -> Result<Key, String> {
    static FIXED: OnceLock<Result<Key, String>> = OnceLock::new();
    let read = || RsaPrivateKey::from_pkcs8_pem(TEST_KEY).map(Key::new);
    FIXED
        .get_or_init(|| read().map_err(|error| error.to_string()))
        .clone()
}

/// The PEM texts of private keys, newest first; none stands for the one that is fixed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub(crate) struct PrivateKeys(Vec<Key>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl TryFrom<Vec<String>> for PrivateKeys {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, Self::Error> {
        let keys = texts.iter().map(|pem| RsaPrivateKey::from_pkcs8_pem(pem));
        let keys: Result<_, _> = keys.map(|private| private.map(Key::new)).collect();
        Ok(Self(
            keys.map_err(|error| format!("a signing key: {error}"))?,
        ))
    }
}

impl From<PrivateKeys> for Vec<String> {
    fn from(keys: PrivateKeys) -> Self {
        let pem = |key: Key| key.private.to_pkcs8_pem(LineEnding::LF).ok();
        let texts = keys.0.into_iter().filter_map(pem);
        texts.map(|pem| pem.to_string()).collect()
    }
}

/// Newest first.
pub(crate) struct SigningKeys(Mutex<Vec<Key>>);

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKeys")
    }
}

impl SigningKeys {
    pub(crate) fn load() -> Result<Self, String> {
        fixed().map(|key| Self(Mutex::new(vec![key])))
    }

    /// All of them, to be put back with [`set`](Self::set).
    pub(crate) fn all(&self) -> PrivateKeys {
        let keys = self.with(|keys| keys.clone());
        let fixed = fixed().map(|key| key.id).unwrap_or_default();
        let is_fixed = keys.len() == 1 && keys.iter().all(|key| key.id == fixed);
        PrivateKeys(if is_fixed { Vec::new() } else { keys })
    }

    pub(crate) fn set(&self, keys: PrivateKeys) {
        let keys = match keys.0.is_empty() {
            true => fixed().into_iter().collect(),
            false => keys.0,
        };
        self.with(|own| *own = keys);
    }

    /// Signs with a new key from now on.
    pub(crate) fn rotate(&self) {
        // Fails for sizes that make no sense only.
        if let Ok(private) = ids::with_source(|source| RsaPrivateKey::new(source, BITS)) {
            self.with(|keys| {
                keys.insert(0, Key::new(private));
                keys.truncate(PUBLISHED);
            });
        }
    }

    pub(super) fn published(&self) -> Value {
        let keys: Vec<_> = self.with(|keys| keys.iter().map(Key::published).collect());
        json!({"keys": keys})
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        self.with(|keys| {
            let Some(key) = keys.first() else {
                return String::new();
            };
            let header = json!({"alg": "RS256", "typ": "JWT", "kid": key.id});
            let [header, claims] = [&header, claims].map(|part| encode(part.to_string()));
            let signed = format!("{header}.{claims}");
            let signer = SigningKey::<Sha256>::new(key.private.clone());
            let signature = encode(signer.sign(signed.as_bytes()).to_bytes());
            format!("{signed}.{signature}")
        })
    }

    /// The claims of a token that one of the published keys signed. Says nothing about its time.
    pub(super) fn verify(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let signature = Signature::try_from(&*signature).ok()?;
        let (_, claims) = signed.split_once('.')?;
        let is_ours = self.with(|keys| {
            keys.iter().any(|key| {
                VerifyingKey::<Sha256>::new(key.private.to_public_key())
                    .verify(signed.as_bytes(), &signature)
                    .is_ok()
            })
        });
        let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
        is_ours.then(|| serde_json::from_slice(&claims).ok())?
    }

    fn with<T>(&self, use_them: impl FnOnce(&mut Vec<Key>) -> T) -> T {
        use_them(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotated_key_still_verifies_once() {
        let keys = SigningKeys::load().unwrap();
        let claims = json!({"sub": "a"});
        let token = keys.sign(&claims);
        assert_eq!(token.rsplit('.').next().unwrap().len(), 342);
        assert_eq!(keys.verify(&token), Some(claims.clone()));
        assert_eq!(keys.verify(&format!("{token}A")), None);
        let first = keys.published()["keys"][0]["kid"].clone();
        keys.rotate();
        let published = keys.published();
        assert_ne!(published["keys"][0]["kid"], first);
        assert_eq!(published["keys"][1]["kid"], first);
        assert_eq!(keys.verify(&token), Some(claims.clone()));
        keys.rotate();
        assert_eq!(keys.verify(&token), None);
        assert_eq!(keys.verify(&keys.sign(&claims)), Some(claims));
    }
}
