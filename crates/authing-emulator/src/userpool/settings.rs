//! The settings of the pool: defaults, and what was changed of them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use serde_json::{Value, json};

use crate::dates::Moment;
use crate::pool::Pool;
use crate::refusal::Refusal;
use crate::users::Fields;
use crate::wording;

/// Settings that always have a value.
const REQUIRED: [&str; 8] = [
    "name",
    "logo",
    "domain",
    "emailVerifiedDefault",
    "sendWelcomeEmail",
    "registerDisabled",
    "appSsoEnabled",
    "tokenExpiresAfter",
];

const CODE_LENGTHS: std::ops::RangeInclusive<i64> = 4..=6;

/// What was changed, under the API's names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Settings {
    changed: Fields,
    updated: Option<Moment>,
}

impl Settings {
    /// Changes what is given. Nothing is changed when anything is wrong.
    pub(super) fn apply(&mut self, input: Fields, now: Moment) -> Result<(), Refusal> {
        check(&input)?;
        for (name, value) in input {
            let old = self.changed.get_mut(&name).and_then(Value::as_object_mut);
            match (old, value) {
                (Some(old), Value::Object(new)) => old.extend(new),
                (_, Value::Array(codes)) if name == "userpoolTypes" => {
                    let types = codes.iter().map(|code| json!({"code": code}));
                    self.changed.insert(name, types.collect());
                }
                (_, value) => {
                    self.changed.insert(name, value);
                }
            }
        }
        self.updated = Some(now);
        Ok(())
    }

    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.changed.get(name) == Some(&Value::Bool(true))
    }

    /// A setting in a group of them.
    pub(crate) fn is_on_in(&self, group: &str, name: &str) -> bool {
        let group = self.changed.get(group);
        group.and_then(|group| group.get(name)) == Some(&Value::Bool(true))
    }

    pub(super) fn token_life(&self) -> Option<Duration> {
        let seconds = self.changed.get("tokenExpiresAfter")?.as_u64()?;
        Some(Duration::from_secs(seconds))
    }

    pub(super) fn code_length(&self) -> Option<usize> {
        let digits = self.changed.get("verifyCodeLength")?.as_u64()?;
        usize::try_from(digits).ok()
    }

    /// The pool with all its settings.
    pub(super) fn shown(&self, pool: &Pool) -> Fields {
        let limit = |seconds: u32, times: u32| json!({"timeInterval": seconds, "limit": times, "enabled": false});
        let mut shown = Fields::new();
        for (name, value) in [
            ("id", json!(pool.id)),
            ("name", json!("emulator")),
            ("domain", json!("emulator")),
            ("description", Value::Null),
            ("secret", json!(pool.secret)),
            ("jwtSecret", json!(pool.jwt_secret)),
            ("ownerId", json!(pool.owner_id)),
            ("userpoolTypes", json!([])),
            ("logo", json!("default-logo.png")),
            ("emailVerifiedDefault", json!(false)),
            ("sendWelcomeEmail", json!(false)),
            ("registerDisabled", json!(false)),
            ("appSsoEnabled", json!(false)),
            ("showWxQRCodeWhenRegisterDisabled", json!(false)),
            ("allowedOrigins", Value::Null),
            ("tokenExpiresAfter", json!(pool.user_token_life.as_secs())),
            ("isDeleted", json!(false)),
            ("frequentRegisterCheck", limit(300, 50)),
            ("loginFailCheck", limit(300, 50)),
            ("loginPasswordFailCheck", limit(300, 50)),
            ("changePhoneStrategy", json!({"verifyOldPhone": false})),
            ("changeEmailStrategy", json!({"verifyOldEmail": false})),
            (
                "whitelist",
                json!({"phoneEnabled": false, "emailEnabled": false, "usernameEnabled": false}),
            ),
            ("packageType", json!(0)),
            ("useCustomUserStore", json!(false)),
            ("loginRequireEmailVerified", json!(false)),
            ("verifyCodeLength", json!(CODE_LENGTHS.start())),
            ("createdAt", json!(Moment::from_seconds(0).iso())),
            (
                "updatedAt",
                json!(self.updated.unwrap_or(Moment::from_seconds(0)).iso()),
            ),
        ] {
            shown.insert(name.to_owned(), value);
        }
        for (name, value) in &self.changed {
            match (shown.get_mut(name).and_then(Value::as_object_mut), value) {
                (Some(group), Value::Object(changes)) => group.extend(changes.clone()),
                _ => {
                    shown.insert(name.clone(), value.clone());
                }
            }
        }
        shown
    }
}

fn check(input: &Fields) -> Result<(), Refusal> {
    for name in REQUIRED {
        if input.get(name).is_some_and(Value::is_null) {
            return Err(Refusal::about(&wording::SETTING_NEEDS_VALUE, &[&name]));
        }
    }
    let within = |name: &str, range: std::ops::RangeInclusive<i64>| {
        let number = input.get(name).and_then(Value::as_i64);
        match number {
            Some(number) if !range.contains(&number) => Err(Refusal::about(
                &wording::SETTING_OUT_OF_RANGE,
                &[&name, &number],
            )),
            _ => Ok(()),
        }
    };
    within("tokenExpiresAfter", 1..=i64::MAX)?;
    within("verifyCodeLength", CODE_LENGTHS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: Value) -> Fields {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn groups_of_settings_are_merged() {
        let mut settings = Settings::default();
        let now = Moment::from_seconds(1);
        for kind in ["phoneEnabled", "emailEnabled"] {
            let change = fields(json!({"whitelist": {kind: true}}));
            settings.apply(change, now).unwrap();
        }
        assert!(settings.is_on_in("whitelist", "phoneEnabled"));
        assert_eq!(
            settings.shown(&Pool::default())["whitelist"],
            json!({"phoneEnabled": true, "emailEnabled": true, "usernameEnabled": false})
        );
    }

    #[test]
    fn a_wrong_setting_changes_nothing() {
        let mut settings = Settings::default();
        for wrong in [
            json!({"name": "new", "registerDisabled": null}),
            json!({"name": "new", "tokenExpiresAfter": 0}),
            json!({"name": "new", "verifyCodeLength": 3}),
        ] {
            assert!(
                settings
                    .apply(fields(wrong), Moment::from_seconds(1))
                    .is_err()
            );
        }
        let shown = settings.shown(&Pool::default());
        assert_eq!(shown["name"], "emulator");
        assert_eq!(shown["updatedAt"], "1970-01-01T00:00:00.000Z");
    }
}
