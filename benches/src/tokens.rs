//! The tokens that are verified, and the keys that signed them.

use anyhow::{Context as _, anyhow};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

/// The application that the tokens are for.
pub const APP_ID: &str = "5f7ddfe62ba8198024223600";
/// Where they say that they come from.
pub const ISSUER: &str = "https://bench.example/oidc";
/// The application's secret.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// When they expire: in the year 2100.
pub const EXPIRES_AT: u64 = 4_102_444_800;

const KEY_ID: &str = "bench";
/// Public test material.
const KEY: &str = include_str!("../../crates/authing-emulator/keys/oidc-test-only.pem");

/// Signs access tokens.
#[derive(Debug)]
pub struct Signer(RsaKeyPair);

impl Signer {
    /// Reads the key.
    ///
    /// # Errors
    ///
    /// It is no key.
    pub fn new() -> anyhow::Result<Self> {
        let base64: String = KEY.lines().filter(|line| !line.starts_with('-')).collect();
        RsaKeyPair::from_pkcs8(&STANDARD.decode(base64)?)
            .map(Self)
            .map_err(|error| anyhow!("the key cannot be read: {error}"))
    }

    /// An access token, RS256.
    ///
    /// # Errors
    ///
    /// The key cannot sign.
    pub fn access_token(&self) -> anyhow::Result<String> {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": KEY_ID});
        let signed = opening(
            &header,
            &claims("scope", "openid profile order:read".into()),
        );
        let mut signature = vec![0; self.0.public().modulus_len()];
        let random = ring::rand::SystemRandom::new();
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &random,
                signed.as_bytes(),
                &mut signature,
            )
            .ok()
            .context("the key cannot sign")?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Modulus and exponent of the public key, in base64url.
    #[must_use]
    pub fn public(&self) -> (String, String) {
        let PublicKeyComponents::<Vec<u8>> { n, e } = self.0.public().into();
        (URL_SAFE_NO_PAD.encode(n), URL_SAFE_NO_PAD.encode(e))
    }

    /// The public key as the server tells it.
    #[must_use]
    pub fn jwks(&self) -> Value {
        let (n, e) = self.public();
        json!({"keys": [
            {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": n, "e": e},
        ]})
    }
}

/// An ID token, HS256.
#[must_use]
pub fn id_token() -> String {
    hs256(&claims("nickname", "某某".into()))
}

/// A token for administrators of this user pool, HS256: other clients read from
/// it until when it is good, and for which pool.
#[must_use]
pub fn management_token(pool_id: &str) -> String {
    hs256(&claims("scoped_userpool_id", pool_id.into()))
}

fn hs256(claims: &Value) -> String {
    let header = json!({"alg": "HS256", "typ": "JWT"});
    let signed = opening(&header, claims);
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = ring::hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn claims(name: &str, value: Value) -> Value {
    json!({
        "sub": crate::answers::USER_ID,
        "aud": APP_ID,
        "iss": ISSUER,
        "iat": 1_700_000_000,
        "exp": EXPIRES_AT,
        "jti": "kgDX3jWBVBIkcwvuFDQTfOTYrZqGsxJTzZF2vXQh0aJ",
        name: value,
    })
}

fn opening(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encode(header), encode(claims))
}
