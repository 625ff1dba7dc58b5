//! Custom field values as maps. `udv.rs` has them one by one.

use std::collections::BTreeMap;

use authing_core::__private::{JsonText, require};
use authing_core::{Error, operation};
use authing_types::v2::{CommonMessage, UdfValue, UserDefinedData};
use serde::{Deserialize, Serialize};

use super::Users;
use crate::v2::required::require_each;
use crate::v2::{Call, texts};

/// The values of custom fields by their keys.
pub type UdfValues = BTreeMap<String, UdfValue>;

const USER: &str = "USER";

impl Users<'_> {
    /// Reads the custom field values of a user, by key. Fields without a value
    /// are left out.
    pub fn get_udf_value(&self, user_id: impl Into<String>) -> Call<GetUdfValue> {
        self.call(GetUdfValue {
            target_type: USER,
            target_id: user_id.into(),
        })
    }

    /// Reads the custom field values of several users, by user id and key.
    pub fn get_udf_value_batch(
        &self,
        user_ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<GetUdfValueBatch> {
        self.call(GetUdfValueBatch {
            target_type: USER,
            target_ids: texts(user_ids),
        })
    }

    /// Sets several custom field values of a user and returns those that the
    /// user has then. There must be at least one.
    ///
    /// ```no_run
    /// use authing_management::v2::UdfValue;
    ///
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// let values = [("age", UdfValue::from(34)), ("vip", UdfValue::from(false))];
    /// client.users().set_udf_value("user id", values).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_udf_value<K, V>(
        &self,
        user_id: impl Into<String>,
        values: impl IntoIterator<Item = (K, V)>,
    ) -> Call<SetUdfValue>
    where
        K: Into<String>,
        V: Into<UdfValue>,
    {
        let udv_list = values.into_iter().map(|(key, value)| KeyValue {
            key: key.into(),
            value: JsonText::of(&value.into().to_value()),
        });
        self.call(SetUdfValue {
            target_type: USER,
            target_id: user_id.into(),
            udv_list: udv_list.collect(),
        })
    }

    /// Sets custom field values of several users: for each user id, the values
    /// by key. There must be at least one.
    pub fn set_udf_value_batch<U, M, K, V>(
        &self,
        values: impl IntoIterator<Item = (U, M)>,
    ) -> Call<SetUdfValueBatch>
    where
        U: Into<String>,
        M: IntoIterator<Item = (K, V)>,
        K: Into<String>,
        V: Into<UdfValue>,
    {
        let mut input = Vec::new();
        for (user_id, values) in values {
            let user_id = user_id.into();
            input.extend(values.into_iter().map(|(key, value)| TargetKeyValue {
                target_id: user_id.clone(),
                key: key.into(),
                value: JsonText::of(&value.into().to_value()),
            }));
        }
        self.call(SetUdfValueBatch {
            target_type: USER,
            input,
        })
    }
}

fn by_key(values: Option<Vec<UserDefinedData>>) -> UdfValues {
    values
        .unwrap_or_default()
        .into_iter()
        .map(|datum| (datum.key, datum.value))
        .collect()
}

fn no_values() -> Error {
    Error::invalid_input("there are no values to set")
}

/// [`Users::get_udf_value`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GetUdfValue {
    target_type: &'static str,
    target_id: String,
}

operation! {
    GetUdfValue => UdfValues,
    id: "management.users.get_udf_value",
    repeat: Safe,
    graphql: [include_str!("documents/list_udv.graphql")] => "udv",
    variables: |get, _| require("the user id", &get.target_id).map(|_| get),
    read: |_, values: Option<Vec<UserDefinedData>>| Ok(by_key(values)),
}

/// [`Users::get_udf_value_batch`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GetUdfValueBatch {
    target_type: &'static str,
    target_ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ValuesOfTarget {
    target_id: String,
    data: Option<Vec<UserDefinedData>>,
}

operation! {
    GetUdfValueBatch => BTreeMap<String, UdfValues>,
    id: "management.users.get_udf_value_batch",
    repeat: Safe,
    graphql: [include_str!("documents/get_udf_value_batch.graphql")] => "udfValueBatch",
    variables: |get, _| require_each("the user id", &get.target_ids).map(|()| get),
    read: |_, targets: Option<Vec<ValuesOfTarget>>| Ok(targets
        .unwrap_or_default()
        .into_iter()
        .map(|target| (target.target_id, by_key(target.data)))
        .collect()),
}

/// [`Users::set_udf_value`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetUdfValue {
    target_type: &'static str,
    target_id: String,
    udv_list: Vec<KeyValue>,
}

#[derive(Debug, Clone, Serialize)]
struct KeyValue {
    key: String,
    value: JsonText,
}

operation! {
    SetUdfValue => UdfValues,
    id: "management.users.set_udf_value",
    repeat: Idempotent,
    graphql: [include_str!("documents/set_udf_value.graphql")] => "setUdvBatch",
    variables: |set, _| match set.udv_list.as_slice() {
        [] => Err(no_values()),
        _ => require("the user id", &set.target_id).map(|_| set),
    },
    read: |_, values: Option<Vec<UserDefinedData>>| Ok(by_key(values)),
}

/// [`Users::set_udf_value_batch`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetUdfValueBatch {
    target_type: &'static str,
    input: Vec<TargetKeyValue>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct TargetKeyValue {
    target_id: String,
    key: String,
    value: JsonText,
}

impl SetUdfValueBatch {
    fn check(&self) -> authing_core::Result<&Self> {
        if self.input.is_empty() {
            return Err(no_values());
        }
        for row in &self.input {
            require("the user id", &row.target_id)?;
        }
        Ok(self)
    }
}

operation! {
    SetUdfValueBatch => CommonMessage,
    id: "management.users.set_udf_value_batch",
    repeat: Idempotent,
    graphql: [include_str!("documents/set_udf_value_batch.graphql")] => "setUdfValueBatch",
    variables: |set, _| set.check(),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
