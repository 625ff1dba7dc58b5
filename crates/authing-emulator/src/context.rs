//! What a resolver has at hand: the state, the time, and who is asking.

use crate::dates::Moment;
use crate::passwords::PasswordKey;
use crate::pool::Pool;
use crate::refusal::Refusal;
use crate::session::{Standing, UserToken, is_management_token, read_user_token};
use crate::state::State;
use crate::wording::{self, Language};

/// Who sends a request.
#[derive(Debug)]
pub(crate) enum Caller {
    Nobody,
    User(UserToken),
    Administrator,
}

impl Caller {
    /// The owner of a bearer token. A token that is no longer good belongs to nobody.
    pub(crate) fn identify(bearer: Option<&str>, pool: &Pool, state: &State, now: Moment) -> Self {
        let Some(token) = bearer else {
            return Self::Nobody;
        };
        if state.sessions.has_expired(token) {
            return Self::Nobody;
        }
        if is_management_token(token, pool, now) {
            return Self::Administrator;
        }
        match read_user_token(token, pool, &state.sessions, now) {
            Standing::Live(token) => Self::User(token),
            Standing::Ended | Standing::Unknown => Self::Nobody,
        }
    }
}

/// Where a request says it is meant to go.
#[derive(Debug, Default)]
pub(crate) struct Address {
    pub(crate) pool: Option<String>,
    pub(crate) app: Option<String>,
}

/// What a resolver has at hand.
pub(crate) struct Context<'a> {
    pub(crate) pool: &'a Pool,
    /// Who the tokens come from that this request gets.
    pub(crate) issuer: String,
    pub(crate) key: &'a PasswordKey,
    pub(crate) state: &'a mut State,
    pub(crate) now: Moment,
    pub(crate) caller: Caller,
    pub(crate) bearer: Option<String>,
    pub(crate) address: Address,
    pub(crate) language: Language,
}

impl Context<'_> {
    /// A request may leave out whom it is meant for, but must not name somebody else.
    pub(crate) fn check_address(&self) -> Result<(), Refusal> {
        let differs = |named: &Option<String>, own: &str| {
            named
                .as_deref()
                .is_some_and(|named| !named.is_empty() && named != own)
        };
        if differs(&self.address.pool, &self.pool.id) {
            return Err(Refusal::new(&wording::POOL_MISSING));
        }
        if differs(&self.address.app, &self.pool.app_id) {
            return Err(Refusal::new(&wording::APPLICATION_MISSING));
        }
        Ok(())
    }

    /// The user who asks, if it is one.
    pub(crate) fn caller_id(&self) -> Option<&str> {
        match &self.caller {
            Caller::User(own) => Some(&own.user_id),
            Caller::Administrator | Caller::Nobody => None,
        }
    }

    /// For an operation on one user: an administrator names the user, a user is meant when nobody is named, and
    /// `otherwise` is what a user hears who names somebody else.
    pub(crate) fn whom(&self, id: Option<String>, otherwise: i64) -> Result<String, Refusal> {
        match (&self.caller, id) {
            (Caller::User(own), None) => Ok(own.user_id.clone()),
            (Caller::User(own), Some(id)) if id == own.user_id => Ok(id),
            (Caller::User(_), Some(_)) => {
                Err(Refusal::new(&wording::ANOTHER_USER).with_code(otherwise))
            }
            (Caller::Administrator, Some(id)) => Ok(id),
            (Caller::Administrator, None) => Err(Refusal::new(&wording::USER_ID_MISSING)),
            (Caller::Nobody, _) => Err(Refusal::not_logged_in()),
        }
    }
}
