//! The compact form of a signed token (RFC 7515, section 7.1), read strictly.
//!
//! Everything here comes from strangers: nothing is believed, kept or
//! allocated before the signature is checked, except for the words of a
//! rejection.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::rejection::{Reason, Rejection, quoted};
use crate::strict::{DEPTH, Name, Seen, Skip, told};

/// As long as a header may be, decoded. Authing's have about 80 bytes.
const LONGEST_HEADER: usize = 1024;
/// As long as a signature may be: RSA with 8192 bits.
const LONGEST_SIGNATURE: usize = 1024;
/// As long as the name of a key may be.
const LONGEST_KEY_ID: usize = 256;

/// A token, taken apart.
pub(crate) struct Jws<'t> {
    /// What the signature is about: the first two parts with the dot.
    pub(crate) signed: &'t [u8],
    payload: &'t str,
    header: Header,
    signature: [u8; LONGEST_SIGNATURE],
    signature_length: usize,
}

impl<'t> Jws<'t> {
    /// Takes a token apart. Says nothing about its signature yet.
    pub(crate) fn parse(token: &'t str, longest: usize) -> Result<Self, Rejection> {
        if token.len() > longest {
            return Err(Rejection::new(
                Reason::TooLong,
                format!(
                    "the token has {} bytes, at most {longest} are read",
                    token.len()
                ),
            ));
        }
        let malformed = |why: &str| Rejection::new(Reason::Malformed, why);
        let (header, rest) = token
            .split_once('.')
            .ok_or_else(|| malformed("the token is no JWT: it has no dots"))?;
        let (payload, signature) = rest
            .split_once('.')
            .ok_or_else(|| malformed("the token is no JWT: it has one dot, not two"))?;
        match signature.bytes().filter(|byte| *byte == b'.').count() {
            0 => {}
            2 => {
                return Err(Rejection::new(
                    Reason::Encrypted,
                    "the token is encrypted (JWE); only signed ones (JWS) are accepted",
                ));
            }
            more => {
                let dots = more + 2;
                return Err(malformed(&format!(
                    "the token is no JWT: it has {dots} dots"
                )));
            }
        }
        let header = Header::read(header)?;
        let mut jws = Self {
            signed: token
                .as_bytes()
                .get(..token.len() - signature.len() - 1)
                .unwrap_or_default(),
            payload,
            header,
            signature: [0; LONGEST_SIGNATURE],
            signature_length: 0,
        };
        jws.signature_length = URL_SAFE_NO_PAD
            .decode_slice(signature, &mut jws.signature)
            .map_err(|_| malformed("the signature is not base64url, or too long"))?;
        Ok(jws)
    }

    pub(crate) fn signature(&self) -> &[u8] {
        self.signature
            .get(..self.signature_length)
            .unwrap_or_default()
    }

    /// The algorithm that the token claims to be signed with: only ever to be
    /// compared.
    pub(crate) fn algorithm(&self) -> &str {
        self.header.algorithm.as_str()
    }

    /// The media type of the token, if it names one.
    pub(crate) fn media_type(&self) -> Option<&str> {
        self.header.media_type.as_ref().map(Short::as_str)
    }

    /// The name of the key, where the token says it.
    pub(crate) fn key_id(&self) -> Option<&str> {
        self.header.key_id.as_ref().map(Short::as_str)
    }

    /// The claims. To be called after the signature was checked.
    pub(crate) fn payload(&self) -> Result<Vec<u8>, Rejection> {
        // As long as it must be: with room at the end it would be copied to be
        // kept.
        let mut bytes = vec![0; self.payload.len() * 3 / 4];
        match URL_SAFE_NO_PAD.decode_slice(self.payload, &mut bytes) {
            Ok(length) if length == bytes.len() => Ok(bytes),
            _ => Err(Rejection::new(
                Reason::Malformed,
                "the claims are not base64url",
            )),
        }
    }
}

/// Text that is kept without an allocation.
#[derive(Clone)]
struct Short<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Short<N> {
    fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        Some(Self {
            bytes,
            length: text.len(),
        })
    }

    fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// The parts of the header that matter (RFC 7515, section 4.1).
struct Header {
    algorithm: Short<16>,
    media_type: Option<Short<32>>,
    key_id: Option<Short<LONGEST_KEY_ID>>,
}

impl Header {
    fn read(encoded: &str) -> Result<Self, Rejection> {
        let mut bytes = [0; LONGEST_HEADER];
        let length = URL_SAFE_NO_PAD
            .decode_slice(encoded, &mut bytes)
            .map_err(|_| {
                Rejection::new(
                    Reason::Malformed,
                    format!("the header is not base64url, or longer than {LONGEST_HEADER} bytes"),
                )
            })?;
        let mut json =
            serde_json::Deserializer::from_slice(bytes.get(..length).unwrap_or_default());
        let found = Found::deserialize(&mut json)
            .and_then(|found| json.end().map(|()| found))
            .map_err(|error| {
                let why = format!("the header is not as it should be: {}", told(&error));
                Rejection::new(Reason::Malformed, why)
            })?;
        found.check()
    }
}

/// What a header says.
#[derive(Default)]
struct Found<'a> {
    algorithm: Option<Name<'a>>,
    media_type: Option<Name<'a>>,
    key_id: Option<Name<'a>>,
    is_critical: bool,
    own_key: Option<&'static str>,
    is_encrypted: bool,
}

impl Found<'_> {
    fn check(&self) -> Result<Header, Rejection> {
        let header = |why: String| Err(Rejection::new(Reason::Header, why));
        if self.is_encrypted {
            return Err(Rejection::new(
                Reason::Encrypted,
                "the header is that of an encrypted token (JWE)",
            ));
        }
        // Extensions that one must understand, of which there are none here.
        if self.is_critical {
            return header("the header has `crit`: no extension is understood".to_owned());
        }
        if let Some(name) = self.own_key {
            return header(format!(
                "the token brings a key of its own (`{name}`): only configured keys count"
            ));
        }
        let Some(algorithm) = &self.algorithm else {
            return Err(Rejection::new(Reason::Malformed, "the header has no `alg`"));
        };
        let Some(algorithm) = Short::new(&algorithm.0) else {
            let name = quoted(&algorithm.0);
            return Err(Rejection::new(
                Reason::Algorithm,
                format!("there is no algorithm {name}"),
            ));
        };
        let media_type = match &self.media_type {
            None => None,
            Some(name) => match Short::new(&name.0) {
                Some(name) => Some(name),
                None => return header(format!("`typ` is {}", quoted(&name.0))),
            },
        };
        let key_id = match &self.key_id {
            None => None,
            Some(name) => match Short::new(&name.0) {
                Some(name) => Some(name),
                None => {
                    return Err(Rejection::new(
                        Reason::KeyId,
                        format!("`kid` is longer than {LONGEST_KEY_ID} bytes"),
                    ));
                }
            },
        };
        Ok(Header {
            algorithm,
            media_type,
            key_id,
        })
    }
}

impl<'de> Deserialize<'de> for Found<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Found<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut found = Found::default();
                let mut seen = Seen::default();
                while let Some(name) = map.next_key::<Name<'de>>()? {
                    seen.add(&name)?;
                    match &*name.0 {
                        "alg" => found.algorithm = Some(map.next_value()?),
                        "typ" => found.media_type = Some(map.next_value()?),
                        "kid" => found.key_id = Some(map.next_value()?),
                        other => {
                            match other {
                                "crit" => found.is_critical = true,
                                "jwk" => found.own_key = Some("jwk"),
                                "jku" => found.own_key = Some("jku"),
                                "x5u" => found.own_key = Some("x5u"),
                                "x5c" => found.own_key = Some("x5c"),
                                "enc" | "zip" => found.is_encrypted = true,
                                // Unsigned or differently signed payloads (RFC 7797).
                                "b64" => return Err(A::Error::custom("`b64` is not supported")),
                                _ => {}
                            }
                            map.next_value_seed(Skip(DEPTH))?;
                        }
                    }
                }
                Ok(found)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
#[path = "jws_tests.rs"]
mod tests;
