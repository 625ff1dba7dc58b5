//! What the server says when the rules do not allow a request.

use std::fmt::Display;

use serde::Serialize;
use serde_json::{Value, json};

use crate::wording::{self, Language, Wording};

/// Authing's numbers for refusals.
pub(crate) mod code {
    pub(crate) const SUCCESS: i64 = 200;
    pub(crate) const BAD_ARGUMENT: i64 = 400;
    pub(crate) const NO_SUCH_PATH: i64 = 404;
    pub(crate) const METHOD_NOT_ALLOWED: i64 = 405;
    pub(crate) const BODY_TIMEOUT: i64 = 408;
    /// Used by Authing for every refusal that has no number of its own, and so here.
    pub(crate) const GENERIC: i64 = 500;
    /// Of the emulator alone: Authing knows what was asked for, and the emulator does not.
    pub(crate) const NOT_EMULATED: i64 = 501;
    /// Of the emulator alone, while it ends.
    pub(crate) const CLOSING: i64 = 503;
    pub(crate) const NOT_PERMITTED: i64 = 1001;
    pub(crate) const MFA_REQUIRED: i64 = 1635;
    pub(crate) const APP_MFA_REQUIRED: i64 = 1636;
    pub(crate) const FIRST_LOGIN_RESET: i64 = 1639;
    pub(crate) const CAPTCHA_REQUIRED: i64 = 2000;
    pub(crate) const WRONG_VERIFICATION_CODE: i64 = 2001;
    pub(crate) const NO_SUCH_USER: i64 = 2004;
    pub(crate) const USER_LOCKED: i64 = 2005;
    pub(crate) const WRONG_PASSWORD: i64 = 2006;
    pub(crate) const NO_SUCH_APPLICATION: i64 = 2011;
    pub(crate) const UNDECIPHERABLE_PASSWORD: i64 = 2016;
    pub(crate) const FIELD_NOT_CHANGEABLE: i64 = 2018;
    pub(crate) const NOT_LOGGED_IN: i64 = 2020;
    pub(crate) const USER_EXISTS: i64 = 2026;
    pub(crate) const INVALID_RECIPIENT: i64 = 2028;
    pub(crate) const PASSWORD_TOO_SHORT: i64 = 2029;
    pub(crate) const TOO_MANY_USERS: i64 = 2030;
    pub(crate) const REGISTRATION_DISABLED: i64 = 2031;
    pub(crate) const OLD_EMAIL_DIFFERS: i64 = 2037;
    pub(crate) const OLD_PHONE_DIFFERS: i64 = 2038;
    pub(crate) const FORCED_RESET: i64 = 2058;
    pub(crate) const CODE_SENT_RECENTLY: i64 = 2080;
    pub(crate) const EMAIL_TAKEN: i64 = 2200;
    pub(crate) const OLD_PASSWORD_MISSING: i64 = 2201;
    pub(crate) const NOT_ONES_OWN: i64 = 2202;
    pub(crate) const WRONG_OLD_PASSWORD: i64 = 2203;
    pub(crate) const MALFORMED_EMAIL: i64 = 2204;
    pub(crate) const LOGIN_EXPIRED: i64 = 2206;
    pub(crate) const LOGIN_INVALID: i64 = 2207;
    pub(crate) const DELETE_FAILED: i64 = 2210;
    pub(crate) const LAST_LOGIN_METHOD: i64 = 2217;
    pub(crate) const NO_EMAIL: i64 = 2219;
    pub(crate) const NO_SUCH_POOL: i64 = 2224;
    pub(crate) const EMAIL_NOT_CHANGEABLE: i64 = 2225;
    pub(crate) const PHONE_NOT_CHANGEABLE: i64 = 2226;
    pub(crate) const OLD_EMAIL_NOT_VERIFIED: i64 = 2227;
    pub(crate) const SAME_EMAIL: i64 = 2229;
    pub(crate) const SAME_PHONE: i64 = 2230;
    pub(crate) const INCOMPLETE: i64 = 2231;
    pub(crate) const CODE_EXPIRED: i64 = 2300;
    pub(crate) const WRONG_TOTP: i64 = 6001;
    pub(crate) const WRONG_RECOVERY_CODE: i64 = 6002;
}

/// A refusal: what is said, and what it says it of.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) code: i64,
    pub(crate) data: Option<Value>,
    wording: &'static Wording,
    details: Vec<String>,
}

impl Refusal {
    pub(crate) fn new(wording: &'static Wording) -> Self {
        Self::about(wording, &[])
    }

    /// With details for the gaps of the sentence.
    pub(crate) fn about(wording: &'static Wording, details: &[&dyn Display]) -> Self {
        Self {
            code: wording.code,
            data: None,
            wording,
            details: details.iter().map(ToString::to_string).collect(),
        }
    }

    pub(crate) fn not_logged_in() -> Self {
        Self::new(&wording::LOGIN_NEEDED)
    }

    pub(crate) fn not_emulated(operation: &str) -> Self {
        Self::about(&wording::OPERATION_NOT_EMULATED, &[&operation])
    }

    pub(crate) fn no_such_user() -> Self {
        Self::new(&wording::USER_MISSING)
    }

    pub(crate) fn wrong_code() -> Self {
        Self::new(&wording::WRONG_CODE)
    }

    /// The same words with another number.
    pub(crate) fn with_code(mut self, code: i64) -> Self {
        self.code = code;
        self
    }

    /// What the next step of a login needs.
    pub(crate) fn with_data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    pub(crate) fn message(&self, language: Language) -> String {
        self.wording.fill(language, &self.details)
    }

    /// As the client gets it.
    pub(crate) fn body(&self, language: Language) -> Value {
        let mut body = json!({"code": self.code, "message": self.message(language)});
        if let (Some(data), Some(fields)) = (&self.data, body.as_object_mut()) {
            fields.insert("data".to_owned(), data.clone());
        }
        body
    }
}

/// The answer of operations that only do something.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct CommonMessage {
    message: &'static str,
    code: i64,
}

impl CommonMessage {
    pub(crate) const DONE: Self = Self::ok("操作成功");
    pub(crate) const DELETED: Self = Self::ok("删除成功！");
    pub(crate) const SENT: Self = Self::ok("");
    pub(crate) const PASSWORD_RESET: Self = Self::ok("重置密码成功！");

    const fn ok(message: &'static str) -> Self {
        Self {
            message,
            code: code::SUCCESS,
        }
    }
}
