use std::fmt;

use authing_core::Secret;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::EventName;
use crate::rejection::{Reason, Rejection};
use crate::strict::told;

/// What an event is about.
///
/// `Debug` shows the names of fields and never what is in them: events of users
/// hold digests of passwords, and those of secrets the secrets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum EventData {
    /// The event is about this user.
    User(Fields),
    /// The user before the change, and what was changed.
    #[non_exhaustive]
    UserUpdated {
        /// The user.
        user: Fields,
        /// The new values.
        updates: Fields,
    },
    /// A second factor was checked.
    #[non_exhaustive]
    MfaVerified {
        /// The user's id.
        user_id: Option<String>,
        /// Whether the factor was right.
        is_valid: bool,
        /// `OTP`, `FACE`, `SMS` or `EMAIL`.
        factor: Option<String>,
    },
    /// Permissions were given or taken.
    #[non_exhaustive]
    Permission {
        /// The codes of the policies.
        policies: Vec<String>,
        /// What kind of thing has them, such as `USER`.
        target_type: Option<String>,
        /// Which ones.
        targets: Vec<String>,
        /// The namespace of the policies.
        namespace: Option<String>,
    },
    /// An application or the user pool has another secret.
    #[non_exhaustive]
    SecretRefreshed {
        /// The new one.
        secret: Option<Secret>,
        /// The one before.
        old_secret: Option<Secret>,
        /// What else is told.
        about: Fields,
    },
    /// Anything else.
    Other(Fields),
}

/// Fields as Authing sent them.
#[derive(Clone, Default)]
pub struct Fields(pub(super) Map<String, Value>);

impl Fields {
    /// The value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The text of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The fields as a type of yours.
    ///
    /// # Errors
    ///
    /// [`Reason::OwnClaims`] when they do not fit it.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Rejection> {
        T::deserialize(&Value::Object(self.0.clone())).map_err(|error| {
            let name = std::any::type_name::<T>();
            let words = format!("the data do not fit {name}: {}", told(&error));
            Rejection::new(Reason::OwnClaims, words)
        })
    }

    fn take_text(&mut self, name: &str) -> Option<String> {
        match self.0.remove(name)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    fn take_fields(&mut self, name: &str) -> Self {
        match self.0.remove(name) {
            Some(Value::Object(fields)) => Self(fields),
            _ => Self::default(),
        }
    }

    fn take_list(&mut self, name: &str) -> Vec<String> {
        let items = match self.0.remove(name) {
            Some(Value::Array(items)) => items,
            Some(item) => vec![item],
            None => Vec::new(),
        };
        let text = |item: Value| item.as_str().map(str::to_owned);
        items.into_iter().filter_map(text).collect()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl EventData {
    pub(super) fn of(name: &EventName, mut fields: Fields) -> Self {
        match name {
            EventName::MfaVerified => Self::MfaVerified {
                user_id: fields.take_text("userId"),
                is_valid: fields.get("isValid") == Some(&Value::Bool(true)),
                factor: fields.take_text("type"),
            },
            EventName::UserUpdated if fields.get("user").is_some() => Self::UserUpdated {
                user: fields.take_fields("user"),
                updates: fields.take_fields("updates"),
            },
            EventName::PermissionAdd | EventName::PermissionRevoke => Self::Permission {
                policies: fields.take_list("policyCodes"),
                target_type: fields.take_text("targetType"),
                targets: fields.take_list("targetIdentifiers"),
                namespace: fields.take_text("namespace"),
            },
            EventName::ApplicationSecretRefreshed | EventName::UserPoolSecretRefreshed => {
                Self::SecretRefreshed {
                    secret: fields.take_text("secret").map(Secret::from),
                    old_secret: fields.take_text("oldSecret").map(Secret::from),
                    about: fields,
                }
            }
            EventName::Login
            | EventName::Register
            | EventName::UserCreated
            | EventName::UserUpdated
            | EventName::UserPasswordChanged
            | EventName::UserEmailVerified
            | EventName::UserBlocked
            | EventName::UserUnblocked => match fields.get("user") {
                Some(Value::Object(_)) => Self::User(fields.take_fields("user")),
                _ => Self::User(fields),
            },
            _ => Self::Other(fields),
        }
    }

    /// The id of the user that the event is about, where it is about one.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        match self {
            Self::User(user) | Self::UserUpdated { user, .. } => ["id", "userId", "_id"]
                .iter()
                .find_map(|name| user.text(name)),
            Self::MfaVerified { user_id, .. } => user_id.as_deref(),
            Self::Other(fields) => fields.text("userId"),
            Self::Permission { .. } | Self::SecretRefreshed { .. } => None,
        }
    }
}
