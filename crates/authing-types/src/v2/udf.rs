//! Custom fields: what the pool's users have beyond the fixed ones.

use authing_core::{Timestamp, string_enum};
use serde::Deserialize;
use serde_json::{Number, Value};

string_enum! {
    /// What a custom field belongs to.
    pub enum UdfTargetType {
        /// A node of an organisation.
        Node = "NODE",
        /// An organisation.
        Org = "ORG",
        /// A user.
        User = "USER",
        /// The user pool itself.
        UserPool = "USERPOOL",
        /// A role.
        Role = "ROLE",
        /// A permission.
        Permission = "PERMISSION",
        /// An application.
        Application = "APPLICATION",
    }
}

string_enum! {
    /// The type of a custom field.
    pub enum UdfDataType {
        /// Text.
        String = "STRING",
        /// A number.
        Number = "NUMBER",
        /// A date with time.
        DateTime = "DATETIME",
        /// True or false.
        Boolean = "BOOLEAN",
        /// A JSON object.
        Object = "OBJECT",
        /// One of a fixed list of texts.
        Select = "SELECT",
    }
}

/// The value of one custom field.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Wire")]
#[non_exhaustive]
pub struct UserDefinedData {
    /// The name of the field.
    pub key: String,
    /// Its type.
    pub data_type: UdfDataType,
    /// The value, decoded by its type.
    pub value: UdfValue,
    /// What people are shown, if it was asked for.
    pub label: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    key: String,
    data_type: UdfDataType,
    value: Option<Value>,
    label: Option<String>,
}

impl From<Wire> for UserDefinedData {
    fn from(wire: Wire) -> Self {
        Self {
            value: match wire.value {
                None => UdfValue::Null,
                Some(Value::String(text)) => UdfValue::decode(&wire.data_type, text),
                // A schema that is newer than this one may answer with the value itself.
                Some(Value::Number(millis)) if wire.data_type == UdfDataType::DateTime => {
                    match Timestamp::deserialize(&millis) {
                        Ok(date) => UdfValue::DateTime(date),
                        Err(_) => UdfValue::Number(millis),
                    }
                }
                Some(value) => value.into(),
            },
            key: wire.key,
            data_type: wire.data_type,
            label: wire.label,
        }
    }
}

/// The value of a custom field.
///
/// The server checks a value against the type of its field, so a number for a
/// text field is refused.
///
/// ```
/// use authing_types::v2::UdfValue;
///
/// assert_eq!(UdfValue::from("ucla").to_json(), r#""ucla""#);
/// assert_eq!(UdfValue::from(18).to_json(), "18");
/// assert_eq!(UdfValue::from(1.75).to_json(), "1.75");
/// assert_eq!(UdfValue::from(serde_json::json!({"a": 1.5})).to_json(), r#"{"a":1.5}"#);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum UdfValue {
    /// Text.
    Text(String),
    /// A number.
    Number(Number),
    /// True or false.
    Bool(bool),
    /// A date: ISO 8601 text, or milliseconds since 1970. It is sent in the
    /// form that it has; Authing's own SDKs send ISO text.
    DateTime(Timestamp),
    /// A JSON object or array.
    Object(Value),
    /// No value.
    Null,
    /// Text of a type that this version does not know, or that does not fit
    /// its type.
    Other(String),
}

impl UdfValue {
    /// Reads the text that the server keeps for a value of this type.
    #[must_use]
    pub fn decode(data_type: &UdfDataType, text: String) -> Self {
        let json = || serde_json::from_str::<Value>(&text).ok();
        let decoded = match data_type {
            UdfDataType::String | UdfDataType::Select => return Self::Text(text),
            UdfDataType::DateTime if text != "null" => return Self::DateTime(text.into()),
            UdfDataType::DateTime => Some(Value::Null),
            UdfDataType::Number => json().filter(|value| value.is_number() || value.is_null()),
            UdfDataType::Boolean => json().filter(|value| value.is_boolean() || value.is_null()),
            UdfDataType::Object => json(),
            _ => None,
        };
        match decoded {
            // Text in quotes is an odd object, but not a text field.
            Some(value @ Value::String(_)) => Self::Object(value),
            Some(value) => value.into(),
            None => Self::Other(text),
        }
    }

    /// The JSON text that is sent for the value, whatever its type.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }

    /// The value as it stands in the JSON text of custom data.
    #[doc(hidden)]
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Text(text) | Self::Other(text) => Value::from(text.as_str()),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Bool(flag) => Value::Bool(*flag),
            Self::DateTime(time) => match time.epoch_millis() {
                Some(millis) => Value::from(millis),
                None => Value::from(time.as_str()),
            },
            Self::Object(value) => value.clone(),
            Self::Null => Value::Null,
        }
    }
}

impl From<Value> for UdfValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(flag),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(text),
            value => Self::Object(value),
        }
    }
}

/// JSON has no infinite number and no NaN. They become [`UdfValue::Other`], text
/// that the server refuses for a number.
impl From<f64> for UdfValue {
    fn from(value: f64) -> Self {
        match Number::from_f64(value) {
            Some(number) => Self::Number(number),
            None => Self::Other(value.to_string()),
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident,)+) => {
        $(impl From<$type> for UdfValue {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })+
    };
}

from! {
    &str => Text,
    &String => Text,
    String => Text,
    i8 => Number,
    u8 => Number,
    i16 => Number,
    u16 => Number,
    i32 => Number,
    u32 => Number,
    i64 => Number,
    u64 => Number,
    Number => Number,
    bool => Bool,
    Timestamp => DateTime,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(data_type: &str, value: Value) -> UdfValue {
        let wire = json!({"key": "k", "dataType": data_type, "value": value});
        serde_json::from_value::<UserDefinedData>(wire)
            .unwrap()
            .value
    }

    #[test]
    fn values_are_decoded_by_their_type() {
        assert_eq!(read("STRING", json!("18")), UdfValue::Text("18".into()));
        assert_eq!(read("NUMBER", json!("18")), UdfValue::from(18));
        assert_eq!(read("NUMBER", json!("1.5")), UdfValue::from(1.5));
        assert_eq!(UdfValue::from(f64::NAN), UdfValue::Other("NaN".into()));
        assert_eq!(UdfValue::from(&String::from("a")), UdfValue::from("a"));
        assert_eq!(read("BOOLEAN", json!("false")), UdfValue::Bool(false));
        assert_eq!(
            read("OBJECT", json!(r#"{"a":[1]}"#)),
            UdfValue::Object(json!({"a": [1]}))
        );
        let millis = UdfValue::DateTime("1600000000000".into());
        assert_eq!(read("DATETIME", json!("1600000000000")), millis);
        let iso = UdfValue::DateTime("2020-01-01T02:03:04".into());
        assert_eq!(read("DATETIME", json!("2020-01-01T02:03:04")), iso);
    }

    #[test]
    fn nothing_fails_to_decode() {
        assert_eq!(read("NUMBER", json!(null)), UdfValue::Null);
        assert_eq!(read("NUMBER", json!("null")), UdfValue::Null);
        assert_eq!(read("NUMBER", json!("x")), UdfValue::Other("x".into()));
        assert_eq!(
            read("NUMBER", json!("\"18\"")),
            UdfValue::Other("\"18\"".into())
        );
        assert_eq!(read("COLOUR", json!("red")), UdfValue::Other("red".into()));
        assert_eq!(read("OBJECT", json!("{")), UdfValue::Other("{".into()));
        assert_eq!(read("DATETIME", json!(null)), UdfValue::Null);
        assert_eq!(read("DATETIME", json!("null")), UdfValue::Null);
        assert_eq!(read("STRING", json!("null")), UdfValue::Text("null".into()));
        let millis = UdfValue::DateTime("1600000000000".into());
        assert_eq!(read("DATETIME", json!(1_600_000_000_000_i64)), millis);
        for whole in ["1.6e12", "1600000000000.0"] {
            let number = serde_json::from_str(whole).unwrap();
            assert_eq!(read("DATETIME", number), millis, "{whole}");
        }
        assert_eq!(read("NUMBER", json!(1.5)), UdfValue::from(1.5));
        assert_eq!(read("OBJECT", json!([1])), UdfValue::Object(json!([1])));
    }

    #[test]
    fn what_is_written_reads_back() {
        for (data_type, value) in [
            ("NUMBER", UdfValue::from(-3_i64)),
            ("NUMBER", UdfValue::from(1.75)),
            ("NUMBER", UdfValue::from(1e300)),
            // Read in a hurry, both come out as their neighbours.
            ("NUMBER", UdfValue::from(218.705_902_740_513_38)),
            ("NUMBER", UdfValue::from(935.747_835_263_557_9)),
            ("BOOLEAN", UdfValue::from(true)),
            ("OBJECT", UdfValue::from(json!({"é": null}))),
        ] {
            assert_eq!(read(data_type, json!(value.to_json())), value);
        }
        assert_eq!(UdfValue::from(f64::NAN).to_json(), r#""NaN""#);
        let date = UdfValue::from(Timestamp::from("2020-01-01T02:03:04Z"));
        assert_eq!(date.to_json(), r#""2020-01-01T02:03:04Z""#);
        assert_eq!(
            UdfValue::DateTime("1600000000000".into()).to_json(),
            "1600000000000"
        );
    }
}
