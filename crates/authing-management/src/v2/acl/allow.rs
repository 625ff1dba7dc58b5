use authing_core::__private::require;
use authing_core::{Result, namespace_setter, operation};
use authing_types::v2::CommonMessage;
use serde::Serialize;

use super::Acl;

use crate::v2::required::require_each;
use crate::v2::{Call, texts};

/// Who is granted a permission: either users or roles, never nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum AclTarget {
    /// The user with this id.
    #[serde(rename = "userId")]
    User(String),
    /// The users with these ids.
    #[serde(rename = "userIds")]
    Users(Vec<String>),
    /// Those who have the role with this code.
    #[serde(rename = "roleCode")]
    Role(String),
    /// Those who have one of the roles with these codes.
    #[serde(rename = "roleCodes")]
    Roles(Vec<String>),
}

impl AclTarget {
    /// The user with this id.
    pub fn user(id: impl Into<String>) -> Self {
        Self::User(id.into())
    }

    /// The users with these ids.
    pub fn users(ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::Users(texts(ids))
    }

    /// Those who have the role with this code.
    pub fn role(code: impl Into<String>) -> Self {
        Self::Role(code.into())
    }

    /// Those who have one of the roles with these codes.
    pub fn roles(codes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::Roles(texts(codes))
    }

    fn check(&self) -> Result<()> {
        match self {
            Self::User(id) => require("the user id", id).map(drop),
            Self::Users(ids) => require_each("the user id", ids),
            Self::Role(code) => require("the role's code", code).map(drop),
            Self::Roles(codes) => require_each("the role's code", codes),
        }
    }
}

impl Acl<'_> {
    /// Grants users or roles an action on a resource.
    ///
    /// The server wants the resource as `kind:id`, or with a `*` for anything,
    /// such as `book:1` and `book:*`; it refuses a bare `book`. The action may
    /// hold a `*` as well.
    pub fn allow(
        &self,
        resource: impl Into<String>,
        action: impl Into<String>,
        to: AclTarget,
    ) -> Call<Allow> {
        self.call(Allow {
            resource: resource.into(),
            action: action.into(),
            to,
            namespace: None,
        })
    }
}

/// [`Acl::allow`].
#[derive(Debug, Clone, Serialize)]
pub struct Allow {
    resource: String,
    action: String,
    #[serde(flatten)]
    to: AclTarget,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

operation! {
    Allow => CommonMessage,
    id: "management.acl.allow",
    repeat: Idempotent,
    graphql: [include_str!("documents/allow.graphql")] => "allow",
    variables: |allow, _| allow.check().map(|()| allow),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

impl Allow {
    fn check(&self) -> Result<()> {
        require("the resource", &self.resource)?;
        require("the action", &self.action)?;
        self.to.check()
    }
}

namespace_setter! {
    /// The namespace of the resource and of the roles; the server's default one
    /// otherwise.
    Call<Allow>: |call| call.namespace;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_target_is_one_variable() {
        for (to, variable, value) in [
            (AclTarget::user("u1"), "userId", json!("u1")),
            (
                AclTarget::users(["u1", "u2"]),
                "userIds",
                json!(["u1", "u2"]),
            ),
            (AclTarget::role("r1"), "roleCode", json!("r1")),
            (AclTarget::roles(["r1"]), "roleCodes", json!(["r1"])),
        ] {
            let allow = Allow {
                resource: "book:1".to_owned(),
                action: "read".to_owned(),
                to,
                namespace: None,
            };
            assert_eq!(
                serde_json::to_value(allow).unwrap(),
                json!({"resource": "book:1", "action": "read", variable: value})
            );
        }
    }
}
