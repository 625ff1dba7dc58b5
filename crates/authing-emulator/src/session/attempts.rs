//! Wrong passwords: how many there were, and the picture that is shown after too many.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::dates::Moment;
use crate::ids;
use crate::refusal::Refusal;
use crate::wording;

const ALLOWED: usize = 5;
const WINDOW_SECONDS: i64 = 5 * 60;
const CAPTCHA_DIGITS: usize = 4;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Failures {
    /// Seconds since 1970.
    at: Vec<i64>,
    captcha: Option<String>,
}

impl Failures {
    /// Those that are long ago do not count.
    fn are_too_many(&mut self, now: Moment) -> bool {
        let start = now.seconds().saturating_sub(WINDOW_SECONDS);
        self.at.retain(|at| *at > start);
        if self.at.len() < ALLOWED {
            self.captcha = None;
            return false;
        }
        true
    }

    fn show_picture(&mut self) -> &str {
        self.captcha
            .get_or_insert_with(|| ids::digits(CAPTCHA_DIGITS))
    }
}

/// The wrong passwords of the last minutes, by user.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Attempts(BTreeMap<String, Failures>);

impl Attempts {
    /// Refuses a login after too many wrong passwords, unless it brings what the picture shows. Each picture is good
    /// for one login.
    pub(super) fn check(
        &mut self,
        user_id: &str,
        captcha: Option<&str>,
        now: Moment,
    ) -> Result<(), Refusal> {
        let Some(failures) = self.0.get_mut(user_id) else {
            return Ok(());
        };
        if !failures.are_too_many(now) {
            return Ok(());
        }
        if captcha.is_some() && captcha == failures.captcha.as_deref() {
            failures.captcha = None;
            return Ok(());
        }
        failures.show_picture();
        Err(Refusal::new(&wording::CAPTCHA_NEEDED))
    }

    /// What the picture shows that the next login has to bring, if it has to.
    pub(crate) fn picture(&mut self, user_id: &str, now: Moment) -> Option<&str> {
        let failures = self.0.get_mut(user_id)?;
        failures.are_too_many(now).then(|| failures.show_picture())
    }

    pub(super) fn failed(&mut self, user_id: &str, now: Moment) {
        let failures = self.0.entry(user_id.to_owned()).or_default();
        failures.at.push(now.seconds());
    }

    /// After a right password, or with the user.
    pub(crate) fn forget(&mut self, user_id: &str) {
        self.0.remove(user_id);
    }

    pub(crate) fn captcha_code(&self, user_id: &str) -> Option<&str> {
        self.0.get(user_id)?.captcha.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::code;

    fn at(seconds: i64) -> Moment {
        Moment::from_seconds(seconds)
    }

    #[test]
    fn five_wrong_passwords_ask_for_the_picture() {
        let mut attempts = Attempts::default();
        for second in 0..5 {
            attempts.check("u", None, at(second)).unwrap();
            attempts.failed("u", at(second));
        }
        let refusal = attempts.check("u", Some("x"), at(5)).unwrap_err();
        assert_eq!(refusal.code, code::CAPTCHA_REQUIRED);
        let captcha = attempts.captcha_code("u").unwrap().to_owned();
        attempts.check("u", None, at(5)).unwrap_err();
        assert_eq!(attempts.captcha_code("u"), Some(captcha.as_str()));
        attempts.check("u", Some(&captcha), at(5)).unwrap();
        attempts.check("u", Some(&captcha), at(5)).unwrap_err();
        attempts.check("other", None, at(5)).unwrap();
    }

    #[test]
    fn wrong_passwords_are_forgotten() {
        let mut attempts = Attempts::default();
        for second in 0..5 {
            attempts.failed("u", at(second));
        }
        attempts.check("u", None, at(299)).unwrap_err();
        attempts.check("u", None, at(300)).unwrap();
        attempts.failed("u", at(300));
        attempts.check("u", None, at(300)).unwrap_err();
        attempts.forget("u");
        attempts.check("u", None, at(300)).unwrap();
    }
}
