//! What is written as JSON, without NUL: databases cut text at it.

use bytes::Bytes;
use serde::{Serialize, Serializer, ser};

use crate::error::Error;
use crate::operation::Payload;
use crate::{Result, operation};

const HOLDS_NUL: &str = "an argument holds a NUL character";

/// Writes the arguments of an operation after what the body begins with.
pub(crate) fn write<T: Serialize + ?Sized>(body: &mut Vec<u8>, arguments: &T) -> Result<()> {
    let start = body.len();
    serde_json::to_writer(&mut *body, arguments).map_err(|cause| {
        match cause.to_string().starts_with(HOLDS_NUL) {
            true => Error::invalid_input(HOLDS_NUL),
            false => Error::invalid_input("the arguments are not JSON").with_source(cause),
        }
    })?;
    match body.get(start..).is_some_and(holds_nul) {
        true => Err(Error::invalid_input(HOLDS_NUL)),
        false => Ok(()),
    }
}

/// Whether a JSON text has the escape for NUL.
fn holds_nul(json: &[u8]) -> bool {
    const NUL: &[u8] = b"\\u0000";
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let escape = rest.get(at..).unwrap_or_default();
        if escape.starts_with(NUL) {
            return true;
        }
        // Two bytes: what follows a backslash may be one itself.
        rest = escape.get(2..).unwrap_or_default();
    }
    false
}

impl Payload {
    /// Refuses a path or a body with NUL in it, whoever wrote it.
    pub(crate) fn check(&self) -> Result<()> {
        const ENCODED: &[u8] = b"%00";
        let holds = |encoded: &[u8]| encoded.windows(ENCODED.len()).any(|part| part == ENCODED);
        let body = self.body.as_deref().filter(|_| !self.is_checked);
        let in_body = body.is_some_and(|body| match self.content_type {
            operation::FORM => holds(body),
            _ => holds_nul(body),
        });
        match in_body || holds(self.path.as_bytes()) {
            true => Err(Error::invalid_input(HOLDS_NUL)),
            false => Ok(()),
        }
    }

    /// Says that the body was written by [`write`].
    pub(crate) fn checked(path: impl Into<std::borrow::Cow<'static, str>>, body: Vec<u8>) -> Self {
        let mut payload = Self::new(path, Some(Bytes::from(body)));
        payload.is_checked = true;
        payload
    }
}

/// A JSON text that travels as text within JSON, such as the value of a custom
/// field. A NUL in it would be hidden from the check of the body, so writing it
/// fails instead.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonText(String);

impl JsonText {
    /// The text of a value that is JSON in any case, such as
    /// [`Value`](serde_json::Value).
    pub fn of(value: &impl ToString) -> Self {
        Self(value.to_string())
    }
}

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match holds_nul(self.0.as_bytes()) {
            true => Err(ser::Error::custom(HOLDS_NUL)),
            false => serializer.serialize_str(&self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_nul_is_found_and_nothing_else() {
        let found = |text: &str| holds_nul(Value::from(text).to_string().as_bytes());
        for text in ["\0", "a\0b", "\\\0", "\n\"\0"] {
            assert!(found(text), "{text:?}");
        }
        for text in ["", "\\u0000", "\\\\u0000", "u0000", "\u{1}", "\\"] {
            assert!(!found(text), "{text:?}");
        }
    }

    #[test]
    fn no_body_has_a_nul_in_it() {
        let refuses = |payload: Result<Payload>| {
            let error = payload.and_then(|payload| payload.check()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert_eq!(error.message(), HOLDS_NUL);
        };
        refuses(Payload::json("/a", &json!({"a": ["b\0"]})));
        refuses(Payload::json("/a", &json!({"\0": 1})));
        refuses(Payload::json("/a", &[JsonText::of(&json!({"a": "\0"}))]));
        refuses(Ok(Payload::new(
            "/a",
            Some(Bytes::from_static(br#"{"a":"\u0000"}"#)),
        )));
        refuses(Ok(Payload::new("/a?b=%00", None)));
        refuses(Ok(Payload::form("/a", [("a", "b\0")])));
        for payload in [
            Payload::json("/a", &json!({"a": "\\u0000 %00"})).unwrap(),
            Payload::json("/a", &[JsonText::of(&json!("\\u0000"))]).unwrap(),
            Payload::form("/a", [("a", "%00\\u0000")]),
        ] {
            payload.check().unwrap();
        }
    }
}
