use authing_core::__private::require;
use authing_core::{Error, Page, namespace_setter, operation};
use serde::Serialize;

use super::Users;
use crate::v2::authorized_resource::WithAuthorizedResources;
use crate::v2::{AuthorizedResource, Call, ResourceType};

impl Users<'_> {
    /// Lists the resources that a user may use: itself, through its groups and
    /// through its roles. Fails with
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such
    /// user.
    pub fn list_authorized_resources(
        &self,
        user_id: impl Into<String>,
    ) -> Call<ListAuthorizedResources> {
        self.call(ListAuthorizedResources {
            id: user_id.into(),
            namespace: None,
            resource_type: None,
        })
    }
}

/// [`Users::list_authorized_resources`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListAuthorizedResources {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<ResourceType>,
}

operation! {
    ListAuthorizedResources => Page<AuthorizedResource>,
    id: "management.users.list_authorized_resources",
    repeat: Safe,
    graphql: [include_str!("documents/list_authorized_resources.graphql")] => "user",
    variables: |list, _| require("the user id", &list.id).map(|_| list),
    read: |_, user: Option<WithAuthorizedResources>| match user {
        Some(user) => Ok(user.into_page()),
        None => Err(Error::not_found("the user does not exist")),
    },
}

namespace_setter! {
    /// Only resources of this namespace; those of all namespaces otherwise.
    Call<ListAuthorizedResources>: |call| call.namespace;
}

impl Call<ListAuthorizedResources> {
    /// Only resources of this kind; those of all kinds otherwise.
    pub fn resource_type(mut self, resource_type: ResourceType) -> Self {
        self.0.operation.resource_type = Some(resource_type);
        self
    }
}
