//! What counts: statements of assigned policies, and permissions that were given directly.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::store::{Assignment, Policies, Target};

/// A permission that was given without a policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) namespace: String,
    pub(crate) target_type: String,
    pub(crate) target_identifier: String,
    pub(crate) resource: String,
    pub(crate) actions: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// One statement for one target.
#[derive(Debug, Clone)]
pub(crate) struct Rule<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) target_type: &'a str,
    pub(crate) target_identifier: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) actions: Vec<&'a str>,
    pub(crate) effect: Effect,
}

impl<'a> Rule<'a> {
    fn of_statement(assignment: &'a Assignment, statement: &'a Value) -> Option<Self> {
        Some(Self {
            namespace: &assignment.namespace,
            target_type: &assignment.target_type,
            target_identifier: &assignment.target_identifier,
            resource: statement.get("resource")?.as_str()?,
            actions: statement
                .get("actions")?
                .as_array()?
                .iter()
                .filter_map(Value::as_str)
                .collect(),
            effect: effect(statement)?,
        })
    }

    fn of_grant(grant: &'a Grant) -> Self {
        Self {
            namespace: &grant.namespace,
            target_type: &grant.target_type,
            target_identifier: &grant.target_identifier,
            resource: &grant.resource,
            actions: grant.actions.iter().map(String::as_str).collect(),
            effect: Effect::Allow,
        }
    }

    pub(crate) fn is_for(&self, target: &Target<'_>) -> bool {
        target.is(self.namespace, self.target_type, self.target_identifier)
    }

    pub(crate) fn is_for_same(&self, other: &Self) -> bool {
        self.namespace == other.namespace
            && self.target_type == other.target_type
            && self.target_identifier == other.target_identifier
    }
}

/// A statement that does not say what it does, does nothing. Conditions are not evaluated: they are taken not to hold
/// where they would allow something, and to hold where they would deny it.
fn effect(statement: &Value) -> Option<Effect> {
    let is_conditional = statement
        .get("condition")
        .and_then(Value::as_array)
        .is_some_and(|condition| !condition.is_empty());
    match statement.get("effect")?.as_str()? {
        "DENY" => Some(Effect::Deny),
        "ALLOW" if !is_conditional => Some(Effect::Allow),
        _ => None,
    }
}

impl Policies {
    pub(crate) fn rules(&self) -> impl Iterator<Item = Rule<'_>> {
        let assigned = self
            .assignments()
            .filter(|own| own.enabled)
            .flat_map(|own| {
                let policy = self.find(Some(&own.namespace), &own.code);
                policy
                    .into_iter()
                    .flat_map(|policy| &policy.statements)
                    .filter_map(|statement| Rule::of_statement(own, statement))
            });
        assigned.chain(self.grants().map(Rule::of_grant))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_clear_allows() {
        let condition =
            json!([{"param": "UserContext.age", "operator": "Between", "value": [1, 2]}]);
        for (own, statement) in [
            (Some(Effect::Allow), json!({"effect": "ALLOW"})),
            (
                Some(Effect::Allow),
                json!({"effect": "ALLOW", "condition": null}),
            ),
            (
                Some(Effect::Allow),
                json!({"effect": "ALLOW", "condition": []}),
            ),
            (None, json!({"effect": "ALLOW", "condition": condition})),
            (Some(Effect::Deny), json!({"effect": "DENY"})),
            (
                Some(Effect::Deny),
                json!({"effect": "DENY", "condition": condition}),
            ),
            (None, json!({"effect": null})),
            (None, json!({})),
        ] {
            assert_eq!(effect(&statement), own, "{statement}");
        }
    }
}
