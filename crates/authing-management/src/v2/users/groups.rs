use authing_core::__private::require;
use authing_core::{Error, Page, Result, operation};
use authing_types::v2::CommonMessage;
use serde::{Deserialize, Serialize};

use super::Users;
use crate::v2::{Call, Group};

impl Users<'_> {
    /// Lists the groups of a user. Fails with
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such
    /// user.
    pub fn list_groups(&self, user_id: impl Into<String>) -> Call<ListGroups> {
        self.call(ListGroups { id: user_id.into() })
    }

    /// Puts a user into the group with this code.
    pub fn add_group(
        &self,
        user_id: impl Into<String>,
        group: impl Into<String>,
    ) -> Call<AddGroup> {
        self.call(AddGroup(Membership::new(user_id, group)))
    }

    /// Takes a user out of the group with this code.
    pub fn remove_group(
        &self,
        user_id: impl Into<String>,
        group: impl Into<String>,
    ) -> Call<RemoveGroup> {
        self.call(RemoveGroup(Membership::new(user_id, group)))
    }
}

/// [`Users::list_groups`].
#[derive(Debug, Clone, Serialize)]
pub struct ListGroups {
    id: String,
}

#[derive(Deserialize)]
struct WithGroups {
    groups: Option<Page<Group>>,
}

operation! {
    ListGroups => Page<Group>,
    id: "management.users.list_groups",
    repeat: Safe,
    graphql: [include_str!("documents/list_groups.graphql")] => "user",
    variables: |list, _| require("the user id", &list.id).map(|_| list),
    read: |_, user: Option<WithGroups>| match user {
        Some(user) => Ok(user.groups.unwrap_or_default()),
        None => Err(Error::not_found("the user does not exist")),
    },
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Membership {
    user_ids: [String; 1],
    code: String,
}

impl Membership {
    fn new(user_id: impl Into<String>, group: impl Into<String>) -> Self {
        Self {
            user_ids: [user_id.into()],
            code: group.into(),
        }
    }

    fn check(&self) -> Result<()> {
        let [user_id] = &self.user_ids;
        require("the user id", user_id)?;
        require("the group code", &self.code).map(drop)
    }
}

/// [`Users::add_group`].
#[derive(Debug, Clone, Serialize)]
pub struct AddGroup(Membership);

operation! {
    AddGroup => CommonMessage,
    id: "management.users.add_group",
    repeat: Idempotent,
    graphql: [include_str!("documents/add_group.graphql")] => "addUserToGroup",
    variables: |change, _| change.0.check().map(|()| change),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

/// [`Users::remove_group`].
#[derive(Debug, Clone, Serialize)]
pub struct RemoveGroup(Membership);

operation! {
    RemoveGroup => CommonMessage,
    id: "management.users.remove_group",
    repeat: Idempotent,
    graphql: [include_str!("documents/remove_group.graphql")] => "removeUserFromGroup",
    variables: |change, _| change.0.check().map(|()| change),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
