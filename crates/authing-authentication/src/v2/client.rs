use authing_core::__private::env_var;
use authing_core::{
    Credential, Error, Pipeline, PipelineBuilder, Request, Result, Secret, call_type,
    connection_options,
};

use super::session::Session;
use super::status::CheckLoginStatus;
use crate::transport::default_transport;

call_type! {
    /// A call that is ready to be sent: set its options, then await it.
    ///
    /// Which options there are depends on the operation `O`.
    pub struct Call;
}

/// Acts for the end users of an application. Holds no user: see [`Session`].
///
/// Cloning is cheap, and clones share the connections.
#[derive(Debug, Clone)]
pub struct AuthenticationClient {
    pub(super) pipeline: Pipeline,
}

impl AuthenticationClient {
    /// Starts to set up a client.
    pub fn builder() -> AuthenticationClientBuilder {
        AuthenticationClientBuilder {
            app_id: None,
            user_pool_id: None,
            connection: Pipeline::builder(),
        }
    }

    /// A client set up by the environment: `AUTHING_APP_ID` or
    /// `AUTHING_USERPOOL_ID` or both, and where they are set `AUTHING_HOST` and
    /// `AUTHING_PUBLIC_KEY`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) says what
    /// is missing or wrong.
    pub fn from_env() -> Result<Self> {
        let mut builder = Self::builder();
        builder.app_id = env_var("AUTHING_APP_ID");
        builder.user_pool_id = env_var("AUTHING_USERPOOL_ID");
        builder.connection = builder.connection.environment();
        builder.build()
    }

    /// Asks the server whether a user's token is still good. A token that is
    /// not is no error: see [`LoginStatus`](super::LoginStatus).
    pub fn check_login_status(&self, token: impl Into<Secret>) -> Call<CheckLoginStatus> {
        self.call(CheckLoginStatus::new(token.into()))
    }

    /// The session of the user whom this token belongs to, for example from a
    /// cookie. Nothing is sent: a token that is not good fails at the first
    /// call.
    pub fn session(&self, token: impl Into<Secret>) -> Session {
        Session::new(self.clone(), token.into(), None)
    }

    /// A call of `operation` in nobody's name; it may be one of your own that is
    /// declared with [`operation!`](authing_core::operation).
    pub fn call<O>(&self, operation: O) -> Call<O> {
        Call(Request::new(&self.pipeline, Credential::None, operation))
    }
}

/// Sets up an [`AuthenticationClient`].
#[derive(Debug)]
#[must_use]
pub struct AuthenticationClientBuilder {
    app_id: Option<String>,
    user_pool_id: Option<String>,
    connection: PipelineBuilder,
}

connection_options!(AuthenticationClientBuilder);
authing_core::password_option!(AuthenticationClientBuilder);
#[cfg(feature = "sm2")]
authing_core::sm2_option!(AuthenticationClientBuilder);

impl AuthenticationClientBuilder {
    /// The application that users log in to.
    pub fn app_id(mut self, id: impl Into<String>) -> Self {
        self.app_id = Some(id.into());
        self
    }

    /// The user pool, for clients that act for no application in particular.
    pub fn user_pool_id(mut self, id: impl Into<String>) -> Self {
        self.user_pool_id = Some(id.into());
        self
    }

    /// Makes the client. Nothing is sent before the first call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if neither
    /// application nor user pool is given, or says which option is wrong.
    pub fn build(self) -> Result<AuthenticationClient> {
        let mut connection = self.connection;
        if self.app_id.is_none() && self.user_pool_id.is_none() {
            return Err(Error::configuration(
                "give an application id or a user pool id",
            ));
        }
        if let Some(id) = self.app_id {
            connection = connection.app_id(id);
        }
        if let Some(id) = self.user_pool_id {
            connection = connection.user_pool_id(id);
        }
        Ok(AuthenticationClient {
            pipeline: connection.build(default_transport)?,
        })
    }
}
