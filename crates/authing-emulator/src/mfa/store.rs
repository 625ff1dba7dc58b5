//! Authenticator apps, and logins that wait for a second factor.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::totp::Key;
use crate::dates::Moment;
use crate::expiring::{Expires, Expiring};
use crate::ids;

/// Who asks for a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Demand {
    User,
    Application,
}

/// A login whose first factor was right.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) user_id: String,
    pub(super) ip: Option<String>,
    pub(super) demand: Demand,
    pub(super) expires: i64,
}

impl Expires for Pending {
    const MOST_BYTES: usize = 16 * 1024 * 1024;

    fn expires(&self) -> i64 {
        self.expires
    }

    fn bytes(&self) -> usize {
        self.user_id.len() + self.ip.as_ref().map_or(0, String::len)
    }
}

/// An authenticator app of a user.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Authenticator {
    pub(super) id: String,
    pub(super) key: Key,
    pub(super) recovery_code: String,
    pub(super) created: Moment,
    pub(super) updated: Moment,
    /// The latest step whose code was used: neither it nor an earlier one is accepted again.
    last_step: Option<u64>,
}

/// Without the secrets.
impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Authenticator {
    pub(super) fn new(now: Moment) -> Self {
        Self {
            id: ids::id(),
            key: Key::generate(),
            recovery_code: recovery_code(),
            created: now,
            updated: now,
            last_step: None,
        }
    }

    /// Checks a code of the app and uses it up.
    pub(super) fn redeem(&mut self, code: &str, now: Moment) -> bool {
        let Some(step) = self.key.check(code, now) else {
            return false;
        };
        if self.last_step.is_some_and(|last| step <= last) {
            return false;
        }
        self.last_step = Some(step);
        true
    }

    /// Puts another recovery code in the place of one that was used.
    pub(super) fn renew_recovery_code(&mut self, now: Moment) {
        self.recovery_code = recovery_code();
        self.updated = now;
    }
}

/// `8477-a1a6-662c-a750-bbb4-72a9`
fn recovery_code() -> String {
    let digits: Vec<char> = ids::id().chars().collect();
    let groups: Vec<String> = digits
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join("-")
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Apps {
    pub(super) confirmed: Option<Authenticator>,
    /// Replaces the confirmed one when its first code is shown.
    pub(super) waiting: Option<Authenticator>,
}

/// All about second factors.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Mfa {
    pub(crate) required_by_application: bool,
    pub(super) apps: BTreeMap<String, Apps>,
    pending: Expiring<Pending>,
}

/// The ids of pending logins are in tokens only, and stay there.
impl std::fmt::Debug for Mfa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mfa")
            .field("apps", &self.apps)
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}

impl Mfa {
    pub(crate) fn forget_user(&mut self, user_id: &str) {
        self.apps.remove(user_id);
        self.pending.retain(|_, pending| pending.user_id != user_id);
    }

    /// Whether the user has an app that logins ask for.
    pub(crate) fn has_app(&self, user_id: &str) -> bool {
        self.confirmed(user_id).is_some()
    }

    pub(super) fn confirmed(&self, user_id: &str) -> Option<&Authenticator> {
        self.apps.get(user_id)?.confirmed.as_ref()
    }

    pub(super) fn confirmed_mut(&mut self, user_id: &str) -> Option<&mut Authenticator> {
        self.apps.get_mut(user_id)?.confirmed.as_mut()
    }

    /// The id under which the login waits.
    pub(super) fn wait(&mut self, pending: Pending, now: Moment) -> String {
        let now = now.seconds();
        self.pending.prune(now);
        let id = ids::secret();
        self.pending.insert(id.clone(), pending);
        id
    }

    pub(super) fn pending(&self, id: &str, now: Moment) -> Option<&Pending> {
        let pending = self.pending.get(id)?;
        (now.seconds() < pending.expires).then_some(pending)
    }

    pub(super) fn finish(&mut self, id: &str) {
        self.pending.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovery_codes_have_their_shape() {
        let mut app = Authenticator::new(Moment::from_seconds(0));
        let code = app.recovery_code.clone();
        let groups: Vec<_> = code.split('-').map(str::len).collect();
        assert_eq!(groups, [4; 6]);
        app.renew_recovery_code(Moment::from_seconds(1));
        assert_ne!(app.recovery_code, code);
        assert!(!format!("{app:?}").contains(&app.recovery_code));
    }

    #[test]
    fn a_pending_login_ends() {
        let mut mfa = Mfa::default();
        let pending = Pending {
            user_id: "u1".to_owned(),
            ip: None,
            demand: Demand::User,
            expires: 360,
        };
        let id = mfa.wait(pending.clone(), Moment::from_seconds(0));
        assert!(mfa.pending(&id, Moment::from_seconds(359)).is_some());
        assert!(mfa.pending(&id, Moment::from_seconds(360)).is_none());
        let other = mfa.wait(pending, Moment::from_seconds(0));
        mfa.finish(&other);
        assert!(mfa.pending(&other, Moment::from_seconds(0)).is_none());
        mfa.forget_user("u1");
        assert!(mfa.pending(&id, Moment::from_seconds(0)).is_none());
    }
}
