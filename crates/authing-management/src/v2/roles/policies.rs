use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT, require};
use authing_core::{Page, Result, namespace_setter, operation, paged};
use authing_types::v2::CommonMessage;
use serde::Serialize;

use super::Roles;
use crate::v2::required::require_each;
use crate::v2::{Call, PolicyAssignment, PolicyTargetType, texts};

impl Roles<'_> {
    /// Lists the policies assigned to the role, page by page; none if there is
    /// no such role.
    pub fn list_policies(&self, code: impl Into<String>) -> Call<ListPolicies> {
        self.call(ListPolicies {
            target_type: PolicyTargetType::Role,
            target_identifier: code.into(),
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
            namespace: None,
        })
    }

    /// Assigns these policies, named by their codes, to the role. Policies and
    /// role are in one namespace.
    pub fn add_policies(
        &self,
        code: impl Into<String>,
        policies: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<AddPolicies> {
        self.call(AddPolicies(Assignment::new(code, policies)))
    }

    /// Takes these policies, named by their codes, from the role.
    pub fn remove_policies(
        &self,
        code: impl Into<String>,
        policies: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<RemovePolicies> {
        self.call(RemovePolicies(Assignment::new(code, policies)))
    }
}

/// [`Roles::list_policies`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPolicies {
    target_type: PolicyTargetType,
    target_identifier: String,
    page: u32,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

operation! {
    ListPolicies => Page<PolicyAssignment>,
    id: "management.roles.list_policies",
    repeat: Safe,
    graphql: [include_str!("documents/list_policies.graphql")] => "policyAssignments",
    newer: |list| list.namespace.is_some() => [
        include_str!("documents/in_namespace/list_policies.graphql"),
    ],
    // Without a target the server would list those of everybody.
    variables: |list, _| require("the role's code", &list.target_identifier).map(|_| list),
}

// A code names a policy in its namespace only, and the assignment does not tell it.
paged!(Call<ListPolicies>, item: PolicyAssignment, key: none);

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Assignment {
    policies: Vec<String>,
    target_type: PolicyTargetType,
    target_identifiers: [String; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

impl Assignment {
    fn new(code: impl Into<String>, policies: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            policies: texts(policies),
            target_type: PolicyTargetType::Role,
            target_identifiers: [code.into()],
            namespace: None,
        }
    }

    fn check(&self) -> Result<()> {
        let [code] = &self.target_identifiers;
        require("the role's code", code)?;
        require_each("the policy's code", &self.policies)
    }
}

/// [`Roles::add_policies`].
#[derive(Debug, Clone, Serialize)]
pub struct AddPolicies(Assignment);

operation! {
    AddPolicies => CommonMessage,
    id: "management.roles.add_policies",
    repeat: Idempotent,
    graphql: [include_str!("documents/add_policies.graphql")] => "addPolicyAssignments",
    newer: |change| change.0.namespace.is_some() => [
        include_str!("documents/in_namespace/add_policies.graphql"),
    ],
    variables: |change, _| change.0.check().map(|()| change),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

/// [`Roles::remove_policies`].
#[derive(Debug, Clone, Serialize)]
pub struct RemovePolicies(Assignment);

operation! {
    RemovePolicies => CommonMessage,
    id: "management.roles.remove_policies",
    repeat: Idempotent,
    graphql: [include_str!("documents/remove_policies.graphql")] => "removePolicyAssignments",
    newer: |change| change.0.namespace.is_some() => [
        include_str!("documents/in_namespace/remove_policies.graphql"),
    ],
    variables: |change, _| change.0.check().map(|()| change),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

namespace_setter! {
    /// The namespace that is meant; the server's default one otherwise.
    Call<ListPolicies>: |list| list.namespace;
    /// The namespace that is meant; the server's default one otherwise.
    Call<AddPolicies>: |change| change.0.namespace;
    /// The namespace that is meant; the server's default one otherwise.
    Call<RemovePolicies>: |change| change.0.namespace;
}
