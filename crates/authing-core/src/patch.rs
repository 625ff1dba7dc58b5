//! Three states of a field in an update.

use serde::{Serialize, Serializer};

use crate::{Secret, Timestamp};

/// What an update does to one field.
///
/// Setters take `impl Into<Patch<T>>`, so that a plain value sets the field:
///
/// ```
/// use authing_core::Patch;
///
/// fn nickname(value: impl Into<Patch<String>>) -> Patch<String> { value.into() }
///
/// assert_eq!(nickname("Bob"), Patch::Set("Bob".to_owned()));
/// assert_eq!(nickname(Patch::Null), Patch::Null);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth state")]
pub enum Patch<T> {
    /// Leave the field as it is: nothing is sent.
    #[default]
    Keep,
    /// Clear the field: `null` is sent.
    Null,
    /// Store this value, also when it is `false`, `0` or empty.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the field stays as it is.
    #[must_use]
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

/// What becomes a value by a conversion sets the field as well.
macro_rules! set {
    ($($from:ty => $to:ty,)+) => {
        $(impl From<$from> for Patch<$to> {
            fn from(value: $from) -> Self {
                Self::Set(value.into())
            }
        })+
    };
}

set! {
    &str => String,
    &String => String,
    &str => Secret,
    &String => Secret,
    String => Secret,
    &Secret => Secret,
    &str => Timestamp,
    &String => Timestamp,
    String => Timestamp,
}

/// `Keep` cannot be expressed as a value: skip the field with
/// [`Patch::is_keep`], as the SDK's own types do.
impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Null => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, Serialize)]
    struct Update {
        #[serde(skip_serializing_if = "Patch::is_keep")]
        blocked: Patch<bool>,
        #[serde(skip_serializing_if = "Patch::is_keep")]
        count: Patch<u32>,
        #[serde(skip_serializing_if = "Patch::is_keep")]
        name: Patch<String>,
    }

    #[test]
    fn what_a_caller_has_at_hand_sets_a_field() {
        let owned = String::from("Bob");
        let name: Patch<String> = (&owned).into();
        assert_eq!(name, Patch::from(owned.as_str()));
        let secret: [Patch<Secret>; 2] = [(&owned).into(), (&Secret::from("Bob")).into()];
        for secret in secret {
            assert!(matches!(secret, Patch::Set(secret) if secret.expose() == "Bob"));
        }
        let date: [Patch<Timestamp>; 2] = [(&owned).into(), owned.into()];
        assert_eq!(date, [Patch::from("Bob"), Patch::from("Bob")]);
    }

    #[test]
    fn falsy_values_are_sent_and_kept_fields_are_not() {
        let update = Update {
            blocked: false.into(),
            count: 0.into(),
            name: "".into(),
        };
        let text = serde_json::to_string(&update).unwrap();
        assert_eq!(text, r#"{"blocked":false,"count":0,"name":""}"#);
        assert_eq!(serde_json::to_string(&Update::default()).unwrap(), "{}");
        let clear = Update {
            name: Patch::Null,
            ..Update::default()
        };
        assert_eq!(serde_json::to_string(&clear).unwrap(), r#"{"name":null}"#);
    }
}
