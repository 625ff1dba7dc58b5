use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT, require};
use authing_core::{Page, operation, paged};
use serde::Serialize;

use super::Groups;
use crate::v2::{Call, Group, SortBy};

impl Groups<'_> {
    /// Lists the groups, page by page.
    pub fn list(&self) -> Call<ListGroups> {
        self.call(ListGroups {
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
            sort_by: None,
        })
    }

    /// Reads the group with this code; `None` if there is none.
    pub fn detail(&self, code: impl Into<String>) -> Call<GroupDetail> {
        self.call(GroupDetail { code: code.into() })
    }
}

/// [`Groups::list`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListGroups {
    page: u32,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    sort_by: Option<SortBy>,
}

operation! {
    ListGroups => Page<Group>,
    id: "management.groups.list",
    repeat: Safe,
    graphql: [include_str!("documents/list.graphql")] => "groups",
}

paged!(Call<ListGroups>, item: Group, key: |group| Some(group.code.clone()));

impl Call<ListGroups> {
    /// The order of the list; the newest first by default.
    pub fn sort_by(mut self, order: SortBy) -> Self {
        self.0.operation.sort_by = Some(order);
        self
    }
}

/// [`Groups::detail`].
#[derive(Debug, Clone, Serialize)]
pub struct GroupDetail {
    code: String,
}

operation! {
    GroupDetail => Option<Group>,
    id: "management.groups.detail",
    repeat: Safe,
    graphql: [include_str!("documents/detail.graphql")] => "group",
    variables: |detail, _| require("the group's code", &detail.code).map(|_| detail),
}
