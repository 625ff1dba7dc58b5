//! What somebody may use, and who may use something.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::decision::Question;
use super::holders::named;
use super::pattern::covers;
use crate::context::Context;
use crate::graphql::{Access, Table};
use crate::paging::Page;
use crate::policies::{Effect, Rule, Target};
use crate::refusal::Refusal;
use crate::state::State;
use crate::work;

pub(super) fn operations(table: &mut Table) {
    table.query("authorizedResources", Access::Administrator, resources);
    table.query("authorizedTargets", Access::Administrator, targets);
    // Whoever may see a user may see what it may do.
    table.nested("User", "authorizedResources", Access::Anyone, of_user);
    table.nested(
        "Group",
        "authorizedResources",
        Access::Administrator,
        of_group,
    );
    table.nested(
        "Role",
        "authorizedResources",
        Access::Administrator,
        of_role,
    );
}

#[derive(Debug, Serialize)]
struct AuthorizedResource {
    code: String,
    r#type: String,
    actions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Which {
    namespace: Option<String>,
    resource_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resources {
    target_type: Option<String>,
    target_identifier: Option<String>,
    #[serde(flatten)]
    which: Which,
}

fn resources(
    context: &mut Context<'_>,
    args: Resources,
) -> Result<Page<AuthorizedResource>, Refusal> {
    let target_type = named(args.target_type, "targetType")?;
    let identifier = named(args.target_identifier, "targetIdentifier")?;
    let namespace = args.which.namespace.as_deref();
    let holders = context
        .state
        .holders_of(&target_type, &identifier, namespace)?;
    Ok(list(context.state, &holders, &args.which))
}

fn of_user(
    context: &mut Context<'_>,
    user: &Value,
    args: Which,
) -> Result<Page<AuthorizedResource>, Refusal> {
    let holders = context.state.holders_of_user(text(user, "id"));
    Ok(list(context.state, &holders, &args))
}

fn of_group(
    context: &mut Context<'_>,
    group: &Value,
    args: Which,
) -> Result<Page<AuthorizedResource>, Refusal> {
    let holders = context.state.holders_of_group(text(group, "code"));
    Ok(list(context.state, &holders, &args))
}

fn of_role(
    context: &mut Context<'_>,
    role: &Value,
    args: Which,
) -> Result<Page<AuthorizedResource>, Refusal> {
    let state = &context.state;
    let holders = state.with_parents(state.roles.by_id(role.get("id")));
    Ok(list(state, &holders, &args))
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object
        .get(field)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Each resource once for each namespace, with the actions that nothing denies.
fn list(state: &State, holders: &[Target<'_>], which: &Which) -> Page<AuthorizedResource> {
    let rules = state.rules_for(holders, which.namespace.as_deref());
    let mut found: Vec<(&str, AuthorizedResource)> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.effect == Effect::Allow) {
        if !work::spend_on(1 + found.len() / 10) {
            break;
        }
        let r#type = state.policies.type_of(rule.namespace, rule.resource);
        if which
            .resource_type
            .as_deref()
            .is_some_and(|wanted| wanted != r#type)
        {
            continue;
        }
        let is_known = |(namespace, known): &(&str, AuthorizedResource)| {
            *namespace == rule.namespace && known.code == rule.resource
        };
        let place = match found.iter().position(is_known) {
            Some(place) => place,
            None => {
                let resource = AuthorizedResource {
                    code: rule.resource.to_owned(),
                    r#type: r#type.to_owned(),
                    actions: Vec::new(),
                };
                found.push((rule.namespace, resource));
                found.len() - 1
            }
        };
        if let Some((_, resource)) = found.get_mut(place) {
            add_actions(&mut resource.actions, rule, &rules);
        }
    }
    Page::whole(
        found
            .into_iter()
            .map(|(_, resource)| resource)
            .filter(|resource| !resource.actions.is_empty())
            .collect(),
    )
}

/// Adds what the rule allows, each once, except what another denies altogether.
fn add_actions(actions: &mut Vec<String>, allowing: &Rule<'_>, rules: &[Rule<'_>]) {
    for action in &allowing.actions {
        let question = Question {
            resource: allowing.resource,
            action,
        };
        work::spend_on(1 + rules.len() / 10);
        let is_denied = rules.iter().any(|rule| {
            rule.effect == Effect::Deny
                && rule.namespace == allowing.namespace
                && question.is_within(rule)
        });
        if !is_denied && !actions.iter().any(|known| known == action) {
            actions.push((*action).to_owned());
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Targets {
    namespace: String,
    resource_type: String,
    resource: String,
    target_type: Option<String>,
    actions: Option<Actions>,
}

#[derive(Deserialize)]
struct Actions {
    op: Operator,
    list: Vec<Option<String>>,
}

#[derive(Deserialize)]
enum Operator {
    #[serde(rename = "AND")]
    All,
    #[serde(rename = "OR")]
    Any,
}

impl Actions {
    fn fit(&self, granted: &[String]) -> bool {
        let is_granted = |wanted: &String| granted.iter().any(|own| covers(own, wanted));
        let mut wanted = self.list.iter().flatten();
        match self.op {
            Operator::All => wanted.all(is_granted),
            Operator::Any => wanted.any(is_granted),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizedTarget {
    target_type: String,
    target_identifier: String,
    actions: Vec<String>,
}

fn targets(context: &mut Context<'_>, args: Targets) -> Result<Page<AuthorizedTarget>, Refusal> {
    let policies = &context.state.policies;
    let is_meant = |rule: &Rule<'_>| {
        // A kind of resources is meant with all that are of it.
        let kind = rule.resource.split_once(':').map(|(kind, _)| kind);
        rule.namespace == args.namespace
            && policies.type_of(rule.namespace, rule.resource) == args.resource_type
            && args
                .target_type
                .as_deref()
                .is_none_or(|wanted| wanted == rule.target_type)
            && (covers(rule.resource, &args.resource) || kind == Some(args.resource.as_str()))
    };
    let rules: Vec<Rule<'_>> = policies
        .rules()
        .filter(|rule| rule.namespace == args.namespace)
        .collect();
    let mut found: Vec<AuthorizedTarget> = Vec::new();
    for rule in rules
        .iter()
        .filter(|rule| rule.effect == Effect::Allow && is_meant(rule))
    {
        if !work::spend_on(rules.len()) {
            break;
        }
        let own: Vec<Rule<'_>> = rules
            .iter()
            .filter(|other| other.is_for_same(rule))
            .cloned()
            .collect();
        let is_known = |known: &&mut AuthorizedTarget| {
            known.target_type == rule.target_type
                && known.target_identifier == rule.target_identifier
        };
        match found.iter_mut().find(is_known) {
            Some(known) => add_actions(&mut known.actions, rule, &own),
            None => {
                let mut actions = Vec::new();
                add_actions(&mut actions, rule, &own);
                found.push(AuthorizedTarget {
                    target_type: rule.target_type.to_owned(),
                    target_identifier: rule.target_identifier.to_owned(),
                    actions,
                });
            }
        }
    }
    found.retain(|target| {
        !target.actions.is_empty()
            && args
                .actions
                .as_ref()
                .is_none_or(|actions| actions.fit(&target.actions))
    });
    Ok(Page::whole(found))
}
