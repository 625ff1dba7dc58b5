//! Permissions that are given without a policy.

use serde::Deserialize;

use super::holders::named;
use crate::context::Context;
use crate::graphql::{Access, Table};
use crate::policies::Grant;
use crate::refusal::{CommonMessage, Refusal};
use crate::roles::DEFAULT_NAMESPACE;
use crate::wording;

pub(super) fn operations(table: &mut Table) {
    table.mutation("allow", Access::Administrator, allow);
    table.mutation("authorizeResource", Access::Administrator, authorize);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Allow {
    resource: String,
    action: String,
    user_id: Option<String>,
    user_ids: Option<Vec<String>>,
    role_code: Option<String>,
    role_codes: Option<Vec<String>>,
    namespace: Option<String>,
}

fn allow(context: &mut Context<'_>, args: Allow) -> Result<CommonMessage, Refusal> {
    check_resource(&args.resource)?;
    if args.action.is_empty() {
        return Err(Refusal::new(&wording::ACTION_EMPTY));
    }
    let users = args
        .user_id
        .into_iter()
        .chain(args.user_ids.into_iter().flatten());
    let roles = args
        .role_code
        .into_iter()
        .chain(args.role_codes.into_iter().flatten());
    let targets: Vec<(&str, String)> = users
        .map(|id| ("USER", id))
        .chain(roles.map(|code| ("ROLE", code)))
        .collect();
    if targets.is_empty() {
        return Err(Refusal::new(&wording::HOLDERS_MISSING));
    }
    let namespace = args
        .namespace
        .unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
    let mut grants = Vec::new();
    for (target_type, identifier) in targets {
        let state = &context.state;
        grants.push(Grant {
            namespace: namespace.clone(),
            target_type: target_type.to_owned(),
            target_identifier: state.require_target(target_type, &identifier, Some(&namespace))?,
            resource: args.resource.clone(),
            actions: vec![args.action.clone()],
        });
    }
    for grant in grants {
        context.state.policies.grant(grant);
    }
    Ok(CommonMessage::DONE)
}

/// `kind:id`, or anything with a wildcard.
fn check_resource(resource: &str) -> Result<(), Refusal> {
    let is_named = resource
        .split_once(':')
        .is_some_and(|(kind, id)| !kind.is_empty() && !id.is_empty());
    if !is_named && !resource.contains('*') {
        return Err(Refusal::new(&wording::RESOURCE_MALFORMED));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authorize {
    namespace: Option<String>,
    resource_type: Option<String>,
    resource: Option<String>,
    opts: Option<Vec<Option<Opt>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opt {
    target_type: String,
    target_identifier: String,
    actions: Option<Vec<String>>,
}

fn authorize(context: &mut Context<'_>, args: Authorize) -> Result<CommonMessage, Refusal> {
    let resource = named(args.resource, "resource")?;
    let namespace = args
        .namespace
        .unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
    let mut grants = Vec::new();
    for opt in args.opts.into_iter().flatten().flatten() {
        let (kind, identifier) = (&opt.target_type, &opt.target_identifier);
        let target = context
            .state
            .require_target(kind, identifier, Some(&namespace))?;
        let actions = opt.actions.unwrap_or_default();
        if actions.is_empty() {
            return Err(Refusal::new(&wording::ACTIONS_MISSING));
        }
        grants.push(Grant {
            namespace: namespace.clone(),
            target_type: opt.target_type,
            target_identifier: target,
            resource: resource.clone(),
            actions,
        });
    }
    if grants.is_empty() {
        return Err(Refusal::new(&wording::TARGETS_MISSING));
    }
    let policies = &mut context.state.policies;
    if let Some(resource_type) = args.resource_type {
        policies.set_type(&namespace, &resource, resource_type);
    }
    for grant in grants {
        policies.grant(grant);
    }
    Ok(CommonMessage::DONE)
}
