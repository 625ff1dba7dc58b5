use std::fmt;
use std::sync::Arc;

use authing_core::__private::env_var;
use authing_core::{
    Credential, Error, GraphQl, Pipeline, PipelineBuilder, Request, Result, Secret, TokenCache,
    TokenStore, call_type, connection_options,
};

use serde::Serialize;

use super::access_token::AccessTokenSource;
use crate::transport::default_transport;

call_type! {
    /// A call that is ready to be sent: set its options, then await it.
    ///
    /// Which options there are depends on the operation `O`.
    pub struct Call;
}

/// Acts as the administrator of a user pool.
///
/// Cloning is cheap, and clones share the access token and the connections.
#[derive(Clone)]
pub struct ManagementClient {
    pipeline: Pipeline,
    tokens: Arc<TokenCache>,
}

impl ManagementClient {
    /// Starts to set up a client for the pool with this id and secret, which
    /// Authing's console shows under the pool's settings.
    pub fn builder(
        user_pool_id: impl Into<String>,
        secret: impl Into<Secret>,
    ) -> ManagementClientBuilder {
        ManagementClientBuilder {
            user_pool_id: user_pool_id.into(),
            secret: secret.into(),
            token_store: None,
            connection: Pipeline::builder(),
        }
    }

    /// A client set up by the environment: `AUTHING_USERPOOL_ID` and
    /// `AUTHING_USERPOOL_SECRET`, and where they are set `AUTHING_HOST` and
    /// `AUTHING_PUBLIC_KEY`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) names the
    /// variable that is missing or wrong.
    pub fn from_env() -> Result<Self> {
        let get = |name: &str| {
            env_var(name).ok_or_else(|| Error::configuration(format!("{name} is not set")))
        };
        let mut builder =
            Self::builder(get("AUTHING_USERPOOL_ID")?, get("AUTHING_USERPOOL_SECRET")?);
        builder.connection = builder.connection.environment();
        builder.build()
    }

    /// Sends a GraphQL document of your own as the administrator and reads the
    /// whole `data` of the answer: the way to what has no method here yet. The
    /// variables are an object, such as a struct or `json!({..})`, or null.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// let data: serde_json::Value =
    ///     client.graphql("query { userpool { name } }", serde_json::json!({})).await?;
    /// println!("{}", data["userpool"]["name"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn graphql<T>(
        &self,
        document: impl Into<String>,
        variables: impl Serialize,
    ) -> Call<GraphQl<T>> {
        self.call(GraphQl::new(document, variables))
    }

    /// A call of `operation` in the name of the administrator. The resources
    /// use it, and so can operations of your own that are declared with
    /// [`operation!`](authing_core::operation).
    pub fn call<O>(&self, operation: O) -> Call<O> {
        let credential = Credential::Managed(Arc::clone(&self.tokens));
        Call(Request::new(&self.pipeline, credential, operation))
    }

    /// For calls that are not made in the name of the administrator.
    pub(super) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }
}

impl fmt::Debug for ManagementClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagementClient")
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

/// Sets up a [`ManagementClient`].
#[derive(Debug)]
#[must_use]
pub struct ManagementClientBuilder {
    user_pool_id: String,
    secret: Secret,
    token_store: Option<Arc<dyn TokenStore>>,
    connection: PipelineBuilder,
}

connection_options!(ManagementClientBuilder);
#[cfg(feature = "password")]
authing_core::password_option!(ManagementClientBuilder);
#[cfg(feature = "sm2")]
authing_core::sm2_option!(ManagementClientBuilder);

impl ManagementClientBuilder {
    /// Shares the access token with other clients and processes through this
    /// store, such as a [`FileTokenStore`](authing_core::FileTokenStore). By
    /// default a client and its clones keep their own in memory.
    pub fn token_store(mut self, store: impl TokenStore) -> Self {
        self.token_store = Some(Arc::new(store));
        self
    }

    /// Makes the client. Nothing is sent before the first call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) says which
    /// option is wrong.
    pub fn build(self) -> Result<ManagementClient> {
        if self.secret.expose().is_empty() {
            return Err(Error::configuration("the secret of the user pool is empty"));
        }
        let pipeline = self
            .connection
            .user_pool_id(&self.user_pool_id)
            .build(default_transport)?;
        let clock = pipeline.clock();
        let scope = pipeline.scope(&self.user_pool_id);
        let source = AccessTokenSource {
            pipeline: pipeline.clone(),
            user_pool_id: self.user_pool_id,
            secret: self.secret,
        };
        Ok(ManagementClient {
            pipeline,
            tokens: Arc::new(match self.token_store {
                Some(store) => TokenCache::with_store(source, clock, store, scope),
                None => TokenCache::new(source, clock),
            }),
        })
    }
}
