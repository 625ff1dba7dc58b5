//! Values of custom fields: JSON text in, stored text out.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dates::{is_date, is_milliseconds};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum DataType {
    String,
    Number,
    DateTime,
    Boolean,
    Object,
    Select,
}

/// The text to store and to answer. Strings and dates lose their quotes, the others stay as the client wrote them.
pub(super) fn read(data_type: DataType, json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    match (data_type, value) {
        (DataType::String | DataType::Select, Value::String(text)) => Some(text),
        (DataType::DateTime, Value::String(text)) => {
            (is_date(&text) || is_milliseconds(&text)).then_some(text)
        }
        (DataType::DateTime, Value::Number(number)) => number.as_u64().map(|ms| ms.to_string()),
        (DataType::Number, Value::Number(_))
        | (DataType::Boolean, Value::Bool(_))
        | (DataType::Object, Value::Object(_) | Value::Array(_)) => Some(json.trim().to_owned()),
        _ => None,
    }
}

/// What a stored text stands for.
pub(super) fn shown(data_type: DataType, stored: String) -> Value {
    match data_type {
        DataType::String | DataType::Select | DataType::DateTime => Value::String(stored),
        DataType::Number | DataType::Boolean | DataType::Object => {
            serde_json::from_str(&stored).unwrap_or(Value::String(stored))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_fits_and_only_that() {
        for (data_type, json, stored) in [
            (DataType::String, r#""ucla""#, Some("ucla")),
            (DataType::String, r#""\u4e2d""#, Some("中")),
            (DataType::String, "18", None),
            (DataType::String, "ucla", None),
            (DataType::Number, "18", Some("18")),
            (DataType::Number, r#""18""#, None),
            (DataType::Boolean, "false", Some("false")),
            (DataType::Boolean, r#""false""#, None),
            (
                DataType::DateTime,
                r#""2020-01-01T02:03:04""#,
                Some("2020-01-01T02:03:04"),
            ),
            (DataType::DateTime, "1580000000000", Some("1580000000000")),
            (
                DataType::DateTime,
                r#""1580000000000""#,
                Some("1580000000000"),
            ),
            (DataType::DateTime, r#""soon""#, None),
            (
                DataType::Object,
                r#"{"b": [1, true, null], "a": 0}"#,
                Some(r#"{"b": [1, true, null], "a": 0}"#),
            ),
            (DataType::Object, "1", None),
            (DataType::String, "null", None),
        ] {
            assert_eq!(
                read(data_type, json).as_deref(),
                stored,
                "{data_type:?} {json}"
            );
        }
    }
}
