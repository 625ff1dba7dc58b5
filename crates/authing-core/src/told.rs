//! What an answer says when it does not say what was asked for: codes, words
//! and data of a refusal, in the forms of all dialects.
//!
//! The values stay where they are in the text, so that a refusal takes no more
//! memory than its words.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::code::ErrorCode;
use crate::error::Error;

/// The members of an answer that can tell of a refusal. Where a name comes
/// twice, the first value that says something counts.
#[derive(Default)]
pub(crate) struct Told<'t> {
    pub(crate) code: Option<&'t str>,
    pub(crate) status_code: Option<&'t str>,
    pub(crate) message: Option<&'t str>,
    pub(crate) data: Option<&'t str>,
    /// GraphQL's list.
    pub(crate) errors: Option<&'t str>,
    /// OAuth's name of the error; the first that is text.
    pub(crate) error: Option<&'t str>,
    pub(crate) error_description: Option<&'t str>,
    request_id: Option<&'t str>,
    unique_id: Option<&'t str>,
}

impl<'t> Told<'t> {
    /// Reads a whole text; `None` if it is not an object.
    pub(crate) fn read(text: &'t str) -> Option<Self> {
        // The error for a text would hold all of it.
        if !text.trim_start().starts_with('{') {
            return None;
        }
        let mut json = serde_json::Deserializer::from_str(text);
        let told = json.deserialize_map(Members).ok()?;
        json.end().ok()?;
        Some(told)
    }

    /// Whether a code is given, be it one or not.
    pub(crate) fn has_code(&self) -> bool {
        self.code.is_some() || self.status_code.is_some()
    }

    /// Whether a code is given and all that are say so.
    pub(crate) fn succeeded(&self) -> bool {
        let given = [self.code, self.status_code].into_iter().flatten();
        self.has_code()
            && given
                .map(code_of)
                .all(|code| code == Some(ErrorCode::SUCCESS))
    }

    /// The code; that of the refusal, where the other one is a success.
    fn code(&self) -> Option<ErrorCode> {
        let given = [self.code, self.status_code].into_iter().flatten();
        let mut codes = given.filter_map(code_of);
        let first = codes.next()?;
        match first == ErrorCode::SUCCESS {
            true => codes.next().or(Some(first)),
            false => Some(first),
        }
    }

    /// The refusal, if a code or a reason is given.
    pub(crate) fn refusal(&self) -> Option<Error> {
        let code = self.code();
        let words = self.message.map(words).unwrap_or_default();
        let says_nothing = code.is_none() && words.is_empty() && self.message.is_none();
        (!says_nothing).then(|| {
            let id = [self.request_id, self.unique_id].into_iter().flatten();
            let id = id.map(words_of_one).find(|id| !id.is_empty());
            Error::api(code, words)
                .with_data(self.data.map(str::to_owned))
                .with_request_id(id.as_deref())
        })
    }

    /// The refusal of an answer whose status is a success, and which is not in
    /// the envelope that it should be in.
    pub(crate) fn refusal_beside_success(&self) -> Option<Error> {
        let has_words = || {
            self.message
                .is_some_and(|message| !words(message).is_empty())
        };
        let refuses = match self.has_code() {
            true => !self.succeeded(),
            false => self.data.is_none() && has_words(),
        };
        refuses.then(|| self.refusal())?
    }

    /// The first of GraphQL's errors. Its `message` is an object for a business
    /// refusal and text for what the GraphQL layer itself refuses.
    pub(crate) fn graphql_refusal(&self) -> Option<Error> {
        let errors = self.errors?;
        let first = match errors.starts_with('[') {
            true => first_of(errors)?,
            false => errors,
        };
        let message = match Told::read(first) {
            Some(told) => told.message,
            None => Some(first),
        };
        let words = message.map(words).unwrap_or_default();
        let told = message.and_then(Told::read).unwrap_or_default();
        Some(Error::api(told.code(), words).with_data(told.data.map(str::to_owned)))
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Told<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Told<'de>, A::Error> {
        let mut told = Told::default();
        while let Some(key) = map.next_key::<Key>()? {
            let member = match key {
                Key::Code => &mut told.code,
                Key::StatusCode => &mut told.status_code,
                Key::Message => &mut told.message,
                Key::Data => &mut told.data,
                Key::Errors => &mut told.errors,
                Key::Error => &mut told.error,
                Key::ErrorDescription => &mut told.error_description,
                Key::RequestId => &mut told.request_id,
                Key::UniqueId => &mut told.unique_id,
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let value = map.next_value::<&RawValue>()?.get();
            let says = match key {
                Key::Error => value.starts_with('"'),
                Key::Errors => !is_nothing(value),
                _ => value != "null",
            };
            if says && member.is_none() {
                *member = Some(value);
            }
        }
        Ok(told)
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(field_identifier)]
enum Key {
    #[serde(rename = "code")]
    Code,
    #[serde(rename = "statusCode")]
    StatusCode,
    #[serde(rename = "message")]
    Message,
    #[serde(rename = "data")]
    Data,
    #[serde(rename = "errors")]
    Errors,
    #[serde(rename = "error")]
    Error,
    #[serde(rename = "error_description")]
    ErrorDescription,
    #[serde(rename = "requestId")]
    RequestId,
    #[serde(rename = "uniqueId")]
    UniqueId,
    #[serde(other)]
    Other,
}

/// Whether GraphQL's `errors` tells of none.
pub(crate) fn is_nothing(errors: &str) -> bool {
    errors == "null" || is_empty_list(errors)
}

fn is_empty_list(json: &str) -> bool {
    let inside = json
        .strip_prefix('[')
        .and_then(|json| json.strip_suffix(']'));
    inside.is_some_and(|inside| inside.trim().is_empty())
}

/// A code is a number, and sometimes a number in text.
pub(crate) fn code_of(json: &str) -> Option<ErrorCode> {
    let number = match json.starts_with('"') {
        true => serde_json::from_str::<Cow<'_, str>>(json)
            .ok()?
            .parse()
            .ok(),
        false => serde_json::from_str(json).ok(),
    };
    number.map(ErrorCode::new)
}

/// The words of a reason: a text, the texts of a list, the `message` of an
/// object, or the object itself. All else has no words.
pub(crate) fn words(json: &str) -> String {
    match json.as_bytes().first() {
        Some(b'"') => words_of_one(json),
        Some(b'[' | b'{') => {
            let mut words = Words::default();
            words.add(json, 0);
            words.0
        }
        _ => String::new(),
    }
}

fn words_of_one(json: &str) -> String {
    serde_json::from_str(json).unwrap_or_default()
}

fn first_of(list: &str) -> Option<&str> {
    struct First;

    impl<'de> Visitor<'de> for First {
        type Value = Option<&'de str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let first = items.next_element::<&RawValue>()?.map(RawValue::get);
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok(first)
        }
    }

    let mut json = serde_json::Deserializer::from_str(list);
    json.deserialize_seq(First).ok()?
}

/// The words that were found so far.
#[derive(Default)]
struct Words(String);

impl Words {
    /// A reason that is longer is cut here: nobody reads more of it.
    const MOST: usize = 2000;
    /// Reasons of parts of parts are written as JSON.
    const DEEPEST: u8 = 3;

    fn add(&mut self, json: &str, depth: u8) {
        match json.as_bytes().first() {
            Some(b'"') => self.push(&words_of_one(json)),
            Some(b'[') if depth < Self::DEEPEST => {
                let mut list = serde_json::Deserializer::from_str(json);
                let _ = Items { words: self, depth }.deserialize(&mut list);
            }
            Some(b'{') => match Told::read(json).unwrap_or_default() {
                Told {
                    message: Some(message),
                    ..
                } if depth < Self::DEEPEST => self.add(message, depth + 1),
                // Nothing but a code, or data that may be a token.
                told if told.has_code() || told.data.is_some() => {}
                _ if json.trim_matches(['{', '}', ' ']).is_empty() => {}
                _ => self.push(json),
            },
            Some(b'[') if !is_empty_list(json) => self.push(json),
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        if !self.0.is_empty() && !text.is_empty() {
            self.0.push_str("; ");
        }
        self.0.push_str(text);
        let mut end = Self::MOST.min(self.0.len());
        while !self.0.is_char_boundary(end) {
            end -= 1;
        }
        self.0.truncate(end);
    }
}

struct Items<'w> {
    words: &'w mut Words,
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, list: D) -> Result<(), D::Error> {
        list.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while self.words.0.len() < Words::MOST
            && let Some(item) = items.next_element::<&RawValue>()?
        {
            self.words.add(item.get(), self.depth + 1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_of_any_form_have_words() {
        for (json, text) in [
            (r#""a \"b\"""#, r#"a "b""#),
            (r#"["a","b"]"#, "a; b"),
            (
                r#"[["a"],{"message":"b"},{"message":["c","d"]},"",7,null]"#,
                "a; b; c; d",
            ),
            (r#"{"zh-CN":"参数错误"}"#, r#"{"zh-CN":"参数错误"}"#),
            (r#"[{"field":"phone"}]"#, r#"{"field":"phone"}"#),
            (r#"[[[["a"]]]]"#, r#"["a"]"#),
            (r#"{"code":7,"data":"s3cret"}"#, ""),
            ("[]", ""),
            ("{}", ""),
            ("[{},[]]", ""),
            ("null", ""),
            ("7", ""),
            ("true", ""),
        ] {
            assert_eq!(words(json), text, "{json}");
        }
    }

    #[test]
    fn long_lists_of_reasons_are_cut() {
        let json = format!("[{}\"é\"]", "\"é\",".repeat(1_000_000));
        assert!(words(&json).len() <= Words::MOST);
        let json = format!("[\"{}\"]", "é".repeat(1_000_000));
        assert!(words(&json).len() <= Words::MOST);
        let json = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(words(&json).len() <= Words::MOST);
    }

    #[test]
    fn what_says_nothing_does_not_hide_what_does() {
        let told = Told::read(
            r#"{"errors":null,"errors":[ ],"errors":["no"],"errors":[],"error":7,"error":"e","code":null,"code":1}"#,
        )
        .unwrap();
        assert_eq!(told.errors, Some(r#"["no"]"#));
        assert_eq!((told.error, told.code), (Some(r#""e""#), Some("1")));
        for text in ["[]", "7", "", "{", "{} x"] {
            assert!(Told::read(text).is_none(), "{text}");
        }
    }
}
