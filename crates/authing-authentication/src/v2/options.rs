//! What may be wished of a registration or a login. An option means the same
//! wherever it exists, so all of them are declared here, once.

use authing_core::__private::JsonText;
use authing_types::v2::{RegisterProfile, UdfValue};
use serde::{Serialize, Serializer, ser};
use serde_json::Value;

/// The options of all registrations and logins: which of them a call has is
/// decided by the [`setters!`] that it is given.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) profile: Option<RegisterProfile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) force_login: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) generate_token: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) auto_register: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) captcha_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phone_country_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_ip: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "json_text")]
    pub(super) params: Vec<Param>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "json_text")]
    pub(super) context: Option<Value>,
}

/// A custom field and its value.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Param {
    key: String,
    value: Value,
}

impl Options {
    /// The last value of a field counts.
    pub(super) fn set_param(&mut self, key: String, value: &UdfValue) {
        self.params.retain(|param| param.key != key);
        self.params.push(Param {
            key,
            value: value.to_value(),
        });
    }
}

/// The API takes these as text that holds JSON.
fn json_text<S: Serializer>(value: &impl Serialize, serializer: S) -> Result<S::Ok, S::Error> {
    let value = serde_json::to_value(value).map_err(ser::Error::custom)?;
    JsonText::of(&value).serialize(serializer)
}

/// Gives the calls of an operation, a newtype of `Entry`, these options.
macro_rules! setters {
    ($operation:ident: $($option:ident),+ $(,)?) => {
        impl $crate::v2::Call<$operation> {
            $( setters!(@ $option); )+
        }
    };
    (@ profile) => {
        /// What else is known of the user.
        pub fn profile(mut self, profile: authing_types::v2::RegisterProfile) -> Self {
            self.0.operation.0.options.profile = Some(profile);
            self
        }
    };
    (@ force_login) => {
        /// Whether to log the user in at once, as a login of its own would;
        /// the server's default is not to.
        pub fn force_login(mut self, force: bool) -> Self {
            self.0.operation.0.options.force_login = Some(force);
            self
        }
    };
    (@ generate_token) => {
        /// Whether to issue a token without counting it as a login; the
        /// server's default is not to.
        pub fn generate_token(mut self, generate: bool) -> Self {
            self.0.operation.0.options.generate_token = Some(generate);
            self
        }
    };
    (@ auto_register) => {
        /// Whether to register a user whom the pool does not know; the server's
        /// default is not to.
        pub fn auto_register(mut self, register: bool) -> Self {
            self.0.operation.0.options.auto_register = Some(register);
            self
        }
    };
    (@ captcha_code) => {
        /// What the user read in the picture, after a login failed with
        /// [`ErrorCode::CAPTCHA_REQUIRED`](crate::ErrorCode::CAPTCHA_REQUIRED).
        pub fn captcha_code(mut self, code: impl Into<String>) -> Self {
            self.0.operation.0.options.captcha_code = Some(code.into());
            self
        }
    };
    (@ phone_country_code) => {
        /// The calling code of the phone number's country, such as `+86`, for
        /// a number that does not have it in itself.
        pub fn phone_country_code(mut self, code: impl Into<String>) -> Self {
            self.0.operation.0.options.phone_country_code = Some(code.into());
            self
        }
    };
    (@ client_ip) => {
        /// The address that the user comes from, when a backend acts for them.
        pub fn client_ip(mut self, ip: impl Into<String>) -> Self {
            self.0.operation.0.options.client_ip = Some(ip.into());
            self
        }
    };
    (@ custom_data) => {
        /// Sets a custom field of the user. Call it once for each field; the
        /// pool must have defined it.
        pub fn custom_data(
            mut self,
            key: impl Into<String>,
            value: impl Into<authing_types::v2::UdfValue>,
        ) -> Self {
            let (key, value) = (key.into(), value.into());
            if key.is_empty() {
                return Self(self.0.mistake("the key of the custom field is empty"));
            }
            self.0.operation.0.options.set_param(key, &value);
            self
        }
    };
    (@ context) => {
        /// What the pool's pipeline functions are told about this call: a JSON
        /// object. Anything else makes the call fail before it is sent.
        pub fn context(mut self, context: impl Into<serde_json::Value>) -> Self {
            let context = context.into();
            if !context.is_object() {
                return Self(self.0.mistake("the context is not a JSON object"));
            }
            self.0.operation.0.options.context = Some(context);
            self
        }
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn custom_data_and_context_are_text_that_holds_json() {
        let mut options = Options {
            context: Some(json!({"a": [1, null]})),
            ..Options::default()
        };
        options.set_param("age".to_owned(), &17.into());
        options.set_param("school".to_owned(), &"南京".into());
        options.set_param("age".to_owned(), &18.into());
        assert_eq!(
            serde_json::to_value(&options).unwrap(),
            json!({
                "params": r#"[{"key":"school","value":"南京"},{"key":"age","value":18}]"#,
                "context": r#"{"a":[1,null]}"#,
            })
        );
        assert_eq!(serde_json::to_value(Options::default()).unwrap(), json!({}));
    }
}
