use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT, require};
use authing_core::{Error, Page, Result, operation, paged};
use authing_types::v2::{CommonMessage, USER_FIELDS, User};
use serde::{Deserialize, Serialize};

use super::Groups;
use crate::v2::required::require_each;
use crate::v2::{Call, texts};

impl Groups<'_> {
    /// Lists the members of the group, page by page. Fails with
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such
    /// group. To take members out as they are listed, collect their ids first:
    /// see [`PageStream`](crate::PageStream).
    pub fn list_users(&self, code: impl Into<String>) -> Call<ListUsers> {
        self.call(ListUsers {
            code: code.into(),
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
        })
    }

    /// Puts these users into the group. The server refuses users that do not
    /// exist.
    pub fn add_users(
        &self,
        code: impl Into<String>,
        user_ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<AddUsers> {
        self.call(AddUsers(Membership::new(code, user_ids)))
    }

    /// Takes these users out of the group.
    pub fn remove_users(
        &self,
        code: impl Into<String>,
        user_ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<RemoveUsers> {
        self.call(RemoveUsers(Membership::new(code, user_ids)))
    }
}

/// [`Groups::list_users`].
#[derive(Debug, Clone, Serialize)]
pub struct ListUsers {
    code: String,
    page: u32,
    limit: u32,
}

#[derive(Deserialize)]
struct WithUsers {
    users: Option<Page<User>>,
}

operation! {
    ListUsers => Page<User>,
    id: "management.groups.list_users",
    repeat: Safe,
    graphql: [include_str!("documents/list_users.graphql"), USER_FIELDS] => "group",
    variables: |list, _| require("the group's code", &list.code).map(|_| list),
    read: |_, group: Option<WithUsers>| match group {
        Some(group) => Ok(group.users.unwrap_or_default()),
        None => Err(Error::not_found("the group does not exist")),
    },
}

paged!(Call<ListUsers>, item: User, key: |user| Some(user.id.clone()));

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Membership {
    user_ids: Vec<String>,
    code: String,
}

impl Membership {
    fn new(code: impl Into<String>, user_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            user_ids: texts(user_ids),
            code: code.into(),
        }
    }

    fn check(&self) -> Result<()> {
        require("the group's code", &self.code)?;
        require_each("the user id", &self.user_ids)
    }
}

/// [`Groups::add_users`].
#[derive(Debug, Clone, Serialize)]
pub struct AddUsers(Membership);

operation! {
    AddUsers => CommonMessage,
    id: "management.groups.add_users",
    repeat: Idempotent,
    graphql: [include_str!("documents/add_users.graphql")] => "addUserToGroup",
    variables: |change, _| change.0.check().map(|()| change),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

/// [`Groups::remove_users`].
#[derive(Debug, Clone, Serialize)]
pub struct RemoveUsers(Membership);

operation! {
    RemoveUsers => CommonMessage,
    id: "management.groups.remove_users",
    repeat: Idempotent,
    graphql: [include_str!("documents/remove_users.graphql")] => "removeUserFromGroup",
    variables: |change, _| change.0.check().map(|()| change),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
