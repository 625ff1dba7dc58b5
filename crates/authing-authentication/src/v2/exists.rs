use authing_core::{Error, operation};
use serde::Serialize;

use super::client::{AuthenticationClient, Call};

impl AuthenticationClient {
    /// Asks whether a user with this name, e-mail address or phone number
    /// exists. With several of them it is enough that one is taken; one at
    /// least is needed.
    ///
    /// ```no_run
    /// # use authing_authentication::v2::AuthenticationClient;
    /// # async fn example(client: AuthenticationClient) -> Result<(), authing_authentication::Error> {
    /// if client.is_user_exists().username("bob").await? {
    ///     println!("the name is taken");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_user_exists(&self) -> Call<IsUserExists> {
        self.call(IsUserExists::default())
    }
}

/// [`AuthenticationClient::is_user_exists`].
#[derive(Debug, Clone, Default, Serialize)]
pub struct IsUserExists {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
}

operation! {
    IsUserExists => bool,
    id: "authentication.is_user_exists",
    repeat: Safe,
    graphql: [include_str!("documents/is_user_exists.graphql")] => "isUserExists",
    variables: |exists, _| {
        let given = [&exists.email, &exists.phone, &exists.username];
        match given.into_iter().flatten().any(|text| !text.is_empty()) {
            true => Ok(exists),
            false => Err(Error::invalid_input(
                "give a username, an e-mail address or a phone number",
            )),
        }
    },
    read: |_, exists: Option<bool>| Ok(exists.unwrap_or(false)),
}

impl Call<IsUserExists> {
    /// The e-mail address, in any case.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.0.operation.email = Some(email.into());
        self
    }

    /// The phone number.
    pub fn phone(mut self, phone: impl Into<String>) -> Self {
        self.0.operation.phone = Some(phone.into());
        self
    }

    /// The name to log in with.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.0.operation.username = Some(username.into());
        self
    }
}
