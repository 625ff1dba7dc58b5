use authing_core::{Secret, Timestamp, string_enum};
use serde::Deserialize;

use super::{Identity, UserDefinedData};

/// The GraphQL fragment `UserFields`: what is asked for of a [`User`].
///
/// These 48 fields exist in every v2 deployment, also in old private ones.
pub const USER_FIELDS: &str = include_str!("user.graphql");

/// The fragment `UserFields` with what newer servers can tell of a [`User`] as
/// well: status, external id, identities and custom fields.
pub const USER_FIELDS_WITH_CUSTOM_DATA: &str = include_str!("user_with_custom_data.graphql");

string_enum! {
    /// What has become of a user.
    pub enum UserStatus {
        /// The user can log in.
        Activated = "Activated",
        /// The user may not log in for the time being.
        Suspended = "Suspended",
        /// The user has left.
        Resigned = "Resigned",
        /// The user is kept for the record only.
        Archived = "Archived",
    }
}

/// A user of the pool.
///
/// Everything but the id may be missing: it depends on how the user came to be,
/// and on the version of the server.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct User {
    /// The user's id: 24 hexadecimal digits.
    pub id: String,
    /// The resource name, `arn:cn:authing:<pool>:user:<id>`.
    pub arn: Option<String>,
    /// The pool that the user belongs to.
    pub user_pool_id: Option<String>,
    /// The name to log in with.
    pub username: Option<String>,
    /// The e-mail address, in lower case.
    pub email: Option<String>,
    /// Whether the address was shown to belong to the user.
    pub email_verified: Option<bool>,
    /// The phone number.
    pub phone: Option<String>,
    /// Whether the number was shown to belong to the user.
    pub phone_verified: Option<bool>,
    /// The id that a social provider gives the user for all apps together.
    pub unionid: Option<String>,
    /// The id that a social provider gives the user for one app.
    pub openid: Option<String>,
    /// The nickname.
    pub nickname: Option<String>,
    /// How the user came to be, such as `basic:username-password`.
    pub register_source: Option<Vec<String>>,
    /// The address of the picture.
    pub photo: Option<String>,
    /// A digest of the password, as the server keeps it.
    pub password: Option<Secret>,
    /// What a social provider said of the user, as JSON text; may hold tokens.
    pub oauth: Option<Secret>,
    /// The user's token, present right after a login.
    pub token: Option<Secret>,
    /// When the token expires.
    pub token_expired_at: Option<Timestamp>,
    /// How often the user has logged in.
    pub logins_count: Option<i64>,
    /// When the user last logged in.
    pub last_login: Option<Timestamp>,
    /// From which address.
    #[serde(rename = "lastIP")]
    pub last_ip: Option<String>,
    /// When the user registered.
    pub signed_up: Option<Timestamp>,
    /// Whether the user may not log in.
    pub blocked: Option<bool>,
    /// Whether the user was deleted.
    pub is_deleted: Option<bool>,
    /// The device last used.
    pub device: Option<String>,
    /// The browser last used.
    pub browser: Option<String>,
    /// The company.
    pub company: Option<String>,
    /// The full name.
    pub name: Option<String>,
    /// The given name.
    pub given_name: Option<String>,
    /// The family name.
    pub family_name: Option<String>,
    /// The middle name.
    pub middle_name: Option<String>,
    /// The address of the profile page.
    pub profile: Option<String>,
    /// The name the user likes to be called by.
    pub preferred_username: Option<String>,
    /// The address of the user's web site.
    pub website: Option<String>,
    /// `M`, `F`, or `U` for unknown.
    pub gender: Option<String>,
    /// The date of birth.
    pub birthdate: Option<String>,
    /// The time zone, such as `Asia/Shanghai`.
    pub zoneinfo: Option<String>,
    /// The language, such as `zh-CN`.
    pub locale: Option<String>,
    /// The postal address.
    pub address: Option<String>,
    /// The whole postal address as one text.
    pub formatted: Option<String>,
    /// The street and house number.
    pub street_address: Option<String>,
    /// The town.
    pub locality: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The province.
    pub province: Option<String>,
    /// The country.
    pub country: Option<String>,
    /// When the user was created.
    pub created_at: Option<Timestamp>,
    /// When the user was last changed.
    pub updated_at: Option<Timestamp>,
    /// What has become of the user; only from calls that ask for custom data.
    pub status: Option<UserStatus>,
    /// The user's id in another system; only from calls that ask for custom
    /// data.
    pub external_id: Option<String>,
    /// The user's accounts at identity providers; only from calls that ask for
    /// custom data.
    pub identities: Option<Vec<Identity>>,
    /// The custom fields with the values that the user has; only from calls
    /// that ask for it.
    pub custom_data: Option<Vec<UserDefinedData>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selection_has_48_fields_and_all_are_read() {
        let first_level = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
        let fields = USER_FIELDS.lines().filter(first_level).map(str::trim);
        assert_eq!(fields.count(), 48);
        let opening = USER_FIELDS.trim_end().strip_suffix('}').unwrap();
        assert!(USER_FIELDS_WITH_CUSTOM_DATA.starts_with(opening));
        let fields: Vec<&str> = USER_FIELDS_WITH_CUSTOM_DATA
            .lines()
            .filter(first_level)
            .map(|line| line.trim().trim_end_matches(" {"))
            .filter(|line| *line != "}")
            .collect();
        assert_eq!(fields.len(), 52);
        let mut user = serde_json::Map::new();
        for field in &fields {
            let value = match *field {
                "emailVerified" | "phoneVerified" | "blocked" | "isDeleted" => true.into(),
                "loginsCount" => 7.into(),
                "registerSource" => vec!["x"].into(),
                "identities" | "customData" => Vec::<serde_json::Value>::new().into(),
                _ => serde_json::Value::from("x"),
            };
            user.insert((*field).to_owned(), value);
        }
        let user: User = serde_json::from_value(user.into()).unwrap();
        let shown = format!("{user:?}");
        assert!(
            !shown.contains("None"),
            "a field that is asked for is not read: {shown}"
        );
    }

    #[test]
    fn sparse_and_strange_users_are_read() {
        let user: User = serde_json::from_str(
            r#"{"id":"u1","future":{"a":[1]},"gender":null,"createdAt":1600000000000}"#,
        )
        .unwrap();
        assert_eq!(
            user.created_at.unwrap().epoch_millis(),
            Some(1_600_000_000_000)
        );
    }
}
