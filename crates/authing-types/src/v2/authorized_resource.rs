use authing_core::string_enum;
use serde::Deserialize;

string_enum! {
    /// What kind of thing a resource is.
    pub enum ResourceType {
        /// Data.
        Data = "DATA",
        /// An endpoint of an API.
        Api = "API",
        /// A menu.
        Menu = "MENU",
        /// A part of a user interface.
        Ui = "UI",
        /// A button.
        Button = "BUTTON",
    }
}

/// A resource, and what somebody may do with it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuthorizedResource {
    /// The code of the resource.
    pub code: String,
    /// What kind of thing it is.
    #[serde(rename = "type")]
    pub resource_type: Option<ResourceType>,
    /// What may be done with it, such as `books:read`.
    pub actions: Option<Vec<String>>,
    /// The endpoint, for a resource that is one.
    pub api_identifier: Option<String>,
}
