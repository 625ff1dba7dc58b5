use authing_core::{Page, string_enum};
use serde::Deserialize;

use super::required::null_as_empty;

string_enum! {
    /// What kind of thing a resource is.
    pub enum ResourceType {
        /// Data.
        Data = "DATA",
        /// An API.
        Api = "API",
        /// An entry of a menu.
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

/// Whoever has a list of resources.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "no resource that needs it may be turned on")]
pub(crate) struct WithAuthorizedResources {
    authorized_resources: Option<Page<AuthorizedResource>>,
}

impl WithAuthorizedResources {
    #[allow(dead_code, reason = "no resource that needs it may be turned on")]
    pub(crate) fn into_page(self) -> Page<AuthorizedResource> {
        self.authorized_resources.unwrap_or_default()
    }
}
