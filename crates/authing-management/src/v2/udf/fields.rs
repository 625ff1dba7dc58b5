use authing_core::__private::require;
use authing_core::operation;
use authing_types::v2::{CommonMessage, UdfDataType, UdfTargetType};
use serde::{Deserialize, Serialize};

use super::Udf;
use crate::v2::Call;

impl Udf<'_> {
    /// Lists the custom fields that things of this kind have.
    pub fn list(&self, target_type: UdfTargetType) -> Call<ListUdf> {
        self.call(ListUdf { target_type })
    }

    /// Defines a custom field, or changes the one with this key. `label` is
    /// what people are shown.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// use authing_management::v2::{UdfDataType, UdfTargetType};
    ///
    /// let udf = client.udf();
    /// udf.set(UdfTargetType::User, "age", UdfDataType::Number, "Age").await?;
    /// for field in udf.list(UdfTargetType::User).await? {
    ///     println!("{}: {}", field.key, field.data_type);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn set(
        &self,
        target_type: UdfTargetType,
        key: impl Into<String>,
        data_type: UdfDataType,
        label: impl Into<String>,
    ) -> Call<SetUdf> {
        self.call(SetUdf {
            target_type,
            key: key.into(),
            data_type,
            label: label.into(),
            options: None,
        })
    }

    /// Removes a custom field, and with it its values.
    pub fn remove(&self, target_type: UdfTargetType, key: impl Into<String>) -> Call<RemoveUdf> {
        self.call(RemoveUdf {
            target_type,
            key: key.into(),
        })
    }
}

/// A custom field.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UserDefinedField {
    /// What has the field.
    pub target_type: UdfTargetType,
    /// The type of its values.
    pub data_type: UdfDataType,
    /// The name of the field.
    pub key: String,
    /// What people are shown.
    pub label: Option<String>,
    /// What was set as [`options`](Call::<SetUdf>::options).
    pub options: Option<String>,
}

/// [`Udf::list`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListUdf {
    target_type: UdfTargetType,
}

operation! {
    ListUdf => Vec<UserDefinedField>,
    id: "management.udf.list",
    repeat: Safe,
    graphql: [include_str!("documents/list.graphql")] => "udf",
}

/// [`Udf::set`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetUdf {
    target_type: UdfTargetType,
    key: String,
    data_type: UdfDataType,
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<String>,
}

operation! {
    SetUdf => UserDefinedField,
    id: "management.udf.set",
    repeat: Idempotent,
    graphql: [include_str!("documents/set.graphql")] => "setUdf",
    variables: |set, _| require("the key of the field", &set.key).map(|_| set),
}

impl Call<SetUdf> {
    /// Further settings of the field as text, such as the values of a
    /// [`Select`](UdfDataType::Select). The server alone knows their form.
    pub fn options(mut self, options: impl Into<String>) -> Self {
        self.0.operation.options = Some(options.into());
        self
    }
}

/// [`Udf::remove`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoveUdf {
    target_type: UdfTargetType,
    key: String,
}

operation! {
    RemoveUdf => CommonMessage,
    id: "management.udf.remove",
    repeat: Idempotent,
    graphql: [include_str!("documents/remove.graphql")] => "removeUdf",
    variables: |remove, _| require("the key of the field", &remove.key).map(|_| remove),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
