use authing_core::__private::require;
use authing_core::{Error, Result, operation};
use authing_types::v2::{USER_FIELDS, USER_FIELDS_WITH_CUSTOM_DATA, User};
use serde::Serialize;

use super::Users;
use crate::v2::Call;

impl Users<'_> {
    /// Looks a user up by username, e-mail address, phone number, external id
    /// or identity; `None` if there is no such user. At least one of them must
    /// be set.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// if let Some(bob) = client.users().find().email("bob@example.com").await? {
    ///     println!("{}", bob.id);
    /// }
    /// let same = client.users().find().identity("github", "4711").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn find(&self) -> Call<FindUser> {
        self.call(FindUser {
            by: Identifiers::default(),
            identity: None,
            with_custom_data: false,
        })
    }

    /// Tells whether there is a user with this username, e-mail address, phone
    /// number or external id. At least one of them must be set.
    pub fn exists(&self) -> Call<UserExists> {
        self.call(UserExists {
            by: Identifiers::default(),
        })
    }
}

/// What a user can be looked up by.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Identifiers {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
}

impl Identifiers {
    /// Refuses what is empty; tells whether anything was set.
    fn check(&self) -> Result<bool> {
        let mut any = false;
        for (what, text) in [
            ("the e-mail address", &self.email),
            ("the phone number", &self.phone),
            ("the username", &self.username),
            ("the external id", &self.external_id),
        ] {
            if let Some(text) = text {
                require(what, text)?;
                any = true;
            }
        }
        Ok(any)
    }
}

fn nobody_is_meant() -> Error {
    Error::invalid_input("say who is meant: by username, e-mail address, phone number or an id")
}

/// Gives the calls of an operation that holds [`Identifiers`] its setters.
macro_rules! by_identifiers {
    ($operation:ty) => {
        impl Call<$operation> {
            /// The user's e-mail address.
            pub fn email(mut self, email: impl Into<String>) -> Self {
                self.0.operation.by.email = Some(email.into());
                self
            }

            /// The user's phone number.
            pub fn phone(mut self, phone: impl Into<String>) -> Self {
                self.0.operation.by.phone = Some(phone.into());
                self
            }

            /// The user's name to log in with.
            pub fn username(mut self, username: impl Into<String>) -> Self {
                self.0.operation.by.username = Some(username.into());
                self
            }

            /// The user's id in another system. The oldest private deployments
            /// do not know it.
            pub fn external_id(mut self, id: impl Into<String>) -> Self {
                self.0.operation.by.external_id = Some(id.into());
                self
            }
        }
    };
}

/// [`Users::find`].
#[derive(Debug, Clone, Serialize)]
pub struct FindUser {
    #[serde(flatten)]
    by: Identifiers,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<ByIdentity>,
    #[serde(skip)]
    with_custom_data: bool,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct ByIdentity {
    provider: String,
    user_id_in_idp: String,
}

impl FindUser {
    fn check(&self) -> Result<&Self> {
        let mut any = self.by.check()?;
        if let Some(identity) = &self.identity {
            require("the identity provider", &identity.provider)?;
            require("the user's id at the provider", &identity.user_id_in_idp)?;
            any = true;
        }
        if any {
            Ok(self)
        } else {
            Err(nobody_is_meant())
        }
    }
}

operation! {
    FindUser => Option<User>,
    id: "management.users.find",
    repeat: Safe,
    graphql: [include_str!("documents/find.graphql"), USER_FIELDS] => "findUser",
    newer: |find| find.with_custom_data
        => [include_str!("documents/find_by_any.graphql"), USER_FIELDS_WITH_CUSTOM_DATA],
    newer: |find| find.by.external_id.is_some() || find.identity.is_some()
        => [include_str!("documents/find_by_any.graphql"), USER_FIELDS],
    variables: |find, _| find.check(),
}

by_identifiers!(FindUser);
with_custom_data!(FindUser);

impl Call<FindUser> {
    /// The user's id at an identity provider, such as `github`. The oldest
    /// private deployments do not know it.
    pub fn identity(
        mut self,
        provider: impl Into<String>,
        user_id_in_idp: impl Into<String>,
    ) -> Self {
        self.0.operation.identity = Some(ByIdentity {
            provider: provider.into(),
            user_id_in_idp: user_id_in_idp.into(),
        });
        self
    }
}

/// [`Users::exists`].
#[derive(Debug, Clone, Serialize)]
pub struct UserExists {
    #[serde(flatten)]
    by: Identifiers,
}

operation! {
    UserExists => bool,
    id: "management.users.exists",
    repeat: Safe,
    graphql: [include_str!("documents/exists.graphql")] => "isUserExists",
    newer: |exists| exists.by.external_id.is_some()
        => [include_str!("documents/exists_by_any.graphql")],
    variables: |exists, _| match exists.by.check()? {
        true => Ok(exists),
        false => Err(nobody_is_meant()),
    },
    read: |_, exists: Option<bool>| Ok(exists.unwrap_or(false)),
}

by_identifiers!(UserExists);
