//! Policies.

mod assignments;
mod rules;
mod store;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::context::Context;
use crate::graphql::{Access, Table};
use crate::paging::{Page, Paging};
use crate::refusal::{CommonMessage, Refusal};
use crate::roles::DEFAULT_NAMESPACE;
use crate::wording;

pub(crate) use rules::{Effect, Grant, Rule};
use store::Policy;
pub(crate) use store::{Policies, Target};

pub(crate) fn operations(table: &mut Table) {
    table.query("policy", Access::Administrator, policy);
    table.query("policies", Access::Administrator, policies);
    table.mutation("createPolicy", Access::Administrator, create_policy);
    table.mutation("updatePolicy", Access::Administrator, update_policy);
    table.mutation("deletePolicy", Access::Administrator, delete_policy);
    table.mutation("deletePolicies", Access::Administrator, delete_policies);
    assignments::operations(table);
}

#[derive(Deserialize)]
struct Name {
    code: String,
    namespace: Option<String>,
}

fn policy(context: &mut Context<'_>, args: Name) -> Result<Option<Policy>, Refusal> {
    let policies = &context.state.policies;
    Ok(policies
        .find(args.namespace.as_deref(), &args.code)
        .cloned())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(flatten)]
    paging: Paging,
    namespace: Option<String>,
    exclude_default: Option<bool>,
}

fn policies(context: &mut Context<'_>, args: List) -> Result<Page<Policy>, Refusal> {
    let mut found: Vec<Policy> = context
        .state
        .policies
        .iter()
        .filter(|policy| policy.is_in(args.namespace.as_deref()))
        .filter(|policy| !(policy.is_default && args.exclude_default == Some(true)))
        .cloned()
        .collect();
    found.reverse();
    Ok(args.paging.cut(found))
}

#[derive(Deserialize)]
struct Create {
    namespace: Option<String>,
    code: String,
    description: Option<String>,
    statements: Vec<Value>,
}

fn create_policy(context: &mut Context<'_>, args: Create) -> Result<Policy, Refusal> {
    check_code(&args.code)?;
    let policies = &mut context.state.policies;
    policies.check_free(args.namespace.as_deref(), &args.code)?;
    let now = context.now.iso();
    let policy = Policy {
        namespace: args
            .namespace
            .unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned()),
        code: args.code,
        is_default: false,
        description: args.description,
        statements: args.statements,
        created_at: now.clone(),
        updated_at: now,
    };
    policies.insert(policy.clone());
    Ok(policy)
}

fn check_code(code: &str) -> Result<(), Refusal> {
    if code.is_empty() {
        return Err(Refusal::new(&wording::POLICY_CODE_EMPTY));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    namespace: Option<String>,
    code: String,
    /// Null clears the description.
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    statements: Option<Vec<Value>>,
    new_code: Option<String>,
}

/// Tells null from nothing.
fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

fn update_policy(context: &mut Context<'_>, args: Update) -> Result<Policy, Refusal> {
    let namespace = args.namespace.as_deref();
    let policies = &mut context.state.policies;
    policies
        .require(namespace, &args.code)?
        .check_changeable()?;
    let new_code = args.new_code.filter(|new_code| *new_code != args.code);
    if let Some(new_code) = &new_code {
        check_code(new_code)?;
        policies.check_free(namespace, new_code)?;
        policies.rename(namespace, &args.code, new_code);
    }
    let code = new_code.as_deref().unwrap_or(&args.code);
    let policy = policies.require_mut(namespace, code)?;
    if let Some(description) = args.description {
        policy.description = description;
    }
    if let Some(statements) = args.statements {
        policy.statements = statements;
    }
    policy.updated_at = context.now.iso();
    Ok(policy.clone())
}

fn delete_policy(context: &mut Context<'_>, args: Name) -> Result<CommonMessage, Refusal> {
    let names = Names {
        code_list: vec![args.code],
        namespace: args.namespace,
    };
    delete_policies(context, names)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Names {
    code_list: Vec<String>,
    namespace: Option<String>,
}

/// All of them, or none when one does not exist.
fn delete_policies(context: &mut Context<'_>, args: Names) -> Result<CommonMessage, Refusal> {
    let namespace = args.namespace.as_deref();
    let policies = &mut context.state.policies;
    for code in &args.code_list {
        policies.require(namespace, code)?.check_changeable()?;
    }
    for code in &args.code_list {
        policies.remove(namespace, code);
    }
    Ok(CommonMessage::DELETED)
}
