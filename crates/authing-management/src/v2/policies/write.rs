use authing_core::__private::require;
use authing_core::{Patch, Result, operation};
use authing_types::v2::CommonMessage;
use serde::Serialize;

use super::statement::check;
use super::{POLICY_FIELDS, Policies, Policy, PolicyStatement};

use crate::v2::required::require_each;
use crate::v2::{Call, texts};

impl Policies<'_> {
    /// Creates a policy. `code` names it and must not be taken.
    ///
    /// Without statements, or with one that names no resource or no action, the
    /// call fails before anything is sent.
    pub fn create(
        &self,
        code: impl Into<String>,
        statements: impl IntoIterator<Item = PolicyStatement>,
    ) -> Call<CreatePolicy> {
        self.call(CreatePolicy {
            code: code.into(),
            statements: statements.into_iter().collect(),
            description: None,
            namespace: None,
        })
    }

    /// Changes a policy: see the setters of the call. What is not set stays as
    /// it is. Policies that Authing made cannot be changed.
    pub fn update(&self, code: impl Into<String>) -> Call<UpdatePolicy> {
        self.call(UpdatePolicy {
            code: code.into(),
            statements: None,
            description: Patch::Keep,
            new_code: None,
            namespace: None,
        })
    }

    /// Deletes a policy, and with it takes it from all whom it is assigned to.
    pub fn delete(&self, code: impl Into<String>) -> Call<DeletePolicy> {
        self.call(DeletePolicy {
            code: code.into(),
            namespace: None,
        })
    }

    /// Deletes several policies.
    pub fn delete_many(
        &self,
        codes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<DeletePolicies> {
        self.call(DeletePolicies {
            code_list: texts(codes),
            namespace: None,
        })
    }
}

/// [`Policies::create`].
#[derive(Debug, Clone, Serialize)]
pub struct CreatePolicy {
    code: String,
    statements: Vec<PolicyStatement>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<String>,
}

operation! {
    CreatePolicy => Policy,
    id: "management.policies.create",
    repeat: Never,
    graphql: [include_str!("documents/create.graphql"), POLICY_FIELDS] => "createPolicy",
    variables: |create, _| create.check().map(|()| create),
}

impl CreatePolicy {
    fn check(&self) -> Result<()> {
        require("the policy's code", &self.code)?;
        check(&self.statements)
    }
}

impl Call<CreatePolicy> {
    /// What the policy is for.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.operation.description = Some(description.into());
        self
    }
}

/// [`Policies::update`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePolicy {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    statements: Option<Vec<PolicyStatement>>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    description: Patch<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<String>,
}

operation! {
    UpdatePolicy => Policy,
    id: "management.policies.update",
    repeat: Idempotent,
    graphql: [include_str!("documents/update.graphql"), POLICY_FIELDS] => "updatePolicy",
    variables: |update, _| update.check().map(|()| update),
}

impl UpdatePolicy {
    fn check(&self) -> Result<()> {
        require("the policy's code", &self.code)?;
        if let Some(new_code) = &self.new_code {
            require("the policy's new code", new_code)?;
        }
        self.statements.as_deref().map_or(Ok(()), check)
    }
}

impl Call<UpdatePolicy> {
    /// Puts these statements in the place of all that are there. There must be
    /// at least one, and each must name a resource and an action.
    pub fn statements(mut self, statements: impl IntoIterator<Item = PolicyStatement>) -> Self {
        self.0.operation.statements = Some(statements.into_iter().collect());
        self
    }

    /// What the policy is for.
    pub fn description(mut self, description: impl Into<Patch<String>>) -> Self {
        self.0.operation.description = description.into();
        self
    }

    /// The code that names the policy from now on.
    pub fn new_code(mut self, new_code: impl Into<String>) -> Self {
        self.0.operation.new_code = Some(new_code.into());
        self
    }
}

/// [`Policies::delete`].
#[derive(Debug, Clone, Serialize)]
pub struct DeletePolicy {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<String>,
}

operation! {
    DeletePolicy => CommonMessage,
    id: "management.policies.delete",
    repeat: Idempotent,
    graphql: [include_str!("documents/delete.graphql")] => "deletePolicy",
    variables: |delete, _| require("the policy's code", &delete.code).map(|_| delete),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

/// [`Policies::delete_many`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletePolicies {
    code_list: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<String>,
}

operation! {
    DeletePolicies => CommonMessage,
    id: "management.policies.delete_many",
    repeat: Idempotent,
    graphql: [include_str!("documents/delete_many.graphql")] => "deletePolicies",
    variables: |delete, _| require_each("the policy's code", &delete.code_list).map(|()| delete),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
