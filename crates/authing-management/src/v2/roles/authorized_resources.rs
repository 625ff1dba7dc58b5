use authing_core::__private::require;
use authing_core::{Error, Page, namespace_setter, operation};
use serde::Serialize;

use super::Roles;
use crate::v2::authorized_resource::WithAuthorizedResources;
use crate::v2::{AuthorizedResource, Call, ResourceType};

impl Roles<'_> {
    /// Lists the resources that those who have a role may use because of it. Fails with
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such
    /// role.
    pub fn list_authorized_resources(
        &self,
        code: impl Into<String>,
    ) -> Call<ListAuthorizedResources> {
        self.call(ListAuthorizedResources {
            code: code.into(),
            namespace: None,
            resource_type: None,
        })
    }
}

/// [`Roles::list_authorized_resources`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListAuthorizedResources {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<ResourceType>,
}

operation! {
    ListAuthorizedResources => Page<AuthorizedResource>,
    id: "management.roles.list_authorized_resources",
    repeat: Safe,
    graphql: [include_str!("documents/list_authorized_resources.graphql")] => "role",
    variables: |list, _| require("the role's code", &list.code).map(|_| list),
    read: |_, role: Option<WithAuthorizedResources>| match role {
        Some(role) => Ok(role.into_page()),
        None => Err(Error::not_found("the role does not exist")),
    },
}

namespace_setter! {
    /// The namespace of the role; the server's default one otherwise.
    Call<ListAuthorizedResources>: |call| call.namespace;
}

impl Call<ListAuthorizedResources> {
    /// Only resources of this kind; those of all kinds otherwise.
    pub fn resource_type(mut self, resource_type: ResourceType) -> Self {
        self.0.operation.resource_type = Some(resource_type);
        self
    }
}
