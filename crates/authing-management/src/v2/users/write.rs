use authing_core::__private::{JsonText, require};
use authing_core::{EncodeContext, Result, operation};
use authing_types::v2::{
    CommonMessage, CreateUserIdentityInput, CreateUserInput, EncryptedPassword, USER_FIELDS,
    USER_FIELDS_WITH_CUSTOM_DATA, UdfValue, UpdateUserInput, User,
};
use serde::Serialize;
use serde_json::{Value, json};

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
            reset_password_on_first_login: None,
            identity: None,
            custom_data: Vec::new(),
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
    reset_password_on_first_login: Option<bool>,
    identity: Option<CreateUserIdentityInput>,
    custom_data: Vec<(String, UdfValue)>,
}

operation! {
    CreateUser => User,
    id: "management.users.create",
    repeat: Never,
    graphql: [include_str!("documents/create.graphql"), USER_FIELDS] => "createUser",
    newer: |create| !create.custom_data.is_empty() || create.identity.is_some()
        => [include_str!("documents/create_with.graphql"), USER_FIELDS_WITH_CUSTOM_DATA],
    newer: |create| create.reset_password_on_first_login.is_some()
        => [include_str!("documents/create_with.graphql"), USER_FIELDS],
    variables: |create, context| create.variables(context),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateVariables<'a> {
    user_info: EncryptedPassword<'a, CreateUserInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<JsonText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<&'a CreateUserIdentityInput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_password: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset_password_on_first_login: Option<bool>,
}

impl CreateUser {
    fn variables(&self, context: &EncodeContext<'_>) -> Result<CreateVariables<'_>> {
        Ok(CreateVariables {
            user_info: self.user.encrypted(context)?,
            params: self.params(),
            identity: self.identity.as_ref(),
            keep_password: self.keep_password,
            reset_password_on_first_login: self.reset_password_on_first_login,
        })
    }

    /// The custom data as the JSON text in which it travels.
    fn params(&self) -> Option<JsonText> {
        let pair =
            |(key, value): &(String, UdfValue)| json!({"key": key, "value": value.to_value()});
        let pairs: Vec<Value> = self.custom_data.iter().map(pair).collect();
        (!pairs.is_empty()).then(|| JsonText::of(&Value::from(pairs)))
    }
}

impl Call<CreateUser> {
    /// Stores the password as it was sent, for pools that bring hashes of
    /// their own.
    pub fn keep_password(mut self, keep: bool) -> Self {
        self.0.operation.keep_password = Some(keep);
        self
    }

    /// Makes the user set a password of their own at the first login.
    pub fn reset_password_on_first_login(mut self, reset: bool) -> Self {
        self.0.operation.reset_password_on_first_login = Some(reset);
        self
    }

    /// Creates the user with an account at an identity provider.
    pub fn identity(mut self, identity: CreateUserIdentityInput) -> Self {
        self.0.operation.identity = Some(identity);
        self
    }

    /// Creates the user with values of custom fields; the answer has them in
    /// [`custom_data`](User::custom_data). The server refuses a value that does
    /// not fit the field's type, and creates nobody then.
    pub fn custom_data<K, V>(mut self, values: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<String>,
        V: Into<UdfValue>,
    {
        let values = values.into_iter();
        self.0.operation.custom_data = values
            .map(|(key, value)| (key.into(), value.into()))
            .collect();
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
    variables: |delete, _| require_each("the user id", &delete.ids).map(|()| delete),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
