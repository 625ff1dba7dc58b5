//! The one way down and up: every call of every client goes through here.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Uri};

use crate::call::{CallOptions, Credential};
use crate::clock::{Clock, within};
use crate::graphql;
use crate::headers::HeaderOptions;
use crate::host::Host;
use crate::limiter::Limiter;
use crate::operation::{
    EncodeContext, JSON, Operation, OperationInfo, Payload, Protocol, Reply, Spec,
};
#[cfg(feature = "password")]
use crate::password::PasswordKey;
use crate::rest::encode_path;
use crate::retry::{Budget, RetryPolicy, retry_after};
use crate::skew::Skew;
use crate::token::Cached;
use crate::trace::{self, CallSpan};
use crate::transport::HttpTransport;
use crate::{Error, ErrorKind, Result, Secret};

/// Authing's cloud in China, which all official SDKs start from.
const CLOUD: &str = "https://core.authing.cn";

/// How long an exchange may take unless the caller says otherwise; the value
/// of Authing's other SDKs.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long a call may take as a whole unless the caller says otherwise.
const DEADLINE: Duration = Duration::from_secs(30);

/// What all calls of a client share. Cloning is cheap.
#[derive(Clone)]
pub struct Pipeline(Arc<Inner>);

struct Inner {
    transport: Arc<dyn HttpTransport>,
    clock: Arc<dyn Clock>,
    host: Host,
    /// Where nearly all calls of the v2 API go.
    graphql: Uri,
    headers: HeaderMap,
    /// The same for JSON with a token: with room for it, so that the map that is
    /// made of this for each call need not grow.
    json_headers: HeaderMap,
    timeout: Duration,
    deadline: Duration,
    retry: RetryPolicy,
    budget: Budget,
    limiter: Option<Limiter>,
    skew: Skew,
    app_id: Option<String>,
    #[cfg(feature = "password")]
    password_key: PasswordKey,
}

impl Pipeline {
    /// Starts to set up a pipeline.
    pub fn builder() -> PipelineBuilder {
        PipelineBuilder::default()
    }

    /// The address of a path below the host, for others to open.
    ///
    /// # Errors
    ///
    /// A path that is not valid in a URL.
    pub fn url(&self, path: &str) -> Result<String> {
        self.0.host.join(path).map(|url| url.to_string())
    }

    /// The clock that the pipeline goes by.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    /// The time at the server, as far as the `Date` of its answers tells: this
    /// machine's, unless that is found to be off. A difference of more than a
    /// day is not believed.
    #[must_use]
    pub fn server_time(&self) -> SystemTime {
        self.0.skew.server_time(self.0.clock.now())
    }

    /// Whose token is asked for: the user pool, and where it is.
    #[must_use]
    pub fn scope(&self, user_pool_id: &str) -> String {
        format!("{user_pool_id}@{}", self.0.host.as_str())
    }

    pub(crate) async fn run<O: Operation>(
        &self,
        operation: &O,
        credential: &Credential,
        options: &CallOptions,
    ) -> Result<O::Output> {
        let clock = &*self.0.clock;
        let limit = options.deadline.unwrap_or(self.0.deadline);
        let mut course = Course::begin(clock, limit);
        let span = CallSpan::open(O::spec(), &method(O::spec()), &self.0.host);
        let tries = self.tries(operation, credential, options, &mut course, &span);
        let outcome = span.follow(tries).await.map_err(|error| {
            error
                .with_operation(O::spec().id())
                .with_tries(course.tries, course.elapsed(clock))
        });
        span.close(course.tries, &outcome);
        outcome
    }

    /// Sends the operation until it succeeds or must not be sent again.
    async fn tries<O: Operation>(
        &self,
        operation: &O,
        credential: &Credential,
        options: &CallOptions,
        course: &mut Course,
        span: &CallSpan,
    ) -> Result<O::Output> {
        if let Some(mistake) = &options.mistake {
            return Err(mistake.clone());
        }
        let payload = operation.encode(&self.context())?;
        // Databases cut text at it; bodies are looked at where they are written.
        if payload.path.contains("%00") {
            return Err(Error::invalid_input("an argument holds a NUL character"));
        }
        let mut renewed = false;
        let mut repetitions = 0;
        loop {
            let clock = &*self.0.clock;
            let bearer = course
                .limit(clock, self.bearer(credential, options))
                .await??;
            if let Some(limiter) = &self.0.limiter {
                course.limit(clock, limiter.turn(clock)).await?;
            }
            course.tries += 1;
            let info = OperationInfo {
                spec: O::spec(),
                attempt: course.tries,
            };
            let request = self.request(info, &payload, bearer.header()?, options)?;
            let answer = self.exchange(request, options, course).await;
            if let Ok(answer) = &answer {
                span.answered(answer);
            }
            let error = match answer.and_then(|answer| self.read(operation, &answer)) {
                Ok(output) => {
                    self.0.budget.reward(repetitions);
                    return Ok(output);
                }
                Err(error) => error,
            };
            if course.is_over {
                return Err(error);
            }
            // The server refused before it did anything, so this is safe for
            // every operation.
            if !renewed && error.is_unauthenticated() && bearer.renew() {
                trace::token_refused();
                renewed = true;
                continue;
            }
            let policy = options.retry.unwrap_or(self.0.retry);
            let wait = policy
                .delay(O::spec().repeat(), &error, repetitions + 1)
                .filter(|wait| course.has_time_for(*wait, &*self.0.clock));
            match wait {
                Some(wait) if self.0.budget.pay() => {
                    trace::sent_again(&error, course.tries, wait);
                    course.failure = Some(error);
                    self.0.clock.sleep(wait).await;
                }
                _ => return Err(error),
            }
            repetitions += 1;
        }
    }

    /// The token for a try. Not repeated: fetching one has tries of its own.
    async fn bearer<'a>(
        &self,
        credential: &'a Credential,
        options: &CallOptions,
    ) -> Result<Bearer<'a>> {
        let bearer = Bearer::of(credential);
        match options.timeout {
            // A caller in a hurry does not wait for the token any longer.
            Some(limit) => within(&*self.0.clock, limit, bearer)
                .await
                .unwrap_or_else(|| Err(Error::timeout(format!("no token within {limit:?}")))),
            None => bearer.await,
        }
    }

    async fn exchange(
        &self,
        request: http::Request<Bytes>,
        options: &CallOptions,
        course: &mut Course,
    ) -> Result<http::Response<Bytes>> {
        let inner = &*self.0;
        let timeout = options.timeout.unwrap_or(inner.timeout);
        // One timer for both limits: each costs as much as a tenth of the rest.
        let left = course.left(&*inner.clock);
        let sent = inner.clock.now();
        let answer = inner.transport.send(request);
        let answer = within(&*inner.clock, timeout.min(left), answer)
            .await
            .ok_or_else(|| match left <= timeout {
                true => course.out_of_time(),
                false => Error::timeout(format!("no answer within {timeout:?}")),
            })?
            .map_err(Error::from)?;
        inner
            .skew
            .observe(answer.headers(), sent, inner.clock.now());
        Ok(answer)
    }

    fn request(
        &self,
        info: OperationInfo,
        payload: &Payload,
        authorization: Option<HeaderValue>,
        options: &CallOptions,
    ) -> Result<http::Request<Bytes>> {
        let mut request = http::Request::new(payload.body.clone().unwrap_or_default());
        *request.method_mut() = method(info.spec);
        *request.uri_mut() = match &*payload.path {
            graphql::PATH => self.0.graphql.clone(),
            path => self.0.host.join(path)?,
        };
        let headers = request.headers_mut();
        match (payload.body.is_some(), authorization) {
            (true, Some(value)) if payload.content_type == JSON => {
                headers.clone_from(&self.0.json_headers);
                headers.insert(AUTHORIZATION, value);
            }
            (has_body, authorization) => {
                headers.clone_from(&self.0.headers);
                if has_body {
                    let value = HeaderValue::from_static(payload.content_type);
                    headers.insert(CONTENT_TYPE, value);
                }
                if let Some(value) = authorization {
                    headers.insert(AUTHORIZATION, value);
                }
            }
        }
        for (name, value) in &options.headers {
            headers.insert(name, value.clone());
        }
        request.extensions_mut().insert(info);
        Ok(request)
    }

    fn read<O: Operation>(
        &self,
        operation: &O,
        answer: &http::Response<Bytes>,
    ) -> Result<O::Output> {
        let status = answer.status();
        let outcome = match std::str::from_utf8(answer.body()) {
            Ok(text) => operation.decode(&Reply {
                status,
                headers: answer.headers(),
                text,
            }),
            Err(cause) if status.is_success() => {
                let words = match answer.headers().get(CONTENT_ENCODING) {
                    Some(_) => "the answer is compressed, which was not asked for",
                    None => "the answer is not UTF-8",
                };
                Err(Error::decode(words).with_source(cause))
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
            let wait = retry_after(answer.headers(), self.0.clock.now());
            error.with_status(status).with_retry_after(wait)
        })
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

/// How far a call has come.
struct Course {
    started: Duration,
    deadline: Duration,
    tries: u32,
    /// Why it was sent again the last time.
    failure: Option<Error>,
    /// Whether it has reached its deadline.
    is_over: bool,
}

impl Course {
    fn begin(clock: &dyn Clock, deadline: Duration) -> Self {
        Self {
            started: clock.elapsed(),
            deadline,
            tries: 0,
            failure: None,
            is_over: false,
        }
    }

    /// Runs a part of the call, until the deadline at most.
    async fn limit<F: Future>(&mut self, clock: &dyn Clock, part: F) -> Result<F::Output> {
        within(clock, self.left(clock), part)
            .await
            .ok_or_else(|| self.out_of_time())
    }

    fn left(&self, clock: &dyn Clock) -> Duration {
        self.deadline.saturating_sub(self.elapsed(clock))
    }

    /// What a call fails with that has reached its deadline: the failure before
    /// it, if there was one, is the cause.
    fn out_of_time(&mut self) -> Error {
        self.is_over = true;
        let error = Error::timeout(format!("not done within {:?}", self.deadline));
        match self.failure.take() {
            Some(failure) => error.with_source(failure),
            None => error,
        }
    }

    fn elapsed(&self, clock: &dyn Clock) -> Duration {
        clock.elapsed().saturating_sub(self.started)
    }

    fn has_time_for(&self, wait: Duration, clock: &dyn Clock) -> bool {
        self.elapsed(clock).saturating_add(wait) < self.deadline
    }
}

/// Both parts are encoded as in a form first (RFC 6749, 2.3.1).
fn basic(id: &str, secret: &Secret) -> String {
    STANDARD.encode([&*encode_path(id), ":", &*encode_path(secret.expose())].concat())
}

/// The credential of one attempt.
enum Bearer<'a> {
    None,
    Given(&'a Secret),
    Basic(&'a str, &'a Secret),
    Managed(&'a crate::TokenCache, Arc<Cached>),
}

impl<'a> Bearer<'a> {
    async fn of(credential: &'a Credential) -> Result<Self> {
        Ok(match credential {
            Credential::None => Self::None,
            Credential::Bearer(secret) => Self::Given(secret),
            Credential::Basic { id, secret } => Self::Basic(id, secret),
            Credential::Managed(cache) => Self::Managed(cache, cache.get().await?),
        })
    }

    fn header(&self) -> Result<Option<HeaderValue>> {
        match self {
            Self::None => Ok(None),
            Self::Given(secret) => authorization("Bearer ", secret.expose()).map(Some),
            Self::Managed(_, token) => token.header.clone().map(Some),
            Self::Basic(id, secret) => authorization("Basic ", &basic(id, secret)).map(Some),
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
        Protocol::Rest { method } | Protocol::OAuth { method } => method.clone(),
    }
}

pub(crate) fn authorization(scheme: &str, text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from([scheme, text].concat())
        // The cause would not show the token, but it says no more either.
        .map_err(|_| Error::new(ErrorKind::Token, "the token is not valid in an HTTP header"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn for_json(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(AUTHORIZATION, HeaderValue::from_static(""));
    headers
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
    deadline: Option<Duration>,
    retry: Option<RetryPolicy>,
    requests_per_second: Option<u32>,
    headers: HeaderOptions,
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

    /// The limit of a call as a whole.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How often, and how soon, a failed call is sent again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// How many requests may go out each second.
    pub fn requests_per_second(mut self, requests: u32) -> Self {
        self.requests_per_second = Some(requests);
        self
    }

    /// The language of the server's messages.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.headers.language = Some(language.into());
        self
    }

    /// The user pool that calls are about.
    pub fn user_pool_id(mut self, id: impl Into<String>) -> Self {
        self.headers.user_pool_id = Some(id.into());
        self
    }

    /// The application that calls come from.
    pub fn app_id(mut self, id: impl Into<String>) -> Self {
        self.headers.app_id = Some(id.into());
        self
    }

    /// A header for every request.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.own.push((name.into(), value.into()));
        self
    }

    /// Another name for one of the `x-authing-` headers.
    pub fn header_name(mut self, standard: impl Into<String>, own: impl Into<String>) -> Self {
        self.headers.renamed.push((standard.into(), own.into()));
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
        let headers = self.headers.build()?;
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
            graphql: host.join(graphql::PATH)?,
            host,
            json_headers: for_json(&headers),
            headers,
            timeout: self.timeout.unwrap_or(TIMEOUT),
            deadline: self.deadline.unwrap_or(DEADLINE),
            retry: self.retry.unwrap_or_default(),
            budget: Budget::full(),
            limiter: self.requests_per_second.map(Limiter::per_second),
            skew: Skew::default(),
            app_id: self.headers.app_id,
            #[cfg(feature = "password")]
            password_key,
        })))
    }
}

/// An environment variable, unless it is unset or empty. Without the end of line
/// that those made from files have.
#[doc(hidden)]
#[must_use]
pub fn env_var(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}
