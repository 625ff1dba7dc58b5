//! Asking for the second factor, and who answers.

use serde_json::{Value, json};

use super::store::{Demand, Pending};
use crate::context::{Caller, Context};
use crate::refusal::Refusal;
use crate::tokens::{TokenKind, sign, verify};
use crate::users::{Fields, User};
use crate::wording;

/// Seconds in which the second factor must follow the first.
const LIFE: i64 = 360;
/// The factors that the application allows, in its order of preference.
const POLICIES: [&str; 3] = ["SMS", "EMAIL", "OTP"];

/// The demand for a second factor. Its id stands for the login that waits.
#[derive(Debug)]
pub(crate) struct Challenge {
    pub(crate) id: String,
    login: Pending,
    issued: i64,
}

/// A login that waits for its second factor.
pub(crate) struct Waiting {
    pub(super) id: String,
    pub(super) login: Pending,
}

/// A login whose second factor was right.
pub(crate) struct Verified {
    waiting: Waiting,
}

impl Waiting {
    pub(crate) fn user_id(&self) -> &str {
        &self.login.user_id
    }

    /// To be said by whoever has checked the second factor.
    pub(super) fn verified(self) -> Verified {
        Verified { waiting: self }
    }
}

impl Verified {
    pub(crate) fn ip(&self) -> Option<&str> {
        self.waiting.login.ip.as_deref()
    }
}

/// Whose authenticator apps a request is about.
pub(super) struct Owner {
    pub(super) user_id: String,
    /// With nothing but the first factor.
    pub(super) is_logging_in: bool,
}

impl Context<'_> {
    /// Whether a sign-in of this user takes a second factor.
    pub(crate) fn wants_second_factor(&self, user_id: &str) -> bool {
        self.demand(user_id).is_some()
    }

    fn demand(&self, user_id: &str) -> Option<Demand> {
        let mfa = &self.state.mfa;
        if mfa.required_by_application {
            return Some(Demand::Application);
        }
        mfa.confirmed(user_id).map(|_| Demand::User)
    }

    /// Lets a login wait for its second factor, where there has to be one.
    pub(crate) fn ask_for_second_factor(
        &mut self,
        user_id: &str,
        ip: Option<&str>,
    ) -> Result<Option<Challenge>, Refusal> {
        let Some(demand) = self.demand(user_id) else {
            return Ok(None);
        };
        self.state.users.require(user_id)?.check_lock()?;
        let issued = self.now.seconds();
        let login = Pending {
            user_id: user_id.to_owned(),
            ip: ip.map(str::to_owned),
            demand,
            expires: issued.saturating_add(LIFE),
        };
        let id = self.state.mfa.wait(login.clone(), self.now);
        Ok(Some(Challenge { id, login, issued }))
    }

    /// The refusal of the API, with the token for the second factor.
    pub(crate) fn challenge_refusal(&self, challenge: &Challenge) -> Refusal {
        let Challenge { id, login, issued } = challenge;
        let user = match self.state.users.require(&login.user_id) {
            Ok(user) => user,
            Err(refusal) => return refusal,
        };
        let has_app = self.state.mfa.confirmed(&login.user_id).is_some();
        let mut data = about(user, has_app);
        let claims = json!({
            "data": {
                "userPoolId": self.pool.id,
                "userId": login.user_id,
                "arn": user.get("arn"),
                "stage": 1,
            },
            "iat": issued,
            "exp": login.expires,
            // Without it, two logins within a second would share one token.
            "jti": id,
        });
        put(
            &mut data,
            "mfaToken",
            json!(sign(&claims, &self.pool.app_secret)),
        );
        match login.demand {
            Demand::User => Refusal::new(&wording::USER_NEEDS_APP),
            Demand::Application => {
                let policies = POLICIES.iter().zip(1..);
                let policies: Vec<_> = policies
                    .map(|(policy, sort)| json!({"mfaPolicy": policy, "status": 1, "sort": sort}))
                    .collect();
                put(&mut data, "applicationMfa", json!(policies));
                Refusal::new(&wording::APPLICATION_NEEDS_FACTOR)
            }
        }
        .with_data(data)
    }

    /// The login that the bearer token stands for.
    pub(super) fn waiting(&self) -> Result<Waiting, Refusal> {
        let bearer = self.bearer.as_deref();
        let bearer = bearer.filter(|token| !self.state.sessions.has_expired(token));
        let id = bearer.and_then(|token| {
            let claims = verify(token, &self.pool.app_secret)?;
            // A user token has an id too, but waits for nothing.
            let is_waiting = TokenKind::of(&claims) == TokenKind::SecondFactor;
            is_waiting.then(|| Some(claims.get("jti")?.as_str()?.to_owned()))?
        });
        self.waiting_login(id.as_deref().unwrap_or_default())
    }

    /// The login that waits under this id.
    pub(crate) fn waiting_login(&self, id: &str) -> Result<Waiting, Refusal> {
        let login = self
            .state
            .mfa
            .pending(id, self.now)
            .ok_or_else(|| Refusal::new(&wording::MFA_TOKEN_INVALID))?;
        // Here and not at the end, so that no code is used up in vain.
        self.state.users.require(&login.user_id)?.check_lock()?;
        Ok(Waiting {
            id: id.to_owned(),
            login: login.clone(),
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

    /// Opens a session for a login whose second factor was right.
    pub(super) fn accept(&mut self, verified: Verified) -> Result<Fields, Refusal> {
        let ip = verified.ip().map(str::to_owned);
        let signed_in = self.both_factors(verified);
        self.finish_sign_in(&signed_in, ip.as_deref())
    }

    /// The second factor is right once. Answers the user's id.
    pub(crate) fn end_challenge(&mut self, verified: Verified) -> String {
        let Waiting { id, login } = verified.waiting;
        self.state.mfa.finish(&id);
        login.user_id
    }
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
