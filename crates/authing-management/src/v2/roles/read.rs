use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT, require};
use authing_core::{Page, namespace_setter, operation, paged};
use authing_types::v2::Role;
use serde::Serialize;

use super::{FIELDS, FIELDS_IN_NAMESPACE, Roles};
use crate::v2::{Call, SortBy};

impl Roles<'_> {
    /// Lists the roles, page by page: those of all namespaces unless one is
    /// named.
    pub fn list(&self) -> Call<ListRoles> {
        self.call(ListRoles {
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
            sort_by: None,
            namespace: None,
        })
    }

    /// Reads the role with this code; `None` if there is none.
    #[doc(alias = "find_by_code")]
    pub fn detail(&self, code: impl Into<String>) -> Call<RoleDetail> {
        self.call(RoleDetail {
            code: code.into(),
            namespace: None,
        })
    }
}

/// [`Roles::list`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListRoles {
    page: u32,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    sort_by: Option<SortBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

operation! {
    ListRoles => Page<Role>,
    id: "management.roles.list",
    repeat: Safe,
    graphql: [include_str!("documents/list.graphql"), FIELDS] => "roles",
    newer: |list| list.namespace.is_some() => [
        include_str!("documents/in_namespace/list.graphql"),
        FIELDS_IN_NAMESPACE,
    ],
}

// Without a namespace the list holds roles of several, and the server is not
// asked for the ids: code and ARN are not enough.
paged!(Call<ListRoles>, item: Role, key: |role| role.id.clone());

impl Call<ListRoles> {
    /// The order of the list; the newest first by default.
    pub fn sort_by(mut self, order: SortBy) -> Self {
        self.0.operation.sort_by = Some(order);
        self
    }
}

/// [`Roles::detail`].
#[derive(Debug, Clone, Serialize)]
pub struct RoleDetail {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

operation! {
    RoleDetail => Option<Role>,
    id: "management.roles.detail",
    repeat: Safe,
    graphql: [include_str!("documents/detail.graphql"), FIELDS] => "role",
    newer: |detail| detail.namespace.is_some() => [
        include_str!("documents/in_namespace/detail.graphql"),
        FIELDS_IN_NAMESPACE,
    ],
    variables: |detail, _| require("the role's code", &detail.code).map(|_| detail),
}

namespace_setter! {
    /// The namespace that is meant; the server's default one otherwise.
    Call<ListRoles>: |list| list.namespace;
    /// The namespace that is meant; the server's default one otherwise.
    Call<RoleDetail>: |detail| detail.namespace;
}
