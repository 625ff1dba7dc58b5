//! Tokens of every kind, honest and forged, made by hand.
//!
//! Nothing here is shared with what is tested: keys and signatures come from
//! other libraries.

#![allow(clippy::missing_panics_doc)]

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime};

use authing::{BoxFuture, Clock, HttpTransport, TransportError, TransportErrorKind};
use authing_core::TokioClock;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hmac::{Hmac, Mac};
use http::{Request, Response};
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::rand_core::OsRng;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use sha2::Sha256;

/// base64url without padding.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An RSA key with a name.
#[derive(Clone)]
pub struct RsaKey {
    /// Its name.
    pub id: String,
    private: Arc<RsaPrivateKey>,
}

impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaKey").field("id", &self.id).finish()
    }
}

/// The key of the honest server.
pub static SERVER: LazyLock<RsaKey> = LazyLock::new(|| RsaKey::generate("server", 2048));
/// The key of somebody else.
pub static STRANGER: LazyLock<RsaKey> = LazyLock::new(|| RsaKey::generate("stranger", 2048));
/// A key whose private half is published.
pub static EXPOSED: LazyLock<RsaKey> = LazyLock::new(|| RsaKey::generate("exposed", 2048));
/// A key that can be broken.
pub static WEAK: LazyLock<RsaKey> = LazyLock::new(|| RsaKey::generate("weak", 1024));

impl RsaKey {
    /// A new key.
    #[must_use]
    pub fn generate(id: &str, bits: usize) -> Self {
        Self {
            id: id.to_owned(),
            private: Arc::new(RsaPrivateKey::new(&mut OsRng, bits).unwrap()),
        }
    }

    /// The same key under another name.
    #[must_use]
    pub fn named(&self, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            private: Arc::clone(&self.private),
        }
    }

    /// What is published of it.
    #[must_use]
    pub fn jwk(&self) -> Value {
        json!({
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.id,
            "n": encode(self.private.n().to_bytes_be()),
            "e": encode(self.private.e().to_bytes_be()),
        })
    }

    /// The private half, for other libraries (PKCS#1, DER).
    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        use rsa::pkcs1::EncodeRsaPrivateKey;
        self.private.to_pkcs1_der().unwrap().as_bytes().to_vec()
    }

    /// The public half as PEM: what attackers sign with in place of a secret.
    #[must_use]
    pub fn public_pem(&self) -> String {
        use rsa::pkcs8::EncodePublicKey;
        let public = self.private.to_public_key();
        public
            .to_public_key_pem(rsa::pkcs8::LineEnding::LF)
            .unwrap()
    }

    /// Signs any two texts as header and claims.
    #[must_use]
    pub fn sign_text(&self, header: &str, claims: &str) -> String {
        self.sign_encoded(&encode(header), &encode(claims))
    }

    /// Signs header and claims as they are encoded already, or not.
    #[must_use]
    pub fn sign_encoded(&self, header: &str, claims: &str) -> String {
        let signed = format!("{header}.{claims}");
        let signer = SigningKey::<Sha256>::new(RsaPrivateKey::clone(&self.private));
        let signature = encode(signer.sign(signed.as_bytes()).to_bytes());
        format!("{signed}.{signature}")
    }

    /// An honest token with these claims.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.id});
        self.sign_text(&header.to_string(), &claims.to_string())
    }
}

/// Signs any two texts with a secret.
#[must_use]
pub fn hs256_text(secret: impl AsRef<[u8]>, header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let mut mac = <Hmac<Sha256>>::new_from_slice(secret.as_ref()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", encode(mac.finalize().into_bytes()))
}

/// An honest token with these claims, signed with a secret.
#[must_use]
pub fn hs256(secret: impl AsRef<[u8]>, claims: &Value) -> String {
    hs256_text(
        secret,
        r#"{"alg":"HS256","typ":"JWT"}"#,
        &claims.to_string(),
    )
}

type Answer =
    dyn Fn(usize) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>> + Send + Sync;

/// A server of keys that counts how often it is asked, and answers as it is
/// told.
#[derive(Clone)]
pub struct KeyServer {
    answer: Arc<Mutex<Arc<Answer>>>,
    asked: Arc<AtomicUsize>,
}

impl fmt::Debug for KeyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyServer")
            .field("asked", &self.asked)
            .finish()
    }
}

impl KeyServer {
    /// A server that publishes these keys.
    #[must_use]
    pub fn with(keys: &[Value]) -> Self {
        let server = Self {
            answer: Arc::new(Mutex::new(Arc::new(|_| Box::pin(async { Err(gone()) })))),
            asked: Arc::default(),
        };
        server.publish(keys);
        server
    }

    /// Publishes these keys from now on.
    pub fn publish(&self, keys: &[Value]) {
        self.answer(200, &json!({"keys": keys}).to_string());
    }

    /// Answers with this status and body from now on.
    pub fn answer(&self, status: u16, body: &str) {
        let body = Bytes::from(body.to_owned());
        self.act(move |_| {
            let answer = Response::builder()
                .status(status)
                .body(body.clone())
                .unwrap();
            Box::pin(async move { Ok(answer) })
        });
    }

    /// Cannot be reached from now on.
    pub fn stop(&self) {
        self.act(|_| Box::pin(async { Err(gone()) }));
    }

    /// Does as the closure says from now on; it is told how often the server
    /// was asked before.
    pub fn act(
        &self,
        answer: impl Fn(usize) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>>
        + Send
        + Sync
        + 'static,
    ) {
        *self.answer.lock().unwrap() = Arc::new(answer);
    }

    /// How often it was asked.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn gone() -> TransportError {
    TransportErrorKind::Connect.into()
}

#[async_trait::async_trait]
impl HttpTransport for KeyServer {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let before = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = Arc::clone(&*self.answer.lock().unwrap());
        answer(before).await
    }
}

/// When all of it happens, in seconds since 1970.
pub const NOW: i64 = 1_800_000_000;

/// A clock that stands at [`NOW`] until it is turned. It waits by Tokio's time.
#[derive(Debug, Clone, Default)]
pub struct HandClock(Arc<AtomicUsize>);

impl HandClock {
    /// Turns it forward, and all its clones.
    pub fn advance(&self, seconds: usize) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs()) + self.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        TokioClock::default().sleep(duration)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst).try_into().unwrap())
    }
}
