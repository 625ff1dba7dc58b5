//! Authing's error numbers.

use std::fmt;

/// The number that Authing gives an error.
///
/// The numbers with a name here are the ones a program acts on; every other
/// number is kept as it came. They are the `code`s of the v2 API, from
/// Authing's error code table.
///
/// ```
/// use authing_core::ErrorCode;
///
/// assert_eq!(ErrorCode::new(2004), ErrorCode::USER_NOT_FOUND);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorCode(i64);

macro_rules! codes {
    ($( $(#[$meta:meta])* $name:ident = $number:literal, )+) => {
        impl ErrorCode {
            $( $(#[$meta])* pub const $name: Self = Self($number); )+
        }
    };
}

codes! {
    /// Not permitted to do this.
    NOT_PERMITTED = 1001,
    /// The user must pass a second factor; the error's data hold the token for it.
    MFA_REQUIRED = 1635,
    /// The application asks for a second factor; the error's data hold the token for it.
    APP_MFA_REQUIRED = 1636,
    /// The password must be set anew at the first login.
    FIRST_LOGIN_RESET = 1639,
    /// The profile lacks what the application asks for.
    PROFILE_INCOMPLETE = 1642,
    /// The account looks abnormal: a picture captcha is wanted.
    CAPTCHA_REQUIRED = 2000,
    /// The verification code is wrong.
    WRONG_VERIFICATION_CODE = 2001,
    /// The user does not exist.
    USER_NOT_FOUND = 2004,
    /// The user is locked.
    USER_LOCKED = 2005,
    /// The password is wrong.
    WRONG_PASSWORD = 2006,
    /// The server could not decrypt the password: the client has another key.
    PASSWORD_NOT_DECRYPTED = 2016,
    /// Not logged in, or the token is not valid.
    NOT_LOGGED_IN = 2020,
    /// The user exists already.
    USER_EXISTS = 2026,
    /// The password is shorter than six characters.
    PASSWORD_TOO_SHORT = 2029,
    /// The password must be reset, with the old one at hand.
    FORCED_RESET = 2058,
    /// The address got the same mail within the last minute.
    CODE_SENT_RECENTLY = 2080,
    /// The e-mail address belongs to a user already.
    EMAIL_TAKEN = 2200,
    /// The old password is needed.
    OLD_PASSWORD_REQUIRED = 2201,
    /// The record belongs to somebody else.
    NOT_OWN_RECORD = 2202,
    /// The old password is wrong.
    WRONG_OLD_PASSWORD = 2203,
    /// The e-mail address is malformed.
    WRONG_EMAIL_FORMAT = 2204,
    /// The login has expired.
    LOGIN_EXPIRED = 2206,
    /// The login information is not valid.
    LOGIN_INVALID = 2207,
    /// The user could not be deleted, for example because it does not exist.
    DELETE_FAILED = 2210,
    /// It is the only way left to log in.
    LAST_LOGIN_METHOD = 2217,
    /// The user pool does not exist.
    USER_POOL_NOT_FOUND = 2224,
    /// The verification code is too old.
    VERIFICATION_CODE_EXPIRED = 2300,
    /// The account or the password is wrong; which one is not said.
    WRONG_ACCOUNT_OR_PASSWORD = 2333,
    /// The code of the authenticator app is wrong.
    WRONG_TOTP = 6001,
    /// The recovery code is wrong.
    WRONG_RECOVERY_CODE = 6002,
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
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq<i64> for ErrorCode {
    fn eq(&self, number: &i64) -> bool {
        self.0 == *number
    }
}
