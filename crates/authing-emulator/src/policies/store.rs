//! All policies and their assignments.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rules::Grant;
use crate::refusal::Refusal;
use crate::roles::DEFAULT_NAMESPACE;
use crate::wording;
use crate::work;

/// When the policies of the system were made.
const SYSTEM_SINCE: &str = "2020-01-01T00:00:00.000Z";

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Policy {
    pub(super) namespace: String,
    pub(super) code: String,
    pub(super) is_default: bool,
    pub(super) description: Option<String>,
    /// As they were written.
    pub(super) statements: Vec<Value>,
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

impl Policy {
    /// The policies of the system stay as they are.
    pub(super) fn check_changeable(&self) -> Result<(), Refusal> {
        if self.is_default {
            return Err(Refusal::about(&wording::SYSTEM_POLICY, &[&self.code]));
        }
        Ok(())
    }

    /// Any namespace is meant when none is named.
    pub(super) fn is_in(&self, namespace: Option<&str>) -> bool {
        namespace.is_none_or(|namespace| self.namespace == namespace)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Assignment {
    pub(super) namespace: String,
    pub(super) code: String,
    pub(super) target_type: String,
    pub(super) target_identifier: String,
    /// Only what is enabled counts; both are listed.
    pub(super) enabled: bool,
}

impl Assignment {
    fn is_same(&self, other: &Self) -> bool {
        self.namespace == other.namespace
            && self.code == other.code
            && self.target_type == other.target_type
            && self.target_identifier == other.target_identifier
    }
}

/// The default namespace is meant when none is named.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Policies {
    policies: Vec<Policy>,
    assignments: Vec<Assignment>,
    grants: Vec<Grant>,
    /// By namespace and then by resource, where it was said.
    resource_types: BTreeMap<String, BTreeMap<String, String>>,
}

/// Every pool has the policy of its administrators.
impl Default for Policies {
    fn default() -> Self {
        let administrators = Policy {
            namespace: DEFAULT_NAMESPACE.to_owned(),
            code: "AdministratorAccess".to_owned(),
            is_default: true,
            description: Some("all actions on all resources".to_owned()),
            statements: vec![json!({"resource": "*", "actions": ["*"], "effect": "ALLOW"})],
            created_at: SYSTEM_SINCE.to_owned(),
            updated_at: SYSTEM_SINCE.to_owned(),
        };
        Self {
            policies: vec![administrators],
            assignments: Vec::new(),
            grants: Vec::new(),
            resource_types: BTreeMap::new(),
        }
    }
}

impl Policies {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter()
    }

    /// The policies, who has them, and the permissions beside them.
    pub(crate) fn count(&self) -> usize {
        let counts = [self.assignments.len(), self.grants.len()];
        counts
            .into_iter()
            .fold(self.policies.len(), usize::saturating_add)
    }

    pub(super) fn find(&self, namespace: Option<&str>, code: &str) -> Option<&Policy> {
        work::spend_on(1 + self.policies.len() / 10);
        self.policies
            .iter()
            .find(|policy| named(&policy.namespace, &policy.code, namespace, code))
    }

    pub(super) fn require(&self, namespace: Option<&str>, code: &str) -> Result<&Policy, Refusal> {
        self.find(namespace, code)
            .ok_or_else(|| Refusal::about(&wording::NO_SUCH_POLICY, &[&code]))
    }

    pub(super) fn require_mut(
        &mut self,
        namespace: Option<&str>,
        code: &str,
    ) -> Result<&mut Policy, Refusal> {
        self.policies
            .iter_mut()
            .find(|policy| named(&policy.namespace, &policy.code, namespace, code))
            .ok_or_else(|| Refusal::about(&wording::NO_SUCH_POLICY, &[&code]))
    }

    pub(super) fn check_free(&self, namespace: Option<&str>, code: &str) -> Result<(), Refusal> {
        match self.find(namespace, code) {
            Some(_) => Err(Refusal::about(&wording::POLICY_EXISTS, &[&code])),
            None => Ok(()),
        }
    }

    pub(super) fn insert(&mut self, policy: Policy) {
        self.policies.push(policy);
    }

    pub(super) fn remove(&mut self, namespace: Option<&str>, code: &str) {
        self.policies
            .retain(|policy| !named(&policy.namespace, &policy.code, namespace, code));
        self.assignments
            .retain(|own| !named(&own.namespace, &own.code, namespace, code));
    }

    /// A policy that gets another code keeps its assignments.
    pub(super) fn rename(&mut self, namespace: Option<&str>, from: &str, to: &str) {
        for policy in &mut self.policies {
            if named(&policy.namespace, &policy.code, namespace, from) {
                to.clone_into(&mut policy.code);
            }
        }
        for own in &mut self.assignments {
            if named(&own.namespace, &own.code, namespace, from) {
                to.clone_into(&mut own.code);
            }
        }
    }

    pub(super) fn assignments(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter()
    }

    pub(super) fn assign(&mut self, assignment: Assignment) {
        if !self.assignments.iter().any(|own| own.is_same(&assignment)) {
            self.assignments.push(assignment);
        }
    }

    pub(super) fn unassign(&mut self, assignment: &Assignment) {
        self.assignments.retain(|own| !own.is_same(assignment));
    }

    pub(super) fn assignment_mut(
        &mut self,
        namespace: Option<&str>,
        code: &str,
        target_type: &str,
        target_identifier: &str,
    ) -> Option<&mut Assignment> {
        self.assignments.iter_mut().find(|own| {
            named(&own.namespace, &own.code, namespace, code)
                && own.target_type == target_type
                && own.target_identifier == target_identifier
        })
    }

    pub(super) fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter()
    }

    /// Adds to what the target may do with the resource already.
    pub(crate) fn grant(&mut self, grant: Grant) {
        let known = self.grants.iter_mut().find(|own| {
            own.namespace == grant.namespace
                && own.target_type == grant.target_type
                && own.target_identifier == grant.target_identifier
                && own.resource == grant.resource
        });
        match known {
            Some(own) => {
                for action in grant.actions {
                    if !own.actions.contains(&action) {
                        own.actions.push(action);
                    }
                }
            }
            None => self.grants.push(grant),
        }
    }

    /// What kind of thing a resource is.
    pub(crate) fn type_of(&self, namespace: &str, resource: &str) -> &str {
        self.resource_types
            .get(namespace)
            .and_then(|types| types.get(resource))
            .map_or("DATA", String::as_str)
    }

    pub(crate) fn set_type(&mut self, namespace: &str, resource: &str, resource_type: String) {
        let types = self.resource_types.entry(namespace.to_owned());
        types
            .or_default()
            .insert(resource.to_owned(), resource_type);
    }

    pub(crate) fn forget_target(&mut self, target: &Target<'_>) {
        self.assignments
            .retain(|own| !target.is(&own.namespace, &own.target_type, &own.target_identifier));
        self.grants
            .retain(|own| !target.is(&own.namespace, &own.target_type, &own.target_identifier));
    }

    /// A group or role that gets another code keeps its policies.
    pub(crate) fn rename_target(&mut self, target: &Target<'_>, to: &str) {
        for own in &mut self.assignments {
            if target.is(&own.namespace, &own.target_type, &own.target_identifier) {
                to.clone_into(&mut own.target_identifier);
            }
        }
        for own in &mut self.grants {
            if target.is(&own.namespace, &own.target_type, &own.target_identifier) {
                to.clone_into(&mut own.target_identifier);
            }
        }
    }
}

/// Whom a policy can be assigned to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target<'a> {
    User {
        id: &'a str,
    },
    Group {
        code: &'a str,
    },
    /// A policy and the roles it is assigned to are in one namespace.
    Role {
        namespace: &'a str,
        code: &'a str,
    },
}

impl Target<'_> {
    /// Whether this is the target of something in a namespace.
    pub(super) fn is(&self, namespace: &str, target_type: &str, identifier: &str) -> bool {
        match *self {
            Self::User { id } => target_type == "USER" && identifier == id,
            Self::Group { code } => target_type == "GROUP" && identifier == code,
            Self::Role {
                namespace: own,
                code,
            } => target_type == "ROLE" && identifier == code && namespace == own,
        }
    }
}

fn named(own_namespace: &str, own_code: &str, namespace: Option<&str>, code: &str) -> bool {
    own_code == code && own_namespace == namespace.unwrap_or(DEFAULT_NAMESPACE)
}
