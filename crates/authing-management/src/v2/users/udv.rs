use authing_core::__private::{JsonText, require};
use authing_core::{Result, operation};
use authing_types::v2::{UdfValue, UserDefinedData};
use serde::Serialize;

use super::Users;
use crate::v2::Call;

impl Users<'_> {
    /// Lists the custom field values of a user.
    pub fn list_udv(&self, user_id: impl Into<String>) -> Call<ListUdv> {
        self.call(ListUdv {
            target: Target::user(user_id),
        })
    }

    /// Sets the value of a user's custom field and returns all values of the
    /// user. The server refuses a value that does not fit the field's type.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// client.users().set_udv("user id", "age", 34).await?;
    /// client.users().set_udv("user id", "vip", false).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_udv(
        &self,
        user_id: impl Into<String>,
        key: impl Into<String>,
        value: impl Into<UdfValue>,
    ) -> Call<SetUdv> {
        self.call(SetUdv {
            target: Target::user(user_id),
            key: key.into(),
            value: JsonText::of(&value.into().to_value()),
        })
    }

    /// Removes the value of a user's custom field and returns the values that
    /// remain.
    pub fn remove_udv(
        &self,
        user_id: impl Into<String>,
        key: impl Into<String>,
    ) -> Call<RemoveUdv> {
        self.call(RemoveUdv {
            target: Target::user(user_id),
            key: key.into(),
        })
    }
}

/// Whose values they are.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    target_type: &'static str,
    target_id: String,
}

impl Target {
    fn user(id: impl Into<String>) -> Self {
        Self {
            target_type: "USER",
            target_id: id.into(),
        }
    }

    fn check(&self) -> Result<()> {
        require("the user id", &self.target_id).map(drop)
    }

    fn check_with(&self, key: &str) -> Result<()> {
        self.check()?;
        require("the key of the custom field", key).map(drop)
    }
}

/// [`Users::list_udv`].
#[derive(Debug, Clone, Serialize)]
pub struct ListUdv {
    #[serde(flatten)]
    target: Target,
}

operation! {
    ListUdv => Vec<UserDefinedData>,
    id: "management.users.list_udv",
    repeat: Safe,
    graphql: [include_str!("documents/list_udv.graphql")] => "udv",
    variables: |list, _| list.target.check().map(|()| list),
}

/// [`Users::set_udv`].
#[derive(Debug, Clone, Serialize)]
pub struct SetUdv {
    #[serde(flatten)]
    target: Target,
    key: String,
    value: JsonText,
}

operation! {
    SetUdv => Vec<UserDefinedData>,
    id: "management.users.set_udv",
    repeat: Idempotent,
    graphql: [include_str!("documents/set_udv.graphql")] => "setUdv",
    variables: |set, _| set.target.check_with(&set.key).map(|()| set),
    read: |_, values: Option<Vec<UserDefinedData>>| Ok(values.unwrap_or_default()),
}

/// [`Users::remove_udv`].
#[derive(Debug, Clone, Serialize)]
pub struct RemoveUdv {
    #[serde(flatten)]
    target: Target,
    key: String,
}

operation! {
    RemoveUdv => Vec<UserDefinedData>,
    id: "management.users.remove_udv",
    repeat: Idempotent,
    graphql: [include_str!("documents/remove_udv.graphql")] => "removeUdv",
    variables: |remove, _| remove.target.check_with(&remove.key).map(|()| remove),
    read: |_, values: Option<Vec<UserDefinedData>>| Ok(values.unwrap_or_default()),
}
