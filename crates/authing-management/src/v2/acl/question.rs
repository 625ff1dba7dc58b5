use authing_core::__private::require;
use authing_core::{Result, namespace_setter, operation};
use serde::Serialize;

use super::Acl;
use crate::v2::Call;

impl Acl<'_> {
    /// Tells whether a user may do this: the user, then the resource, then the
    /// action.
    pub fn is_allowed(
        &self,
        user_id: impl Into<String>,
        resource: impl Into<String>,
        action: impl Into<String>,
    ) -> Call<IsAllowed> {
        self.call(IsAllowed(Question::new(user_id, resource, action)))
    }

    /// Tells whether this is forbidden to a user: the user, then the resource,
    /// then the action.
    ///
    /// What is not denied need not be allowed: use
    /// [`is_allowed`](Self::is_allowed) to decide whether to go on.
    pub fn is_denied(
        &self,
        user_id: impl Into<String>,
        resource: impl Into<String>,
        action: impl Into<String>,
    ) -> Call<IsDenied> {
        self.call(IsDenied(Question::new(user_id, resource, action)))
    }
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    resource: String,
    action: String,
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

impl Question {
    fn new(
        user_id: impl Into<String>,
        resource: impl Into<String>,
        action: impl Into<String>,
    ) -> Self {
        Self {
            resource: resource.into(),
            action: action.into(),
            user_id: user_id.into(),
            namespace: None,
        }
    }

    fn check(&self) -> Result<()> {
        require("the user id", &self.user_id)?;
        require("the resource", &self.resource)?;
        require("the action", &self.action).map(drop)
    }
}

/// [`Acl::is_allowed`].
#[derive(Debug, Clone, Serialize)]
pub struct IsAllowed(Question);

operation! {
    IsAllowed => bool,
    id: "management.acl.is_allowed",
    repeat: Safe,
    graphql: [include_str!("documents/is_allowed.graphql")] => "isActionAllowed",
    variables: |is, _| is.0.check().map(|()| is),
}

/// [`Acl::is_denied`].
#[derive(Debug, Clone, Serialize)]
pub struct IsDenied(Question);

operation! {
    IsDenied => bool,
    id: "management.acl.is_denied",
    repeat: Safe,
    graphql: [include_str!("documents/is_denied.graphql")] => "isActionDenied",
    variables: |is, _| is.0.check().map(|()| is),
}

namespace_setter! {
    /// The namespace that the resource is in; the server's default one otherwise.
    Call<IsAllowed>: |call| call.0.namespace;
    /// The namespace that the resource is in; the server's default one otherwise.
    Call<IsDenied>: |call| call.0.namespace;
}
