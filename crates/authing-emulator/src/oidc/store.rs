//! What the endpoints remember.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::authorize::AuthorizationRequest;
use crate::expiring::{Expires, Expiring};
use crate::ids;
use crate::session::ResetKind;

const MIB: usize = 1024 * 1024;
/// So many grants without a code or a token may wait until all of them are looked through.
const UNSWEPT: usize = 100;

/// What a user, or the application for itself, was granted. All tokens of one login share it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Grant {
    /// The application that it was granted to.
    pub(super) app_id: String,
    /// `None` for the application itself.
    pub(super) user_id: Option<String>,
    /// Separated by spaces.
    pub(super) scope: String,
    pub(super) nonce: Option<String>,
    pub(super) auth_time: i64,
}

/// A code: good once.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Code {
    pub(super) grant: String,
    pub(super) redirect_uri: String,
    pub(super) challenge: Option<Challenge>,
    pub(super) expires: i64,
    pub(super) used: bool,
}

/// What a code verifier has to fit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Challenge {
    Plain(String),
    S256(String),
}

/// A token that was issued.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) grant: String,
    pub(super) id: String,
    pub(super) scope: String,
    pub(super) issued: i64,
    pub(super) expires: i64,
    pub(super) used: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Access,
    Refresh,
}

/// A login page that is open.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Interaction {
    pub(super) request: AuthorizationRequest,
    pub(super) expires: i64,
    #[serde(default)]
    pub(super) step: Step,
}

/// What a login page asks for.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) enum Step {
    #[default]
    Password,
    /// A new password, which this token lets the user set.
    NewPassword { token: String, kind: ResetKind },
    /// The second factor of the login that waits under this id.
    SecondFactor { waiting: String },
}

/// A browser that is logged in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Browser {
    pub(super) user_id: String,
    /// Whether there was a second factor.
    #[serde(default)]
    pub(super) by_second_factor: bool,
    pub(super) auth_time: i64,
    pub(super) expires: i64,
}

/// All of it, by the secret text that stands for it.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Oidc {
    pub(super) interactions: Expiring<Interaction>,
    pub(super) codes: Expiring<Code>,
    pub(super) tokens: Expiring<Token>,
    pub(super) browsers: Expiring<Browser>,
    grants: Expiring<Grant>,
}

/// The oldest makes room first.
impl Expires for Grant {
    const MOST_BYTES: usize = 64 * MIB;

    fn expires(&self) -> i64 {
        self.auth_time
    }

    fn bytes(&self) -> usize {
        self.scope.len() + self.nonce.as_ref().map_or(0, String::len)
    }
}

impl Expires for Code {
    const MOST_BYTES: usize = 16 * MIB;

    fn expires(&self) -> i64 {
        self.expires
    }

    fn bytes(&self) -> usize {
        self.redirect_uri.len()
    }
}

impl Expires for Token {
    const MOST_BYTES: usize = 256 * MIB;

    fn expires(&self) -> i64 {
        self.expires
    }

    fn bytes(&self) -> usize {
        self.id.len() + self.scope.len()
    }
}

impl Expires for Interaction {
    const MOST_BYTES: usize = 16 * MIB;

    fn expires(&self) -> i64 {
        self.expires
    }

    fn bytes(&self) -> usize {
        self.request.bytes()
    }
}

impl Expires for Browser {
    const MOST_BYTES: usize = 16 * MIB;

    fn expires(&self) -> i64 {
        self.expires
    }

    fn bytes(&self) -> usize {
        0
    }
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oidc")
            .field("grants", &self.grants.len())
            .finish_non_exhaustive()
    }
}

impl Oidc {
    /// Whether a token was issued here, also one that is no longer good.
    pub(crate) fn knows_token(&self, text: &str) -> bool {
        self.tokens.contains_key(text)
    }

    pub(crate) fn knows_interaction(&self, uid: &str) -> bool {
        self.interactions.contains_key(uid)
    }

    pub(super) fn add_grant(&mut self, grant: Grant) -> String {
        let id = ids::secret();
        self.grants.insert(id.clone(), grant);
        id
    }

    pub(super) fn grant(&self, id: &str) -> Option<&Grant> {
        self.grants.get(id)
    }

    /// Ends a grant with every token that came of it.
    pub(super) fn revoke_grant(&mut self, id: &str) {
        self.grants.remove(id);
        self.tokens.retain(|_, token| token.grant != id);
    }

    /// A token that is still good.
    pub(super) fn live(&self, text: &str, now: i64) -> Option<(&Token, &Grant)> {
        let token = self.tokens.get(text)?;
        let is_live = now < token.expires && !token.used;
        is_live.then_some((token, self.grants.get(&token.grant)?))
    }

    /// Lets go of what has expired. Time only goes forward.
    pub(super) fn prune(&mut self, now: i64) {
        self.interactions.prune(now);
        self.codes.prune(now);
        self.tokens.prune(now);
        self.browsers.prune(now);
        // Each one in use has a code or a token.
        let most = self.codes.len().saturating_add(self.tokens.len());
        if self.grants.len() > most.saturating_mul(2).saturating_add(UNSWEPT) {
            let codes = self.codes.values().map(|code| code.grant.clone());
            let tokens = self.tokens.values().map(|token| token.grant.clone());
            let used: HashSet<String> = codes.chain(tokens).collect();
            self.grants.retain(|id, _| used.contains(id));
        }
    }

    /// For users who were deleted, locked or sent away.
    pub(crate) fn end_logins(&mut self, user_id: &str) {
        let own = |grant: &Grant| grant.user_id.as_deref() == Some(user_id);
        self.browsers
            .retain(|_, browser| browser.user_id != user_id);
        self.grants.retain(|_, grant| !own(grant));
    }
}
