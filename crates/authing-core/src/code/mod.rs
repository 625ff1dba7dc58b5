//! Authing's error numbers.

mod generated;

use std::fmt;

/// The number that Authing gives an error.
///
/// The numbers that are known, those of the v2 API, have a constant, and say
/// what they mean and where it helps what to do; every other number is kept
/// as it came. `docs/error-codes.md` in the repository is the list in English
/// and Chinese.
///
/// ```
/// use authing_core::ErrorCode;
///
/// let code = ErrorCode::new(2004);
/// assert_eq!(code, ErrorCode::USER_NOT_FOUND);
/// assert_eq!(code.name(), Some("USER_NOT_FOUND"));
/// assert_eq!(code.meaning(), Some("the user does not exist"));
/// assert_eq!(code.meaning_zh(), Some("用户不存在"));
///
/// assert_eq!(ErrorCode::new(-7).name(), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorCode(i64);

/// What is known of a number.
struct Entry {
    code: ErrorCode,
    name: &'static str,
    en: &'static str,
    zh: &'static str,
    /// In English and in Chinese.
    advice: Option<(&'static str, &'static str)>,
}

impl ErrorCode {
    /// The code with this number.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The name of the constant with this number; `None` if there is none.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.entry().map(|entry| entry.name)
    }

    /// What the number means, in English: a phrase without a full stop, not
    /// the server's words. `None` if the number is not known.
    #[must_use]
    pub fn meaning(self) -> Option<&'static str> {
        self.entry().map(|entry| entry.en)
    }

    /// What the number means, in Chinese; like [`meaning`](Self::meaning).
    #[must_use]
    pub fn meaning_zh(self) -> Option<&'static str> {
        self.entry().map(|entry| entry.zh)
    }

    /// What to do about it, in English and whole sentences. `None` if the
    /// number is not known or says it all.
    #[must_use]
    pub fn advice(self) -> Option<&'static str> {
        self.entry()?.advice.map(|(en, _)| en)
    }

    /// What to do about it, in Chinese; like [`advice`](Self::advice).
    #[must_use]
    pub fn advice_zh(self) -> Option<&'static str> {
        self.entry()?.advice.map(|(_, zh)| zh)
    }

    fn entry(self) -> Option<&'static Entry> {
        let entries = generated::CATALOGUE;
        let at = entries.binary_search_by_key(&self, |entry| entry.code);
        entries.get(at.ok()?)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "ErrorCode({}, {name})", self.0),
            None => write!(f, "ErrorCode({})", self.0),
        }
    }
}

impl From<i64> for ErrorCode {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

impl From<ErrorCode> for i64 {
    fn from(code: ErrorCode) -> Self {
        code.0
    }
}

impl PartialEq<i64> for ErrorCode {
    fn eq(&self, number: &i64) -> bool {
        self.0 == *number
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn catalogue_is_sorted_and_unique() {
        let entries = generated::CATALOGUE;
        assert!(entries.len() > 100);
        assert!(entries.is_sorted_by(|a, b| a.code < b.code));
        let names: BTreeSet<_> = entries.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), entries.len());
    }

    #[test]
    fn every_number_says_what_it_means() {
        for entry in generated::CATALOGUE {
            let code = ErrorCode::new(entry.code.number());
            assert_eq!(code.name(), Some(entry.name));
            let (en, zh) = (code.meaning().unwrap(), code.meaning_zh().unwrap());
            assert!(!en.is_empty() && en.is_ascii(), "{code:?}");
            assert!(!zh.is_empty() && !zh.is_ascii(), "{code:?}");
            assert_eq!(code.advice().is_some(), code.advice_zh().is_some());
        }
    }

    #[test]
    fn names_stay() {
        for (code, number) in [
            (ErrorCode::NOT_PERMITTED, 1001),
            (ErrorCode::MFA_REQUIRED, 1635),
            (ErrorCode::USER_NOT_FOUND, 2004),
            (ErrorCode::WRONG_PASSWORD, 2006),
            (ErrorCode::USER_EXISTS, 2026),
            (ErrorCode::WRONG_ACCOUNT_OR_PASSWORD, 2333),
        ] {
            assert_eq!(code, number);
        }
    }

    #[test]
    fn unknown_numbers_are_kept() {
        for number in [i64::MIN, -1, 0, 1, 2033, i64::MAX] {
            let code = ErrorCode::new(number);
            assert_eq!(code.number(), number);
            assert_eq!(code.to_string(), number.to_string());
            assert_eq!(
                (code.name(), code.meaning(), code.advice()),
                (None, None, None)
            );
        }
    }

    #[test]
    fn debug_names_what_is_known() {
        let debug = |number| format!("{:#?}", ErrorCode::new(number));
        assert_eq!(debug(2004), "ErrorCode(2004, USER_NOT_FOUND)");
        assert_eq!(debug(-7), "ErrorCode(-7)");
    }
}
