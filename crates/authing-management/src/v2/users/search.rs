use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT, require};
use authing_core::{Page, Result, operation, paged};
use authing_types::v2::{USER_FIELDS, USER_FIELDS_WITH_CUSTOM_DATA, User};
use serde::Serialize;

use super::Users;
use crate::v2::{Call, texts};

impl Users<'_> {
    /// Searches users by a part of their username, nickname, e-mail address,
    /// phone number or name.
    pub fn search(&self, query: impl Into<String>) -> Call<SearchUsers> {
        self.call(SearchUsers {
            query: query.into(),
            fields: None,
            within: Within::default(),
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
            with_custom_data: false,
        })
    }
}

/// [`Users::search`].
#[derive(Debug, Clone, Serialize)]
pub struct SearchUsers {
    query: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<String>>,
    #[serde(flatten)]
    within: Within,
    page: u32,
    limit: u32,
    #[serde(skip)]
    with_custom_data: bool,
}

/// To whom a search is limited; each list names some of whom one must hold.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Within {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    department_opts: Vec<InDepartment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group_opts: Vec<InGroup>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    role_opts: Vec<WithRole>,
}

impl Within {
    fn is_set(&self) -> bool {
        !(self.department_opts.is_empty()
            && self.group_opts.is_empty()
            && self.role_opts.is_empty())
    }

    fn check(&self) -> Result<()> {
        for department in &self.department_opts {
            require("the department id", &department.department_id)?;
        }
        for group in &self.group_opts {
            require("the group code", &group.code)?;
        }
        for role in &self.role_opts {
            require("the role code", &role.code)?;
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct InDepartment {
    department_id: String,
    include_children_departments: bool,
}

#[derive(Debug, Clone, Serialize)]
struct InGroup {
    code: String,
}

#[derive(Debug, Clone, Serialize)]
struct WithRole {
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    code: String,
}

operation! {
    SearchUsers => Page<User>,
    id: "management.users.search",
    repeat: Safe,
    graphql: [include_str!("documents/search.graphql"), USER_FIELDS] => "searchUser",
    newer: |search| search.with_custom_data
        => [include_str!("documents/search_within.graphql"), USER_FIELDS_WITH_CUSTOM_DATA],
    newer: |search| search.within.is_set()
        => [include_str!("documents/search_within.graphql"), USER_FIELDS],
    variables: |search, _| search.within.check().map(|()| search),
}

paged!(Call<SearchUsers>, item: User, key: |user| Some(user.id.clone()));
with_custom_data!(SearchUsers);

impl Call<SearchUsers> {
    /// Searches these fields only, such as `email`.
    pub fn fields(mut self, fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.operation.fields = Some(texts(fields));
        self
    }

    /// Searches among the members of a department, named by id, and of those
    /// below it if `with_children`. Can be called for several departments: a
    /// user must be in one of them.
    pub fn in_department(mut self, id: impl Into<String>, with_children: bool) -> Self {
        let department = InDepartment {
            department_id: id.into(),
            include_children_departments: with_children,
        };
        self.0.operation.within.department_opts.push(department);
        self
    }

    /// Searches among the members of a group, named by code. Can be called for
    /// several groups: a user must be in one of them.
    pub fn in_group(mut self, code: impl Into<String>) -> Self {
        let group = InGroup { code: code.into() };
        self.0.operation.within.group_opts.push(group);
        self
    }

    /// Searches among the holders of a role, named by code, of a namespace or
    /// the default one. Can be called for several roles: a user must hold one
    /// of them.
    pub fn with_role(mut self, code: impl Into<String>, namespace: Option<&str>) -> Self {
        if namespace.is_some_and(str::is_empty) {
            return Self(self.0.mistake("the namespace is empty"));
        }
        let role = WithRole {
            namespace: namespace.map(str::to_owned),
            code: code.into(),
        };
        self.0.operation.within.role_opts.push(role);
        self
    }
}
