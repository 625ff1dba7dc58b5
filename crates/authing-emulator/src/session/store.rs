//! The sessions that are open.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::token::UserToken;
use crate::dates::Moment;
use crate::expiring::{Expires, Expiring};
use crate::ids;
use crate::work;

/// Why a password must be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ResetKind {
    FirstLogin,
    Forced,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Session {
    user_id: String,
    expires: i64,
}

impl Expires for Session {
    const MOST_BYTES: usize = 64 * 1024 * 1024;

    fn expires(&self) -> i64 {
        self.expires
    }

    fn bytes(&self) -> usize {
        self.user_id.len()
    }
}

/// A token is good while its session is here. Time only goes forward, so what has expired can go.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sessions {
    open: Expiring<Session>,
    /// Users who must set a password before they can log in, by the token that lets them do it.
    resets: BTreeMap<String, (String, ResetKind)>,
    /// Tokens of any kind that a fault has made expire before their time.
    expired: BTreeSet<String>,
}

/// The ids of sessions are in tokens only, and stay there.
impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions")
            .field("open", &self.open.len())
            .finish_non_exhaustive()
    }
}

impl Sessions {
    pub(super) fn open(&mut self, token: &UserToken, now: Moment) {
        let now = now.seconds();
        self.open.prune(now);
        let session = Session {
            user_id: token.user_id.clone(),
            expires: token.expires,
        };
        self.open.insert(token.session_id.clone(), session);
    }

    pub(crate) fn count(&self) -> usize {
        self.open.len()
    }

    pub(super) fn is_open(&self, id: &str) -> bool {
        self.open.contains_key(id)
    }

    pub(crate) fn expire(&mut self, token: String) {
        self.expired.insert(token);
    }

    pub(crate) fn has_expired(&self, token: &str) -> bool {
        self.expired.contains(token)
    }

    /// Whether a user is logged in anywhere.
    pub(crate) fn has_any(&self, user_id: &str, now: Moment) -> bool {
        work::spend_on(self.open.len() / 10);
        self.open
            .values()
            .any(|session| session.user_id == user_id && session.expires > now.seconds())
    }

    pub(super) fn end(&mut self, id: &str) {
        self.open.remove(id);
    }

    /// For users who were deleted, locked or sent away.
    pub(crate) fn end_all(&mut self, user_id: &str) {
        work::spend_on(self.open.len() / 10);
        self.open.retain(|_, session| session.user_id != user_id);
        self.resets.retain(|_, (id, _)| id != user_id);
    }

    pub(super) fn expect_reset(&mut self, user_id: &str, kind: ResetKind) -> String {
        let token = ids::secret();
        // A newer one takes the place of those before it, of which there could be any number.
        self.resets
            .retain(|_, (id, other)| id != user_id || *other != kind);
        self.resets
            .insert(token.clone(), (user_id.to_owned(), kind));
        token
    }

    /// The user who may set a password with this token.
    pub(super) fn reset(&self, token: &str, kind: ResetKind) -> Option<String> {
        let (user_id, own) = self.resets.get(token)?;
        (*own == kind).then(|| user_id.clone())
    }

    /// For a user who has set the password: none of the tokens is of use any more.
    pub(crate) fn end_resets(&mut self, user_id: &str) {
        self.resets.retain(|_, (id, _)| id != user_id);
    }
}
