use authing_core::__private::require;
use authing_core::{Patch, operation};
use authing_types::v2::CommonMessage;
use serde::Serialize;

use super::Groups;
use crate::v2::{Call, Group, require_each, texts};

impl Groups<'_> {
    /// Creates a group with this code, which tells it from others, and this
    /// name, which people see. The server refuses a code that is taken.
    pub fn create(&self, code: impl Into<String>, name: impl Into<String>) -> Call<CreateGroup> {
        self.call(CreateGroup {
            code: code.into(),
            name: name.into(),
            description: None,
        })
    }

    /// Changes the group with this code. What is not set stays as it is.
    pub fn update(&self, code: impl Into<String>) -> Call<UpdateGroup> {
        self.call(UpdateGroup {
            code: code.into(),
            name: None,
            description: Patch::Keep,
            new_code: None,
        })
    }

    /// Deletes the group with this code. Its members lose what they had through
    /// it, and stay otherwise as they are.
    pub fn delete(&self, code: impl Into<String>) -> Call<DeleteGroup> {
        self.call(DeleteGroup {
            code_list: [code.into()],
        })
    }

    /// Deletes the groups with these codes.
    pub fn delete_many(
        &self,
        codes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<DeleteGroups> {
        self.call(DeleteGroups {
            code_list: texts(codes),
        })
    }
}

/// [`Groups::create`].
#[derive(Debug, Clone, Serialize)]
pub struct CreateGroup {
    code: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

operation! {
    CreateGroup => Group,
    id: "management.groups.create",
    repeat: Never,
    graphql: [include_str!("documents/create.graphql")] => "createGroup",
    variables: |create, _| require("the group's code", &create.code).map(|_| create),
}

impl Call<CreateGroup> {
    /// What the group is for.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.operation.description = Some(description.into());
        self
    }
}

/// [`Groups::update`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateGroup {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    description: Patch<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_code: Option<String>,
}

operation! {
    UpdateGroup => Group,
    id: "management.groups.update",
    repeat: Idempotent,
    graphql: [include_str!("documents/update.graphql")] => "updateGroup",
    variables: |update, _| require("the group's code", &update.code).map(|_| update),
}

impl Call<UpdateGroup> {
    /// The name that people see.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.operation.name = Some(name.into());
        self
    }

    /// What the group is for; [`Patch::Null`] clears it.
    pub fn description(mut self, description: impl Into<Patch<String>>) -> Self {
        self.0.operation.description = description.into();
        self
    }

    /// Another code for the group. Its members stay. An empty one makes the
    /// call fail before anything is sent.
    pub fn new_code(mut self, code: impl Into<String>) -> Self {
        let code = code.into();
        if code.is_empty() {
            return Self(self.0.mistake("the group's new code is empty"));
        }
        self.0.operation.new_code = Some(code);
        self
    }
}

/// [`Groups::delete`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteGroup {
    code_list: [String; 1],
}

operation! {
    DeleteGroup => CommonMessage,
    id: "management.groups.delete",
    repeat: Idempotent,
    graphql: [include_str!("documents/delete.graphql")] => "deleteGroups",
    variables: |delete, _| require_each("the group's code", &delete.code_list).map(|()| delete),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

/// [`Groups::delete_many`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteGroups {
    code_list: Vec<String>,
}

operation! {
    DeleteGroups => CommonMessage,
    id: "management.groups.delete_many",
    repeat: Idempotent,
    graphql: [include_str!("documents/delete.graphql")] => "deleteGroups",
    variables: |delete, _| require_each("the group's code", &delete.code_list).map(|()| delete),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
