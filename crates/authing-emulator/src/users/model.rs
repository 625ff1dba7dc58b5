//! One user.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::dates::{Moment, is_date};
use crate::passwords::Password;
use crate::phones;
use crate::pool::Pool;
use crate::refusal::Refusal;
use crate::wording;

/// The status of an account that is in use.
const ACTIVATED: &str = "Activated";
const FIRST_PHOTO: &str = "default-user-avatar.png";
/// Fields that hold a point in time.
const DATES: [&str; 4] = ["lastLogin", "signedUp", "tokenExpiredAt", "expiredAt"];
/// Every user has one of these.
pub(super) const NAMES: [&str; 3] = ["username", "email", "phone"];
/// No two users share one of these.
pub(super) const UNIQUE: [&str; 4] = ["username", "email", "phone", "externalId"];

/// The fields of a user by their names in the API.
pub(crate) type Fields = Map<String, Value>;

/// How a user came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Administrator,
    Username,
    Email,
    PhoneCode,
}

impl Origin {
    fn source(self) -> &'static str {
        match self {
            Self::Administrator => "import:manual",
            Self::Username => "basic:username-password",
            Self::Email => "basic:email",
            Self::PhoneCode => "basic:phone-code",
        }
    }
}

/// A user: the fields that the API shows, and what it does not show.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    id: String,
    fields: Fields,
    pub(crate) password: Option<Password>,
    pub(crate) identities: Vec<Value>,
    pub(crate) must_set_password: bool,
    pub(crate) must_reset_password: bool,
    /// `updatedAt`, so that lists are sorted without reading texts.
    updated: Moment,
}

impl User {
    #[cfg(test)]
    pub(crate) fn new(given: Fields, origin: Origin, pool: &Pool, now: Moment) -> Self {
        Self::with_id(crate::ids::id(), given, origin, pool, now)
    }

    pub(crate) fn with_id(
        id: String,
        given: Fields,
        origin: Origin,
        pool: &Pool,
        now: Moment,
    ) -> Self {
        let updated = now;
        let now = now.iso();
        let mut fields = Fields::new();
        for (name, value) in [
            ("id", json!(id)),
            ("arn", json!(pool.arn("user", &id))),
            ("userPoolId", json!(pool.id)),
            ("status", json!(ACTIVATED)),
            ("registerSource", json!([origin.source()])),
            ("photo", json!(FIRST_PHOTO)),
            ("gender", json!("U")),
            ("emailVerified", json!(false)),
            ("phoneVerified", json!(false)),
            ("loginsCount", json!(0)),
            ("blocked", json!(false)),
            ("isDeleted", json!(false)),
            ("createdAt", json!(now)),
            ("updatedAt", json!(now)),
        ] {
            fields.insert(name.to_owned(), value);
        }
        fields.extend(given.into_iter().filter(|(_, value)| !value.is_null()));
        Self {
            id,
            fields,
            password: None,
            identities: Vec::new(),
            must_set_password: false,
            must_reset_password: false,
            updated,
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn updated(&self) -> Moment {
        self.updated
    }

    pub(crate) fn get(&self, field: &str) -> &Value {
        self.fields.get(field).unwrap_or(&Value::Null)
    }

    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.get(field).as_str()
    }

    pub(crate) fn is(&self, field: &str) -> bool {
        self.get(field) == true
    }

    /// Refuses a user who must not be signed in: one who is locked, or whose account is not in use.
    pub(crate) fn check_lock(&self) -> Result<(), Refusal> {
        let is_in_use = self.text("status").is_none_or(|status| status == ACTIVATED);
        match self.is("blocked") || !is_in_use {
            true => Err(Refusal::new(&wording::LOCKED)),
            false => Ok(()),
        }
    }

    /// The phone number with its country.
    pub(crate) fn phone(&self) -> Option<String> {
        phone_of(&self.fields)
    }

    /// Email addresses are compared in lower case, phone numbers in one spelling.
    pub(crate) fn has(&self, field: &str, text: &str) -> bool {
        match self.text(field) {
            Some(own) if field == "email" => own == text.to_lowercase(),
            Some(_) if field == "phone" => self.phone() == Some(phones::normal(text, None)),
            own => own == Some(text),
        }
    }

    pub(crate) fn set(&mut self, field: &str, value: Value) {
        self.fields.insert(field.to_owned(), value);
    }

    /// Nulls clear, everything else is stored as it is.
    pub(super) fn apply(&mut self, changes: Fields, now: Moment) {
        self.fields.extend(changes);
        self.touch(now);
    }

    /// Something about the user changed.
    pub(super) fn touch(&mut self, now: Moment) {
        self.updated = now;
        self.set("updatedAt", json!(now.iso()));
    }

    pub(crate) fn shown(&self) -> Fields {
        let mut fields = self.fields.clone();
        let password = self.password.as_ref().map(Password::shown);
        fields.insert("password".to_owned(), json!(password));
        fields.insert("identities".to_owned(), json!(self.identities));
        fields
    }

    /// Whether the password is what somebody gave, and no digest that was made here.
    pub(crate) fn has_kept_password(&self) -> bool {
        matches!(self.password, Some(Password::Kept(_)))
    }

    /// As others hear of it: the digest of the password may be told, what somebody gave may not.
    pub(crate) fn told(&self) -> Fields {
        let mut fields = self.shown();
        if self.has_kept_password() {
            fields.remove("password");
        }
        fields
    }
}

/// True for the one change of `updateUser` by which Python 4.2 logs out. No date is written so.
pub(super) fn is_logout(name: &str, text: &str) -> bool {
    (name, text) == ("tokenExpiredAt", "0")
}

/// Brings fields from a client into the form in which they are stored. An administrator's address and number may be
/// any text.
pub(super) fn tidy(mut fields: Fields) -> Result<Fields, Refusal> {
    if let Some(Value::String(email)) = fields.get_mut("email") {
        *email = email.to_lowercase();
    }
    // A number that names its country itself, or has none to name, has only one spelling to be kept in.
    if let (Some(phone), None) = (phone_of(&fields), text_of(&fields, "phoneCountryCode")) {
        fields.insert("phone".to_owned(), json!(phone));
    }
    for name in DATES {
        if let Some(Value::String(date)) = fields.get(name)
            && !is_date(date)
            && !is_logout(name, date)
        {
            return Err(Refusal::about(&wording::NOT_A_DATE, &[&name]));
        }
    }
    Ok(fields)
}

/// The phone number in one spelling; an empty one is none.
pub(super) fn phone_of(fields: &Fields) -> Option<String> {
    let phone = text_of(fields, "phone")?;
    Some(phones::normal(phone, text_of(fields, "phoneCountryCode")))
}

fn text_of<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    let text = fields.get(name)?.as_str()?;
    Some(text).filter(|text| !text.is_empty())
}

/// Refuses what is no address or no number in the fields of somebody who registers.
pub(super) fn check_contacts(fields: &Fields) -> Result<(), Refusal> {
    text_of(fields, "email").map_or(Ok(()), check_email)?;
    text_of(fields, "phone").map_or(Ok(()), check_phone)
}

pub(crate) fn check_phone(text: &str) -> Result<(), Refusal> {
    if phones::is_phone(text) {
        return Ok(());
    }
    Err(Refusal::new(&wording::NOT_A_PHONE))
}

pub(crate) fn check_email(text: &str) -> Result<(), Refusal> {
    if is_email(text) {
        return Ok(());
    }
    Err(Refusal::new(&wording::NOT_AN_EMAIL))
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    !local.is_empty()
        && !text.chars().any(char::is_whitespace)
        && !domain.contains('@')
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::code;

    fn fields(value: Value) -> Fields {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn tidies_email_and_dates() {
        let tidied = tidy(fields(
            json!({"email": "Ann@Example.COM", "lastLogin": "2020-01-01T00:00:00Z"}),
        ));
        assert_eq!(tidied.unwrap()["email"], "ann@example.com");
        for date in ["yesterday", "1580000000000"] {
            assert!(tidy(fields(json!({"signedUp": date}))).is_err(), "{date}");
        }
    }

    #[test]
    fn tells_addresses_from_other_text() {
        check_email("ann@例子.中国").unwrap();
        for email in ["", "ann", "@example.com", "a@b@c.de", "a b@c.de", "a@c."] {
            let refusal = check_email(email).unwrap_err();
            assert_eq!(refusal.code, code::MALFORMED_EMAIL, "{email}");
        }
        let contacts = |given| check_contacts(&fields(given)).map_err(|refusal| refusal.code);
        assert_eq!(contacts(json!({"email": "", "phone": ""})), Ok(()));
        assert_eq!(
            contacts(json!({"email": "ann"})),
            Err(code::MALFORMED_EMAIL)
        );
        assert_eq!(
            contacts(json!({"phone": "ann"})),
            Err(code::INVALID_RECIPIENT)
        );
    }

    #[test]
    fn a_new_user_has_the_defaults() {
        let given = fields(json!({"username": "ann", "gender": null, "blocked": true}));
        let pool = Pool::default();
        let user = User::new(given, Origin::Administrator, &pool, Moment::from_seconds(0));
        let shown = user.shown();
        assert_eq!(
            shown["arn"],
            format!("arn:cn:authing:{}:user:{}", pool.id, user.id())
        );
        assert_eq!(shown["gender"], "U");
        assert_eq!(shown["blocked"], true);
        assert_eq!(shown["password"], Value::Null);
        assert_eq!(shown["registerSource"], json!(["import:manual"]));
        assert_eq!(shown["createdAt"], "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn changes_clear_with_null_and_keep_what_is_absent() {
        let given = fields(json!({"username": "ann", "name": "Ann", "company": "A"}));
        let epoch = Moment::from_seconds(0);
        let mut user = User::new(given, Origin::Username, &Pool::default(), epoch);
        let changes = fields(json!({"name": null, "nickname": "", "loginsCount": 0}));
        user.apply(changes, Moment::from_seconds(1));
        assert_eq!(user.get("name"), &Value::Null);
        assert_eq!(user.text("company"), Some("A"));
        assert_eq!(user.text("nickname"), Some(""));
        assert_eq!(user.text("updatedAt"), Some("1970-01-01T00:00:01.000Z"));
    }
}
