use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT, require};
use authing_core::{Page, Result, operation, paged};
use authing_types::v2::CommonMessage;
use serde::Serialize;

use super::Users;
use crate::v2::required::require_each;
use crate::v2::{Call, PolicyAssignment, PolicyTargetType, texts};

impl Users<'_> {
    /// Lists the policies assigned to a user, page by page.
    pub fn list_policies(&self, user_id: impl Into<String>) -> Call<ListPolicies> {
        self.call(ListPolicies {
            target_type: PolicyTargetType::User,
            target_identifier: user_id.into(),
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
        })
    }

    /// Assigns these policies, named by their codes, to a user.
    pub fn add_policies(
        &self,
        user_id: impl Into<String>,
        policies: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<AddPolicies> {
        self.call(AddPolicies(Assignment::new(user_id, policies)))
    }

    /// Takes these policies, named by their codes, from a user.
    pub fn remove_policies(
        &self,
        user_id: impl Into<String>,
        policies: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<RemovePolicies> {
        self.call(RemovePolicies(Assignment::new(user_id, policies)))
    }
}

/// [`Users::list_policies`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPolicies {
    target_type: PolicyTargetType,
    target_identifier: String,
    page: u32,
    limit: u32,
}

operation! {
    ListPolicies => Page<PolicyAssignment>,
    id: "management.users.list_policies",
    repeat: Safe,
    graphql: [include_str!("documents/list_policies.graphql")] => "policyAssignments",
    // Without a target the server would list those of everybody.
    variables: |list, _| require("the user id", &list.target_identifier).map(|_| list),
}

// A code names a policy in its namespace only, and the assignment does not tell it.
paged!(Call<ListPolicies>, item: PolicyAssignment, key: none);

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Assignment {
    policies: Vec<String>,
    target_type: PolicyTargetType,
    target_identifiers: [String; 1],
}

impl Assignment {
    fn new(
        user_id: impl Into<String>,
        policies: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            policies: texts(policies),
            target_type: PolicyTargetType::User,
            target_identifiers: [user_id.into()],
        }
    }

    fn check(&self) -> Result<()> {
        let [user_id] = &self.target_identifiers;
        require("the user id", user_id)?;
        require_each("the policy code", &self.policies)
    }
}

/// [`Users::add_policies`].
#[derive(Debug, Clone, Serialize)]
pub struct AddPolicies(Assignment);

operation! {
    AddPolicies => CommonMessage,
    id: "management.users.add_policies",
    repeat: Idempotent,
    graphql: [include_str!("documents/add_policies.graphql")] => "addPolicyAssignments",
    variables: |change, _| change.0.check().map(|()| change),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

/// [`Users::remove_policies`].
#[derive(Debug, Clone, Serialize)]
pub struct RemovePolicies(Assignment);

operation! {
    RemovePolicies => CommonMessage,
    id: "management.users.remove_policies",
    repeat: Idempotent,
    graphql: [include_str!("documents/remove_policies.graphql")] => "removePolicyAssignments",
    variables: |change, _| change.0.check().map(|()| change),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
