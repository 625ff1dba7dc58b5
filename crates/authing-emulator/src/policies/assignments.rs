//! Who has a policy.

use serde::Deserialize;
use serde_json::Value;

use super::store::Assignment;
use crate::context::Context;
use crate::graphql::{Access, Table};
use crate::paging::{Page, Paging};
use crate::refusal::{CommonMessage, Refusal};
use crate::state::State;
use crate::wording;

pub(super) fn operations(table: &mut Table) {
    table.query("policyAssignments", Access::Administrator, list);
    table.mutation("addPolicyAssignments", Access::Administrator, add);
    table.mutation("removePolicyAssignments", Access::Administrator, remove);
    table.mutation("enablePolicyAssignment", Access::Administrator, enable);
    table.mutation("disbalePolicyAssignment", Access::Administrator, disable);
    table.nested("Policy", "assignments", Access::Administrator, of_policy);
    table.nested("Policy", "assignmentsCount", Access::Administrator, count);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    namespace: Option<String>,
    code: Option<String>,
    target_type: Option<String>,
    target_identifier: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

fn list(context: &mut Context<'_>, args: List) -> Result<Page<Assignment>, Refusal> {
    let is =
        |wanted: &Option<String>, own: &str| wanted.as_deref().is_none_or(|wanted| wanted == own);
    let state = &context.state;
    let is_id_of_role = |assignment: &Assignment| {
        let roles = &state.roles;
        let role = roles.find(Some(&assignment.namespace), &assignment.target_identifier);
        assignment.target_type == "ROLE"
            && role.is_some_and(|role| is(&args.target_identifier, &role.id))
    };
    let found = state
        .policies
        .assignments()
        .filter(|assignment| {
            is(&args.namespace, &assignment.namespace)
                && is(&args.code, &assignment.code)
                && is(&args.target_type, &assignment.target_type)
                && (is(&args.target_identifier, &assignment.target_identifier)
                    || is_id_of_role(assignment))
        })
        .cloned()
        .collect();
    Ok(args.paging.cut(found))
}

impl State {
    /// The name by which a target is kept: the id of a user, the code of a group or a role. A role may be named by its
    /// id as well. Refuses who does not exist.
    pub(crate) fn require_target(
        &self,
        target_type: &str,
        identifier: &str,
        namespace: Option<&str>,
    ) -> Result<String, Refusal> {
        Ok(match target_type {
            "USER" => self.users.require(identifier)?.id().to_owned(),
            "GROUP" => self.groups.require(identifier)?.code.clone(),
            "ROLE" => {
                let role = self.roles.require_target(namespace, identifier)?;
                role.code.clone()
            }
            kind => {
                return Err(Refusal::about(
                    &wording::NO_SUCH_TARGET,
                    &[&kind, &identifier],
                ));
            }
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    policies: Vec<String>,
    target_type: String,
    target_identifiers: Option<Vec<String>>,
    namespace: Option<String>,
}

impl Change {
    /// Each policy for each target. Refuses what does not exist.
    fn resolve(self, context: &Context<'_>) -> Result<Vec<Assignment>, Refusal> {
        let state = &context.state;
        let mut targets = Vec::new();
        for identifier in self.target_identifiers.into_iter().flatten() {
            let namespace = self.namespace.as_deref();
            targets.push(state.require_target(&self.target_type, &identifier, namespace)?);
        }
        let mut assignments = Vec::new();
        for code in &self.policies {
            let policy = state.policies.require(self.namespace.as_deref(), code)?;
            assignments.extend(targets.iter().map(|target| Assignment {
                namespace: policy.namespace.clone(),
                code: policy.code.clone(),
                target_type: self.target_type.clone(),
                target_identifier: target.clone(),
                enabled: true,
            }));
        }
        Ok(assignments)
    }
}

fn add(context: &mut Context<'_>, args: Change) -> Result<CommonMessage, Refusal> {
    for assignment in args.resolve(context)? {
        context.state.policies.assign(assignment);
    }
    Ok(CommonMessage::DONE)
}

fn remove(context: &mut Context<'_>, args: Change) -> Result<CommonMessage, Refusal> {
    for assignment in args.resolve(context)? {
        context.state.policies.unassign(&assignment);
    }
    Ok(CommonMessage::DONE)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct One {
    policy: String,
    target_type: String,
    target_identifier: String,
    namespace: Option<String>,
}

fn enable(context: &mut Context<'_>, args: One) -> Result<CommonMessage, Refusal> {
    switch(context, &args, true)
}

fn disable(context: &mut Context<'_>, args: One) -> Result<CommonMessage, Refusal> {
    switch(context, &args, false)
}

fn switch(context: &mut Context<'_>, one: &One, on: bool) -> Result<CommonMessage, Refusal> {
    let namespace = one.namespace.as_deref();
    context.state.policies.require(namespace, &one.policy)?;
    let target =
        context
            .state
            .require_target(&one.target_type, &one.target_identifier, namespace)?;
    context
        .state
        .policies
        .assignment_mut(namespace, &one.policy, &one.target_type, &target)
        .ok_or_else(|| Refusal::about(&wording::NO_SUCH_ASSIGNMENT, &[&one.target_identifier]))?
        .enabled = on;
    Ok(CommonMessage::DONE)
}

fn belonging_to<'a>(
    context: &'a Context<'_>,
    policy: &'a Value,
) -> impl Iterator<Item = &'a Assignment> {
    let is = |field: &str, own: &str| policy.get(field).is_some_and(|value| value == own);
    context
        .state
        .policies
        .assignments()
        .filter(move |assignment| {
            is("namespace", &assignment.namespace) && is("code", &assignment.code)
        })
}

fn of_policy(
    context: &mut Context<'_>,
    policy: &Value,
    paging: Paging,
) -> Result<Vec<Assignment>, Refusal> {
    let all = belonging_to(context, policy).cloned().collect();
    Ok(paging.cut(all).list)
}

#[derive(Deserialize)]
struct Nothing {}

fn count(context: &mut Context<'_>, policy: &Value, _: Nothing) -> Result<usize, Refusal> {
    Ok(belonging_to(context, policy).count())
}
