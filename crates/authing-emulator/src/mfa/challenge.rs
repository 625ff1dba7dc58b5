//! Asking for the second factor, and who answers.

use serde_json::{Value, json};

use super::store::{Demand, Pending};
use crate::context::{Caller, Context};
use crate::refusal::{Refusal, code};
use crate::tokens::{TokenKind, sign, verify};
use crate::users::{Fields, User};

/// Seconds in which the second factor must follow the first.
const LIFE: i64 = 360;
/// The factors that the application allows, in its order of preference.
const POLICIES: [&str; 3] = ["SMS", "EMAIL", "OTP"];

/// A login that waits for its second factor, by the token that the request came with.
pub(super) struct Waiting {
    pub(super) id: String,
    pub(super) login: Pending,
}

/// Whose authenticator apps a request is about.
pub(super) struct Owner {
    pub(super) user_id: String,
    /// With nothing but the first factor.
    pub(super) is_logging_in: bool,
}

impl Context<'_> {
    /// Refuses a login that needs a second factor, with the token for it.
    pub(crate) fn ask_for_second_factor(
        &mut self,
        user_id: &str,
        ip: Option<&str>,
    ) -> Result<(), Refusal> {
        let demand = if self.state.mfa.required_by_application {
            Demand::Application
        } else if self.state.mfa.confirmed(user_id).is_some() {
            Demand::User
        } else {
            return Ok(());
        };
        let user = self.state.users.require(user_id)?;
        check_open(user)?;
        let has_app = self.state.mfa.confirmed(user_id).is_some();
        let mut data = about(user, has_app);
        let arn = user.get("arn").clone();
        let issued = self.now.seconds();
        let expires = issued.saturating_add(LIFE);
        let pending = Pending {
            user_id: user_id.to_owned(),
            ip: ip.map(str::to_owned),
            demand,
            expires,
        };
        let id = self.state.mfa.wait(pending, self.now);
        let claims = json!({
            "data": {"userPoolId": self.pool.id, "userId": user_id, "arn": arn, "stage": 1},
            "iat": issued,
            "exp": expires,
            // Without it, two logins within a second would share one token.
            "jti": id,
        });
        put(
            &mut data,
            "mfaToken",
            json!(sign(&claims, &self.pool.app_secret)),
        );
        Err(match demand {
            Demand::User => {
                Refusal::new(code::MFA_REQUIRED, "enter the code of your authenticator")
            }
            Demand::Application => {
                let policies = POLICIES.iter().zip(1..);
                let policies: Vec<_> = policies
                    .map(|(policy, sort)| json!({"mfaPolicy": policy, "status": 1, "sort": sort}))
                    .collect();
                put(&mut data, "applicationMfa", json!(policies));
                Refusal::new(
                    code::APP_MFA_REQUIRED,
                    "the application asks for a second factor",
                )
            }
        }
        .with_data(data))
    }

    /// The login that the bearer token stands for.
    pub(super) fn waiting(&self) -> Result<Waiting, Refusal> {
        let refusal = || {
            Refusal::new(
                code::LOGIN_INVALID,
                "log in again: the MFA token is not good",
            )
        };
        let bearer = self.bearer.as_deref();
        let bearer = bearer.filter(|token| !self.state.sessions.has_expired(token));
        let id = bearer.and_then(|token| {
            let claims = verify(token, &self.pool.app_secret)?;
            // A user token has an id too, but waits for nothing.
            let is_waiting = TokenKind::of(&claims) == TokenKind::SecondFactor;
            is_waiting.then(|| Some(claims.get("jti")?.as_str()?.to_owned()))?
        });
        let id = id.ok_or_else(refusal)?;
        let login = self.state.mfa.pending(&id, self.now).ok_or_else(refusal)?;
        // Here and not at the end, so that no code is used up in vain.
        check_open(self.state.users.require(&login.user_id)?)?;
        Ok(Waiting {
            login: login.clone(),
            id,
        })
    }

    /// Who has to give a second factor with this request.
    pub(crate) fn waiting_user(&self) -> Option<String> {
        let waiting = self.waiting().ok()?;
        Some(waiting.login.user_id)
    }

    /// The user behind the bearer token, be it a session's or that of a login.
    pub(super) fn owner(&self) -> Result<Owner, Refusal> {
        match &self.caller {
            Caller::User(token) => Ok(Owner {
                user_id: token.user_id.clone(),
                is_logging_in: false,
            }),
            _ => match self.waiting() {
                Ok(waiting) => Ok(Owner {
                    user_id: waiting.login.user_id,
                    is_logging_in: true,
                }),
                Err(_) => Err(Refusal::not_logged_in()),
            },
        }
    }

    /// Ends a login whose second factor was right.
    pub(super) fn accept(&mut self, waiting: Waiting) -> Result<Fields, Refusal> {
        let shown = self.finish_sign_in(&waiting.login.user_id, waiting.login.ip)?;
        self.state.mfa.finish(&waiting.id);
        Ok(shown)
    }
}

fn check_open(user: &User) -> Result<(), Refusal> {
    if user.is("blocked") {
        return Err(Refusal::new(code::USER_LOCKED, "the user is locked"));
    }
    Ok(())
}

fn about(user: &User, has_app: bool) -> Value {
    json!({
        "nickname": user.get("nickname"),
        "username": user.get("username"),
        "email": user.get("email"),
        "phone": user.get("phone"),
        "phoneCountryCode": user.get("phoneCountryCode"),
        "mfaEmail": user.get("email"),
        "mfaPhone": user.get("phone"),
        "mfaPhoneCountryCode": user.get("phoneCountryCode"),
        "avatar": user.get("photo"),
        "faceMfaEnabled": false,
        "totpMfaEnabled": has_app,
    })
}

fn put(data: &mut Value, key: &str, value: Value) {
    if let Value::Object(fields) = data {
        fields.insert(key.to_owned(), value);
    }
}
