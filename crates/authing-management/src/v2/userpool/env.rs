use authing_core::__private::{encode_path, require};
use authing_core::{Payload, Result, Secret, operation};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Pool;
use crate::v2::Call;

const PATH: &str = "/api/v2/env";

impl Pool<'_> {
    /// Lists the environment variables that the pool's pipelines can read, the
    /// newest first.
    pub fn list_env(&self) -> Call<ListEnv> {
        self.call(ListEnv {})
    }

    /// Sets an environment variable and returns the variables as the server
    /// answers them.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// client.userpool().add_env("WEBHOOK_KEY", "a secret").await?;
    /// for variable in client.userpool().list_env().await? {
    ///     println!("{}", variable.key);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_env(&self, key: impl Into<String>, value: impl Into<Secret>) -> Call<AddEnv> {
        self.call(AddEnv {
            key: key.into(),
            value: value.into(),
        })
    }

    /// Removes an environment variable and returns the variables as the server
    /// answers them.
    pub fn remove_env(&self, key: impl Into<String>) -> Call<RemoveEnv> {
        self.call(RemoveEnv { key: key.into() })
    }
}

/// An environment variable.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct EnvVariable {
    /// The name of the variable.
    pub key: String,
    /// The value. One that is not text is given as JSON text.
    #[serde(default, deserialize_with = "text_or_json")]
    pub value: Option<Secret>,
}

fn text_or_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(text.into()),
        value => Some(value.to_string().into()),
    })
}

/// After a change the answer is declared as the list, but all that matters is
/// that the server did not refuse: nothing else may make the call fail.
fn lenient(answer: Option<Value>) -> Vec<EnvVariable> {
    let items = match answer {
        Some(Value::Array(items)) => items,
        Some(item) => vec![item],
        None => Vec::new(),
    };
    let variables = items.into_iter().map(EnvVariable::deserialize);
    variables.filter_map(Result::ok).collect()
}

/// [`Pool::list_env`].
#[derive(Debug, Clone)]
pub struct ListEnv {}

operation! {
    ListEnv => Vec<EnvVariable>,
    id: "management.userpool.list_env",
    repeat: Safe,
    rest: GET |_, _| Ok(Payload::new(PATH, None)),
    read: |_, variables: Option<Vec<EnvVariable>>| Ok(variables.unwrap_or_default()),
}

/// [`Pool::add_env`].
#[derive(Debug, Clone)]
pub struct AddEnv {
    key: String,
    value: Secret,
}

impl AddEnv {
    fn payload(&self) -> Result<Payload> {
        #[derive(Serialize)]
        struct Body<'a> {
            key: &'a str,
            value: &'a str,
        }

        let body = Body {
            key: require("the key of the variable", &self.key)?,
            value: self.value.expose(),
        };
        Payload::json(PATH, &body)
    }
}

operation! {
    AddEnv => Vec<EnvVariable>,
    id: "management.userpool.add_env",
    repeat: Idempotent,
    rest: POST |add, _| add.payload(),
    read: |_, answer: Option<Value>| Ok(lenient(answer)),
}

/// [`Pool::remove_env`].
#[derive(Debug, Clone)]
pub struct RemoveEnv {
    key: String,
}

impl RemoveEnv {
    fn payload(&self) -> Result<Payload> {
        let key = require("the key of the variable", &self.key)?;
        Ok(Payload::new(format!("{PATH}/{}", encode_path(key)), None))
    }
}

operation! {
    RemoveEnv => Vec<EnvVariable>,
    id: "management.userpool.remove_env",
    repeat: Idempotent,
    rest: DELETE |remove, _| remove.payload(),
    read: |_, answer: Option<Value>| Ok(lenient(answer)),
}
