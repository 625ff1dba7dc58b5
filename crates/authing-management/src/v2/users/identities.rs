use authing_core::__private::require;
use authing_core::{Payload, Result, operation};
use serde::Serialize;
use serde::de::IgnoredAny;

use super::Users;
use crate::v2::Call;

impl Users<'_> {
    /// Makes an account at an identity provider, named by the user's id there,
    /// one of this user: who logs in with it is this user then.
    ///
    /// ```no_run
    /// use authing_management::v2::users::IdpConnection;
    ///
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// let github = IdpConnection::social("identity provider id", "my-github");
    /// client.users().link_identity("user id", "4711", github).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn link_identity(
        &self,
        user_id: impl Into<String>,
        user_id_in_idp: impl Into<String>,
        connection: IdpConnection,
    ) -> Call<LinkIdentity> {
        self.call(LinkIdentity {
            user_id: user_id.into(),
            user_id_in_idp: user_id_in_idp.into(),
            connection,
        })
    }

    /// Takes the account at an identity provider from a user.
    pub fn unlink_identity(
        &self,
        user_id: impl Into<String>,
        connection: IdpConnection,
    ) -> Call<UnlinkIdentity> {
        self.call(UnlinkIdentity {
            user_id: user_id.into(),
            connection,
        })
    }
}

/// A connection to an identity provider, as it is set up in the pool.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IdpConnection {
    is_social: bool,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    identifier: String,
    ext_idp_id: String,
}

impl IdpConnection {
    /// A connection to a social provider: the id of the identity provider, and
    /// the identifier of the connection.
    #[must_use]
    pub fn social(ext_idp_id: impl Into<String>, identifier: impl Into<String>) -> Self {
        Self::new(true, ext_idp_id, identifier)
    }

    /// The same to a provider of enterprises.
    #[must_use]
    pub fn enterprise(ext_idp_id: impl Into<String>, identifier: impl Into<String>) -> Self {
        Self::new(false, ext_idp_id, identifier)
    }

    /// Which of the provider's ids the user is known by, such as `unionid`;
    /// by default the server chooses.
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    fn new(is_social: bool, ext_idp_id: impl Into<String>, identifier: impl Into<String>) -> Self {
        Self {
            is_social,
            kind: None,
            identifier: identifier.into(),
            ext_idp_id: ext_idp_id.into(),
        }
    }

    fn check(&self) -> Result<()> {
        require("the identifier of the connection", &self.identifier)?;
        require("the id of the identity provider", &self.ext_idp_id).map(drop)
    }
}

/// [`Users::link_identity`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkIdentity {
    user_id: String,
    user_id_in_idp: String,
    #[serde(flatten)]
    connection: IdpConnection,
}

operation! {
    LinkIdentity => (),
    id: "management.users.link_identity",
    repeat: Idempotent,
    rest: POST |link, _| {
        require("the user id", &link.user_id)?;
        require("the user's id at the provider", &link.user_id_in_idp)?;
        link.connection.check()?;
        Payload::json("/api/v2/users/identity/link", link)
    },
    read: |_, _answer: IgnoredAny| Ok(()),
}

/// [`Users::unlink_identity`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnlinkIdentity {
    user_id: String,
    #[serde(flatten)]
    connection: IdpConnection,
}

operation! {
    UnlinkIdentity => (),
    id: "management.users.unlink_identity",
    repeat: Idempotent,
    rest: POST |unlink, _| {
        require("the user id", &unlink.user_id)?;
        unlink.connection.check()?;
        Payload::json("/api/v2/users/identity/unlink", unlink)
    },
    read: |_, _answer: IgnoredAny| Ok(()),
}
