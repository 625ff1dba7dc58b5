//! The claims that decide whether a token is good, borrowed from it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use crate::rejection::{Reason, Rejection};
use crate::strict::{DEPTH, Name, Seen, Skip, told};

/// What the SDK itself reads of a token. Text that is `null` counts as absent:
/// Authing writes it for what is empty. A point in time cannot be empty.
#[derive(Debug, Default)]
pub(crate) struct Payload<'a> {
    pub(crate) iss: Option<Name<'a>>,
    pub(crate) sub: Option<Name<'a>>,
    pub(crate) aud: Audience<'a>,
    pub(crate) azp: Option<Name<'a>>,
    pub(crate) jti: Option<Name<'a>>,
    pub(crate) scope: Option<Name<'a>>,
    pub(crate) nonce: Option<Name<'a>>,
    pub(crate) exp: Option<i64>,
    pub(crate) nbf: Option<i64>,
    pub(crate) iat: Option<i64>,
    pub(crate) data: Option<Data<'a>>,
    /// One of the claims that only ID tokens have.
    pub(crate) of_id_tokens: Option<&'static str>,
    /// One of the claims that only management tokens have.
    pub(crate) of_management: Option<&'static str>,
    /// It tells of an event (RFC 8417), as a logout token does.
    pub(crate) is_event: bool,
}

/// `aud`: text, or an array of it (RFC 7519, section 4.1.3). One, as there is
/// nearly always, costs no allocation.
#[derive(Debug, Default)]
pub(crate) struct Audience<'a> {
    first: Option<Name<'a>>,
    others: Vec<Name<'a>>,
}

impl<'a> Audience<'a> {
    fn one(text: Cow<'a, str>) -> Self {
        Self {
            first: Some(Name(text)),
            others: Vec::new(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Name<'a>> {
        self.first.iter().chain(&self.others)
    }
}

/// The `data` of tokens of the v2 API.
#[derive(Debug, Default)]
pub(crate) struct Data<'a> {
    pub(crate) kind: Option<Name<'a>>,
    pub(crate) id: Option<Name<'a>>,
    pub(crate) user_pool_id: Option<Name<'a>>,
    pub(crate) app_id: Option<Name<'a>>,
}

impl<'a> Payload<'a> {
    /// Reads the whole of it, and refuses what is said twice.
    pub(crate) fn read(json: &'a [u8]) -> Result<Self, Rejection> {
        let mut reader = serde_json::Deserializer::from_slice(json);
        Self::deserialize(&mut reader)
            .and_then(|payload| reader.end().map(|()| payload))
            .map_err(|error| {
                let why = format!("the claims are not as they should be: {}", told(&error));
                Rejection::new(Reason::Malformed, why)
            })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Payload<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Payload<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Payload::default();
        let mut seen = Seen::default();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            seen.add(&name)?;
            match &*name.0 {
                "iss" => found.iss = map.next_value_seed(Text("iss"))?,
                "sub" => found.sub = map.next_value_seed(Text("sub"))?,
                "azp" => found.azp = map.next_value_seed(Text("azp"))?,
                "jti" => found.jti = map.next_value_seed(Text("jti"))?,
                "scope" => found.scope = map.next_value_seed(Text("scope"))?,
                "nonce" => {
                    found.nonce = map.next_value_seed(Text("nonce"))?;
                    if found.nonce.is_some() {
                        found.of_id_tokens = Some("nonce");
                    }
                }
                "aud" => found.aud = map.next_value()?,
                "exp" => found.exp = seconds(&mut map, "exp")?,
                "nbf" => found.nbf = seconds(&mut map, "nbf")?,
                "iat" => found.iat = seconds(&mut map, "iat")?,
                "data" => found.data = map.next_value_seed(DataMembers)?,
                other => {
                    match other {
                        "at_hash" => found.of_id_tokens = Some("at_hash"),
                        "c_hash" => found.of_id_tokens = Some("c_hash"),
                        "s_hash" => found.of_id_tokens = Some("s_hash"),
                        "scoped_userpool_id" => found.of_management = Some("scoped_userpool_id"),
                        "events" => found.is_event = true,
                        "access_key_id" => found.of_management = Some("access_key_id"),
                        _ => {}
                    }
                    map.next_value_seed(Skip(DEPTH))?;
                }
            }
        }
        Ok(found)
    }
}

/// A point in time (RFC 7519, section 2: seconds since 1970, also with a
/// fraction). None is before that.
fn seconds<'de, A: MapAccess<'de>>(map: &mut A, name: &str) -> Result<Option<i64>, A::Error> {
    let number = map.next_value::<Number>()?;
    let whole = number.as_i64().or_else(|| {
        let seconds = number.as_f64()?.floor();
        // The whole numbers up to here are exact.
        #[expect(clippy::cast_possible_truncation, reason = "checked on this line")]
        (seconds.abs() < 9e15).then_some(seconds as i64)
    });
    match whole.filter(|seconds| *seconds >= 0) {
        Some(seconds) => Ok(Some(seconds)),
        None => Err(A::Error::custom(format!("`{name}` is no point in time"))),
    }
}

/// Text, or nothing.
struct Text(&'static str);

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<Name<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Option<Name<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text for `{}`", self.0)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Name(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Name(Cow::Owned(text.to_owned()))))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

impl<'de> Deserialize<'de> for Audience<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Audience<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or an array of it for `aud`")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Audience::one(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Audience::one(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Audience::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut all = Audience {
                    first: seq.next_element()?,
                    others: Vec::new(),
                };
                while let Some(one) = seq.next_element()? {
                    all.others.push(one);
                }
                Ok(all)
            }
        }
        deserializer.deserialize_any(Texts)
    }
}

/// `data`, where it is an object.
struct DataMembers;

impl<'de> DeserializeSeed<'de> for DataMembers {
    type Value = Option<Data<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DataMembers {
    type Value = Option<Data<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object for `data`")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Data::default();
        let mut seen = Seen::default();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            seen.add(&name)?;
            match &*name.0 {
                "type" => found.kind = map.next_value_seed(Text("data.type"))?,
                "id" => found.id = map.next_value_seed(Text("data.id"))?,
                "userPoolId" => {
                    found.user_pool_id = map.next_value_seed(Text("data.userPoolId"))?;
                }
                "appId" => found.app_id = map.next_value_seed(Text("data.appId"))?,
                _ => map.next_value_seed(Skip(DEPTH))?,
            }
        }
        Ok(Some(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Payload<'_>, Rejection> {
        Payload::read(text.as_bytes())
    }

    #[test]
    fn claims_are_read() {
        let payload = read(
            r#"{"iss":"i","sub":"s\u0041","aud":["a","b"],"azp":null,"exp":1e3,"nbf":5.9,
                "iat":7,"data":{"type":"user","id":"u","x":{"id":1}},"new":{"exp":"x"}}"#,
        )
        .unwrap();
        assert_eq!(payload.sub.unwrap().0, "sA");
        assert_eq!(payload.aud.iter().count(), 2);
        assert!(payload.azp.is_none());
        assert_eq!((payload.exp, payload.nbf), (Some(1000), Some(5)));
        assert_eq!(payload.iat, Some(7));
        assert_eq!(payload.data.unwrap().id.unwrap().0, "u");
    }

    #[test]
    fn what_is_no_claim_is_refused() {
        for (text, why) in [
            ("", "EOF"),
            ("[]", "an object"),
            ("{} ,", "trailing"),
            (r#"{"sub": 5}"#, "`sub`"),
            (r#"{"sub": "a", "sub": "a"}"#, "twice"),
            (r#"{"sub": "a", "s\u0075b": "b"}"#, "twice"),
            (r#"{"x": {"y": 1, "y": 2}}"#, "twice"),
            (r#"{"data": {"id": "1", "id": "2"}}"#, "twice"),
            (r#"{"data": "x"}"#, "`data`"),
            (r#"{"exp": "5"}"#, "number"),
            (r#"{"nbf": null}"#, "number"),
            (r#"{"nbf": -1}"#, "`nbf`"),
            (r#"{"exp": 1e300}"#, "`exp`"),
            (r#"{"exp": 1e999}"#, "out of range"),
            (r#"{"aud": {"a": 1}}"#, "`aud`"),
            (r#"{"aud": ["a", 1]}"#, "text"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(error.reason(), Reason::Malformed);
            assert!(error.to_string().contains(why), "{text}: {error}");
        }
    }
}
