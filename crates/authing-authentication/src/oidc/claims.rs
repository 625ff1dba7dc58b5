use std::fmt;

use authing_core::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What OpenID Connect can say about a user. Which of it is told depends on
/// the scopes.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The full name.
    pub name: Option<String>,
    /// The given name.
    pub given_name: Option<String>,
    /// The family name.
    pub family_name: Option<String>,
    /// The middle name.
    pub middle_name: Option<String>,
    /// The nickname.
    pub nickname: Option<String>,
    /// The name the user would like to be called by.
    pub preferred_username: Option<String>,
    /// The user name.
    pub username: Option<String>,
    /// The address of the profile page.
    pub profile: Option<String>,
    /// The address of the picture.
    pub picture: Option<String>,
    /// The address of the user's own page.
    pub website: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// Whether the email address is known to be the user's.
    pub email_verified: Option<bool>,
    /// The gender: `M`, `F` or `U` in Authing.
    pub gender: Option<String>,
    /// The date of birth.
    pub birthdate: Option<String>,
    /// The time zone.
    pub zoneinfo: Option<String>,
    /// The language.
    pub locale: Option<String>,
    /// The phone number.
    pub phone_number: Option<String>,
    /// Whether the phone number is known to be the user's.
    pub phone_number_verified: Option<bool>,
    /// The postal address.
    pub address: Option<Address>,
    /// When the profile was last changed.
    pub updated_at: Option<Timestamp>,
    /// The user's id in another system.
    pub external_id: Option<String>,
    /// All else that the server said.
    #[serde(flatten)]
    pub other: OtherClaims,
}

/// A postal address.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Address {
    /// The country.
    pub country: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The city.
    pub locality: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// Street and number.
    pub street_address: Option<String>,
    /// The whole address as one would write it on a letter.
    pub formatted: Option<String>,
}

/// What the server said for which this SDK has no field, such as an
/// application's own claims. `Debug` shows the names only, since nobody knows
/// what the values are.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct OtherClaims(Map<String, Value>);

impl OtherClaims {
    /// The value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All names with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }
}

impl fmt::Debug for OtherClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
