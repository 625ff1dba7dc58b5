//! Whose rules count for whom.

use crate::policies::{Rule, Target};
use crate::refusal::Refusal;
use crate::roles::Role;
use crate::state::State;
use crate::wording;
use crate::work;

impl State {
    /// A user, its groups, and its roles with all that they inherit from.
    pub(super) fn holders_of_user<'a>(&'a self, id: &'a str) -> Vec<Target<'a>> {
        let mut holders = vec![Target::User { id }];
        holders.extend(
            self.groups
                .of_user(id)
                .map(|group| Target::Group { code: &group.code }),
        );
        holders.extend(self.with_parents(self.roles.of_user(id, &self.groups)));
        holders
    }

    /// A group, and its roles with all that they inherit from.
    pub(super) fn holders_of_group<'a>(&'a self, code: &'a str) -> Vec<Target<'a>> {
        let mut holders = vec![Target::Group { code }];
        holders.extend(self.with_parents(self.roles.of_group(code)));
        holders
    }

    /// Roles and all that they inherit from.
    pub(super) fn with_parents<'a>(
        &'a self,
        roles: impl IntoIterator<Item = &'a Role>,
    ) -> Vec<Target<'a>> {
        let mut found: Vec<&Role> = Vec::new();
        for role in roles {
            let mut next = Some(role);
            while let Some(role) = next
                && !found.iter().any(|known| known.id == role.id)
            {
                found.push(role);
                next = self.roles.parent_of(role);
            }
        }
        let target = |role: &'a Role| Target::Role {
            namespace: &role.namespace,
            code: &role.code,
        };
        found.into_iter().map(target).collect()
    }

    /// The same for somebody who is named. Refuses what does not exist.
    pub(super) fn holders_of<'a>(
        &'a self,
        target_type: &str,
        identifier: &'a str,
        namespace: Option<&str>,
    ) -> Result<Vec<Target<'a>>, Refusal> {
        match target_type {
            "USER" => {
                self.users.require(identifier)?;
                Ok(self.holders_of_user(identifier))
            }
            "GROUP" => {
                self.groups.require(identifier)?;
                Ok(self.holders_of_group(identifier))
            }
            "ROLE" => {
                let is_meant = |role: &&Role| {
                    (role.code == identifier || role.id == identifier) && role.is_in(namespace)
                };
                let roles: Vec<&Role> = self.roles.iter().filter(is_meant).collect();
                if roles.is_empty() {
                    return Err(Refusal::about(&wording::NO_SUCH_ROLE, &[&identifier]));
                }
                Ok(self.with_parents(roles))
            }
            kind => Err(Refusal::about(
                &wording::NO_SUCH_TARGET,
                &[&kind, &identifier],
            )),
        }
    }

    /// What counts for any of these, in one namespace or in all.
    pub(super) fn rules_for<'a>(
        &'a self,
        holders: &[Target<'_>],
        namespace: Option<&str>,
    ) -> Vec<Rule<'a>> {
        self.policies
            .rules()
            .filter(|rule| namespace.is_none_or(|namespace| rule.namespace == namespace))
            .take_while(|_| work::spend_on(1 + holders.len()))
            .filter(|rule| holders.iter().any(|holder| rule.is_for(holder)))
            .collect()
    }
}

/// What a caller must name but may leave out as far as the schema goes.
pub(super) fn named(value: Option<String>, what: &str) -> Result<String, Refusal> {
    value
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Refusal::about(&wording::ARGUMENT_MISSING, &[&what]))
}
