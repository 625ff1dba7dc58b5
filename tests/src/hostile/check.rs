//! The promises that hold for every error and every value.

use std::error::Error as _;
use std::fmt::Debug;

use authing::{Error, ErrorKind};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// Planted as values in the corpus where a server might send something secret.
pub(super) const CANARY: &str = "canary-7f3a";

/// Checks what an error shows, and that it is of one of these kinds.
pub(super) fn error(error: &Error, kinds: &[ErrorKind]) {
    assert!(kinds.contains(&error.kind()), "an unfit kind: {error:?}");
    let line = error.to_string();
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    assert!(!line.contains(breaks), "more than a line: {line:?}");
    assert!(error.tries() <= 1 || line.contains("tries"), "{line}");
    if error.kind() == ErrorKind::Decode {
        assert!(error.code().is_none() && error.oauth_error().is_none());
    }
}

/// Checks that an answer which does not fit is not quoted: the value may be a
/// token in the wrong place. Names may be told.
pub(super) fn unquoted(error: &Error, input: &[u8]) {
    if error.kind() != ErrorKind::Decode || names_hold_canary(input) {
        return;
    }
    clean(error);
    let mut source = error.source();
    while let Some(cause) = source {
        assert!(!cause.to_string().contains(CANARY), "{cause}");
        source = cause.source();
    }
    assert!(!error.to_string().contains(CANARY), "{error}");
}

/// Checks that the `Debug` shows no canary.
pub(super) fn clean(shown: &impl Debug) {
    let text = format!("{shown:?}");
    assert!(!text.contains(CANARY), "a secret is shown: {text}");
}

/// Whether a canary stands elsewhere than in values, as far as one can tell.
pub(super) fn names_hold_canary(input: &[u8]) -> bool {
    fn in_names(value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(in_names),
            Value::Object(fields) => fields
                .iter()
                .any(|(name, value)| name.contains(CANARY) || in_names(value)),
            _ => false,
        }
    }
    match serde_json::from_slice::<Value>(input) {
        Ok(value) => in_names(&value),
        // A name may stand in what cannot be read as a whole.
        Err(_) => String::from_utf8_lossy(input).contains(CANARY),
    }
}

/// Checks that a value's `Debug`, which walks all of it, is not out of all
/// proportion to the input.
pub(super) fn proportion(shown: &str, input: &[u8]) {
    // The smallest user, `{"id":""}`, shows its 50 other fields as `None`.
    let most = 200 * input.len() + 8192;
    assert!(shown.len() <= most, "{} from {}", shown.len(), input.len());
}

/// The fields of a JSON object with those that come twice; `None` if the text
/// is not one.
pub(super) fn fields(input: &[u8]) -> Option<Vec<(String, Value)>> {
    struct Fields;

    impl<'de> Visitor<'de> for Fields {
        type Value = Vec<(String, Value)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut fields = Vec::new();
            while let Some(field) = map.next_entry()? {
                fields.push(field);
            }
            Ok(fields)
        }
    }

    let mut json = serde_json::Deserializer::from_slice(input);
    let fields = json.deserialize_map(Fields).ok()?;
    json.end().ok().map(|()| fields)
}

/// The one value of a name, if the name is there once.
pub(super) fn once<'a>(fields: &'a [(String, Value)], name: &str) -> Option<&'a Value> {
    let mut found = fields.iter().filter(|(known, _)| known == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

/// All values of a name.
pub(super) fn all<'a>(
    fields: &'a [(String, Value)],
    name: &str,
) -> impl Iterator<Item = &'a Value> {
    fields
        .iter()
        .filter(move |(known, _)| known == name)
        .map(|(_, value)| value)
}
