//! All definitions and values of custom fields.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::value::{self, DataType};
use crate::refusal::Refusal;
use crate::wording;

/// Both the arguments of `setUdf` and its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Definition {
    pub(super) target_type: String,
    pub(super) key: String,
    pub(super) data_type: DataType,
    pub(super) label: String,
    pub(super) options: Option<String>,
}

/// A value that is set.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserDefinedData {
    key: String,
    data_type: DataType,
    value: String,
    label: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Stored {
    target_type: String,
    target_id: String,
    key: String,
    value: String,
}

impl Stored {
    fn belongs_to(&self, target_type: &str, id: &str) -> bool {
        self.target_type == target_type && self.target_id == id
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct CustomFields {
    definitions: Vec<Definition>,
    values: Vec<Stored>,
}

impl CustomFields {
    pub(crate) fn definitions(&self, target_type: &str) -> impl Iterator<Item = &Definition> {
        self.definitions
            .iter()
            .filter(move |definition| definition.target_type == target_type)
    }

    /// The definitions and the values.
    pub(crate) fn count(&self) -> usize {
        self.definitions.len().saturating_add(self.values.len())
    }

    pub(crate) fn find(&self, target_type: &str, key: &str) -> Option<&Definition> {
        self.definitions(target_type)
            .find(|definition| definition.key == key)
    }

    pub(super) fn require(&self, target_type: &str, key: &str) -> Result<&Definition, Refusal> {
        self.find(target_type, key)
            .ok_or_else(|| Refusal::about(&wording::NO_SUCH_FIELD, &[&key]))
    }

    /// A definition with the same key is replaced; values that do not fit the new type go.
    pub(super) fn define(&mut self, new: Definition) {
        let same = self
            .definitions
            .iter_mut()
            .find(|old| old.target_type == new.target_type && old.key == new.key);
        match same {
            Some(old) => {
                if old.data_type != new.data_type {
                    self.values.retain(|value| {
                        !(value.target_type == new.target_type && value.key == new.key)
                    });
                }
                *old = new;
            }
            None => self.definitions.push(new),
        }
    }

    pub(super) fn undefine(&mut self, target_type: &str, key: &str) {
        self.definitions
            .retain(|old| !(old.target_type == target_type && old.key == key));
        self.values
            .retain(|value| !(value.target_type == target_type && value.key == key));
    }

    /// Checks JSON text against the definition, and answers the text to store.
    pub(super) fn read(&self, target_type: &str, key: &str, json: &str) -> Result<String, Refusal> {
        let definition = self.require(target_type, key)?;
        value::read(definition.data_type, json).ok_or_else(|| {
            Refusal::about(
                &wording::FIELD_VALUE_MALFORMED,
                &[&key, &format!("{:?}", definition.data_type)],
            )
        })
    }

    /// Reads the custom data that comes with a new user or a login: the JSON text of a list of key and value.
    pub(crate) fn read_params(
        &self,
        params: Option<&str>,
    ) -> Result<Vec<(String, String)>, Refusal> {
        #[derive(Deserialize)]
        struct Param {
            key: String,
            value: serde_json::Value,
        }

        let Some(params) = params.filter(|params| !params.is_empty()) else {
            return Ok(Vec::new());
        };
        let params: Vec<Param> =
            serde_json::from_str(params).map_err(|_| Refusal::new(&wording::PARAMS_MALFORMED))?;
        params
            .into_iter()
            .map(|param| {
                let value = self.read("USER", &param.key, &param.value.to_string())?;
                Ok((param.key, value))
            })
            .collect()
    }

    pub(crate) fn store(&mut self, target_type: &str, id: &str, key: String, value: String) {
        let same = self
            .values
            .iter_mut()
            .find(|stored| stored.belongs_to(target_type, id) && stored.key == key);
        match same {
            Some(stored) => stored.value = value,
            None => self.values.push(Stored {
                target_type: target_type.to_owned(),
                target_id: id.to_owned(),
                key,
                value,
            }),
        }
    }

    pub(super) fn remove(&mut self, target_type: &str, id: &str, key: &str) {
        self.values
            .retain(|stored| !(stored.belongs_to(target_type, id) && stored.key == key));
    }

    pub(crate) fn forget_target(&mut self, target_type: &str, id: &str) {
        self.values
            .retain(|stored| !stored.belongs_to(target_type, id));
    }

    /// The values that are set, by their keys and as what they are.
    pub(crate) fn named(&self, target_type: &str, id: &str) -> Map<String, Value> {
        let values = self.values(target_type, id).into_iter();
        values
            .map(|own| (own.key, value::shown(own.data_type, own.value)))
            .collect()
    }

    /// What is set, in the order in which the fields were defined.
    pub(crate) fn values(&self, target_type: &str, id: &str) -> Vec<UserDefinedData> {
        self.definitions(target_type)
            .filter_map(|definition| {
                let stored = self.values.iter().find(|stored| {
                    stored.belongs_to(target_type, id) && stored.key == definition.key
                })?;
                Some(UserDefinedData {
                    key: definition.key.clone(),
                    data_type: definition.data_type,
                    value: stored.value.clone(),
                    label: definition.label.clone(),
                })
            })
            .collect()
    }
}
