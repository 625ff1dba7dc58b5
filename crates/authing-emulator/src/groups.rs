//! Groups of users.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::context::Context;
use crate::graphql::{Access, Table, maybe_null};
use crate::paging::{Page, Paging, SortBy};
use crate::policies::Target;
use crate::refusal::{CommonMessage, Refusal};
use crate::roles::Holder;
use crate::users::Fields;
use crate::wording;
use crate::work;

pub(crate) fn operations(table: &mut Table) {
    table.query("group", Access::Administrator, group);
    table.query("groups", Access::Administrator, groups);
    table.mutation("createGroup", Access::Administrator, create_group);
    table.mutation("updateGroup", Access::Administrator, update_group);
    table.mutation("deleteGroups", Access::Administrator, delete_groups);
    table.mutation("addUserToGroup", Access::Administrator, add_users);
    table.mutation("removeUserFromGroup", Access::Administrator, remove_users);
    table.nested("Group", "users", Access::Administrator, users_of_group);
    // Whoever may see a user may see its groups.
    table.nested("User", "groups", Access::Anyone, groups_of_user);
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group {
    pub(crate) code: String,
    name: String,
    description: Option<String>,
    created_at: String,
    updated_at: String,
    members: Vec<String>,
}

impl Group {
    fn has_member(&self, user_id: &str) -> bool {
        work::spend_on(1 + self.members.len());
        self.members.iter().any(|member| member == user_id)
    }
}

/// The groups in the order of their creation.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Groups(Vec<Group>);

impl Groups {
    pub(crate) fn find(&self, code: &str) -> Option<&Group> {
        self.0.iter().find(|group| group.code == code)
    }

    pub(crate) fn require(&self, code: &str) -> Result<&Group, Refusal> {
        self.find(code)
            .ok_or_else(|| Refusal::about(&wording::NO_SUCH_GROUP, &[&code]))
    }

    fn require_mut(&mut self, code: &str) -> Result<&mut Group, Refusal> {
        self.0
            .iter_mut()
            .find(|group| group.code == code)
            .ok_or_else(|| Refusal::about(&wording::NO_SUCH_GROUP, &[&code]))
    }

    fn check_free(&self, code: &str) -> Result<(), Refusal> {
        match self.find(code) {
            Some(_) => Err(Refusal::about(&wording::GROUP_EXISTS, &[&code])),
            None => Ok(()),
        }
    }

    pub(crate) fn has_member(&self, code: &str, user_id: &str) -> bool {
        self.find(code)
            .is_some_and(|group| group.has_member(user_id))
    }

    pub(crate) fn members(&self, code: &str) -> impl Iterator<Item = &str> {
        let members = self.find(code).map(|group| {
            work::spend_on(group.members.len());
            group.members.iter()
        });
        members.into_iter().flatten().map(String::as_str)
    }

    pub(crate) fn of_user<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Group> {
        self.0.iter().filter(move |group| group.has_member(id))
    }

    /// The groups with their members.
    pub(crate) fn count(&self) -> usize {
        let members = self.0.iter().map(|group| group.members.len());
        members.fold(self.0.len(), usize::saturating_add)
    }

    pub(crate) fn forget_user(&mut self, id: &str) {
        for group in &mut self.0 {
            group.members.retain(|member| member != id);
        }
    }
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

fn group(context: &mut Context<'_>, args: Code) -> Result<Option<Group>, Refusal> {
    Ok(context.state.groups.find(&args.code).cloned())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    user_id: Option<String>,
    #[serde(flatten)]
    paging: Paging,
    sort_by: Option<SortBy>,
}

fn groups(context: &mut Context<'_>, args: List) -> Result<Page<Group>, Refusal> {
    let groups = &context.state.groups;
    let mut found: Vec<Group> = match &args.user_id {
        Some(id) => groups.of_user(id).cloned().collect(),
        None => groups.0.clone(),
    };
    let sort_by = args.sort_by.unwrap_or_default();
    sort_by.sort(&mut found, |group| &group.updated_at);
    Ok(args.paging.cut(found))
}

#[derive(Deserialize)]
struct Create {
    code: String,
    name: String,
    description: Option<String>,
}

fn create_group(context: &mut Context<'_>, args: Create) -> Result<Group, Refusal> {
    check_code(&args.code)?;
    context.state.groups.check_free(&args.code)?;
    let now = context.now.iso();
    let group = Group {
        code: args.code,
        name: args.name,
        description: args.description,
        created_at: now.clone(),
        updated_at: now,
        members: Vec::new(),
    };
    context.state.groups.0.push(group.clone());
    Ok(group)
}

fn check_code(code: &str) -> Result<(), Refusal> {
    match code {
        "" => Err(Refusal::new(&wording::GROUP_CODE_EMPTY)),
        _ => Ok(()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    code: String,
    name: Option<String>,
    #[serde(default, deserialize_with = "maybe_null")]
    description: Option<Option<String>>,
    new_code: Option<String>,
}

fn update_group(context: &mut Context<'_>, args: Update) -> Result<Group, Refusal> {
    let state = &mut context.state;
    state.groups.require(&args.code)?;
    let new_code = args.new_code.filter(|new_code| *new_code != args.code);
    if let Some(new_code) = &new_code {
        check_code(new_code)?;
        state.groups.check_free(new_code)?;
        state.roles.rename_group(&args.code, new_code);
        let target = Target::Group { code: &args.code };
        state.policies.rename_target(&target, new_code);
    }
    let group = state.groups.require_mut(&args.code)?;
    if let Some(new_code) = new_code {
        group.code = new_code;
    }
    if let Some(name) = args.name {
        group.name = name;
    }
    if let Some(description) = args.description {
        group.description = description;
    }
    group.updated_at = context.now.iso();
    Ok(group.clone())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Codes {
    code_list: Vec<String>,
}

/// All of them, or none when one does not exist.
fn delete_groups(context: &mut Context<'_>, args: Codes) -> Result<CommonMessage, Refusal> {
    let state = &mut context.state;
    for code in &args.code_list {
        state.groups.require(code)?;
    }
    for code in &args.code_list {
        state.groups.0.retain(|group| group.code != *code);
        state.roles.forget_target(Holder::group(code));
        state.policies.forget_target(&Target::Group { code });
    }
    Ok(CommonMessage::DELETED)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    user_ids: Vec<String>,
    code: Option<String>,
}

impl Members {
    fn code(&self) -> Result<&str, Refusal> {
        self.code
            .as_deref()
            .ok_or_else(|| Refusal::new(&wording::GROUP_CODE_MISSING))
    }
}

fn add_users(context: &mut Context<'_>, args: Members) -> Result<CommonMessage, Refusal> {
    let state = &mut context.state;
    for id in &args.user_ids {
        state.users.require(id)?;
    }
    let group = state.groups.require_mut(args.code()?)?;
    let mut known: HashSet<String> = group.members.iter().cloned().collect();
    let added = args.user_ids.into_iter();
    let added = added.filter(|id| known.insert(id.clone()));
    group.members.extend(added);
    Ok(CommonMessage::DONE)
}

fn remove_users(context: &mut Context<'_>, args: Members) -> Result<CommonMessage, Refusal> {
    let state = &mut context.state;
    for id in &args.user_ids {
        state.users.require(id)?;
    }
    let group = state.groups.require_mut(args.code()?)?;
    let removed: HashSet<&str> = args.user_ids.iter().map(String::as_str).collect();
    group
        .members
        .retain(|member| !removed.contains(member.as_str()));
    Ok(CommonMessage::DONE)
}

fn users_of_group(
    context: &mut Context<'_>,
    group: &Value,
    paging: Paging,
) -> Result<Page<Fields>, Refusal> {
    let code = group
        .get("code")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let state = &context.state;
    let members: HashSet<&str> = state.groups.members(code).collect();
    let users = state.users.iter();
    let users = users.filter(|user| members.contains(user.id())).collect();
    Ok(paging.cut(users).map(|user| context.show(user)))
}

#[derive(Deserialize)]
struct Nothing {}

fn groups_of_user(
    context: &mut Context<'_>,
    user: &Value,
    _: Nothing,
) -> Result<Page<Group>, Refusal> {
    let id = user.get("id").and_then(Value::as_str).unwrap_or_default();
    Ok(Page::whole(
        context.state.groups.of_user(id).cloned().collect(),
    ))
}
