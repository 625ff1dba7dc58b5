use authing_core::string_enum;
use serde::{Deserialize, Deserializer};

string_enum! {
    /// What kind of thing a resource is.
    pub enum ResourceType {
        /// Data.
        Data = "DATA",
        /// An endpoint of an API.
        Api = "API",
        /// A menu.
        Menu = "MENU",
        /// An element of a user interface.
        Ui = "UI",
        /// A button.
        Button = "BUTTON",
    }
}

/// A resource, and what may be done with it.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct AuthorizedResource {
    /// The resource as it was granted, such as `book:1` or `book:*`.
    pub code: String,
    /// What kind of thing it is.
    #[serde(rename = "type")]
    pub resource_type: Option<ResourceType>,
    /// The actions as they were granted, such as `book:read` or `book:*`.
    #[serde(default, deserialize_with = "null_as_empty")]
    pub actions: Vec<String>,
}

fn null_as_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
