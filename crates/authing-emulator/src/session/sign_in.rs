//! Whether a user may sign in. The API and the login page both ask here, so that the rules are the same for both.
//!
//! A password or a code that was right gives a [`FirstFactor`]. That gives a [`SignedIn`], or says what is [`Missing`].
//! Nothing but a [`SignedIn`] opens a session or signs in a browser, and nothing but this module makes one.

use serde_json::json;

use super::store::ResetKind;
use crate::actions::Deed;
use crate::context::Context;
use crate::mfa::{Challenge, Verified};
use crate::refusal::Refusal;
use crate::users::User;
use crate::wording;

/// Where a request comes from when it does not say so itself: the server listens nowhere else.
const LOOPBACK: &str = "127.0.0.1";

/// A user whose password or code was right, and whom nothing but the second factor keeps out.
#[derive(Debug)]
pub(crate) struct FirstFactor {
    user_id: String,
}

/// A user who has proved all that is asked for.
#[derive(Debug)]
pub(crate) struct SignedIn {
    user_id: String,
    by_second_factor: bool,
}

/// Why a user is not signed in.
#[derive(Debug)]
pub(crate) enum Missing {
    Refused(Refusal),
    /// The password was right, and has to be replaced. The token lets the user do so.
    NewPassword {
        token: String,
        kind: ResetKind,
    },
    SecondFactor(Challenge),
}

impl SignedIn {
    pub(crate) fn user_id(&self) -> &str {
        &self.user_id
    }

    pub(crate) fn by_second_factor(&self) -> bool {
        self.by_second_factor
    }
}

impl From<Refusal> for Missing {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Context<'_> {
    /// Checks a password, and what the picture shows where one is asked for.
    pub(crate) fn prove_password(
        &mut self,
        id: &str,
        plain: &str,
        captcha: Option<&str>,
    ) -> Result<FirstFactor, Missing> {
        let now = self.now;
        self.state.attempts.check(id, captcha, now)?;
        let user = self.state.users.require(id)?;
        if !user.password.as_ref().is_some_and(|own| own.is(plain)) {
            self.state.attempts.failed(id, now);
            return Err(Refusal::new(&wording::PASSWORD_WRONG).into());
        }
        let proved = self.first_factor(id);
        if !matches!(proved, Err(Missing::Refused(_))) {
            self.state.attempts.forget(id);
        }
        proved
    }

    /// For a user who has just proved who they are: a lock and a password that has to be replaced keep them out.
    pub(crate) fn first_factor(&mut self, id: &str) -> Result<FirstFactor, Missing> {
        let user = self.state.users.require(id)?;
        user.check_lock()?;
        let kind = match required_reset(user) {
            None => {
                return Ok(FirstFactor {
                    user_id: id.to_owned(),
                });
            }
            Some(kind) => kind,
        };
        let token = self.state.sessions.expect_reset(id, kind);
        Err(Missing::NewPassword { token, kind })
    }

    /// Asks for the second factor, where there has to be one.
    pub(crate) fn second_factor(
        &mut self,
        first: FirstFactor,
        ip: Option<&str>,
    ) -> Result<SignedIn, Missing> {
        match self.ask_for_second_factor(&first.user_id, ip)? {
            Some(challenge) => Err(Missing::SecondFactor(challenge)),
            None => Ok(SignedIn {
                user_id: first.user_id,
                by_second_factor: false,
            }),
        }
    }

    /// For a user whose second factor was right.
    pub(crate) fn both_factors(&mut self, verified: Verified) -> SignedIn {
        SignedIn {
            user_id: self.end_challenge(verified),
            by_second_factor: true,
        }
    }

    /// A user who signed in earlier, unless a sign-in would ask for more by now.
    pub(crate) fn still_signed_in(
        &self,
        user_id: &str,
        by_second_factor: bool,
    ) -> Option<SignedIn> {
        let user = self.state.users.get(user_id)?;
        let is_complete = by_second_factor || !self.wants_second_factor(user_id);
        let may_sign_in = user.check_lock().is_ok() && required_reset(user).is_none();
        (is_complete && may_sign_in).then(|| SignedIn {
            user_id: user_id.to_owned(),
            by_second_factor,
        })
    }

    /// The refusal of the API.
    pub(crate) fn refusal(&self, missing: Missing) -> Refusal {
        let (token, kind) = match missing {
            Missing::Refused(refusal) => return refusal,
            Missing::SecondFactor(challenge) => return self.challenge_refusal(&challenge),
            Missing::NewPassword { token, kind } => (token, kind),
        };
        let needed = match kind {
            ResetKind::FirstLogin => &wording::FIRST_PASSWORD_NEEDED,
            ResetKind::Forced => &wording::NEW_PASSWORD_NEEDED,
        };
        Refusal::new(needed).with_data(json!({"token": token}))
    }

    /// Counts a sign-in and notes when and from where it was.
    pub(crate) fn record_sign_in(
        &mut self,
        signed_in: &SignedIn,
        ip: Option<&str>,
    ) -> Result<(), Refusal> {
        let now = self.now.iso();
        let user = self.state.users.require_mut(&signed_in.user_id)?;
        let logins = user.get("loginsCount").as_i64().unwrap_or(0);
        user.set("loginsCount", json!(logins.saturating_add(1)));
        user.set("lastLogin", json!(now));
        user.set("lastIP", json!(ip.unwrap_or(LOOPBACK)));
        if user.get("signedUp").is_null() {
            user.set("signedUp", json!(now));
        }
        self.remember(Deed::Login, &signed_in.user_id, ip);
        Ok(())
    }
}

/// Why the user has to set a password before the next sign-in.
fn required_reset(user: &User) -> Option<ResetKind> {
    match (user.must_set_password, user.must_reset_password) {
        (true, _) => Some(ResetKind::FirstLogin),
        // Without a password there is none to change.
        (false, true) => user.password.as_ref().map(|_| ResetKind::Forced),
        (false, false) => None,
    }
}
