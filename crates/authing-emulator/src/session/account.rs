//! Who registers or logs in.

use serde::Deserialize;
use serde_json::json;

use crate::phones;
use crate::refusal::Refusal;
use crate::users::{Fields, Origin, check_email, check_phone};

/// How somebody names themselves who registers or logs in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    username: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    phone_country_code: Option<String>,
}

impl Account {
    /// The field that holds the name, and the name in its one spelling.
    pub(super) fn name(&self) -> Result<(&'static str, String), Refusal> {
        if let Some(username) = &self.username {
            return Ok(("username", username.clone()));
        }
        if let Some(email) = &self.email {
            check_email(email)?;
            return Ok(("email", email.to_lowercase()));
        }
        let phone = self.phone.as_deref().unwrap_or_default();
        check_phone(phone)?;
        let country_code = self.phone_country_code.as_deref();
        Ok(("phone", phones::normal(phone, country_code)))
    }

    /// What is known of a new user by the name alone.
    pub(super) fn fields(&self) -> Fields {
        [
            ("username", &self.username),
            ("email", &self.email),
            ("phone", &self.phone),
            ("phoneCountryCode", &self.phone_country_code),
        ]
        .into_iter()
        .filter_map(|(field, text)| Some((field.to_owned(), json!(text.as_deref()?))))
        .collect()
    }

    pub(super) fn origin(&self) -> Origin {
        match (&self.username, &self.email) {
            (Some(_), _) => Origin::Username,
            (None, Some(_)) => Origin::Email,
            (None, None) => Origin::PhoneCode,
        }
    }
}
