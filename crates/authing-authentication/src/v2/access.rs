//! What the user may do, and where they belong.

use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT, require};
use authing_core::{Page, Payload, Result, Timestamp, operation, paged};
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

    /// Lists the applications that the user may log in to.
    pub fn list_applications(&self) -> Call<ListApplications> {
        self.call(ListApplications {
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
        })
    }

    /// The places of the user in organisations: for each of them the way from
    /// the organisation down to the department.
    pub fn list_orgs(&self) -> Call<ListOrgs> {
        self.call(ListOrgs(()))
    }

    /// How well the account is protected.
    pub fn get_security_level(&self) -> Call<GetSecurityLevel> {
        self.call(GetSecurityLevel(()))
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

impl Call<ListRoles> {
    /// Only the roles of this permission namespace.
    pub fn namespace(mut self, code: impl Into<String>) -> Self {
        self.0.operation.namespace = Some(code.into());
        self
    }
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

impl Call<HasRole> {
    /// The role of this permission namespace.
    pub fn namespace(mut self, code: impl Into<String>) -> Self {
        self.0.operation.roles.namespace = Some(code.into());
        self
    }
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

/// An application, as its users may see it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Application {
    /// The application's id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// The address of its picture.
    pub logo: Option<String>,
    /// Its subdomain.
    pub domain: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// How it logs users in, such as `oidc`.
    pub protocol: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

/// [`Session::list_applications`].
#[derive(Debug, Clone)]
pub struct ListApplications {
    page: u32,
    limit: u32,
}

operation! {
    ListApplications => Page<Application>,
    id: "authentication.list_applications",
    repeat: Safe,
    rest: GET |list, _| Ok(Payload::new(
        format!(
            "/api/v2/users/me/applications/allowed?page={}&limit={}",
            list.page, list.limit
        ),
        None,
    )),
    read: |_, page: Option<Page<Application>>| Ok(page.unwrap_or_default()),
}

paged!(Call<ListApplications>, item: Application, key: |application| application.id.clone());

/// A step on the way to a place in an organisation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OrgStep {
    /// `org` for the organisation itself, `node` for a department.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The id of the organisation or the department.
    pub id: String,
    /// The organisation that a department belongs to.
    pub org_id: Option<String>,
    /// The department at the top of an organisation.
    pub root_node_id: Option<String>,
    /// The name of a department.
    pub name: Option<String>,
    /// Its code.
    pub code: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The address of an organisation's picture.
    pub logo: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

/// [`Session::list_orgs`].
#[derive(Debug, Clone)]
pub struct ListOrgs(());

operation! {
    ListOrgs => Vec<Vec<OrgStep>>,
    id: "authentication.list_orgs",
    repeat: Safe,
    rest: GET |_, _| Ok(Payload::new("/api/v2/users/me/orgs", None)),
    read: |_, orgs: Option<Vec<Vec<OrgStep>>>| Ok(orgs.unwrap_or_default()),
}

/// How well an account is protected.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SecurityLevel {
    /// How many points it has, of 100.
    pub score: Option<f64>,
    /// Whether an e-mail address is bound.
    pub email: Option<bool>,
    /// Whether a phone number is bound.
    pub phone: Option<bool>,
    /// Whether there is a password.
    pub password: Option<bool>,
    /// How good the password is: 1 for low, 2 for middle, 3 for high.
    pub password_security_level: Option<i64>,
    /// Whether there is a second factor.
    pub mfa: Option<bool>,
}

/// [`Session::get_security_level`].
#[derive(Debug, Clone)]
pub struct GetSecurityLevel(());

operation! {
    GetSecurityLevel => SecurityLevel,
    id: "authentication.get_security_level",
    repeat: Safe,
    rest: GET |_, _| Ok(Payload::new("/api/v2/users/me/security-level", None)),
}
