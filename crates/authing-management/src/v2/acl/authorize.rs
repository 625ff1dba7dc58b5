use authing_core::__private::require;
use authing_core::{Error, Result, namespace_setter, operation};
use authing_types::v2::CommonMessage;
use serde::Serialize;

use super::Acl;

use crate::v2::required::require_each;
use crate::v2::{Call, PolicyTargetType, ResourceType, texts};

/// Somebody who is to be granted actions on a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct AuthorizeResourceOpt {
    target_type: PolicyTargetType,
    target_identifier: String,
    actions: Vec<String>,
}

impl AuthorizeResourceOpt {
    /// Grants these actions to a user named by id, a role or group named by
    /// code, or a node of an organisation named by id.
    pub fn new(
        target_type: PolicyTargetType,
        target: impl Into<String>,
        actions: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            target_type,
            target_identifier: target.into(),
            actions: texts(actions),
        }
    }

    fn check(&self) -> Result<()> {
        require("the target", &self.target_identifier)?;
        require_each("the action", &self.actions)
    }
}

impl Acl<'_> {
    /// Grants each of the targets its actions on a resource.
    ///
    /// Without a target, or with one that gets no action, the call fails before
    /// anything is sent.
    ///
    /// ```no_run
    /// use authing_management::v2::PolicyTargetType;
    /// use authing_management::v2::acl::AuthorizeResourceOpt;
    ///
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// let staff = AuthorizeResourceOpt::new(PolicyTargetType::Role, "staff", ["book:read"]);
    /// client.acl().authorize_resource("book:*", [staff]).namespace("library").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn authorize_resource(
        &self,
        resource: impl Into<String>,
        targets: impl IntoIterator<Item = AuthorizeResourceOpt>,
    ) -> Call<AuthorizeResource> {
        self.call(AuthorizeResource {
            resource: resource.into(),
            opts: targets.into_iter().collect(),
            namespace: None,
            resource_type: None,
        })
    }
}

/// [`Acl::authorize_resource`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizeResource {
    resource: String,
    opts: Vec<AuthorizeResourceOpt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<ResourceType>,
}

operation! {
    AuthorizeResource => CommonMessage,
    id: "management.acl.authorize_resource",
    repeat: Idempotent,
    graphql: [include_str!("documents/authorize_resource.graphql")] => "authorizeResource",
    variables: |authorize, _| authorize.check().map(|()| authorize),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

impl AuthorizeResource {
    fn check(&self) -> Result<()> {
        require("the resource", &self.resource)?;
        if self.opts.is_empty() {
            return Err(Error::invalid_input("the resource is granted to nobody"));
        }
        self.opts.iter().try_for_each(AuthorizeResourceOpt::check)
    }
}

namespace_setter! {
    /// The namespace of the resource and of the roles; the server's default one
    /// otherwise.
    Call<AuthorizeResource>: |call| call.namespace;
}

impl Call<AuthorizeResource> {
    /// What kind of thing the resource is.
    pub fn resource_type(mut self, resource_type: ResourceType) -> Self {
        self.0.operation.resource_type = Some(resource_type);
        self
    }
}
