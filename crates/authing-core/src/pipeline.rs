//! The one way down and up: every call of every client goes through here.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::call::{CallOptions, Credential};
use crate::clock::{Clock, within};
use crate::host::Host;
use crate::operation::{EncodeContext, Operation, OperationInfo, Payload, Protocol, Reply, Spec};
#[cfg(feature = "password")]
use crate::password::PasswordKey;
use crate::token::Cached;
use crate::transport::{HttpTransport, TransportError, TransportErrorKind};
use crate::{Error, ErrorKind, Result, Secret};

/// Authing's cloud in China, which all official SDKs start from.
const CLOUD: &str = "https://core.authing.cn";

/// How long an exchange may take unless the caller says otherwise; the value
/// of Authing's other SDKs.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What all calls of a client share. Cloning is cheap.
#[derive(Clone)]
pub struct Pipeline(Arc<Inner>);

struct Inner {
    transport: Arc<dyn HttpTransport>,
    clock: Arc<dyn Clock>,
    host: Host,
    headers: HeaderMap,
    timeout: Duration,
    app_id: Option<String>,
    #[cfg(feature = "password")]
    password_key: PasswordKey,
}

impl Pipeline {
    /// Starts to set up a pipeline.
    pub fn builder() -> PipelineBuilder {
        PipelineBuilder::default()
    }

    /// The clock that the pipeline goes by.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    pub(crate) async fn run<O: Operation>(
        &self,
        operation: &O,
        credential: &Credential,
        options: &CallOptions,
    ) -> Result<O::Output> {
        let spec = O::spec();
        self.attempt(operation, credential, options)
            .await
            .map_err(|error| error.with_operation(spec.id()))
    }

    async fn attempt<O: Operation>(
        &self,
        operation: &O,
        credential: &Credential,
        options: &CallOptions,
    ) -> Result<O::Output> {
        if let Some(mistake) = &options.mistake {
            return Err(mistake.clone());
        }
        let payload = operation.encode(&self.context())?;
        let mut attempt = 1;
        loop {
            let bearer = Bearer::of(credential).await?;
            let info = OperationInfo {
                spec: O::spec(),
                attempt,
            };
            let answer = self
                .exchange(info, &payload, bearer.secret(), options)
                .await?;
            let error = match read(operation, &answer) {
                Ok(output) => return Ok(output),
                Err(error) => error,
            };
            // The server refused before it did anything, so this is safe for
            // every operation.
            if attempt == 1 && error.is_unauthenticated() && bearer.renew() {
                attempt += 1;
                continue;
            }
            return Err(error);
        }
    }

    async fn exchange(
        &self,
        info: OperationInfo,
        payload: &Payload,
        bearer: Option<&Secret>,
        options: &CallOptions,
    ) -> Result<http::Response<Bytes>> {
        let request = self.request(info, payload, bearer, options)?;
        let timeout = options.timeout.unwrap_or(self.0.timeout);
        let inner = &*self.0;
        within(&*inner.clock, timeout, inner.transport.send(request))
            .await
            .unwrap_or_else(|| Err(TransportError::from(TransportErrorKind::Timeout)))
            .map_err(Error::from)
    }

    fn request(
        &self,
        info: OperationInfo,
        payload: &Payload,
        bearer: Option<&Secret>,
        options: &CallOptions,
    ) -> Result<http::Request<Bytes>> {
        let mut request = http::Request::new(payload.body.clone().unwrap_or_default());
        *request.method_mut() = method(info.spec);
        *request.uri_mut() = self.0.host.join(&payload.path)?;
        let headers = request.headers_mut();
        headers.clone_from(&self.0.headers);
        if payload.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(secret) = bearer {
            headers.insert(AUTHORIZATION, authorization(secret)?);
        }
        for (name, value) in &options.headers {
            headers.insert(name, value.clone());
        }
        request.extensions_mut().insert(info);
        Ok(request)
    }

    fn context(&self) -> EncodeContext<'_> {
        EncodeContext {
            app_id: self.0.app_id.as_deref(),
            #[cfg(feature = "password")]
            password_key: &self.0.password_key,
        }
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("host", &self.0.host)
            .field("transport", &self.0.transport)
            .field("timeout", &self.0.timeout)
            .finish_non_exhaustive()
    }
}

/// The token of one attempt.
enum Bearer<'a> {
    None,
    Given(&'a Secret),
    Managed(&'a crate::TokenCache, Arc<Cached>),
}

impl<'a> Bearer<'a> {
    async fn of(credential: &'a Credential) -> Result<Self> {
        Ok(match credential {
            Credential::None => Self::None,
            Credential::Bearer(secret) => Self::Given(secret),
            Credential::Managed(cache) => Self::Managed(cache, cache.get().await?),
        })
    }

    fn secret(&self) -> Option<&Secret> {
        match self {
            Self::None => None,
            Self::Given(secret) => Some(secret),
            Self::Managed(_, token) => Some(&token.secret),
        }
    }

    /// Whether another token can be had after the server refused this one.
    fn renew(&self) -> bool {
        match self {
            Self::Managed(cache, token) => {
                cache.reject(token);
                true
            }
            _ => false,
        }
    }
}

fn method(spec: &Spec) -> Method {
    match spec.protocol() {
        Protocol::GraphQl { .. } => Method::POST,
        Protocol::Rest { method } => method.clone(),
    }
}

fn authorization(secret: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(["Bearer ", secret.expose()].concat())
        // The cause would not show the token, but it says no more either.
        .map_err(|_| Error::new(ErrorKind::Token, "the token is not valid in an HTTP header"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn read<O: Operation>(operation: &O, answer: &http::Response<Bytes>) -> Result<O::Output> {
    let status = answer.status();
    let outcome = match std::str::from_utf8(answer.body()) {
        Ok(text) => operation.decode(&Reply {
            status,
            headers: answer.headers(),
            text,
        }),
        Err(cause) if status.is_success() => {
            Err(Error::decode("the answer is not UTF-8").with_source(cause))
        }
        Err(_) => Err(Error::http(status, "")),
    };
    outcome.map_err(|error| {
        let id = answer
            .headers()
            .get("x-request-id")
            .and_then(|id| id.to_str().ok());
        let error = match error.request_id() {
            Some(_) => error,
            None => error.with_request_id(id),
        };
        error.with_status(status)
    })
}

/// A key that is not read yet, so that mistakes are told by `build`.
#[cfg(feature = "password")]
enum KeyText {
    Rsa(String),
    #[cfg(feature = "sm2")]
    Sm2(String),
}

/// Without the text: it may be a private key by mistake.
#[cfg(feature = "password")]
impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

/// Sets up a [`Pipeline`]. The clients' builders wrap it.
#[derive(Debug, Default)]
#[must_use]
pub struct PipelineBuilder {
    host: Option<String>,
    transport: Option<Arc<dyn HttpTransport>>,
    clock: Option<Arc<dyn Clock>>,
    timeout: Option<Duration>,
    language: Option<String>,
    user_pool_id: Option<String>,
    app_id: Option<String>,
    allow_insecure_http: bool,
    #[cfg(feature = "password")]
    public_key: Option<KeyText>,
}

impl PipelineBuilder {
    /// Where Authing is; see [`connection_options!`](crate::connection_options)
    /// for this and the other options.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The HTTP backend.
    pub fn transport(mut self, transport: impl HttpTransport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// The clock, for tests that turn the time.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// The limit of one exchange.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The language of the server's messages.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// The user pool that calls are about.
    pub fn user_pool_id(mut self, id: impl Into<String>) -> Self {
        self.user_pool_id = Some(id.into());
        self
    }

    /// The application that calls come from.
    pub fn app_id(mut self, id: impl Into<String>) -> Self {
        self.app_id = Some(id.into());
        self
    }

    /// Allows plain HTTP to other machines.
    pub fn allow_insecure_http(mut self) -> Self {
        self.allow_insecure_http = true;
        self
    }

    /// The key that passwords are encrypted with.
    #[cfg(feature = "password")]
    pub fn public_key(mut self, pem: impl Into<String>) -> Self {
        self.public_key = Some(KeyText::Rsa(pem.into()));
        self
    }

    /// The SM2 key that passwords are encrypted with, in place of an RSA one.
    #[cfg(feature = "sm2")]
    pub fn sm2_public_key(mut self, digits: impl Into<String>) -> Self {
        self.public_key = Some(KeyText::Sm2(digits.into()));
        self
    }

    /// Takes `AUTHING_HOST` and `AUTHING_PUBLIC_KEY` from the environment,
    /// where they are set.
    pub fn environment(self) -> Self {
        let builder = match env_var("AUTHING_HOST") {
            Some(host) => self.host(host),
            None => self,
        };
        #[cfg(feature = "password")]
        if let Some(pem) = env_var("AUTHING_PUBLIC_KEY") {
            return builder.public_key(pem);
        }
        builder
    }

    /// Checks the options. `default_transport` makes the transport if none was
    /// given.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] says which option is wrong.
    pub fn build(
        self,
        default_transport: impl FnOnce() -> Result<Arc<dyn HttpTransport>>,
    ) -> Result<Pipeline> {
        let host = Host::parse(
            self.host.as_deref().unwrap_or(CLOUD),
            self.allow_insecure_http,
        )?;
        let headers = headers(&[
            ("x-authing-userpool-id", self.user_pool_id.as_deref()),
            ("x-authing-app-id", self.app_id.as_deref()),
            ("x-authing-lang", self.language.as_deref()),
        ])?;
        #[cfg(feature = "password")]
        let password_key = match &self.public_key {
            Some(KeyText::Rsa(pem)) => PasswordKey::from_pem(pem)?,
            #[cfg(feature = "sm2")]
            Some(KeyText::Sm2(digits)) => PasswordKey::sm2_from_hex(digits)?,
            None => PasswordKey::cloud()?,
        };
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport()?,
        };
        Ok(Pipeline(Arc::new(Inner {
            clock: self.clock.unwrap_or_else(|| transport.clock()),
            transport,
            host,
            headers,
            timeout: self.timeout.unwrap_or(TIMEOUT),
            app_id: self.app_id,
            #[cfg(feature = "password")]
            password_key,
        })))
    }
}

/// An environment variable, unless it is unset or empty.
#[doc(hidden)]
#[must_use]
pub fn env_var(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.trim().is_empty())
}

/// The headers of every request, with those of `given` that have a value.
fn headers(given: &[(&'static str, Option<&str>)]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!("authing-rs/", env!("CARGO_PKG_VERSION"))),
    );
    headers.insert(
        "x-authing-sdk-version",
        HeaderValue::from_static(concat!("rust:", env!("CARGO_PKG_VERSION"))),
    );
    headers.insert("x-authing-request-from", HeaderValue::from_static("sdk"));
    for (name, value) in given {
        let Some(text) = value else { continue };
        let value = HeaderValue::try_from(*text)
            .ok()
            .filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| {
            Error::configuration(format!(
                "the value for {name} is empty or not valid in a header"
            ))
        })?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// Adds the option for an SM2 key to a builder that has a [`PipelineBuilder`]
/// in its field `connection`.
#[cfg(feature = "sm2")]
#[macro_export]
macro_rules! sm2_option {
    ($builder:ty) => {
        impl $builder {
            /// The SM2 key that passwords are encrypted with, in place of an
            /// RSA one: the hexadecimal digits of its point, as a private
            /// deployment that asks for SM2 shows them. The last key that is
            /// given holds. The code behind it has not been audited; see
            /// [`PasswordKey::sm2_from_hex`]($crate::PasswordKey::sm2_from_hex).
            pub fn sm2_public_key(
                mut self,
                digits: impl ::std::convert::Into<::std::string::String>,
            ) -> Self {
                self.connection = self.connection.sm2_public_key(digits);
                self
            }
        }
    };
}

/// Adds the options that all clients share to a builder that has a
/// [`PipelineBuilder`] in its field `connection`.
#[macro_export]
macro_rules! connection_options {
    ($builder:ty) => {
        impl $builder {
            /// Where Authing is: by default its cloud,
            /// `https://core.authing.cn`. A path prefix is kept and a slash at
            /// the end does not matter.
            pub fn host(mut self, host: impl ::std::convert::Into<::std::string::String>) -> Self {
                self.connection = self.connection.host(host);
                self
            }

            /// The HTTP backend to use instead of the default one.
            pub fn transport(mut self, transport: impl $crate::HttpTransport) -> Self {
                self.connection = self.connection.transport(transport);
                self
            }

            /// The clock to go by instead of the transport's own, for tests
            /// that turn the time.
            pub fn clock(mut self, clock: impl $crate::Clock) -> Self {
                self.connection = self.connection.clock(clock);
                self
            }

            /// How long the server may take to answer a call; 10 seconds by
            /// default.
            pub fn timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.connection = self.connection.timeout(timeout);
                self
            }

            /// The language of the server's messages, such as `en-US` or
            /// `zh-CN`; by default the server chooses.
            pub fn language(
                mut self,
                language: impl ::std::convert::Into<::std::string::String>,
            ) -> Self {
                self.connection = self.connection.language(language);
                self
            }

            /// Allows plain HTTP to hosts other than this machine. Secrets and
            /// tokens can then be read by everyone on the way.
            pub fn allow_insecure_http(mut self) -> Self {
                self.connection = self.connection.allow_insecure_http();
                self
            }

            /// The RSA key in PEM that passwords are encrypted with. Authing's
            /// cloud needs none; a private deployment shows its own at
            /// `{host}/api/v2/.well-known`.
            pub fn public_key(
                mut self,
                pem: impl ::std::convert::Into<::std::string::String>,
            ) -> Self {
                self.connection = self.connection.public_key(pem);
                self
            }
        }
    };
}
