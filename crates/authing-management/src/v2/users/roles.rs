use authing_core::__private::require;
use authing_core::{Error, Page, Result, namespace_setter, operation};
use authing_types::v2::{CommonMessage, Role};
use serde::{Deserialize, Serialize};

use super::Users;
use crate::v2::required::require_each;
use crate::v2::{Call, texts};

impl Users<'_> {
    /// Lists the roles of a user. Fails with
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such
    /// user.
    pub fn list_roles(&self, user_id: impl Into<String>) -> Call<ListRoles> {
        self.call(ListRoles {
            id: user_id.into(),
            namespace: None,
        })
    }

    /// Tells whether a user has the role with this code. Fails with
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such
    /// user.
    pub fn has_role(&self, user_id: impl Into<String>, role: impl Into<String>) -> Call<HasRole> {
        self.call(HasRole {
            id: user_id.into(),
            namespace: None,
            role: role.into(),
        })
    }

    /// Gives a user these roles, named by their codes.
    pub fn add_roles(
        &self,
        user_id: impl Into<String>,
        roles: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<AddRoles> {
        self.call(AddRoles(Assignment::new(user_id, roles)))
    }

    /// Takes these roles, named by their codes, from a user.
    pub fn remove_roles(
        &self,
        user_id: impl Into<String>,
        roles: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<RemoveRoles> {
        self.call(RemoveRoles(Assignment::new(user_id, roles)))
    }
}

/// [`Users::list_roles`].
#[derive(Debug, Clone, Serialize)]
pub struct ListRoles {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

#[derive(Deserialize)]
struct WithRoles {
    roles: Option<Page<Role>>,
}

operation! {
    ListRoles => Page<Role>,
    id: "management.users.list_roles",
    repeat: Safe,
    graphql: [include_str!("documents/list_roles.graphql")] => "user",
    newer: |list| list.namespace.is_some()
        => [include_str!("documents/list_roles_in_namespace.graphql")],
    variables: |list, _| require("the user id", &list.id).map(|_| list),
    read: |_, user: Option<WithRoles>| match user {
        Some(user) => Ok(user.roles.unwrap_or_default()),
        None => Err(Error::not_found("the user does not exist")),
    },
}

namespace_setter! {
    /// Lists the roles of this namespace only. The oldest private deployments
    /// do not know namespaces.
    Call<ListRoles>: |call| call.namespace;
}

/// [`Users::has_role`].
#[derive(Debug, Clone, Serialize)]
pub struct HasRole {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip)]
    role: String,
}

#[derive(Deserialize)]
struct WithRoleCodes {
    roles: Option<RoleCodes>,
}

#[derive(Deserialize)]
struct RoleCodes {
    list: Option<Vec<RoleCode>>,
}

#[derive(Deserialize)]
struct RoleCode {
    code: String,
}

operation! {
    HasRole => bool,
    id: "management.users.has_role",
    repeat: Safe,
    graphql: [include_str!("documents/has_role.graphql")] => "user",
    newer: |has| has.namespace.is_some()
        => [include_str!("documents/has_role_in_namespace.graphql")],
    variables: |has, _| require("the user id", &has.id)
        .and_then(|_| require("the role code", &has.role))
        .map(|_| has),
    read: |has, user: Option<WithRoleCodes>| match user {
        Some(user) => Ok(user
            .roles
            .and_then(|roles| roles.list)
            .is_some_and(|roles| roles.iter().any(|role| role.code == has.role))),
        None => Err(Error::not_found("the user does not exist")),
    },
}

namespace_setter! {
    /// Asks for the role of this namespace. The oldest private deployments do
    /// not know namespaces.
    Call<HasRole>: |call| call.namespace;
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Assignment {
    role_codes: Vec<String>,
    user_ids: [String; 1],
}

impl Assignment {
    fn new(user_id: impl Into<String>, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            role_codes: texts(roles),
            user_ids: [user_id.into()],
        }
    }

    fn check(&self) -> Result<()> {
        let [user_id] = &self.user_ids;
        require("the user id", user_id)?;
        require_each("the role code", &self.role_codes)
    }
}

/// [`Users::add_roles`].
#[derive(Debug, Clone, Serialize)]
pub struct AddRoles(Assignment);

operation! {
    AddRoles => CommonMessage,
    id: "management.users.add_roles",
    repeat: Idempotent,
    graphql: [include_str!("documents/add_roles.graphql")] => "assignRole",
    variables: |change, _| change.0.check().map(|()| change),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

/// [`Users::remove_roles`].
#[derive(Debug, Clone, Serialize)]
pub struct RemoveRoles(Assignment);

operation! {
    RemoveRoles => CommonMessage,
    id: "management.users.remove_roles",
    repeat: Idempotent,
    graphql: [include_str!("documents/remove_roles.graphql")] => "revokeRole",
    variables: |change, _| change.0.check().map(|()| change),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
