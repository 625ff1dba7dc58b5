use authing_core::__private::require;
use authing_core::{Error, Page, namespace_setter, operation};
use serde::Serialize;

use super::Groups;
use crate::v2::authorized_resource::WithAuthorizedResources;
use crate::v2::{AuthorizedResource, Call, ResourceType};

impl Groups<'_> {
    /// Lists the resources that the members of a group may use because they are
    /// in it. Fails with
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such
    /// group.
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

/// [`Groups::list_authorized_resources`].
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
    id: "management.groups.list_authorized_resources",
    repeat: Safe,
    graphql: [include_str!("documents/list_authorized_resources.graphql")] => "group",
    variables: |list, _| require("the group's code", &list.code).map(|_| list),
    read: |_, group: Option<WithAuthorizedResources>| match group {
        Some(group) => Ok(group.into_page()),
        None => Err(Error::not_found("the group does not exist")),
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
