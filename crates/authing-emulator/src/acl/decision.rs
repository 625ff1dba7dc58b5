//! What the rules say to a question.

use super::pattern::{covers, overlap};
use crate::policies::{Effect, Rule};

/// May this action be done on this resource? With a `*`, a question is about all that it stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) resource: &'a str,
    pub(super) action: &'a str,
}

impl Question<'_> {
    /// One rule must allow all that is asked for, and none may deny any of it.
    pub(super) fn is_allowed(self, rules: &[Rule<'_>]) -> bool {
        !self.is_denied(rules) && rules.iter().any(|rule| self.is_allowed_by(rule))
    }

    pub(super) fn is_denied(self, rules: &[Rule<'_>]) -> bool {
        rules.iter().any(|rule| {
            rule.effect == Effect::Deny
                && overlap(rule.resource, self.resource)
                && rule
                    .actions
                    .iter()
                    .any(|action| overlap(action, self.action))
        })
    }

    fn is_allowed_by(self, rule: &Rule<'_>) -> bool {
        rule.effect == Effect::Allow && self.is_within(rule)
    }

    /// Whether the rule is about all that is asked for.
    pub(super) fn is_within(self, rule: &Rule<'_>) -> bool {
        covers(rule.resource, self.resource)
            && rule
                .actions
                .iter()
                .any(|action| covers(action, self.action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `allow book:* book:read,edit`
    fn rule(text: &str) -> Rule<'_> {
        let words: Vec<&str> = text.split(' ').collect();
        let [effect, resource, actions] = words[..] else {
            panic!("not a rule: {text}");
        };
        Rule {
            namespace: "default",
            target_type: "USER",
            target_identifier: "u1",
            resource,
            actions: actions.split(',').collect(),
            effect: match effect {
                "allow" => Effect::Allow,
                "deny" => Effect::Deny,
                other => panic!("not an effect: {other}"),
            },
        }
    }

    #[test]
    fn rules_answer_questions() {
        const YES: bool = true;
        const NO: bool = false;
        for (rules, resource, action, allowed, denied) in [
            (&[][..], "book:1", "book:read", NO, NO),
            // What is named, and nothing else.
            (&["allow book:1 book:read"], "book:1", "book:read", YES, NO),
            (&["allow book:1 book:read"], "book:1", "book:edit", NO, NO),
            (&["allow book:1 book:read"], "book:2", "book:read", NO, NO),
            (&["allow book:1 book:read,edit"], "book:1", "edit", YES, NO),
            (&["allow book:1 edit"], "book:1", "book:edit", NO, NO),
            (&["allow book book:read"], "book", "book:read", YES, NO),
            (&["allow book book:read"], "book:1", "book:read", NO, NO),
            // Wildcards in rules.
            (&["allow book:* book:edit"], "book:1", "book:edit", YES, NO),
            (&["allow book:* book:edit"], "shelf:1", "book:edit", NO, NO),
            (&["allow book:1 book:*"], "book:1", "book:delete", YES, NO),
            (&["allow book:1 book:*"], "book:1", "shelf:delete", NO, NO),
            (&["allow book:* edit"], "book:1", "edit", YES, NO),
            (&["allow * *"], "book:1", "whatever", YES, NO),
            // Wildcards in questions ask for all of it.
            (&["allow book:* book:edit"], "book:*", "book:edit", YES, NO),
            (&["allow book:1 book:edit"], "book:*", "book:edit", NO, NO),
            (&["allow book:* book:*"], "book:*", "book:*", YES, NO),
            (&["allow * *"], "*", "*", YES, NO),
            // Permissions add up.
            (
                &["allow book:1 read", "allow book:1 edit"],
                "book:1",
                "edit",
                YES,
                NO,
            ),
            // What is denied is denied, in whatever order.
            (&["deny book:1 read"], "book:1", "read", NO, YES),
            (
                &["allow book:* read", "deny book:1 read"],
                "book:1",
                "read",
                NO,
                YES,
            ),
            (
                &["deny book:1 read", "allow book:* read"],
                "book:1",
                "read",
                NO,
                YES,
            ),
            (
                &["allow book:* read", "deny book:1 read"],
                "book:2",
                "read",
                YES,
                NO,
            ),
            (
                &["allow book:1 *", "deny book:1 edit"],
                "book:1",
                "edit",
                NO,
                YES,
            ),
            (
                &["allow book:1 *", "deny book:1 edit"],
                "book:1",
                "read",
                YES,
                NO,
            ),
            (&["allow * *", "deny * *"], "book:1", "read", NO, YES),
            // Not all of it when a part is denied.
            (
                &["allow book:* read", "deny book:1 read"],
                "book:*",
                "read",
                NO,
                YES,
            ),
            (
                &["allow book:1 *", "deny book:1 edit"],
                "book:1",
                "*",
                NO,
                YES,
            ),
        ] {
            let parsed: Vec<_> = rules.iter().map(|text| rule(text)).collect();
            let question = Question { resource, action };
            let found = (question.is_allowed(&parsed), question.is_denied(&parsed));
            assert_eq!(found, (allowed, denied), "{rules:?}: {resource} {action}?");
        }
    }
}
