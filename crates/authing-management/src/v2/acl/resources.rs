use authing_core::__private::require;
use authing_core::{Page, namespace_setter, operation};
use serde::Serialize;

use super::Acl;
use crate::v2::{AuthorizedResource, Call, PolicyTargetType, ResourceType};

impl Acl<'_> {
    /// Lists the resources that a target may use: a user named by id, a role or
    /// group named by code, a node of an organisation named by id.
    pub fn list_authorized_resources(
        &self,
        target_type: PolicyTargetType,
        target: impl Into<String>,
    ) -> Call<ListAuthorizedResources> {
        self.call(ListAuthorizedResources {
            target_type,
            target_identifier: target.into(),
            namespace: None,
            resource_type: None,
        })
    }
}

/// [`Acl::list_authorized_resources`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListAuthorizedResources {
    target_type: PolicyTargetType,
    target_identifier: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<ResourceType>,
}

operation! {
    ListAuthorizedResources => Page<AuthorizedResource>,
    id: "management.acl.list_authorized_resources",
    repeat: Safe,
    graphql: [include_str!("documents/list_authorized_resources.graphql")] => "authorizedResources",
    variables: |list, _| require("the target", &list.target_identifier).map(|_| list),
    read: |_, page: Option<Page<AuthorizedResource>>| Ok(page.unwrap_or_default()),
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
