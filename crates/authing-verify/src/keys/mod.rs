//! The public keys that sign tokens (RFC 7517), and where they are kept.

mod cache;
mod fetch;

pub(crate) use cache::{KeyCache, KeyOptions, State};

use std::collections::HashMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::rejection::quoted;

/// How many keys a set may have. Authing's have one or two.
const MOST_KEYS: usize = 100;
/// RSA keys below this can be broken (NIST SP 800-131A).
const FEWEST_BITS: usize = 2048;
/// More is slow, and ring refuses it.
const MOST_BITS: usize = 8192;

/// A set of keys as it was published.
#[derive(Debug, Default)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
    /// Keys that are there and are not used.
    unusable: Vec<Unusable>,
}

/// A key that is not used.
#[derive(Debug)]
struct Unusable {
    /// Its place in the set, from 0.
    at: usize,
    /// Its name, if it has one.
    id: Option<String>,
    why: String,
    /// Whether the key can be read, so that a token may name it.
    is_key: bool,
}

/// An RSA key for RS256.
struct Key {
    id: String,
    components: RsaPublicKeyComponents<Box<[u8]>>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish()
    }
}

/// What a set knows of a name.
pub(crate) enum Found<'k> {
    Key(Usable<'k>),
    Unusable(&'k str),
    Nothing,
}

/// A key that can be used.
#[derive(Clone, Copy)]
pub(crate) struct Usable<'k>(&'k Key);

impl Usable<'_> {
    /// Whether the key made this signature.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0
            .components
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok()
    }
}

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
    /// What else is told. With it, no array passes for an object.
    #[serde(flatten)]
    _rest: HashMap<String, IgnoredAny>,
}

/// The members of a key that matter here.
#[derive(Deserialize)]
struct Jwk {
    kty: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    n: Option<String>,
    e: Option<String>,
    // The private half, or what it can be worked out from.
    d: Option<Value>,
    p: Option<Value>,
    q: Option<Value>,
    dp: Option<Value>,
    dq: Option<Value>,
    qi: Option<Value>,
    oth: Option<Value>,
}

impl KeySet {
    /// Reads a set.
    ///
    /// # Errors
    ///
    /// What is no set, is too large, or has not one key that can be used.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let published: Published = serde_json::from_str(text)
            .map_err(|_| "the answer is no JWK set (RFC 7517)".to_owned())?;
        let count = published.keys.len();
        if count > MOST_KEYS {
            return Err(format!(
                "the set has {count} keys, at most {MOST_KEYS} are read"
            ));
        }
        let mut set = Self::default();
        let mut known = Vec::new();
        for (at, value) in published.keys.into_iter().enumerate() {
            let id = value.get("kid").and_then(Value::as_str).map(str::to_owned);
            // Others are of a form that nobody knows yet (RFC 7517, section 5).
            let read = match value.is_object() {
                true => serde_json::from_value::<Jwk>(value),
                false => Err(serde::de::Error::custom("no object")),
            };
            match read {
                Ok(jwk) => known.push((at, jwk)),
                // What serde says of it would quote it.
                Err(_) => set.unusable.push(Unusable {
                    at,
                    id,
                    why: "is no JWK that can be read".to_owned(),
                    is_key: false,
                }),
            }
        }
        // A key that everybody can sign with is so under each name that it has.
        let exposed = known.iter().filter(|(_, jwk)| jwk.is_private());
        let exposed: Vec<_> = exposed.filter_map(|(_, jwk)| jwk.modulus()).collect();
        for (at, jwk) in known {
            set.add(at, jwk, &exposed);
        }
        set.unusable.sort_by_key(|unusable| unusable.at);
        match set.keys.is_empty() {
            true if set.unusable.is_empty() => Err("the set has no key".to_owned()),
            true => Err(format!("no key can be used{}", set.left_out())),
            false => Ok(set),
        }
    }

    fn add(&mut self, at: usize, jwk: Jwk, exposed: &[Vec<u8>]) {
        let id = jwk.kid.clone();
        let components = match jwk.read() {
            Ok(components) => components,
            Err(why) => return self.leave_out(at, id, why),
        };
        if exposed.iter().any(|n| **n == *components.n) {
            return self.leave_out(at, id, EXPOSED);
        }
        // Without a name it cannot be asked for.
        let Some(id) = id else {
            return self.leave_out(at, None, "has no `kid`");
        };
        let key = Key { id, components };
        let twin = self.keys.iter().position(|other| other.id == key.id);
        match twin {
            None if self.is_twins(&key.id) => {}
            None => self.keys.push(key),
            Some(twin) if self.keys.get(twin).is_some_and(|other| other.is(&key)) => {}
            // Which of the two is meant cannot be known, so neither is.
            Some(twin) => {
                self.keys.swap_remove(twin);
                self.leave_out(at, Some(key.id), TWINS);
            }
        }
    }

    fn leave_out(&mut self, at: usize, id: Option<String>, why: impl Into<String>) {
        self.unusable.push(Unusable {
            at,
            id,
            why: why.into(),
            is_key: true,
        });
    }

    fn is_twins(&self, id: &str) -> bool {
        let mut unusable = self.unusable.iter();
        unusable.any(|other| other.id.as_deref() == Some(id) && other.why == TWINS)
    }

    /// Which keys are not used, and why, for a log line; empty when all are.
    pub(crate) fn left_out(&self) -> String {
        /// So many explain what is wrong.
        const MOST: usize = 8;
        let mut words = String::new();
        for unusable in self.unusable.iter().take(MOST) {
            let Unusable { at, id, why, .. } = unusable;
            let name = id.as_deref().map(|id| format!(" {}", quoted(id)));
            let name = name.unwrap_or_default();
            words.push_str(&format!("; keys[{at}]{name} {why}"));
        }
        match self.unusable.len().saturating_sub(MOST) {
            0 => words,
            more => format!("{words}; and {more} more"),
        }
    }

    /// The key of this name.
    pub(crate) fn find(&self, id: &str) -> Found<'_> {
        if let Some(key) = self.keys.iter().find(|key| key.id == id) {
            return Found::Key(Usable(key));
        }
        let mut unusable = self.unusable.iter().filter(|unusable| unusable.is_key);
        match unusable.find(|unusable| unusable.id.as_deref() == Some(id)) {
            Some(unusable) => Found::Unusable(&unusable.why),
            None => Found::Nothing,
        }
    }

    /// The names of the keys that can be used.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| &*key.id)
    }
}

const EXPOSED: &str = "is published with its private half: everybody can sign with it";
const TWINS: &str = "is the name of two different keys";

impl Key {
    fn is(&self, other: &Self) -> bool {
        self.components.n == other.components.n && self.components.e == other.components.e
    }
}

impl Jwk {
    fn is_private(&self) -> bool {
        let private = [
            &self.d, &self.p, &self.q, &self.dp, &self.dq, &self.qi, &self.oth,
        ];
        private.iter().any(|part| part.is_some())
    }

    /// The number that is the key.
    fn modulus(&self) -> Option<Vec<u8>> {
        number(self.n.as_ref()?)
    }

    /// The key, or why it is not used.
    fn read(self) -> Result<RsaPublicKeyComponents<Box<[u8]>>, String> {
        let other = |what: &str, value: &str| Err(format!("has {what} {}", quoted(value)));
        match self.kty.as_deref() {
            Some("RSA") => {}
            kty => return other("the type", kty.unwrap_or_default()),
        }
        match self.usage.as_deref() {
            None | Some("sig") => {}
            Some(usage) => return other("the use", usage),
        }
        match self.alg.as_deref() {
            None | Some("RS256") => {}
            Some(alg) => return other("the algorithm", alg),
        }
        if let Some(operations) = &self.key_ops
            && !operations.iter().any(|name| name == "verify")
        {
            return Err("is not for the verification of signatures".to_owned());
        }
        if self.is_private() {
            return Err(EXPOSED.to_owned());
        }
        let part = |name: &str, text: Option<String>| match text {
            None => Err(format!("has no `{name}`")),
            Some(text) => number(&text).ok_or_else(|| {
                format!("has no valid `{name}`: a number in base64url without padding")
            }),
        };
        let n = part("n", self.n)?;
        let e = part("e", self.e)?;
        let unused = n.first().map_or(0, |first| first.leading_zeros() as usize);
        let bits = n.len() * 8 - unused;
        if !(FEWEST_BITS..=MOST_BITS).contains(&bits) {
            return Err(format!(
                "has {bits} bits: from {FEWEST_BITS} to {MOST_BITS} are accepted"
            ));
        }
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
        // With an exponent of 1 every message is its own signature; ring takes up to 33 bits.
        if !is_odd(&n) || !is_odd(&e) || e == [1] || e.len() > 4 {
            return Err("is no RSA key that anybody should use".to_owned());
        }
        Ok(RsaPublicKeyComponents {
            n: n.into(),
            e: e.into(),
        })
    }
}

/// Reads a number above zero. Zero bytes in front of it are dropped: RFC 7518,
/// section 6.3.1.1 forbids them and tells of libraries that write one, and the
/// number is the same without them.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let bytes: Vec<_> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
#[path = "set_tests.rs"]
mod tests;
