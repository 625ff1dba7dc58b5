use authing_core::__private::require;
use authing_core::{EncodeContext, Result, operation};
use authing_types::v2::{
    CommonMessage, CreateUserInput, EncryptedPassword, USER_FIELDS, UpdateUserInput, User,
};
use serde::Serialize;

use super::Users;
use crate::v2::required::require_each;
use crate::v2::{Call, texts};

impl Users<'_> {
    /// Creates a user. The password, if there is one, is encrypted on the way.
    ///
    /// Fails with [`ErrorCode::USER_EXISTS`](crate::ErrorCode::USER_EXISTS) if
    /// the username, e-mail address or phone number is taken.
    ///
    /// ```no_run
    /// use authing_management::v2::CreateUserInput;
    ///
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// let user = CreateUserInput::new().username("bob").password("correct horse");
    /// let bob = client.users().create(user).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, user: CreateUserInput) -> Call<CreateUser> {
        self.call(CreateUser {
            user,
            keep_password: None,
        })
    }

    /// Changes a user. What `updates` does not set stays as it is.
    ///
    /// Fails with
    /// [`ErrorCode::USER_NOT_FOUND`](crate::ErrorCode::USER_NOT_FOUND) if there
    /// is no such user.
    pub fn update(&self, user_id: impl Into<String>, updates: UpdateUserInput) -> Call<UpdateUser> {
        self.call(UpdateUser {
            id: user_id.into(),
            updates,
        })
    }

    /// Deletes a user.
    pub fn delete(&self, user_id: impl Into<String>) -> Call<DeleteUser> {
        self.call(DeleteUser { id: user_id.into() })
    }

    /// Deletes several users.
    pub fn delete_many(
        &self,
        user_ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<DeleteUsers> {
        self.call(DeleteUsers {
            ids: texts(user_ids),
        })
    }
}

/// [`Users::create`].
#[derive(Debug, Clone)]
pub struct CreateUser {
    user: CreateUserInput,
    keep_password: Option<bool>,
}

operation! {
    CreateUser => User,
    id: "management.users.create",
    repeat: Never,
    graphql: [include_str!("documents/create.graphql"), USER_FIELDS] => "createUser",
    variables: |create, context| create.variables(context),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateVariables<'a> {
    user_info: EncryptedPassword<'a, CreateUserInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_password: Option<bool>,
}

impl CreateUser {
    fn variables(&self, context: &EncodeContext<'_>) -> Result<CreateVariables<'_>> {
        Ok(CreateVariables {
            user_info: self.user.encrypted(context)?,
            keep_password: self.keep_password,
        })
    }
}

impl Call<CreateUser> {
    /// Stores the password as it was sent, for pools that bring hashes of
    /// their own.
    pub fn keep_password(mut self, keep: bool) -> Self {
        self.0.operation.keep_password = Some(keep);
        self
    }
}

/// [`Users::update`].
#[derive(Debug, Clone)]
pub struct UpdateUser {
    id: String,
    updates: UpdateUserInput,
}

operation! {
    UpdateUser => User,
    id: "management.users.update",
    repeat: Idempotent,
    graphql: [include_str!("documents/update.graphql"), USER_FIELDS] => "updateUser",
    variables: |update, context| update.variables(context),
}

#[derive(Serialize)]
struct UpdateVariables<'a> {
    id: &'a str,
    input: EncryptedPassword<'a, UpdateUserInput>,
}

impl UpdateUser {
    fn variables(&self, context: &EncodeContext<'_>) -> Result<UpdateVariables<'_>> {
        Ok(UpdateVariables {
            // Without an id the server would change the administrator.
            id: require("the user id", &self.id)?,
            input: self.updates.encrypted(context)?,
        })
    }
}

/// [`Users::delete`].
#[derive(Debug, Clone, Serialize)]
pub struct DeleteUser {
    id: String,
}

operation! {
    DeleteUser => CommonMessage,
    id: "management.users.delete",
    repeat: Idempotent,
    graphql: [include_str!("documents/delete.graphql")] => "deleteUser",
    variables: |delete, _| require("the user id", &delete.id).map(|_| delete),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}

/// [`Users::delete_many`].
#[derive(Debug, Clone, Serialize)]
pub struct DeleteUsers {
    ids: Vec<String>,
}

operation! {
    DeleteUsers => CommonMessage,
    id: "management.users.delete_many",
    repeat: Idempotent,
    graphql: [include_str!("documents/delete_many.graphql")] => "deleteUsers",
    variables: |delete, _| require_each("a user id", &delete.ids).map(|()| delete),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
