use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT, require};
use authing_core::{Error, Page, Result, namespace_setter, operation, paged};
use authing_types::v2::{CommonMessage, USER_FIELDS, User};
use serde::{Deserialize, Serialize};

use super::Roles;
use crate::v2::required::require_each;
use crate::v2::{Call, texts};

impl Roles<'_> {
    /// Lists the users who have the role, page by page. Fails with
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such
    /// role. To take the role from users as they are listed, collect their ids
    /// first: see [`PageStream`](crate::PageStream).
    pub fn list_users(&self, code: impl Into<String>) -> Call<ListUsers> {
        self.call(ListUsers {
            code: code.into(),
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
            namespace: None,
        })
    }

    /// Gives the role to these users. The server refuses users that do not
    /// exist.
    pub fn add_users(
        &self,
        code: impl Into<String>,
        user_ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<AddUsers> {
        self.call(AddUsers(Assignment::new(code, user_ids)))
    }

    /// Takes the role from these users.
    pub fn remove_users(
        &self,
        code: impl Into<String>,
        user_ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<RemoveUsers> {
        self.call(RemoveUsers(Assignment::new(code, user_ids)))
    }
}

/// [`Roles::list_users`].
#[derive(Debug, Clone, Serialize)]
pub struct ListUsers {
    code: String,
    page: u32,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

#[derive(Deserialize)]
struct WithUsers {
    users: Option<Page<User>>,
}

operation! {
    ListUsers => Page<User>,
    id: "management.roles.list_users",
    repeat: Safe,
    graphql: [include_str!("documents/list_users.graphql"), USER_FIELDS] => "role",
    newer: |list| list.namespace.is_some() => [
        include_str!("documents/in_namespace/list_users.graphql"),
        USER_FIELDS,
    ],
    variables: |list, _| require("the role's code", &list.code).map(|_| list),
    read: |_, role: Option<WithUsers>| match role {
        Some(role) => Ok(role.users.unwrap_or_default()),
        None => Err(Error::not_found("the role does not exist")),
    },
}

paged!(Call<ListUsers>, item: User, key: |user| Some(user.id.clone()));

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Assignment {
    role_codes: [String; 1],
    user_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

impl Assignment {
    fn new(code: impl Into<String>, user_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            role_codes: [code.into()],
            user_ids: texts(user_ids),
            namespace: None,
        }
    }

    fn check(&self) -> Result<()> {
        let [code] = &self.role_codes;
        require("the role's code", code)?;
        require_each("the user id", &self.user_ids)
    }
}

/// [`Roles::add_users`].
#[derive(Debug, Clone, Serialize)]
pub struct AddUsers(Assignment);

operation! {
    AddUsers => CommonMessage,
    id: "management.roles.add_users",
    repeat: Idempotent,
    graphql: [include_str!("documents/add_users.graphql")] => "assignRole",
    newer: |change| change.0.namespace.is_some() => [
        include_str!("documents/in_namespace/add_users.graphql"),
    ],
    variables: |change, _| change.0.check().map(|()| change),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

/// [`Roles::remove_users`].
#[derive(Debug, Clone, Serialize)]
pub struct RemoveUsers(Assignment);

operation! {
    RemoveUsers => CommonMessage,
    id: "management.roles.remove_users",
    repeat: Idempotent,
    graphql: [include_str!("documents/remove_users.graphql")] => "revokeRole",
    newer: |change| change.0.namespace.is_some() => [
        include_str!("documents/in_namespace/remove_users.graphql"),
    ],
    variables: |change, _| change.0.check().map(|()| change),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

namespace_setter! {
    /// The namespace that is meant; the server's default one otherwise.
    Call<ListUsers>: |list| list.namespace;
    /// The namespace that is meant; the server's default one otherwise.
    Call<AddUsers>: |change| change.0.namespace;
    /// The namespace that is meant; the server's default one otherwise.
    Call<RemoveUsers>: |change| change.0.namespace;
}
