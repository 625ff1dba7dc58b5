use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT, require};
use authing_core::{Page, Result, namespace_setter, operation, paged};
use authing_types::v2::CommonMessage;
use serde::Serialize;

use super::Policies;

use crate::v2::required::require_each;
use crate::v2::{Call, PolicyAssignment, PolicyTargetType, texts};

impl Policies<'_> {
    /// Lists whom a policy is assigned to, page by page.
    pub fn list_assignments(&self, code: impl Into<String>) -> Call<ListAssignments> {
        self.call(ListAssignments {
            code: code.into(),
            namespace: None,
            target_type: None,
            target_identifier: None,
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
        })
    }

    /// Assigns each of the policies, named by their codes, to each of the
    /// targets: users named by id, roles or groups named by code, nodes of an
    /// organisation named by id.
    ///
    /// To name no policy or no target makes the call fail before anything is
    /// sent.
    pub fn add_assignments(
        &self,
        policies: impl IntoIterator<Item = impl Into<String>>,
        target_type: PolicyTargetType,
        targets: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<AddAssignments> {
        self.call(AddAssignments {
            assignments: Assignments::new(policies, target_type, targets),
            inherit_by_children: None,
        })
    }

    /// Takes each of the policies from each of the targets; named as in
    /// [`add_assignments`](Self::add_assignments).
    pub fn remove_assignments(
        &self,
        policies: impl IntoIterator<Item = impl Into<String>>,
        target_type: PolicyTargetType,
        targets: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<RemoveAssignments> {
        self.call(RemoveAssignments(Assignments::new(
            policies,
            target_type,
            targets,
        )))
    }

    /// Lets an assignment count again that was disabled.
    pub fn enable_assignment(
        &self,
        policy: impl Into<String>,
        target_type: PolicyTargetType,
        target: impl Into<String>,
    ) -> Call<EnableAssignment> {
        self.call(EnableAssignment(Assigned::new(policy, target_type, target)))
    }

    /// Keeps an assignment, but lets it count no more until it is enabled.
    pub fn disable_assignment(
        &self,
        policy: impl Into<String>,
        target_type: PolicyTargetType,
        target: impl Into<String>,
    ) -> Call<DisableAssignment> {
        self.call(DisableAssignment(Assigned::new(
            policy,
            target_type,
            target,
        )))
    }
}

/// [`Policies::list_assignments`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListAssignments {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_type: Option<PolicyTargetType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_identifier: Option<String>,
    page: u32,
    limit: u32,
}

operation! {
    ListAssignments => Page<PolicyAssignment>,
    id: "management.policies.list_assignments",
    repeat: Safe,
    graphql: [include_str!("documents/list_assignments.graphql")] => "policyAssignments",
    variables: |list, _| list.check().map(|()| list),
}

// The code of a policy or of a role is unique in its namespace only, and the
// assignment does not tell it.
paged!(Call<ListAssignments>, item: PolicyAssignment, key: none);

impl ListAssignments {
    fn check(&self) -> Result<()> {
        // Without a code the server would list those of all policies.
        require("the policy's code", &self.code)?;
        match &self.target_identifier {
            Some(target) => require("the target", target).map(drop),
            None => Ok(()),
        }
    }
}

namespace_setter! {
    /// The namespace of the policy.
    Call<ListAssignments>: |call| call.namespace;
}

impl Call<ListAssignments> {
    /// Lists only what is assigned to targets of this kind.
    pub fn target_type(mut self, target_type: PolicyTargetType) -> Self {
        self.0.operation.target_type = Some(target_type);
        self
    }

    /// Lists only what is assigned to the target with this id or code.
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.0.operation.target_identifier = Some(target.into());
        self
    }
}

/// Each of some policies for each of some targets.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Assignments {
    policies: Vec<String>,
    target_type: PolicyTargetType,
    target_identifiers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

impl Assignments {
    fn new(
        policies: impl IntoIterator<Item = impl Into<String>>,
        target_type: PolicyTargetType,
        targets: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            policies: texts(policies),
            target_type,
            target_identifiers: texts(targets),
            namespace: None,
        }
    }

    fn check(&self) -> Result<()> {
        require_each("the policy's code", &self.policies)?;
        require_each("the target", &self.target_identifiers)
    }
}

/// [`Policies::add_assignments`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddAssignments {
    #[serde(flatten)]
    assignments: Assignments,
    #[serde(skip_serializing_if = "Option::is_none")]
    inherit_by_children: Option<bool>,
}

operation! {
    AddAssignments => CommonMessage,
    id: "management.policies.add_assignments",
    repeat: Idempotent,
    graphql: [include_str!("documents/add_assignments.graphql")] => "addPolicyAssignments",
    variables: |add, _| add.assignments.check().map(|()| add),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

namespace_setter! {
    /// The namespace of the policies, and of the roles they are assigned to;
    /// the server's default one otherwise.
    Call<AddAssignments>: |call| call.assignments.namespace;
}

impl Call<AddAssignments> {
    /// Whether the nodes below a node of an organisation get the policies too.
    pub fn inherit_by_children(mut self, inherit: bool) -> Self {
        self.0.operation.inherit_by_children = Some(inherit);
        self
    }
}

/// [`Policies::remove_assignments`].
#[derive(Debug, Clone, Serialize)]
pub struct RemoveAssignments(Assignments);

operation! {
    RemoveAssignments => CommonMessage,
    id: "management.policies.remove_assignments",
    repeat: Idempotent,
    graphql: [include_str!("documents/remove_assignments.graphql")] => "removePolicyAssignments",
    // Without targets the server might take the policy from everybody.
    variables: |remove, _| remove.0.check().map(|()| remove),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

/// One policy and one target.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Assigned {
    policy: String,
    target_type: PolicyTargetType,
    target_identifier: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

impl Assigned {
    fn new(
        policy: impl Into<String>,
        target_type: PolicyTargetType,
        target: impl Into<String>,
    ) -> Self {
        Self {
            policy: policy.into(),
            target_type,
            target_identifier: target.into(),
            namespace: None,
        }
    }

    fn check(&self) -> Result<()> {
        require("the policy's code", &self.policy)?;
        require("the target", &self.target_identifier).map(drop)
    }
}

/// [`Policies::enable_assignment`].
#[derive(Debug, Clone, Serialize)]
pub struct EnableAssignment(Assigned);

operation! {
    EnableAssignment => CommonMessage,
    id: "management.policies.enable_assignment",
    repeat: Idempotent,
    graphql: [include_str!("documents/enable_assignment.graphql")] => "enablePolicyAssignment",
    variables: |enable, _| enable.0.check().map(|()| enable),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

/// [`Policies::disable_assignment`].
#[derive(Debug, Clone, Serialize)]
pub struct DisableAssignment(Assigned);

operation! {
    DisableAssignment => CommonMessage,
    id: "management.policies.disable_assignment",
    repeat: Idempotent,
    // The name is misspelt in the API.
    graphql: [include_str!("documents/disable_assignment.graphql")] => "disbalePolicyAssignment",
    variables: |disable, _| disable.0.check().map(|()| disable),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

namespace_setter! {
    /// The namespace of the policy, and of the role it is assigned to; the
    /// server's default one otherwise.
    Call<RemoveAssignments>: |call| call.0.namespace;
    /// The namespace of the policy, and of the role it is assigned to; the
    /// server's default one otherwise.
    Call<EnableAssignment>: |call| call.0.namespace;
    /// The namespace of the policy, and of the role it is assigned to; the
    /// server's default one otherwise.
    Call<DisableAssignment>: |call| call.0.namespace;
}
