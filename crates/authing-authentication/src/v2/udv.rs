//! The values of the user's own custom fields.

use std::collections::BTreeMap;

use authing_core::__private::{JsonText, require};
use authing_core::{Error, Result, operation};
use authing_types::v2::{UdfValue, UserDefinedData};
use serde::Serialize;

use super::client::Call;
use super::own::Own;
use super::session::Session;

impl Session {
    /// Lists the values of the user's custom fields.
    pub fn list_udv(&self) -> Call<ListUdv> {
        self.call(ListUdv(self.own()))
    }

    /// Sets the value of a custom field and returns all values of the user. The
    /// server refuses a value that does not fit the field's type.
    ///
    /// ```no_run
    /// # async fn example(session: authing_authentication::v2::Session) -> Result<(), authing_authentication::Error> {
    /// session.set_udv("age", 34).await?;
    /// session.set_udv("vip", false).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_udv(&self, key: impl Into<String>, value: impl Into<UdfValue>) -> Call<SetUdv> {
        self.call(SetUdv {
            own: self.own(),
            key: key.into(),
            value: value.into(),
        })
    }

    /// Removes the value of a custom field and returns the values that remain.
    pub fn remove_udv(&self, key: impl Into<String>) -> Call<RemoveUdv> {
        self.call(RemoveUdv {
            own: self.own(),
            key: key.into(),
        })
    }

    /// The values of the user's custom fields by the names of the fields.
    ///
    /// ```no_run
    /// # async fn example(session: authing_authentication::v2::Session) -> Result<(), authing_authentication::Error> {
    /// let values = session.get_udf_value().await?;
    /// println!("{:?}", values.get("age"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_udf_value(&self) -> Call<GetUdfValue> {
        self.call(GetUdfValue(self.own()))
    }

    /// Sets the values of several custom fields at once, and returns all values
    /// of the user. At least one is needed.
    pub fn set_udf_value<K: Into<String>, V: Into<UdfValue>>(
        &self,
        values: impl IntoIterator<Item = (K, V)>,
    ) -> Call<SetUdfValue> {
        let values = values.into_iter();
        self.call(SetUdfValue {
            own: self.own(),
            values: values
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        })
    }
}

/// Whose values, and which.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Variables<'a> {
    target_type: &'static str,
    target_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<JsonText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    udv_list: Option<Vec<Item<'a>>>,
}

#[derive(Serialize)]
struct Item<'a> {
    key: &'a str,
    value: JsonText,
}

impl<'a> Variables<'a> {
    fn of(own: &'a Own) -> Result<Self> {
        Ok(Self {
            target_type: "USER",
            target_id: own.id()?,
            key: None,
            value: None,
            udv_list: None,
        })
    }
}

fn named(key: &str) -> Result<&str> {
    require("the key of the custom field", key)
}

/// [`Session::list_udv`].
#[derive(Debug, Clone)]
pub struct ListUdv(Own);

operation! {
    ListUdv => Vec<UserDefinedData>,
    id: "authentication.list_udv",
    repeat: Safe,
    graphql: [include_str!("documents/list_udv.graphql")] => "udv",
    variables: |list, _| Variables::of(&list.0),
}

/// [`Session::set_udv`].
#[derive(Debug, Clone)]
pub struct SetUdv {
    own: Own,
    key: String,
    value: UdfValue,
}

operation! {
    SetUdv => Vec<UserDefinedData>,
    id: "authentication.set_udv",
    repeat: Idempotent,
    graphql: [include_str!("documents/set_udv.graphql")] => "setUdv",
    variables: |set, _| Ok(Variables {
        key: Some(named(&set.key)?),
        value: Some(JsonText::of(&set.value.to_value())),
        ..Variables::of(&set.own)?
    }),
    read: |_, values: Option<Vec<UserDefinedData>>| Ok(values.unwrap_or_default()),
}

/// [`Session::remove_udv`].
#[derive(Debug, Clone)]
pub struct RemoveUdv {
    own: Own,
    key: String,
}

operation! {
    RemoveUdv => Vec<UserDefinedData>,
    id: "authentication.remove_udv",
    repeat: Idempotent,
    graphql: [include_str!("documents/remove_udv.graphql")] => "removeUdv",
    variables: |remove, _| Ok(Variables {
        key: Some(named(&remove.key)?),
        ..Variables::of(&remove.own)?
    }),
    read: |_, values: Option<Vec<UserDefinedData>>| Ok(values.unwrap_or_default()),
}

/// [`Session::get_udf_value`].
#[derive(Debug, Clone)]
pub struct GetUdfValue(Own);

operation! {
    GetUdfValue => BTreeMap<String, UdfValue>,
    id: "authentication.get_udf_value",
    repeat: Safe,
    graphql: [include_str!("documents/list_udv.graphql")] => "udv",
    variables: |get, _| Variables::of(&get.0),
    read: |_, values: Vec<UserDefinedData>| {
        Ok(values.into_iter().map(|data| (data.key, data.value)).collect())
    },
}

/// [`Session::set_udf_value`].
#[derive(Debug, Clone)]
pub struct SetUdfValue {
    own: Own,
    values: BTreeMap<String, UdfValue>,
}

operation! {
    SetUdfValue => Vec<UserDefinedData>,
    id: "authentication.set_udf_value",
    repeat: Idempotent,
    graphql: [include_str!("documents/set_udf_value.graphql")] => "setUdvBatch",
    variables: |set, _| {
        if set.values.is_empty() {
            return Err(Error::invalid_input("there is no value to set"));
        }
        let items = set.values.iter().map(|(key, value)| {
            Ok(Item { key: named(key)?, value: JsonText::of(&value.to_value()) })
        });
        Ok(Variables {
            udv_list: Some(items.collect::<Result<_>>()?),
            ..Variables::of(&set.own)?
        })
    },
    read: |_, values: Option<Vec<UserDefinedData>>| Ok(values.unwrap_or_default()),
}
