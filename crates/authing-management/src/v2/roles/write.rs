use authing_core::__private::require;
use authing_core::{Patch, namespace_setter, operation};
use authing_types::v2::{CommonMessage, Role};
use serde::Serialize;

use super::{FIELDS, FIELDS_IN_NAMESPACE, Roles};
use crate::v2::required::require_each;
use crate::v2::{Call, texts};

impl Roles<'_> {
    /// Creates a role. Authing allows letters, digits, `_` and `-` in a code,
    /// and refuses one that the namespace has already.
    pub fn create(&self, code: impl Into<String>) -> Call<CreateRole> {
        self.call(CreateRole {
            code: code.into(),
            description: None,
            parent: None,
            namespace: None,
        })
    }

    /// Changes the role with this code. What is not set stays as it is.
    ///
    /// ```no_run
    /// use authing_core::Patch;
    ///
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// let roles = client.roles();
    /// roles.update("editor").new_code("author").description("Writes").await?;
    /// roles.update("author").description(Patch::Null).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, code: impl Into<String>) -> Call<UpdateRole> {
        self.call(UpdateRole {
            code: code.into(),
            description: Patch::Keep,
            new_code: None,
            namespace: None,
        })
    }

    /// Deletes the role with this code. Those who had it have it no longer.
    pub fn delete(&self, code: impl Into<String>) -> Call<DeleteRole> {
        self.call(DeleteRole {
            code: code.into(),
            namespace: None,
        })
    }

    /// Deletes the roles with these codes, all of one namespace.
    pub fn delete_many(
        &self,
        codes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<DeleteRoles> {
        self.call(DeleteRoles {
            code_list: texts(codes),
            namespace: None,
        })
    }
}

/// [`Roles::create`].
#[derive(Debug, Clone, Serialize)]
pub struct CreateRole {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

operation! {
    CreateRole => Role,
    id: "management.roles.create",
    repeat: Never,
    graphql: [include_str!("documents/create.graphql"), FIELDS] => "createRole",
    newer: |create| create.namespace.is_some() => [
        include_str!("documents/in_namespace/create.graphql"),
        FIELDS_IN_NAMESPACE,
    ],
    variables: |create, _| require("the role's code", &create.code).map(|_| create),
}

impl Call<CreateRole> {
    /// What the role is for.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.operation.description = Some(description.into());
        self
    }

    /// The code of the role above it, in the same namespace. An empty one makes
    /// the call fail before anything is sent.
    #[doc(alias = "parentCode")]
    pub fn parent(mut self, code: impl Into<String>) -> Self {
        let code = code.into();
        if code.is_empty() {
            return Self(self.0.mistake("the code of the parent role is empty"));
        }
        self.0.operation.parent = Some(code);
        self
    }
}

/// [`Roles::update`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRole {
    code: String,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    description: Patch<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

operation! {
    UpdateRole => Role,
    id: "management.roles.update",
    repeat: Idempotent,
    graphql: [include_str!("documents/update.graphql"), FIELDS] => "updateRole",
    newer: |update| update.namespace.is_some() => [
        include_str!("documents/in_namespace/update.graphql"),
        FIELDS_IN_NAMESPACE,
    ],
    variables: |update, _| require("the role's code", &update.code).map(|_| update),
}

impl Call<UpdateRole> {
    /// What the role is for; [`Patch::Null`] clears it.
    pub fn description(mut self, description: impl Into<Patch<String>>) -> Self {
        self.0.operation.description = description.into();
        self
    }

    /// Another code for the role. Those who have it keep it. An empty one makes
    /// the call fail before anything is sent.
    pub fn new_code(mut self, code: impl Into<String>) -> Self {
        let code = code.into();
        if code.is_empty() {
            return Self(self.0.mistake("the role's new code is empty"));
        }
        self.0.operation.new_code = Some(code);
        self
    }
}

/// [`Roles::delete`].
#[derive(Debug, Clone, Serialize)]
pub struct DeleteRole {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

operation! {
    DeleteRole => CommonMessage,
    id: "management.roles.delete",
    repeat: Idempotent,
    graphql: [include_str!("documents/delete.graphql")] => "deleteRole",
    newer: |delete| delete.namespace.is_some() => [
        include_str!("documents/in_namespace/delete.graphql"),
    ],
    variables: |delete, _| require("the role's code", &delete.code).map(|_| delete),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

/// [`Roles::delete_many`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteRoles {
    code_list: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

operation! {
    DeleteRoles => CommonMessage,
    id: "management.roles.delete_many",
    repeat: Idempotent,
    graphql: [include_str!("documents/delete_many.graphql")] => "deleteRoles",
    newer: |delete| delete.namespace.is_some() => [
        include_str!("documents/in_namespace/delete_many.graphql"),
    ],
    variables: |delete, _| require_each("the role's code", &delete.code_list).map(|()| delete),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

namespace_setter! {
    /// The namespace that is meant; the server's default one otherwise.
    Call<CreateRole>: |create| create.namespace;
    /// The namespace that is meant; the server's default one otherwise.
    Call<UpdateRole>: |update| update.namespace;
    /// The namespace that is meant; the server's default one otherwise.
    Call<DeleteRole>: |delete| delete.namespace;
    /// The namespace that is meant; the server's default one otherwise.
    Call<DeleteRoles>: |delete| delete.namespace;
}
