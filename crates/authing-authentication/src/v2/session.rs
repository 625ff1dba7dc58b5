use std::fmt;
use std::sync::Arc;

use authing_core::__private::encode_path;
use authing_core::{
    Credential, Error, ErrorKind, Payload, Request, Result, Secret, Timestamp, operation,
};
use authing_types::v2::{RefreshToken, User};
use serde::Serialize;
use serde::de::IgnoredAny;

use super::client::{AuthenticationClient, Call};
use super::own::Own;
use super::status::CheckLoginStatus;
use super::token;

/// A logged-in user: their token, and a client to use it with.
///
/// A session never changes. It keeps the token that it was made with, whatever
/// the server answers, so that it can neither be logged out by accident nor
/// turn into somebody else's. Cloning is cheap.
#[derive(Clone)]
pub struct Session {
    pub(super) client: AuthenticationClient,
    pub(super) token: Secret,
    user: Option<Arc<User>>,
}

impl Session {
    pub(super) fn new(
        client: AuthenticationClient,
        token: Secret,
        user: Option<Arc<User>>,
    ) -> Self {
        Self {
            client,
            token,
            user,
        }
    }

    /// The session of a user who came with a token.
    pub(super) fn of(client: &AuthenticationClient, user: &User) -> Option<Self> {
        let token = user
            .token
            .clone()
            .filter(|token| !token.expose().is_empty())?;
        Some(Self::new(
            client.clone(),
            token,
            Some(Arc::new(user.clone())),
        ))
    }

    /// For a login that has no session to show.
    pub(super) fn no_token() -> Error {
        Error::new(ErrorKind::Token, "the login brought no token")
    }

    /// The token, to be kept where only its user can reach it. Give it to
    /// [`AuthenticationClient::session`] to go on later.
    #[must_use]
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// The user as of the login; `None` for a session made from a token.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        self.user.as_deref()
    }

    /// The user's id: that of [`user`](Self::user), or the one that the token
    /// names. The token's signature is not checked, so do not grant anything
    /// because of it.
    #[must_use]
    pub fn user_id(&self) -> Option<String> {
        match &self.user {
            Some(user) => Some(user.id.clone()),
            None => token::user_id(&self.token),
        }
    }

    /// Asks the server whether the session is still good.
    pub fn check_login_status(&self) -> Call<CheckLoginStatus> {
        self.client.check_login_status(&self.token)
    }

    /// Gets a new token for the same user, as a session of its own. This one
    /// stays as it is: its token may still be good for a while.
    ///
    /// ```no_run
    /// # use authing_authentication::v2::Session;
    /// # async fn example(mut session: Session) -> Result<(), authing_authentication::Error> {
    /// session = session.refresh_token().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn refresh_token(&self) -> Call<RefreshSession> {
        self.call(RefreshSession(self.clone()))
    }

    /// Ends the session on the server. The token is of no use afterwards.
    pub fn logout(&self) -> Call<Logout> {
        self.call(Logout(()))
    }

    /// Whose session it is, for calls that want the id beside the token.
    pub(super) fn own(&self) -> Own {
        Own(self.user_id())
    }

    /// The session that goes on with a new token.
    fn renewed(&self, fresh: RefreshToken) -> Result<Self> {
        let token = fresh
            .token
            .filter(|token| !token.expose().is_empty())
            .ok_or_else(|| Error::new(ErrorKind::Token, "the renewal brought no token"))?;
        let (own, other) = (self.user_id(), token::user_id(&token));
        if own.is_some() && other.is_some() && own != other {
            return Err(Error::new(
                ErrorKind::Token,
                "the renewal brought the token of another user",
            ));
        }
        let user = self.user.as_deref().cloned().map(|mut user| {
            user.token = Some(token.clone());
            user.token_expired_at = fresh
                .exp
                .and_then(|exp| exp.checked_mul(1000))
                .map(|millis| Timestamp::from(millis.to_string()));
            Arc::new(user)
        });
        Ok(Self::new(self.client.clone(), token, user))
    }

    /// A call of `operation` in the name of the user; it may be one of your own
    /// that is declared with [`operation!`](authing_core::operation).
    pub fn call<O>(&self, operation: O) -> Call<O> {
        let credential = Credential::Bearer(self.token.clone());
        Call(Request::new(&self.client.pipeline, credential, operation))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("user_id", &self.user_id())
            .finish_non_exhaustive()
    }
}

/// [`Session::logout`].
#[derive(Debug, Clone)]
pub struct Logout(());

operation! {
    Logout => (),
    id: "authentication.logout",
    repeat: Idempotent,
    rest: GET |_, context| Ok(match context.app_id() {
        Some(id) => Payload::new(format!("/api/v2/logout?app_id={}", encode_path(id)), None),
        None => Payload::new("/api/v2/logout", None),
    }),
    read: |_, _answer: IgnoredAny| Ok(()),
}

/// [`Session::refresh_token`].
#[derive(Debug, Clone)]
pub struct RefreshSession(Session);

#[derive(Serialize)]
struct Nothing {}

operation! {
    RefreshSession => Session,
    id: "authentication.refresh_token",
    repeat: Never,
    graphql: [include_str!("documents/refresh_token.graphql")] => "refreshToken",
    variables: |_, _| Ok(Nothing {}),
    read: |refresh, fresh: Option<RefreshToken>| {
        let fresh = fresh
            .ok_or_else(|| Error::new(ErrorKind::Token, "the renewal brought no token"))?;
        refresh.0.renewed(fresh)
    },
}
