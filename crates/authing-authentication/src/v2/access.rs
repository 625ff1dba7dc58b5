//! What the user may do.

use authing_core::__private::require;
use authing_core::{Page, Result, namespace_setter, operation};
use authing_types::v2::{AuthorizedResource, ResourceType, Role};
use serde::{Deserialize, Serialize};

use super::client::Call;
use super::own::{Own, nobody};
use super::session::Session;

impl Session {
    /// Lists the user's roles, their own and those of their groups.
    pub fn list_roles(&self) -> Call<ListRoles> {
        self.call(ListRoles {
            own: self.own(),
            namespace: None,
        })
    }

    /// Whether the user has a role, named by its code.
    ///
    /// ```no_run
    /// # async fn example(session: authing_authentication::v2::Session) -> Result<(), authing_authentication::Error> {
    /// if session.has_role("editor").await? {
    ///     println!("may edit");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn has_role(&self, code: impl Into<String>) -> Call<HasRole> {
        self.call(HasRole {
            code: code.into(),
            roles: ListRoles {
                own: self.own(),
                namespace: None,
            },
        })
    }

    /// Lists what the user may do in a permission namespace.
    pub fn list_authorized_resources(
        &self,
        namespace: impl Into<String>,
    ) -> Call<ListAuthorizedResources> {
        self.call(ListAuthorizedResources {
            own: self.own(),
            namespace: namespace.into(),
            resource_type: None,
        })
    }
}

/// [`Session::list_roles`].
#[derive(Debug, Clone)]
pub struct ListRoles {
    own: Own,
    namespace: Option<String>,
}

#[derive(Serialize)]
struct InNamespace<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
}

impl ListRoles {
    fn variables(&self) -> Result<InNamespace<'_>> {
        Ok(InNamespace {
            id: self.own.id()?,
            namespace: self.namespace.as_deref(),
        })
    }
}

#[derive(Deserialize)]
struct WithRoles {
    roles: Option<Page<Role>>,
}

fn roles(user: Option<WithRoles>) -> Result<Page<Role>> {
    Ok(user.ok_or_else(nobody)?.roles.unwrap_or_default())
}

operation! {
    ListRoles => Page<Role>,
    id: "authentication.list_roles",
    repeat: Safe,
    graphql: [include_str!("documents/list_roles.graphql")] => "user",
    newer: |list| list.namespace.is_some()
        => [include_str!("documents/in_namespace/list_roles.graphql")],
    variables: |list, _| list.variables(),
    read: |_, user: Option<WithRoles>| roles(user),
}

namespace_setter! {
    /// Only the roles of this permission namespace.
    Call<ListRoles>: |call| call.namespace;
}

/// [`Session::has_role`].
#[derive(Debug, Clone)]
pub struct HasRole {
    code: String,
    roles: ListRoles,
}

operation! {
    HasRole => bool,
    id: "authentication.has_role",
    repeat: Safe,
    graphql: [include_str!("documents/list_roles.graphql")] => "user",
    newer: |has| has.roles.namespace.is_some()
        => [include_str!("documents/in_namespace/list_roles.graphql")],
    variables: |has, _| {
        require("the role's code", &has.code)?;
        has.roles.variables()
    },
    read: |has, user: Option<WithRoles>| {
        Ok(roles(user)?.list.iter().any(|role| role.code == has.code))
    },
}

namespace_setter! {
    /// The role of this permission namespace.
    Call<HasRole>: |call| call.roles.namespace;
}

/// [`Session::list_authorized_resources`].
#[derive(Debug, Clone)]
pub struct ListAuthorizedResources {
    own: Own,
    namespace: String,
    resource_type: Option<ResourceType>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WhichResources<'a> {
    id: &'a str,
    namespace: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<&'a ResourceType>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WithResources {
    authorized_resources: Option<Page<AuthorizedResource>>,
}

operation! {
    ListAuthorizedResources => Page<AuthorizedResource>,
    id: "authentication.list_authorized_resources",
    repeat: Safe,
    graphql: [include_str!("documents/list_authorized_resources.graphql")] => "user",
    variables: |list, _| Ok(WhichResources {
        id: list.own.id()?,
        // None would mean all namespaces.
        namespace: require("the namespace's code", &list.namespace)?,
        resource_type: list.resource_type.as_ref(),
    }),
    read: |_, user: Option<WithResources>| {
        Ok(user.ok_or_else(nobody)?.authorized_resources.unwrap_or_default())
    },
}

impl Call<ListAuthorizedResources> {
    /// Only resources of this kind.
    pub fn resource_type(mut self, resource_type: ResourceType) -> Self {
        self.0.operation.resource_type = Some(resource_type);
        self
    }
}
