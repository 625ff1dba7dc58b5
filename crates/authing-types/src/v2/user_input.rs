//! What can be said about a user: on creation, in an update, of oneself.

use authing_core::{EncodeContext, Patch, Result, Secret, Timestamp};
use serde::Serialize;

use super::input::{Unset, exposed};
use crate::input;

/// An input with fields of its own and the profile that all of them share.
macro_rules! user_input {
    ($(#[$meta:meta])* pub struct $name:ident: $kind:ident { $($own:tt)* }) => {
        input! {
            $(#[$meta])*
            pub struct $name: $kind {
                $($own)*
                /// The nickname.
                nickname: String,
                /// The address of the picture.
                photo: String,
                /// The company.
                company: String,
                /// The browser last used.
                browser: String,
                /// The device last used.
                device: String,
                /// What a social provider said of the user, as JSON text.
                #[serde(serialize_with = "exposed")]
                oauth: Secret,
                /// The full name.
                name: String,
                /// The given name.
                given_name: String,
                /// The family name.
                family_name: String,
                /// The middle name.
                middle_name: String,
                /// The address of the profile page.
                profile: String,
                /// The name the user likes to be called by.
                preferred_username: String,
                /// The address of the user's web site.
                website: String,
                /// `M`, `F`, or `U` for unknown.
                gender: String,
                /// The date of birth.
                birthdate: String,
                /// The time zone, such as `Asia/Shanghai`.
                zoneinfo: String,
                /// The language, such as `zh-CN`.
                locale: String,
                /// The postal address.
                address: String,
                /// The whole postal address as one text.
                formatted: String,
                /// The street and house number.
                street_address: String,
                /// The town.
                locality: String,
                /// The region.
                region: String,
                /// The postal code.
                postal_code: String,
                /// The country.
                country: String,
            }
        }
    };
}

user_input! {
    /// A user to be created by the administrator. Needs at least one of
    /// username, e-mail address and phone number.
    ///
    /// ```
    /// use authing_types::v2::CreateUserInput;
    ///
    /// let bob = CreateUserInput::new().username("bob").password("correct horse").nickname("Bob");
    /// # let _ = bob;
    /// ```
    pub struct CreateUserInput: Option {
        /// The name to log in with.
        username: String,
        /// The e-mail address; the server keeps it in lower case.
        email: String,
        /// Whether the address is known to belong to the user.
        email_verified: bool,
        /// The phone number.
        phone: String,
        /// Whether the number is known to belong to the user.
        phone_verified: bool,
        /// The calling code of the phone number's country, such as `+86`.
        phone_country_code: String,
        /// The password in clear; it is encrypted when it is sent.
        #[serde(skip)]
        password: Secret,
        /// The user's id in another system.
        external_id: String,
        /// The id that a social provider gives the user for all apps together.
        unionid: String,
        /// The id that a social provider gives the user for one app.
        openid: String,
        /// How the user came to be.
        register_source: Vec<String>,
        /// How often the user has logged in.
        logins_count: i64,
        /// When the user last logged in.
        last_login: Timestamp,
        /// From which address.
        #[serde(rename = "lastIP")]
        last_ip: String,
        /// When the user registered.
        signed_up: Timestamp,
        /// Whether the user may not log in.
        blocked: bool,
        /// Whether the user counts as deleted.
        is_deleted: bool,
    }
}

user_input! {
    /// What the administrator changes of a user. What is not set stays as it
    /// is; [`Patch::Null`] clears a field.
    ///
    /// ```
    /// use authing_core::Patch;
    /// use authing_types::v2::UpdateUserInput;
    ///
    /// let updates = UpdateUserInput::new().nickname("Bobby").company(Patch::Null).blocked(false);
    /// # let _ = updates;
    /// ```
    pub struct UpdateUserInput: Patch {
        /// The name to log in with.
        username: String,
        /// The e-mail address; the server keeps it in lower case.
        email: String,
        /// Whether the address is known to belong to the user.
        email_verified: bool,
        /// The phone number.
        phone: String,
        /// Whether the number is known to belong to the user.
        phone_verified: bool,
        /// The calling code of the phone number's country, such as `+86`.
        phone_country_code: String,
        /// The new password in clear; it is encrypted when it is sent.
        #[serde(skip)]
        password: Secret,
        /// The user's id in another system.
        external_id: String,
        /// The id that a social provider gives the user for all apps together.
        unionid: String,
        /// The id that a social provider gives the user for one app.
        openid: String,
        /// When the user's token expires.
        token_expired_at: Timestamp,
        /// How often the user has logged in.
        logins_count: i64,
        /// When the user last logged in.
        last_login: Timestamp,
        /// From which address.
        #[serde(rename = "lastIP")]
        last_ip: String,
        /// Whether the user may not log in.
        blocked: bool,
        /// The city.
        city: String,
        /// The province.
        province: String,
        /// The id of the main department.
        main_department_id: String,
        /// The code of the main department.
        main_department_code: String,
        /// When the account expires.
        expired_at: Timestamp,
        /// The id of the user's superior.
        direct_management: String,
    }
}

user_input! {
    /// What a user changes of their own profile. What is not set stays as it
    /// is; [`Patch::Null`] clears a field.
    ///
    /// E-mail address, phone number and password are not among them: they are
    /// changed with a proof, by calls of their own.
    pub struct UpdateProfileInput: Patch {
        /// The name to log in with.
        username: String,
        /// The city.
        city: String,
        /// The province.
        province: String,
    }
}

user_input! {
    /// What is known of a user who registers.
    pub struct RegisterProfile: Option {
        /// The address that the user registers from.
        ip: String,
        /// The phone number.
        phone: String,
        /// The e-mail address.
        email: String,
        /// The name to log in with.
        username: String,
    }
}

impl CreateUserInput {
    /// The input with its password encrypted, as it travels.
    #[doc(hidden)]
    pub fn encrypted(&self, context: &EncodeContext<'_>) -> Result<EncryptedPassword<'_, Self>> {
        let password = match &self.password {
            Some(password) => Patch::Set(context.encrypt(password)?),
            None => Patch::Keep,
        };
        Ok(EncryptedPassword {
            input: self,
            password,
        })
    }
}

impl UpdateUserInput {
    /// The input with its password encrypted, as it travels.
    #[doc(hidden)]
    pub fn encrypted(&self, context: &EncodeContext<'_>) -> Result<EncryptedPassword<'_, Self>> {
        let password = match &self.password {
            Patch::Set(password) => Patch::Set(context.encrypt(password)?),
            Patch::Null => Patch::Null,
            Patch::Keep => Patch::Keep,
        };
        Ok(EncryptedPassword {
            input: self,
            password,
        })
    }
}

/// An input together with its encrypted password.
#[doc(hidden)]
#[derive(Debug, Serialize)]
pub struct EncryptedPassword<'a, I> {
    #[serde(flatten)]
    input: &'a I,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    password: Patch<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_sent_and_nothing_else() {
        let create = CreateUserInput::new()
            .username("bob")
            .blocked(false)
            .logins_count(0);
        assert_eq!(
            serde_json::to_string(&create).unwrap(),
            r#"{"username":"bob","loginsCount":0,"blocked":false}"#
        );
        let update = UpdateUserInput::new()
            .nickname("")
            .company(Patch::Null)
            .last_ip("::1");
        assert_eq!(
            serde_json::to_string(&update).unwrap(),
            r#"{"lastIP":"::1","nickname":"","company":null}"#
        );
    }

    #[test]
    fn secrets_travel_but_are_not_shown() {
        let update = UpdateUserInput::new().oauth("tokens").password("hunter2");
        let sent = serde_json::to_string(&update).unwrap();
        assert_eq!(sent, r#"{"oauth":"tokens"}"#);
        let shown = format!("{update:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("tokens"),
            "{shown}"
        );
    }
}
