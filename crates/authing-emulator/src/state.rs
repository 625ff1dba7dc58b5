//! All that requests can change.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actions::Actions;
use crate::dates::Moment;
use crate::groups::Groups;
use crate::mfa::Mfa;
use crate::oidc::Oidc;
use crate::outbox::Outbox;
use crate::policies::{Policies, Target};
use crate::roles::{Holder, Roles};
use crate::session::{Attempts, Sessions};
use crate::udf::CustomFields;
use crate::userpool::{Environment, Settings};
use crate::users::Users;
use crate::webhooks::Webhooks;
use crate::whitelist::Whitelists;

/// One store for each resource.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) users: Users,
    pub(crate) sessions: Sessions,
    pub(crate) attempts: Attempts,
    pub(crate) roles: Roles,
    pub(crate) groups: Groups,
    pub(crate) policies: Policies,
    pub(crate) custom_fields: CustomFields,
    pub(crate) mfa: Mfa,
    pub(crate) whitelists: Whitelists,
    pub(crate) settings: Settings,
    pub(crate) environment: Environment,
    pub(crate) outbox: Outbox,
    pub(crate) actions: Actions,
    pub(crate) oidc: Oidc,
    pub(crate) webhooks: Webhooks,
}

impl State {
    /// Removes a user and every trace of it. False when there was none.
    pub(crate) fn delete_user(&mut self, id: &str) -> bool {
        let existed = self.users.remove(id);
        self.forget_user(id);
        existed
    }

    /// Keeps a user for the record only: as after a deletion, but for the record. False when there was none.
    pub(crate) fn archive_user(&mut self, id: &str, now: Moment) -> bool {
        let Some(user) = self.users.archive(id, now) else {
            return false;
        };
        let data = json!({"user": user.told()});
        self.webhooks.add("user:archived", data, now);
        self.forget_user(id);
        true
    }

    /// About how many things there are, of those that a list in a request may be compared with.
    pub(crate) fn records(&self) -> usize {
        [
            self.users.count(),
            self.sessions.count(),
            self.roles.count(),
            self.groups.count(),
            self.policies.count(),
            self.custom_fields.count(),
            self.actions.count(),
        ]
        .into_iter()
        .fold(1, usize::saturating_add)
    }

    /// Signs a user out everywhere: sessions, browsers, and the tokens of OpenID Connect.
    pub(crate) fn end_logins(&mut self, id: &str) {
        self.sessions.end_all(id);
        self.oidc.end_logins(id);
    }

    fn forget_user(&mut self, id: &str) {
        self.end_logins(id);
        self.attempts.forget(id);
        self.mfa.forget_user(id);
        self.roles.forget_target(Holder::user(id));
        self.groups.forget_user(id);
        self.policies.forget_target(&Target::User { id });
        self.custom_fields.forget_target("USER", id);
    }
}
