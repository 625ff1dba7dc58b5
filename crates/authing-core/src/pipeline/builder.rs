//! How a pipeline is set up.

use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::{Inner, Pipeline};
use crate::clock::{Clock, time_limit};
use crate::graphql;
use crate::headers::HeaderOptions;
use crate::host::Host;
use crate::limiter::{LocalRateLimiter, RateLimiter};
use crate::operation::JSON;
#[cfg(feature = "password")]
use crate::password::PasswordKey;
use crate::retry::{Budget, RetryPolicy};
use crate::skew::Skew;
use crate::transport::HttpTransport;
use crate::{Error, Result};

/// Authing's cloud in China, which all official SDKs start from.
const CLOUD: &str = "https://core.authing.cn";

/// How long an exchange may take unless the caller says otherwise; the value
/// of Authing's other SDKs.
const TIMEOUT: Duration = Duration::from_secs(10);

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
impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[key]")
    }
}

/// How many requests may go out.
#[derive(Debug, Default)]
enum Rate {
    #[default]
    Unlimited,
    PerSecond(u32),
    Own(Arc<dyn RateLimiter>),
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
    rate: Rate,
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
        self.rate = Rate::PerSecond(requests);
        self
    }

    /// Decides when requests may go out.
    pub fn rate_limiter(mut self, limiter: impl RateLimiter) -> Self {
        self.rate = Rate::Own(Arc::new(limiter));
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
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) says which option is wrong.
    pub fn build(
        self,
        default_transport: impl FnOnce() -> Result<Arc<dyn HttpTransport>>,
    ) -> Result<Pipeline> {
        let host = Host::parse(
            self.host.as_deref().unwrap_or(CLOUD),
            self.allow_insecure_http,
        )?;
        for (name, limit) in [("timeout", self.timeout), ("deadline", self.deadline)] {
            if let Some(limit) = limit {
                time_limit(name, limit).map_err(Error::configuration)?;
            }
        }
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
        let clock = self.clock.unwrap_or_else(|| transport.clock());
        let limiter: Option<Arc<dyn RateLimiter>> = match self.rate {
            Rate::Unlimited => None,
            Rate::PerSecond(requests) => {
                let clock = Arc::clone(&clock);
                Some(Arc::new(LocalRateLimiter::per_second(requests, clock)?))
            }
            Rate::Own(limiter) => Some(limiter),
        };
        Ok(Pipeline(Arc::new(Inner {
            clock,
            transport,
            graphql: host.join(graphql::PATH)?,
            host,
            json_headers: for_json(&headers),
            headers,
            timeout: self.timeout.unwrap_or(TIMEOUT),
            deadline: self.deadline,
            retry: self.retry.unwrap_or_default(),
            budget: Budget::full(),
            limiter,
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
