use authing_core::{
    Credential, Error, Pipeline, PipelineBuilder, Result, Secret, transport_options,
};

use super::client::OidcClient;
use crate::transport::default_transport;

authing_core::string_enum! {
    /// How an application proves to the token endpoint who it is. It must be
    /// what the application's settings in Authing say: any other way is refused
    /// with `invalid_client`.
    pub enum ClientAuthentication {
        /// Id and secret are fields of the form. Authing's default.
        SecretPost = "client_secret_post",
        /// Id and secret are in the `Authorization` header.
        SecretBasic = "client_secret_basic",
        /// It has no secret, and proves nothing but its PKCE verifier.
        None = "none",
    }
}

/// What a client knows besides its connection.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) app_id: String,
    pub(super) issuer: String,
    pub(super) token: Identity,
    pub(super) introspection: Identity,
    pub(super) revocation: Identity,
}

/// Who the application is, in the way that one endpoint wants to hear it.
#[derive(Debug, Clone)]
pub(super) enum Identity {
    Post(Secret),
    Basic(Secret),
    Public,
}

impl Identity {
    fn new(method: &ClientAuthentication, secret: Option<&Secret>) -> Result<Self> {
        let secret = || {
            secret.cloned().ok_or_else(|| {
                Error::configuration(format!("{method} needs the application's secret"))
            })
        };
        Ok(match method {
            ClientAuthentication::SecretPost => Self::Post(secret()?),
            ClientAuthentication::SecretBasic => Self::Basic(secret()?),
            ClientAuthentication::None => Self::Public,
            ClientAuthentication::Other(method) => {
                return Err(Error::configuration(format!(
                    "the client authentication {method} is not supported"
                )));
            }
        })
    }

    pub(super) fn credential(&self, app_id: &str) -> Credential {
        match self {
            Self::Basic(secret) => Credential::Basic {
                id: app_id.to_owned(),
                secret: secret.clone(),
            },
            Self::Post(_) | Self::Public => Credential::None,
        }
    }

    /// The fields of the form that say who the application is.
    pub(super) fn fields<'a>(
        &'a self,
        app_id: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let (id, secret) = match self {
            Self::Post(secret) => (Some(app_id), Some(secret.expose())),
            Self::Public => (Some(app_id), None),
            Self::Basic(_) => (None, None),
        };
        [("client_id", id), ("client_secret", secret)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// Sets up an [`OidcClient`].
#[derive(Debug)]
#[must_use]
pub struct OidcClientBuilder {
    app_id: String,
    secret: Option<Secret>,
    host: Option<String>,
    issuer: Option<String>,
    authentication: Option<ClientAuthentication>,
    introspection: Option<ClientAuthentication>,
    revocation: Option<ClientAuthentication>,
    connection: PipelineBuilder,
}

transport_options!(OidcClientBuilder);

impl OidcClientBuilder {
    pub(super) fn new(app_id: String) -> Self {
        Self {
            app_id,
            secret: None,
            host: None,
            issuer: None,
            authentication: None,
            introspection: None,
            revocation: None,
            connection: Pipeline::builder(),
        }
    }

    /// The application's own host, such as `https://my-app.authing.cn`, which
    /// its settings in Authing show. There is no default.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The application's secret. A browser or a phone must not have it.
    pub fn secret(mut self, secret: impl Into<Secret>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Who ID tokens must come from, where that is not `{host}/oidc`:
    /// [`OidcClient::discover`] shows it. It is compared letter by letter, except
    /// that scheme and host have no case, and that the scheme's own port can be
    /// left out (RFC 3986, section 6.2).
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// How the application proves who it is. By default
    /// [`SecretPost`](ClientAuthentication::SecretPost) with a secret and
    /// [`None`](ClientAuthentication::None) without.
    pub fn client_authentication(mut self, method: ClientAuthentication) -> Self {
        self.authentication = Some(method);
        self
    }

    /// The same for introspection only, which has a setting of its own.
    pub fn introspection_authentication(mut self, method: ClientAuthentication) -> Self {
        self.introspection = Some(method);
        self
    }

    /// The same for revocation only, which has a setting of its own.
    pub fn revocation_authentication(mut self, method: ClientAuthentication) -> Self {
        self.revocation = Some(method);
        self
    }

    /// Makes the client. Nothing is sent before the first call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) says what
    /// is missing or wrong.
    pub fn build(self) -> Result<OidcClient> {
        let Some(host) = self.host else {
            return Err(Error::configuration(
                "give the host of the application, such as https://my-app.authing.cn",
            ));
        };
        let secret = self
            .secret
            .as_ref()
            .filter(|secret| !secret.expose().is_empty());
        let method = self.authentication.unwrap_or(match secret {
            Some(_) => ClientAuthentication::SecretPost,
            None => ClientAuthentication::None,
        });
        let identity = |own: Option<ClientAuthentication>| {
            Identity::new(own.as_ref().unwrap_or(&method), secret)
        };
        let pipeline = self
            .connection
            .host(host)
            .app_id(&self.app_id)
            .build(default_transport)?;
        let settings = Settings {
            issuer: match self.issuer {
                Some(issuer) => issuer,
                None => pipeline.url("/oidc")?,
            },
            token: identity(None)?,
            introspection: identity(self.introspection)?,
            revocation: identity(self.revocation)?,
            app_id: self.app_id,
        };
        Ok(OidcClient::new(pipeline, settings))
    }
}
