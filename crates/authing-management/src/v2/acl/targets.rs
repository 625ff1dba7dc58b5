use authing_core::__private::require;
use authing_core::{Page, Result, operation};
use serde::{Deserialize, Serialize};

use super::Acl;
use crate::v2::required::{null_as_empty, require_each};
use crate::v2::{Call, PolicyTargetType, ResourceType, texts};

impl Acl<'_> {
    /// Lists who was granted a resource, and which actions.
    pub fn get_authorized_targets(
        &self,
        namespace: impl Into<String>,
        resource_type: ResourceType,
        resource: impl Into<String>,
    ) -> Call<GetAuthorizedTargets> {
        self.call(GetAuthorizedTargets {
            namespace: namespace.into(),
            resource_type,
            resource: resource.into(),
            target_type: None,
            actions: None,
        })
    }
}

/// Somebody who was granted a resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuthorizedTarget {
    /// What kind of target it is.
    pub target_type: Option<PolicyTargetType>,
    /// Its id or code.
    pub target_identifier: Option<String>,
    /// The actions that were granted.
    #[serde(default, deserialize_with = "null_as_empty")]
    pub actions: Vec<String>,
}

/// [`Acl::get_authorized_targets`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GetAuthorizedTargets {
    namespace: String,
    resource_type: ResourceType,
    resource: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_type: Option<PolicyTargetType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<Actions>,
}

#[derive(Debug, Clone, Serialize)]
struct Actions {
    op: &'static str,
    list: Vec<String>,
}

/// A page of which the API promises nothing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Targets {
    total_count: Option<u64>,
    #[serde(default, deserialize_with = "null_as_empty")]
    list: Vec<Option<AuthorizedTarget>>,
}

impl Targets {
    fn into_page(self) -> Page<AuthorizedTarget> {
        let mut page = Page::default();
        page.list = self.list.into_iter().flatten().collect();
        page.total_count = self.total_count.unwrap_or(page.list.len() as u64);
        page
    }
}

operation! {
    GetAuthorizedTargets => Page<AuthorizedTarget>,
    id: "management.acl.get_authorized_targets",
    repeat: Safe,
    graphql: [include_str!("documents/get_authorized_targets.graphql")] => "authorizedTargets",
    variables: |get, _| get.check().map(|()| get),
    read: |_, targets: Option<Targets>| {
        Ok(targets.map(Targets::into_page).unwrap_or_default())
    },
}

impl GetAuthorizedTargets {
    fn check(&self) -> Result<()> {
        require("the namespace", &self.namespace)?;
        require("the resource", &self.resource)?;
        match &self.actions {
            Some(actions) => require_each("the action", &actions.list),
            None => Ok(()),
        }
    }
}

impl Call<GetAuthorizedTargets> {
    /// Lists only targets of this kind.
    pub fn target_type(mut self, target_type: PolicyTargetType) -> Self {
        self.0.operation.target_type = Some(target_type);
        self
    }

    /// Lists only those who were granted all of these actions. Takes the place
    /// of [`with_any_action`](Self::with_any_action).
    pub fn with_all_actions(self, actions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.actions("AND", texts(actions))
    }

    /// Lists only those who were granted at least one of these actions. Takes
    /// the place of [`with_all_actions`](Self::with_all_actions).
    pub fn with_any_action(self, actions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.actions("OR", texts(actions))
    }

    fn actions(mut self, op: &'static str, list: Vec<String>) -> Self {
        self.0.operation.actions = Some(Actions { op, list });
        self
    }
}
