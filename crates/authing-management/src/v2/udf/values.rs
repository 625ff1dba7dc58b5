use authing_core::__private::{JsonText, require};
use authing_core::{Error, Result, operation};
use authing_types::v2::{CommonMessage, UdfTargetType, UdfValue, UserDefinedData};
use serde::{Deserialize, Serialize};

use super::Udf;
use crate::v2::required::require_each;
use crate::v2::{Call, texts};

impl Udf<'_> {
    /// Lists the custom field values of one target, such as a user or a role.
    pub fn list_udv(
        &self,
        target_type: UdfTargetType,
        target_id: impl Into<String>,
    ) -> Call<ListUdv> {
        self.call(ListUdv {
            target_type,
            target_id: target_id.into(),
        })
    }

    /// Sets several values of one target and returns all values of the target.
    /// The server refuses a value that does not fit the field's type.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// use authing_management::v2::{UdfTargetType, UdfValue};
    ///
    /// let values: [(&str, UdfValue); 2] = [("age", 34.into()), ("vip", false.into())];
    /// for field in client.udf().set_udv_batch(UdfTargetType::User, "user id", values).await? {
    ///     println!("{} = {:?}", field.key, field.value);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_udv_batch(
        &self,
        target_type: UdfTargetType,
        target_id: impl Into<String>,
        values: impl IntoIterator<Item = (impl Into<String>, impl Into<UdfValue>)>,
    ) -> Call<SetUdvBatch> {
        let values = values.into_iter().map(|(key, value)| KeyAndValue {
            key: key.into(),
            value: JsonText::of(&value.into().to_value()),
        });
        self.call(SetUdvBatch {
            target_type,
            target_id: target_id.into(),
            udv_list: values.collect(),
        })
    }

    /// Lists the custom field values of several targets of one kind.
    pub fn list_udv_batch(
        &self,
        target_type: UdfTargetType,
        target_ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<ListUdvBatch> {
        self.call(ListUdvBatch {
            target_type,
            target_ids: texts(target_ids),
        })
    }

    /// Sets values of several targets of one kind: each is the target's id,
    /// the field's key and the value.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// use authing_management::v2::UdfTargetType;
    ///
    /// let ages = [("bob's id", "age", 34), ("ann's id", "age", 35)];
    /// client.udf().set_udf_value_batch(UdfTargetType::User, ages).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_udf_value_batch(
        &self,
        target_type: UdfTargetType,
        values: impl IntoIterator<Item = (impl Into<String>, impl Into<String>, impl Into<UdfValue>)>,
    ) -> Call<SetUdfValueBatch> {
        let values = values.into_iter().map(|(id, key, value)| TargetAndValue {
            target_id: id.into(),
            key: key.into(),
            value: JsonText::of(&value.into().to_value()),
        });
        self.call(SetUdfValueBatch {
            target_type,
            input: values.collect(),
        })
    }
}

/// The custom field values of one target.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TargetValues {
    /// Whose values they are.
    pub target_id: String,
    /// The values.
    #[serde(default)]
    pub data: Vec<UserDefinedData>,
}

fn require_target(id: &str) -> Result<&str> {
    require("the id of the target", id)
}

fn require_key(key: &str) -> Result<&str> {
    require("the key of the field", key)
}

/// An empty list changes or tells nothing, so it is a mistake of the caller's.
fn require_some<'a, T>(what: &str, items: &'a [T]) -> Result<&'a [T]> {
    match items {
        [] => Err(Error::invalid_input(format!("no {what} are given"))),
        items => Ok(items),
    }
}

/// [`Udf::list_udv`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListUdv {
    target_type: UdfTargetType,
    target_id: String,
}

operation! {
    ListUdv => Vec<UserDefinedData>,
    id: "management.udf.list_udv",
    repeat: Safe,
    graphql: [include_str!("documents/list_udv.graphql")] => "udv",
    variables: |list, _| require_target(&list.target_id).map(|_| list),
}

#[derive(Debug, Clone, Serialize)]
struct KeyAndValue {
    key: String,
    value: JsonText,
}

/// [`Udf::set_udv_batch`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetUdvBatch {
    target_type: UdfTargetType,
    target_id: String,
    udv_list: Vec<KeyAndValue>,
}

operation! {
    SetUdvBatch => Vec<UserDefinedData>,
    id: "management.udf.set_udv_batch",
    repeat: Idempotent,
    graphql: [include_str!("documents/set_udv_batch.graphql")] => "setUdvBatch",
    variables: |set, _| {
        require_target(&set.target_id)
            .and_then(|_| require_some("values", &set.udv_list))
            .and_then(|values| values.iter().try_for_each(|item| require_key(&item.key).map(drop)))
            .map(|()| set)
    },
    read: |_, values: Option<Vec<UserDefinedData>>| Ok(values.unwrap_or_default()),
}

/// [`Udf::list_udv_batch`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListUdvBatch {
    target_type: UdfTargetType,
    target_ids: Vec<String>,
}

operation! {
    ListUdvBatch => Vec<TargetValues>,
    id: "management.udf.list_udv_batch",
    repeat: Safe,
    graphql: [include_str!("documents/list_udv_batch.graphql")] => "udfValueBatch",
    variables: |list, _| require_each("the id of a target", &list.target_ids).map(|()| list),
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct TargetAndValue {
    target_id: String,
    key: String,
    value: JsonText,
}

/// [`Udf::set_udf_value_batch`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetUdfValueBatch {
    target_type: UdfTargetType,
    input: Vec<TargetAndValue>,
}

operation! {
    SetUdfValueBatch => CommonMessage,
    id: "management.udf.set_udf_value_batch",
    repeat: Idempotent,
    graphql: [include_str!("documents/set_udf_value_batch.graphql")] => "setUdfValueBatch",
    variables: |set, _| {
        require_some("values", &set.input)
            .and_then(|values| {
                values.iter().try_for_each(|item| {
                    require_target(&item.target_id)?;
                    require_key(&item.key).map(drop)
                })
            })
            .map(|()| set)
    },
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
