use authing_core::__private::{require, segment};
use authing_core::{Error, Page, Payload, Timestamp, operation};
use authing_types::v2::OrgStep;
use serde::{Deserialize, Serialize};

use super::Users;
use crate::v2::Call;

impl Users<'_> {
    /// Lists where a user stands in the organisations of the pool: for each
    /// department of the user the path that leads there, from the organisation
    /// down.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// for path in client.users().list_orgs("user id").await? {
    ///     let names: Vec<_> = path.iter().filter_map(|step| step.name.as_deref()).collect();
    ///     println!("{}", names.join(" / "));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_orgs(&self, user_id: impl Into<String>) -> Call<ListOrgs> {
        self.call(ListOrgs {
            user_id: user_id.into(),
        })
    }

    /// Lists the departments of a user. Fails with
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such
    /// user.
    pub fn list_department(&self, user_id: impl Into<String>) -> Call<ListDepartment> {
        self.call(ListDepartment {
            id: user_id.into(),
            org_id: None,
        })
    }
}

/// [`Users::list_orgs`].
#[derive(Debug, Clone)]
pub struct ListOrgs {
    user_id: String,
}

operation! {
    ListOrgs => Vec<Vec<OrgStep>>,
    id: "management.users.list_orgs",
    repeat: Safe,
    rest: GET |list, _| {
        let user = segment("the user id", &list.user_id)?;
        Ok(Payload::new(format!("/api/v2/users/{user}/orgs"), None))
    },
    read: |_, paths: Option<Vec<Vec<OrgStep>>>| Ok(paths.unwrap_or_default()),
}

/// A user's place in a department.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UserDepartment {
    /// The department.
    pub department: Department,
    /// Whether it is the user's main one.
    pub is_main_department: Option<bool>,
    /// When the user came there.
    pub joined_at: Option<Timestamp>,
}

/// A department: a node of an organisation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Department {
    /// The id.
    pub id: String,
    /// The organisation it belongs to.
    pub org_id: Option<String>,
    /// The name that people see.
    pub name: Option<String>,
    /// The name in other languages, as JSON text.
    pub name_i18n: Option<String>,
    /// What the department is for.
    pub description: Option<String>,
    /// The description in other languages, as JSON text.
    pub description_i18n: Option<String>,
    /// Its place among its siblings.
    pub order: Option<i64>,
    /// The code that names the department.
    pub code: Option<String>,
    /// Whether it is the topmost node.
    pub root: Option<bool>,
    /// How far it is below the topmost node.
    pub depth: Option<i64>,
    /// The ids of the nodes that lead there.
    pub path: Option<Vec<String>>,
    /// The codes of the nodes that lead there; a node may have none.
    pub code_path: Option<Vec<Option<String>>>,
    /// The names of the nodes that lead there.
    pub name_path: Option<Vec<String>>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// The ids of the nodes below it.
    pub children: Option<Vec<String>>,
}

/// [`Users::list_department`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListDepartment {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_id: Option<String>,
}

#[derive(Deserialize)]
struct WithDepartments {
    departments: Option<Page<UserDepartment>>,
}

operation! {
    ListDepartment => Page<UserDepartment>,
    id: "management.users.list_department",
    repeat: Safe,
    graphql: [include_str!("documents/list_department.graphql")] => "user",
    variables: |list, _| require("the user id", &list.id).map(|_| list),
    read: |_, user: Option<WithDepartments>| match user {
        Some(user) => Ok(user.departments.unwrap_or_default()),
        None => Err(Error::not_found("the user does not exist")),
    },
}

impl Call<ListDepartment> {
    /// Lists the departments of this organisation only.
    pub fn org_id(mut self, org: impl Into<String>) -> Self {
        self.0.operation.org_id = Some(org.into());
        self
    }
}
