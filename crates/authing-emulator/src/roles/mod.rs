//! Roles, and who has them.

mod store;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::graphql::{Access, Table};
use crate::ids;
use crate::paging::{Page, Paging, SortBy};
use crate::policies::Target;
use crate::refusal::{CommonMessage, Refusal};
use crate::users::Fields;

pub(crate) use store::{DEFAULT_NAMESPACE, Holder, Role, Roles};

pub(crate) fn operations(table: &mut Table) {
    table.query("role", Access::Administrator, role);
    table.query("roles", Access::Administrator, roles);
    table.mutation("createRole", Access::Administrator, create_role);
    table.mutation("updateRole", Access::Administrator, update_role);
    table.mutation("deleteRole", Access::Administrator, delete_role);
    table.mutation("deleteRoles", Access::Administrator, delete_roles);
    table.mutation("assignRole", Access::Administrator, assign_role);
    table.mutation("revokeRole", Access::Administrator, revoke_role);
    table.nested("Role", "users", Access::Administrator, users_of_role);
    table.nested("Role", "parent", Access::Anyone, parent_of_role);
    // Whoever may see a user may see its roles.
    table.nested("User", "roles", Access::Anyone, roles_of_user);
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
        return Err(Refusal::generic(
            "a role's code is made of letters, digits, `_` and `-`",
        ));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    code: String,
    description: Option<String>,
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
    if args.description.is_some() {
        role.description = args.description;
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
            return Err(Refusal::generic("no role is named"));
        }
        let mut holders = Vec::new();
        for id in self.user_ids.into_iter().flatten() {
            holders.push(Holder::user(state.users.require(&id)?.id()));
        }
        for code in self.group_codes.into_iter().flatten() {
            holders.push(Holder::group(&state.groups.require(&code)?.code));
        }
        if let Some(code) = self.node_codes.into_iter().flatten().next() {
            return Err(Refusal::not_found("the node", &code));
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
    let users = state
        .users
        .iter()
        .filter(|user| {
            let held = state.roles.of_user(user.id(), &state.groups);
            role.is_some_and(|role| held.iter().any(|held| held.id == role.id))
        })
        .collect();
    Ok(paging.cut(users).map(|user| context.show(user)))
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
