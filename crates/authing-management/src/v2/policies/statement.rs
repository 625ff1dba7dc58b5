use authing_core::__private::require;
use authing_core::{Error, Result, string_enum};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::v2::required::{null_as_empty, require_each};
use crate::v2::texts;

string_enum! {
    /// What a statement does.
    pub enum PolicyEffect {
        /// It allows the actions.
        Allow = "ALLOW",
        /// It denies the actions, whatever else allows them.
        Deny = "DENY",
    }
}

/// What may or may not be done with a resource.
///
/// One type for what is written and what is read, so that statements which were
/// read can be changed and written again without a loss.
///
/// ```
/// use authing_management::v2::policies::PolicyStatement;
///
/// let read = PolicyStatement::allow("book:*", ["book:read"]);
/// let edit = PolicyStatement::allow("book:1", ["book:*"])
///     .condition("UserContext.country", "Equal", "CN");
/// # let _ = (read, edit);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PolicyStatement {
    /// The resource, such as `book:1`; `*` stands for anything, as in `book:*`.
    pub resource: String,
    /// The actions, such as `book:read`; `*` stands for anything.
    #[serde(default, deserialize_with = "null_as_empty")]
    pub actions: Vec<String>,
    /// What the statement does. The API has statements that do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<PolicyEffect>,
    /// What must hold for the statement to count; always, if there is nothing.
    #[serde(
        default,
        deserialize_with = "null_as_empty",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub condition: Vec<PolicyCondition>,
}

/// One condition of a statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PolicyCondition {
    /// What is looked at, such as an attribute of the user.
    pub param: String,
    /// How it is compared.
    pub operator: String,
    /// What it is compared with.
    pub value: Value,
}

impl PolicyStatement {
    /// Allows these actions.
    pub fn allow(
        resource: impl Into<String>,
        actions: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self::new(PolicyEffect::Allow, resource.into(), texts(actions))
    }

    /// Denies these actions.
    pub fn deny(
        resource: impl Into<String>,
        actions: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self::new(PolicyEffect::Deny, resource.into(), texts(actions))
    }

    fn new(effect: PolicyEffect, resource: String, actions: Vec<String>) -> Self {
        Self {
            resource,
            actions,
            effect: Some(effect),
            condition: Vec::new(),
        }
    }

    /// Adds a condition. All of them must hold.
    #[must_use]
    pub fn condition(
        mut self,
        param: impl Into<String>,
        operator: impl Into<String>,
        value: impl Into<Value>,
    ) -> Self {
        self.condition.push(PolicyCondition {
            param: param.into(),
            operator: operator.into(),
            value: value.into(),
        });
        self
    }
}

/// Checks what a policy is to consist of.
pub(super) fn check(statements: &[PolicyStatement]) -> Result<()> {
    if statements.is_empty() {
        return Err(Error::invalid_input(
            "a policy needs at least one statement",
        ));
    }
    statements.iter().try_for_each(|statement| {
        require("the statement's resource", &statement.resource)?;
        require_each("the statement's action", &statement.actions)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            json!({"resource": "book:*", "actions": ["read"], "effect": "ALLOW"}),
            json!({"resource": "book:1", "actions": ["a", "b"]}),
            json!({"resource": "x", "actions": ["*"], "effect": "SOMETHING_NEW", "condition": [
                {"param": "UserContext.age", "operator": "Between", "value": [18, 65.5, null, false, {"é": ""}]},
            ]}),
        ] {
            let statement: PolicyStatement = serde_json::from_value(text.clone()).unwrap();
            assert_eq!(serde_json::to_value(statement).unwrap(), text);
        }
    }

    #[test]
    fn null_is_nothing() {
        let text = json!({"resource": "x", "actions": null, "effect": null, "condition": null});
        let statement: PolicyStatement = serde_json::from_value(text).unwrap();
        assert_eq!(statement.effect, None);
        assert!(statement.actions.is_empty() && statement.condition.is_empty());
    }

    #[test]
    fn statements_that_say_nothing_are_refused() {
        let nobody: [&str; 0] = [];
        check(&[PolicyStatement::allow("x", ["y"])]).unwrap();
        for statements in [
            vec![],
            vec![PolicyStatement::allow("", ["y"])],
            vec![PolicyStatement::deny("x", nobody)],
            vec![
                PolicyStatement::allow("x", ["y"]),
                PolicyStatement::deny("x", ["y", ""]),
            ],
        ] {
            check(&statements).unwrap_err();
        }
    }
}
