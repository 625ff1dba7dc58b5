//! All roles and their holders.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::groups::Groups;
use crate::refusal::Refusal;
use crate::wording;
use crate::work;

pub(crate) const DEFAULT_NAMESPACE: &str = "default";

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Role {
    pub(crate) id: String,
    pub(crate) namespace: String,
    pub(crate) code: String,
    pub(super) arn: String,
    pub(super) description: Option<String>,
    pub(super) is_system: bool,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) parent_id: Option<String>,
}

impl Role {
    /// Any namespace is meant when none is named.
    pub(crate) fn is_in(&self, namespace: Option<&str>) -> bool {
        namespace.is_none_or(|namespace| self.namespace == namespace)
    }

    /// The default namespace is meant when none is named.
    pub(crate) fn is(&self, namespace: Option<&str>, code: &str) -> bool {
        self.code == code && self.namespace == namespace.unwrap_or(DEFAULT_NAMESPACE)
    }
}

/// Who can have a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Holder {
    User(String),
    Group(String),
}

impl Holder {
    pub(crate) fn user(id: &str) -> Self {
        Self::User(id.to_owned())
    }

    pub(crate) fn group(code: &str) -> Self {
        Self::Group(code.to_owned())
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Roles {
    roles: Vec<Role>,
    /// A role's id and a holder.
    held: Vec<(String, Holder)>,
}

impl Roles {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Role> {
        self.roles.iter()
    }

    /// The roles and who has them.
    pub(crate) fn count(&self) -> usize {
        self.roles.len().saturating_add(self.held.len())
    }

    /// To be gone through for one role. Nothing of it when the request has no steps left, and so no answer.
    fn held(&self) -> &[(String, Holder)] {
        match work::spend_on(1 + self.held.len() / 10) {
            true => &self.held,
            false => &[],
        }
    }

    pub(crate) fn find(&self, namespace: Option<&str>, code: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.is(namespace, code))
    }

    pub(crate) fn require(&self, namespace: Option<&str>, code: &str) -> Result<&Role, Refusal> {
        self.find(namespace, code)
            .ok_or_else(|| Refusal::about(&wording::NO_SUCH_ROLE, &[&code]))
    }

    pub(super) fn require_mut(
        &mut self,
        namespace: Option<&str>,
        code: &str,
    ) -> Result<&mut Role, Refusal> {
        self.roles
            .iter_mut()
            .find(|role| role.is(namespace, code))
            .ok_or_else(|| Refusal::about(&wording::NO_SUCH_ROLE, &[&code]))
    }

    pub(super) fn check_free(&self, namespace: Option<&str>, code: &str) -> Result<(), Refusal> {
        match self.find(namespace, code) {
            Some(_) => Err(Refusal::about(&wording::ROLE_EXISTS, &[&code])),
            None => Ok(()),
        }
    }

    /// The role that a target is: named by its code, or by its id.
    pub(crate) fn require_target(
        &self,
        namespace: Option<&str>,
        identifier: &str,
    ) -> Result<&Role, Refusal> {
        let by_id = |role: &&Role| role.id == identifier && role.is(namespace, &role.code);
        self.find(namespace, identifier)
            .or_else(|| self.roles.iter().find(by_id))
            .ok_or_else(|| Refusal::about(&wording::NO_SUCH_ROLE, &[&identifier]))
    }

    /// The role with the id that an answer carries.
    pub(crate) fn by_id(&self, id: Option<&Value>) -> Option<&Role> {
        let id = id?.as_str()?;
        self.roles.iter().find(|role| role.id == id)
    }

    pub(super) fn insert(&mut self, role: Role) {
        self.roles.push(role);
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.roles.retain(|role| role.id != id);
        self.held.retain(|(role, _)| role != id);
    }

    pub(super) fn assign(&mut self, role: &str, holder: Holder) {
        self.revoke(role, &holder);
        self.held.push((role.to_owned(), holder));
    }

    pub(super) fn revoke(&mut self, role: &str, holder: &Holder) {
        self.held
            .retain(|(held, by)| !(held == role && by == holder));
    }

    pub(crate) fn forget_target(&mut self, holder: Holder) {
        self.held.retain(|(_, by)| *by != holder);
    }

    /// A group that gets another code keeps its roles.
    pub(crate) fn rename_group(&mut self, from: &str, to: &str) {
        for (_, holder) in &mut self.held {
            if *holder == Holder::group(from) {
                *holder = Holder::group(to);
            }
        }
    }

    /// The roles that a group has itself.
    pub(crate) fn of_group<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Role> {
        self.roles.iter().filter(move |role| {
            self.held().iter().any(|(held, holder)| {
                *held == role.id && matches!(holder, Holder::Group(group) if group == code)
            })
        })
    }

    /// The role that this one inherits from.
    pub(crate) fn parent_of(&self, role: &Role) -> Option<&Role> {
        let parent_id = role.parent_id.as_deref()?;
        self.roles.iter().find(|role| role.id == parent_id)
    }

    /// The users who have a role themselves or through a group.
    pub(crate) fn holders<'a>(&'a self, role: &str, groups: &'a Groups) -> HashSet<&'a str> {
        let mut users = HashSet::new();
        for (_, holder) in self.held().iter().filter(|(held, _)| held == role) {
            match holder {
                Holder::User(user) => drop(users.insert(user.as_str())),
                Holder::Group(group) => users.extend(groups.members(group)),
            }
        }
        users
    }

    /// The roles that a user has itself or through a group, each once.
    pub(crate) fn of_user(&self, id: &str, groups: &Groups) -> Vec<&Role> {
        let has = |role: &Role| {
            self.held().iter().any(|(held, holder)| {
                *held == role.id
                    && match holder {
                        Holder::User(user) => user == id,
                        Holder::Group(group) => groups.has_member(group, id),
                    }
            })
        };
        self.roles.iter().filter(|role| has(role)).collect()
    }
}
