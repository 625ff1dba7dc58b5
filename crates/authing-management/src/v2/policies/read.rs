use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT, require};
use authing_core::{Page, namespace_setter, operation, paged};
use serde::Serialize;

use super::{POLICY_FIELDS, Policies, Policy};
use crate::v2::Call;

impl Policies<'_> {
    /// Lists the policies of the pool, page by page.
    pub fn list(&self) -> Call<ListPolicies> {
        self.call(ListPolicies {
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
            namespace: None,
            exclude_default: None,
        })
    }

    /// Reads one policy; `None` if there is no such policy.
    pub fn detail(&self, code: impl Into<String>) -> Call<PolicyDetail> {
        self.call(PolicyDetail {
            code: code.into(),
            namespace: None,
        })
    }
}

/// [`Policies::list`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPolicies {
    page: u32,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exclude_default: Option<bool>,
}

operation! {
    ListPolicies => Page<Policy>,
    id: "management.policies.list",
    repeat: Safe,
    graphql: [include_str!("documents/list.graphql"), POLICY_FIELDS] => "policies",
}

// A code names a policy in its namespace only.
paged!(Call<ListPolicies>, item: Policy, key: |policy| {
    let namespace = policy.namespace.as_ref()?;
    Some(format!("{:?}", (namespace, &policy.code)))
});

namespace_setter! {
    /// Lists those of one namespace only.
    Call<ListPolicies>: |call| call.namespace;
}

impl Call<ListPolicies> {
    /// Leaves out the policies that Authing made; `false` lists them as well.
    pub fn exclude_default(mut self, exclude: bool) -> Self {
        self.0.operation.exclude_default = Some(exclude);
        self
    }
}

/// [`Policies::detail`].
#[derive(Debug, Clone, Serialize)]
pub struct PolicyDetail {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<String>,
}

operation! {
    PolicyDetail => Option<Policy>,
    id: "management.policies.detail",
    repeat: Safe,
    graphql: [include_str!("documents/detail.graphql"), POLICY_FIELDS] => "policy",
    variables: |detail, _| require("the policy's code", &detail.code).map(|_| detail),
}
