//! JSON in which nothing is said twice.
//!
//! RFC 7519 (section 4) lets a reader take the last of two members with the
//! same name. Two readers that choose differently can be played off against
//! each other, so here an object that names a member twice is refused, at any
//! depth.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How deep arrays and objects may be nested: no honest token is as deep.
pub(crate) const DEPTH: u8 = 16;

/// The name of a member, borrowed where it has no escapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// So many names of an object cost no allocation.
const FEW: usize = 24;

/// The names of an object so far.
#[derive(Default)]
pub(crate) struct Seen<'a> {
    few: [&'a str; FEW],
    count: usize,
    more: BTreeSet<Cow<'a, str>>,
}

impl<'a> Seen<'a> {
    /// Takes note of a name; fails if it was there before.
    pub(crate) fn add<E: Error>(&mut self, name: &Name<'a>) -> Result<(), E> {
        let text = &*name.0;
        let few = self.few.get(..self.count).unwrap_or_default();
        let is_new = !few.contains(&text) && !self.more.contains(text);
        if !is_new {
            return Err(E::custom("an object names a member twice"));
        }
        match (&name.0, self.few.get_mut(self.count)) {
            (Cow::Borrowed(text), Some(place)) => {
                *place = text;
                self.count += 1;
            }
            _ => {
                self.more.insert(name.0.clone());
            }
        }
        Ok(())
    }
}

/// Reads any value, keeps nothing of it, and refuses what is said twice or is
/// nested more than this deep.
#[derive(Clone, Copy)]
pub(crate) struct Skip(pub(crate) u8);

impl Skip {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let left = self.0.checked_sub(1);
        left.map(Skip).ok_or_else(|| E::custom("nested too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Skip {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skip {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while seq.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut seen = Seen::default();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            seen.add(&name)?;
            map.next_value_seed(inner)?;
        }
        Ok(())
    }
}

/// What serde_json says, without the value or the name that it quotes: it may
/// be anything. What types of other people say is made one line.
pub(crate) fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = match text.rsplit_once(", expected ") {
        Some((found, expected)) if quotes(found) => format!("expected {expected}"),
        None if quotes(&text) => {
            let (line, column) = (error.line(), error.column());
            format!("something unexpected at line {line} column {column}")
        }
        _ => text,
    };
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

fn quotes(text: &str) -> bool {
    text.starts_with("invalid ") || text.starts_with("unknown ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        Skip(DEPTH).deserialize(&mut json)?;
        json.end()
    }

    #[test]
    fn what_is_said_once_passes() {
        for text in [
            "{}",
            r#"{"a": {"a": [{"a": 1}, {"a": -1.5e3}]}, "A": null, "b": "\u0061", "": true}"#,
            "[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]",
        ] {
            check(text).unwrap();
        }
    }

    #[test]
    fn what_is_said_twice_does_not() {
        for text in [
            r#"{"a": 1, "a": 1}"#,
            r#"{"a": 1, "\u0061": 2}"#,
            r#"{"\u0061": 1, "a": 2}"#,
            r#"{"\u0061": 1, "\u0061": 2}"#,
            r#"[{"b": {"c": 1, "c": 2}}]"#,
        ] {
            let error = check(text).unwrap_err();
            assert!(error.to_string().contains("twice"), "{text}: {error}");
        }
        let many: Vec<_> = (0..100).map(|n| format!("\"n{n}\": {n}")).collect();
        check(&format!("{{{}}}", many.join(","))).unwrap();
        for again in [0, 23, 24, 99] {
            let text = format!("{{{}, \"n{again}\": 0}}", many.join(","));
            assert!(check(&text).is_err(), "{again}");
        }
    }

    #[test]
    fn depth_has_an_end() {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let nest = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
            check(&nest(16)).unwrap();
            assert!(check(&nest(17)).is_err());
            assert!(check(&nest(100_000)).is_err());
        }
    }

    #[test]
    fn no_value_is_quoted() {
        let error = serde_json::from_str::<u8>("\"s3cret\"").unwrap_err();
        assert!(!told(&error).contains("s3cret") && told(&error).contains("u8"));
    }
}
