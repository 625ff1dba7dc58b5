//! The fields of a seed. Their documentation is that of the JSON Schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::Value;

use crate::oidc::ClientAuthentication;
use crate::users::Fields;
use crate::webhooks::Webhook;

/// What an Authing emulator begins with. At the top stand the clock, the seed for random ids, and the first user pool.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Seed of an Authing emulator")]
pub(crate) struct File {
    /// Draws all ids, secrets, codes and keys from this number, so that each run is the same. At the top only.
    pub(crate) random_seed: Option<u64>,
    /// The clock. At the top only.
    pub(crate) clock: Option<Clock>,
    /// Further user pools, which see nothing of each other. At the top only.
    #[serde(deserialize_with = "others")]
    pub(crate) pools: Vec<File>,
    /// Names and secrets of the pool.
    pub(crate) pool: Pool,
    /// The applications; one with random ids unless given.
    pub(crate) apps: Vec<App>,
    /// The users, in the order of their creation.
    pub(crate) users: Vec<User>,
    /// The roles.
    pub(crate) roles: Vec<Role>,
    /// The groups.
    pub(crate) groups: Vec<Group>,
    /// The policies.
    pub(crate) policies: Vec<Policy>,
    /// The custom fields. Users have their values in `customData`.
    pub(crate) custom_fields: Vec<CustomField>,
    /// Who may register while the whitelists are on, which `settings.whitelist` turns them.
    pub(crate) whitelist: Whitelist,
    /// Settings of the pool by the names of Authing's GraphQL type `UpdateUserpoolInput`.
    #[schemars(with = "BTreeMap<String, Value>")]
    pub(crate) settings: Fields,
    /// Where events are sent.
    pub(crate) webhook: Option<Webhook>,
}

/// Other pools cannot have what stands at the top.
fn others<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<File>, D::Error> {
    let pools = Vec::<File>::deserialize(from)?;
    let has_top =
        |pool: &File| pool.random_seed.is_some() || pool.clock.is_some() || !pool.pools.is_empty();
    match pools.iter().any(has_top) {
        true => Err(D::Error::custom(
            "randomSeed, clock and pools stand at the top of the file only",
        )),
        false => Ok(pools),
    }
}

/// The clock of the emulator.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Clock {
    /// The time at the start, such as `2030-01-01T00:00:00Z`; now unless given.
    pub(crate) at: Option<String>,
    /// Whether it stands still until it is turned.
    pub(crate) frozen: bool,
}

/// Names and secrets; random unless given.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Pool {
    /// The id of the user pool.
    pub(crate) id: Option<String>,
    /// The secret of the user pool.
    pub(crate) secret: Option<String>,
}

/// An application.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct App {
    /// The id; random unless given.
    pub(crate) id: Option<String>,
    /// The secret; random unless given.
    pub(crate) secret: Option<String>,
    /// What it is called.
    pub(crate) name: Option<String>,
    /// Where logins may send the browser, instead of any `http` address of this machine.
    pub(crate) redirect_uris: Option<Vec<String>>,
    /// Where logouts may send the browser, instead of any `http` address of this machine.
    pub(crate) logout_redirect_uris: Option<Vec<String>>,
    /// How it proves to the token endpoint who it is: `secret-post` (the default), `secret-basic` or `none`.
    pub(crate) client_authentication: Option<ClientAuthentication>,
    /// Signs ID tokens with RS256 instead of HS256.
    pub(crate) rs256_id_tokens: bool,
    /// How long access and ID tokens are good, in seconds.
    pub(crate) access_token_life: Option<u64>,
}

macro_rules! user {
    ($($(#[$documentation:meta])* $field:ident),* $(,)?) => {
        /// A user. At least one of username, email and phone is needed.
        #[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
        #[serde(default, rename_all = "camelCase", deny_unknown_fields)]
        pub(crate) struct User {
            /// The id; random unless given.
            pub(crate) id: Option<String>,
            /// The password, as the user types it.
            pub(crate) password: Option<String>,
            /// Codes of roles in the default namespace.
            pub(crate) roles: Vec<String>,
            /// Codes of groups.
            pub(crate) groups: Vec<String>,
            /// Codes of policies.
            pub(crate) policies: Vec<String>,
            /// Values of custom fields by their keys.
            pub(crate) custom_data: BTreeMap<String, Value>,
            /// The user may not log in.
            pub(crate) blocked: bool,
            /// The email address belongs to the user.
            pub(crate) email_verified: bool,
            /// The phone number belongs to the user.
            pub(crate) phone_verified: bool,
            /// The first login is refused until a password was set.
            pub(crate) reset_password_on_first_login: bool,
            $($(#[$documentation])* pub(crate) $field: Option<String>,)*
        }

        impl User {
            /// The texts that are given, by their names here and in the order of the fields.
            pub(crate) fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
                [$((stringify!($field), &self.$field)),*]
                    .into_iter()
                    .filter_map(|(name, text)| Some((name, text.as_deref()?)))
            }
        }
    };
}

user! {
    /// Who it is, in the pool.
    username,
    /// The email address.
    email,
    /// The phone number.
    phone,
    /// The country of the phone number, such as `+86`.
    phone_country_code,
    /// Who it is, in another system.
    external_id,
    /// What others call the user.
    nickname,
    /// The full name.
    name,
    /// The address of a picture.
    photo,
    /// Where the user works.
    company,
    /// The first name.
    given_name,
    /// The last name.
    family_name,
    /// What is between them.
    middle_name,
    /// The address of a page about the user.
    profile,
    /// The name by which the user wants to go.
    preferred_username,
    /// The address of a page of the user.
    website,
    /// `M`, `F` or `U`.
    gender,
    /// The day of birth.
    birthdate,
    /// The time zone.
    zoneinfo,
    /// The language.
    locale,
    /// The address.
    address,
    /// The address as it is written on an envelope.
    formatted,
    /// The street.
    street_address,
    /// The place.
    locality,
    /// The region.
    region,
    /// The postal code.
    postal_code,
    /// The city.
    city,
    /// The province.
    province,
    /// The country.
    country,
}

/// A role.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Role {
    /// Letters, digits, `_` and `-`.
    pub(crate) code: String,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// The namespace; `default` unless given.
    pub(crate) namespace: Option<String>,
    /// The code of the role that it inherits from, which comes before it.
    pub(crate) parent: Option<String>,
    /// Codes of policies in the same namespace.
    #[serde(default)]
    pub(crate) policies: Vec<String>,
}

/// A group of users.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Group {
    /// Its code.
    pub(crate) code: String,
    /// Its name; the code unless given.
    pub(crate) name: Option<String>,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// Codes of roles in the default namespace that its members have.
    #[serde(default)]
    pub(crate) roles: Vec<String>,
}

/// A policy.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Policy {
    /// Its code.
    pub(crate) code: String,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// The namespace; `default` unless given.
    pub(crate) namespace: Option<String>,
    /// What it allows and denies.
    pub(crate) statements: Vec<Statement>,
}

/// What a policy says of a resource.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Statement {
    /// The resource, such as `books:1` or `books:*`.
    pub(crate) resource: String,
    /// The actions, such as `books:read` or `*`.
    pub(crate) actions: Vec<String>,
    /// Whether they are allowed, which they are unless said otherwise.
    #[serde(default)]
    pub(crate) effect: Effect,
}

/// What becomes of actions.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Effect {
    /// They may be done.
    #[default]
    Allow,
    /// They must not be done, whatever else allows them.
    Deny,
}

/// A custom field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CustomField {
    /// Its key.
    pub(crate) key: String,
    /// What its values are; `STRING` unless given.
    #[serde(default)]
    pub(crate) data_type: DataType,
    /// What people call it; the key unless given.
    pub(crate) label: Option<String>,
    /// Whose field it is; `USER` unless given.
    #[serde(default)]
    pub(crate) target_type: TargetType,
}

/// What the values of a custom field are.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum DataType {
    #[default]
    String,
    Number,
    DateTime,
    Boolean,
    Object,
}

/// Whose field a custom field is.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum TargetType {
    #[default]
    User,
    Role,
    UserPool,
    Application,
}

/// Who may register.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Whitelist {
    /// User names.
    pub(crate) usernames: Vec<String>,
    /// Email addresses.
    pub(crate) emails: Vec<String>,
    /// Phone numbers.
    pub(crate) phones: Vec<String>,
}
