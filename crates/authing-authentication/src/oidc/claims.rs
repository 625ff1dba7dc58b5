use std::fmt;

use authing_core::__private::{Record, Slot};
use authing_core::{Timestamp, read_as_record};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What OpenID Connect can say about a user. Which of it is told depends on
/// the scopes.
///
/// A claim of another type than its field is converted where nothing is lost,
/// such as a number to text, and is left out otherwise; an event of `tracing`
/// names it.
#[derive(Debug, Clone, Default)]
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
    pub other: OtherClaims,
}

impl Record for Claims {
    fn name(&self) -> &'static str {
        "Claims"
    }

    fn slot(&mut self, member: &str) -> Slot<'_> {
        match member {
            "name" => Slot::text(&mut self.name),
            "given_name" => Slot::text(&mut self.given_name),
            "family_name" => Slot::text(&mut self.family_name),
            "middle_name" => Slot::text(&mut self.middle_name),
            "nickname" => Slot::text(&mut self.nickname),
            "preferred_username" => Slot::text(&mut self.preferred_username),
            "username" => Slot::text(&mut self.username),
            "profile" => Slot::text(&mut self.profile),
            "picture" => Slot::text(&mut self.picture),
            "website" => Slot::text(&mut self.website),
            "email" => Slot::text(&mut self.email),
            "email_verified" => Slot::flag(&mut self.email_verified),
            "gender" => Slot::text(&mut self.gender),
            "birthdate" => Slot::text(&mut self.birthdate),
            "zoneinfo" => Slot::text(&mut self.zoneinfo),
            "locale" => Slot::text(&mut self.locale),
            "phone_number" => Slot::text(&mut self.phone_number),
            "phone_number_verified" => Slot::flag(&mut self.phone_number_verified),
            "address" => Slot::record(&mut self.address),
            "updated_at" => Slot::date(&mut self.updated_at),
            "external_id" => Slot::text(&mut self.external_id),
            _ => self.other.slot(),
        }
    }
}

/// A postal address. Where the server gives it as one text, this is
/// `formatted`.
#[derive(Debug, Clone, Default)]
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

impl Record for Address {
    fn name(&self) -> &'static str {
        "Address"
    }

    fn slot(&mut self, member: &str) -> Slot<'_> {
        match member {
            "country" => Slot::text(&mut self.country),
            "region" => Slot::text(&mut self.region),
            "locality" => Slot::text(&mut self.locality),
            "postal_code" => Slot::text(&mut self.postal_code),
            "street_address" => Slot::text(&mut self.street_address),
            "formatted" => Slot::text(&mut self.formatted),
            _ => Slot::nothing(),
        }
    }

    fn take_text(&mut self, text: &str) -> bool {
        self.formatted = Some(text.to_owned());
        !text.is_empty()
    }
}

read_as_record!(Claims, Address);

/// What the server said for which this SDK has no field, such as an
/// application's own claims. `Debug` shows the names only, since nobody knows
/// what the values are.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct OtherClaims(Map<String, Value>);

impl OtherClaims {
    pub(super) fn slot(&mut self) -> Slot<'_> {
        Slot::rest(&mut self.0)
    }

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
