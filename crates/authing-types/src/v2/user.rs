use authing_core::{Secret, Timestamp};
use serde::Deserialize;

/// The GraphQL fragment `UserFields`: what is asked for of a [`User`].
///
/// These 48 fields exist in every v2 deployment, also in old private ones.
pub const USER_FIELDS: &str = include_str!("user.graphql");

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selection_has_48_fields_and_all_are_read() {
        let fields: Vec<&str> = USER_FIELDS
            .lines()
            .filter(|line| line.starts_with("  "))
            .map(str::trim)
            .collect();
        assert_eq!(fields.len(), 48);
        let mut user = serde_json::Map::new();
        for field in &fields {
            let value = match *field {
                "emailVerified" | "phoneVerified" | "blocked" | "isDeleted" => true.into(),
                "loginsCount" => 7.into(),
                "registerSource" => vec!["x"].into(),
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
