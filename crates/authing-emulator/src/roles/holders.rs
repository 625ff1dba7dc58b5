//! Who has a role.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;

use super::{Holder, Role};
use crate::context::Context;
use crate::graphql::{Access, Table};
use crate::paging::{Page, Paging};
use crate::refusal::{CommonMessage, Refusal};
use crate::users::Fields;
use crate::wording;

pub(super) fn operations(table: &mut Table) {
    table.mutation("assignRole", Access::Administrator, assign_role);
    table.mutation("revokeRole", Access::Administrator, revoke_role);
    table.nested("Role", "users", Access::Administrator, users_of_role);
    // Whoever may see a user may see its roles.
    table.nested("User", "roles", Access::Anyone, roles_of_user);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assignment {
    namespace: Option<String>,
    role_code: Option<String>,
    role_codes: Option<Vec<Option<String>>>,
    user_ids: Option<Vec<String>>,
    group_codes: Option<Vec<String>>,
    node_codes: Option<Vec<String>>,
}

impl Assignment {
    /// The ids of the roles, and who is to have them. Refuses what does not exist.
    fn resolve(self, context: &Context<'_>) -> Result<(Vec<String>, Vec<Holder>), Refusal> {
        let state = &context.state;
        let mut roles = Vec::new();
        let codes = self.role_codes.into_iter().flatten().flatten();
        for code in self.role_code.into_iter().chain(codes) {
            let role = state.roles.require(self.namespace.as_deref(), &code)?;
            roles.push(role.id.clone());
        }
        if roles.is_empty() {
            return Err(Refusal::new(&wording::NO_ROLE_NAMED));
        }
        let mut holders = Vec::new();
        for id in self.user_ids.into_iter().flatten() {
            holders.push(Holder::user(state.users.require(&id)?.id()));
        }
        for code in self.group_codes.into_iter().flatten() {
            holders.push(Holder::group(&state.groups.require(&code)?.code));
        }
        if let Some(code) = self.node_codes.into_iter().flatten().next() {
            return Err(Refusal::about(&wording::NO_SUCH_NODE, &[&code]));
        }
        Ok((roles, holders))
    }
}

fn assign_role(context: &mut Context<'_>, args: Assignment) -> Result<CommonMessage, Refusal> {
    let (roles, holders) = args.resolve(context)?;
    for role in &roles {
        for holder in &holders {
            context.state.roles.assign(role, holder.clone());
        }
    }
    Ok(CommonMessage::DONE)
}

fn revoke_role(context: &mut Context<'_>, args: Assignment) -> Result<CommonMessage, Refusal> {
    let (roles, holders) = args.resolve(context)?;
    for role in &roles {
        for holder in &holders {
            context.state.roles.revoke(role, holder);
        }
    }
    Ok(CommonMessage::DONE)
}

fn users_of_role(
    context: &mut Context<'_>,
    role: &Value,
    paging: Paging,
) -> Result<Page<Fields>, Refusal> {
    let state = &context.state;
    let role = state.roles.by_id(role.get("id"));
    let holders = role.map_or_else(HashSet::new, |role| {
        state.roles.holders(&role.id, &state.groups)
    });
    let users = state.users.iter();
    let users = users.filter(|user| holders.contains(user.id())).collect();
    Ok(paging.cut(users).map(|user| context.show(user)))
}

#[derive(Deserialize)]
struct InNamespace {
    namespace: Option<String>,
}

fn roles_of_user(
    context: &mut Context<'_>,
    user: &Value,
    args: InNamespace,
) -> Result<Page<Role>, Refusal> {
    let id = user.get("id").and_then(Value::as_str).unwrap_or_default();
    let state = &context.state;
    let held = state.roles.of_user(id, &state.groups);
    Ok(Page::whole(
        held.into_iter()
            .filter(|role| role.is_in(args.namespace.as_deref()))
            .cloned()
            .collect(),
    ))
}
