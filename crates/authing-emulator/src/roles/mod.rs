//! Roles, and who has them.

mod holders;
mod store;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::graphql::{Access, Table, maybe_null};
use crate::ids;
use crate::paging::{Page, Paging, SortBy};
use crate::policies::Target;
use crate::refusal::{CommonMessage, Refusal};
use crate::wording;

pub(crate) use store::{DEFAULT_NAMESPACE, Holder, Role, Roles};

pub(crate) fn operations(table: &mut Table) {
    table.query("role", Access::Administrator, role);
    table.query("roles", Access::Administrator, roles);
    table.mutation("createRole", Access::Administrator, create_role);
    table.mutation("updateRole", Access::Administrator, update_role);
    table.mutation("deleteRole", Access::Administrator, delete_role);
    table.mutation("deleteRoles", Access::Administrator, delete_roles);
    table.nested("Role", "parent", Access::Anyone, parent_of_role);
    holders::operations(table);
}

#[derive(Deserialize)]
struct Name {
    code: String,
    namespace: Option<String>,
}

fn role(context: &mut Context<'_>, args: Name) -> Result<Option<Role>, Refusal> {
    let roles = &context.state.roles;
    Ok(roles.find(args.namespace.as_deref(), &args.code).cloned())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    namespace: Option<String>,
    #[serde(flatten)]
    paging: Paging,
    sort_by: Option<SortBy>,
}

fn roles(context: &mut Context<'_>, args: List) -> Result<Page<Role>, Refusal> {
    let mut roles: Vec<Role> = context
        .state
        .roles
        .iter()
        .filter(|role| role.is_in(args.namespace.as_deref()))
        .cloned()
        .collect();
    let sort_by = args.sort_by.unwrap_or_default();
    sort_by.sort(&mut roles, |role| &role.updated_at);
    Ok(args.paging.cut(roles))
}

#[derive(Deserialize)]
struct Create {
    namespace: Option<String>,
    code: String,
    description: Option<String>,
    parent: Option<String>,
}

fn create_role(context: &mut Context<'_>, args: Create) -> Result<Role, Refusal> {
    let namespace = args.namespace.as_deref();
    let roles = &mut context.state.roles;
    check_code(&args.code)?;
    if namespace == Some("") {
        return Err(Refusal::new(&wording::NAMESPACE_EMPTY));
    }
    roles.check_free(namespace, &args.code)?;
    let parent_id = match &args.parent {
        Some(parent) => Some(roles.require(namespace, parent)?.id.clone()),
        None => None,
    };
    let now = context.now.iso();
    let role = Role {
        id: ids::id(),
        namespace: namespace.unwrap_or(DEFAULT_NAMESPACE).to_owned(),
        arn: context.pool.arn("role", &args.code),
        code: args.code,
        description: args.description,
        is_system: false,
        created_at: now.clone(),
        updated_at: now,
        parent_id,
    };
    roles.insert(role.clone());
    Ok(role)
}

/// Letters, digits, `_` and `-`.
fn check_code(code: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if code.is_empty() || !code.chars().all(allowed) {
        return Err(Refusal::new(&wording::ROLE_CODE_MALFORMED));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    code: String,
    #[serde(default, deserialize_with = "maybe_null")]
    description: Option<Option<String>>,
    new_code: Option<String>,
    namespace: Option<String>,
}

fn update_role(context: &mut Context<'_>, args: Update) -> Result<Role, Refusal> {
    let namespace = args.namespace.as_deref();
    let roles = &mut context.state.roles;
    roles.require(namespace, &args.code)?;
    if let Some(new_code) = &args.new_code
        && *new_code != args.code
    {
        check_code(new_code)?;
        roles.check_free(namespace, new_code)?;
    }
    let role = roles.require_mut(namespace, &args.code)?;
    if let Some(new_code) = args.new_code {
        let target = Target::Role {
            namespace: &role.namespace,
            code: &role.code,
        };
        context.state.policies.rename_target(&target, &new_code);
        role.arn = context.pool.arn("role", &new_code);
        role.code = new_code;
    }
    if let Some(description) = args.description {
        role.description = description;
    }
    role.updated_at = context.now.iso();
    Ok(role.clone())
}

fn delete_role(context: &mut Context<'_>, args: Name) -> Result<CommonMessage, Refusal> {
    let names = Names {
        code_list: vec![args.code],
        namespace: args.namespace,
    };
    delete_roles(context, names)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Names {
    code_list: Vec<String>,
    namespace: Option<String>,
}

/// All of them, or none when one does not exist.
fn delete_roles(context: &mut Context<'_>, args: Names) -> Result<CommonMessage, Refusal> {
    let state = &mut context.state;
    let mut found = Vec::new();
    for code in &args.code_list {
        let role = state.roles.require(args.namespace.as_deref(), code)?;
        found.push(role.clone());
    }
    for role in found {
        state.roles.remove(&role.id);
        state.policies.forget_target(&Target::Role {
            namespace: &role.namespace,
            code: &role.code,
        });
        state.custom_fields.forget_target("ROLE", &role.id);
    }
    Ok(CommonMessage::DELETED)
}

#[derive(Deserialize)]
struct Nothing {}

fn parent_of_role(
    context: &mut Context<'_>,
    role: &Value,
    _: Nothing,
) -> Result<Option<Role>, Refusal> {
    let roles = &context.state.roles;
    let parent_id = roles
        .by_id(role.get("id"))
        .and_then(|role| role.parent_id.as_deref());
    Ok(roles.by_id(parent_id.map(|id| json!(id)).as_ref()).cloned())
}
