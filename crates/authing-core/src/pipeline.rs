//! The one way down and up: every call of every client goes through here.

mod builder;

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Uri};

use crate::call::{CallOptions, Credential};
use crate::clock::{Clock, bounded, within};
use crate::graphql;
use crate::host::Host;
use crate::limiter::RateLimiter;
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
use crate::{BoxFuture, Error, ErrorKind, Result, Secret};

pub use builder::{PipelineBuilder, env_var};

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
    /// Nothing where the default holds.
    deadline: Option<Duration>,
    retry: RetryPolicy,
    budget: Budget,
    limiter: Option<Arc<dyn RateLimiter>>,
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
        let mut course = Course::begin(clock, options.deadline.or(self.0.deadline));
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
        payload.check()?;
        let mut renewed = false;
        let mut repetitions = 0;
        loop {
            let clock = &*self.0.clock;
            // A wait, or an answer, may have taken all that was left.
            if course.tries > 0 && course.left(clock).is_zero() {
                return Err(course.out_of_time());
            }
            let info = OperationInfo {
                spec: O::spec(),
                attempt: course.tries + 1,
                is_urgent: options.is_urgent,
            };
            let bearer = self.ready(info, credential, options, course).await?;
            course.tries += 1;
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
            let policy = options.retry.unwrap_or(self.0.retry);
            if error.is_unauthenticated() && bearer.renew() && !renewed {
                trace::token_refused();
                // The server refused before it did anything, so this is safe for
                // every operation.
                if policy.allows_after(course.tries) {
                    renewed = true;
                    course.failure = Some(error);
                    continue;
                }
            }
            let wait = policy
                .delay(O::spec().repeat(), &error, course.tries)
                .filter(|wait| course.has_time_for(*wait, &*self.0.clock));
            match wait {
                Some(wait) if self.0.budget.pay() => {
                    trace::sent_again(&error, course.tries, wait);
                    course.failure = Some(error);
                    self.0.clock.sleep(bounded(wait)).await;
                }
                _ => return Err(error),
            }
            repetitions += 1;
        }
    }

    /// The token and the turn of an attempt. The token comes first: whoever has
    /// a turn must start at once, or requests would pile up and start together.
    async fn ready<'a>(
        &self,
        info: OperationInfo,
        credential: &'a Credential,
        options: &CallOptions,
        course: &mut Course,
    ) -> Result<Bearer<'a>> {
        let bearer = course
            .limit(&*self.0.clock, self.bearer(credential, options))
            .await??;
        match &self.0.limiter {
            Some(limiter) if !limiter.try_acquire(info) => {
                // In a box, since it would weigh on all the calls that need not wait.
                Box::pin(self.queue(&**limiter, info, credential, options, course)).await
            }
            _ => Ok(bearer),
        }
    }

    /// Waits for the turn of an attempt.
    async fn queue<'a>(
        &self,
        limiter: &dyn RateLimiter,
        info: OperationInfo,
        credential: &'a Credential,
        options: &CallOptions,
        course: &mut Course,
    ) -> Result<Bearer<'a>> {
        let clock = &*self.0.clock;
        course.turn(clock, limiter.acquire(info)).await?;
        // The token may have expired, or have been refused, in the queue.
        let mut had_to_wait = false;
        let mut bearer = pin!(self.bearer(credential, options));
        let bearer = poll_fn(|context| {
            let bearer = bearer.as_mut().poll(context);
            had_to_wait |= bearer.is_pending();
            bearer
        });
        let bearer = course.limit(clock, bearer).await??;
        if had_to_wait {
            // That turn is over. The next one comes soon: this call has waited.
            let again = OperationInfo {
                is_urgent: true,
                ..info
            };
            course.turn(clock, limiter.acquire(again)).await?;
        }
        Ok(bearer)
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
        // One timer for both limits: each costs an allocation and a thousand instructions.
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

/// How long a call may take as a whole unless the caller says otherwise. The
/// client's own queue does not count: how long it is says nothing of the server.
const DEADLINE: Duration = Duration::from_secs(30);

/// How far a call has come.
struct Course {
    started: Duration,
    /// The caller's own, if there is one.
    deadline: Option<Duration>,
    /// How long it waited for the client's own rate limit.
    queued: Duration,
    tries: u32,
    /// Why it was sent again the last time.
    failure: Option<Error>,
    /// Whether it has reached its deadline.
    is_over: bool,
}

impl Course {
    fn begin(clock: &dyn Clock, deadline: Option<Duration>) -> Self {
        Self {
            started: clock.elapsed(),
            deadline,
            queued: Duration::ZERO,
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

    /// Waits for the client's own rate limit.
    async fn turn(&mut self, clock: &dyn Clock, turn: BoxFuture<'_, Result<()>>) -> Result<()> {
        let begun = clock.elapsed();
        let outcome = match self.deadline {
            Some(_) => within(clock, self.left(clock), turn).await,
            None => Some(turn.await),
        };
        self.queued += clock.elapsed().saturating_sub(begun);
        outcome.unwrap_or_else(|| Err(self.out_of_turns()))
    }

    fn left(&self, clock: &dyn Clock) -> Duration {
        let limit = match self.deadline {
            Some(limit) => limit,
            None => DEADLINE.saturating_add(self.queued),
        };
        limit.saturating_sub(self.elapsed(clock))
    }

    /// What a call fails with that has reached its deadline: the failure before
    /// it, if there was one, is the cause.
    fn out_of_time(&mut self) -> Error {
        let queued = self.queued.as_secs();
        let words = match self.deadline {
            Some(limit) => format!("not done within {limit:?}"),
            None if queued == 0 => format!("not done within {DEADLINE:?}"),
            None => format!(
                "not done within {DEADLINE:?}, besides {queued} s in the queue of the client's own \
                 rate limit"
            ),
        };
        self.over(Error::timeout(words))
    }

    /// What a call fails with whose deadline came before its turn.
    fn out_of_turns(&mut self) -> Error {
        let limit = self.deadline.unwrap_or(DEADLINE);
        let error = match self.tries {
            0 => Error::client_rate_limit(format!(
                "the client's own rate limit gave the call no turn within {limit:?}; nothing was \
                 sent"
            )),
            _ => Error::timeout(format!(
                "not done within {limit:?}: the retry had no turn yet under the client's own rate \
                 limit"
            )),
        };
        self.over(error)
    }

    fn over(&mut self, error: Error) -> Error {
        self.is_over = true;
        match self.failure.take() {
            Some(failure) => error.with_source(failure),
            None => error,
        }
    }

    fn elapsed(&self, clock: &dyn Clock) -> Duration {
        clock.elapsed().saturating_sub(self.started)
    }

    fn has_time_for(&self, wait: Duration, clock: &dyn Clock) -> bool {
        wait < self.left(clock)
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
            Self::Managed(_, token) => Ok(Some(token.header.clone())),
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
