//! How inputs are made: structs that send what was set and nothing else.

use authing_core::{Patch, Secret};
use serde::{Serialize, Serializer};

/// One input: a struct with a setter for each field. An `Option` input sends
/// what was set; a `Patch` input can clear a field as well.
///
/// What it expands to needs `Patch`, `Serialize` and `Unset` in scope.
#[doc(hidden)]
#[macro_export]
macro_rules! input {
    (
        $(#[$meta:meta])*
        pub struct $name:ident: $kind:ident {
            $( $(#[doc = $doc:literal])+ $(#[serde($($serde:tt)+)])? $field:ident: $type:ty, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, Serialize)]
        #[serde(rename_all = "camelCase")]
        #[must_use]
        pub struct $name {
            $(
                #[serde(skip_serializing_if = "Unset::is_unset")]
                $(#[serde($($serde)+)])?
                $field: $kind<$type>,
            )+
        }

        impl $name {
            /// An input that says nothing yet.
            pub fn new() -> Self {
                Self::default()
            }

            $( $crate::input!(@setter $kind, $(#[doc = $doc])+ $field: $type); )+
        }
    };
    (@setter Option, $(#[$doc:meta])+ $field:ident: $type:ty) => {
        $(#[$doc])+
        pub fn $field(mut self, $field: impl Into<$type>) -> Self {
            self.$field = Some($field.into());
            self
        }
    };
    (@setter Patch, $(#[$doc:meta])+ $field:ident: $type:ty) => {
        $(#[$doc])+
        pub fn $field(mut self, $field: impl Into<Patch<$type>>) -> Self {
            self.$field = $field.into();
            self
        }
    };
}

/// Whether a field is left out of the request.
pub trait Unset {
    /// What the field holds.
    type Value;

    /// Whether it is left out.
    fn is_unset(&self) -> bool;

    /// What it is set to.
    fn value(&self) -> Option<&Self::Value>;
}

impl<T> Unset for Option<T> {
    type Value = T;

    fn is_unset(&self) -> bool {
        self.is_none()
    }

    fn value(&self) -> Option<&T> {
        self.as_ref()
    }
}

impl<T> Unset for Patch<T> {
    type Value = T;

    fn is_unset(&self) -> bool {
        self.is_keep()
    }

    fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Null => None,
        }
    }
}

/// Writes a secret that has to travel as it is.
pub fn exposed<S: Serializer>(
    field: &impl Unset<Value = Secret>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    field.value().map(Secret::expose).serialize(serializer)
}
