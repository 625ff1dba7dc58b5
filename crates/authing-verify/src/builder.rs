use std::sync::Arc;
use std::time::Duration;

use authing_core::__private::time_limit;
use authing_core::{Clock, Error, HttpTransport, Pipeline, Result, SystemClock};

use crate::application::{Algorithm, Application, TokenKind};
use crate::deny::DenyList;
#[cfg(feature = "introspection")]
use crate::introspection::{Introspection, Online};
use crate::keys::{KeyCache, KeyOptions};
use crate::transport::default_transport;
use crate::verifier::{App, Inner, Source, Verifier};

/// How long the server may take to answer for the keys.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How far the clocks of this machine and the server may differ.
const LEEWAY: Duration = Duration::from_secs(60);
/// Beyond this it would be no leeway but another expiry.
pub(crate) const MOST_LEEWAY: Duration = Duration::from_secs(600);
/// HTTP servers read headers of 8 to 16 KB.
const LONGEST: usize = 16 * 1024;

/// Sets up a [`Verifier`].
#[derive(Debug)]
#[must_use]
pub struct VerifierBuilder {
    applications: Vec<Application>,
    kind: TokenKind,
    leeway: Duration,
    longest: usize,
    keys: KeyOptions,
    transport: Option<Arc<dyn HttpTransport>>,
    clock: Option<Arc<dyn Clock>>,
    timeout: Duration,
    allow_insecure_http: bool,
    denied: Option<DenyList>,
    #[cfg(feature = "introspection")]
    introspection: Option<Introspection>,
}

impl VerifierBuilder {
    pub(crate) fn new() -> Self {
        Self {
            applications: Vec::new(),
            kind: TokenKind::default(),
            leeway: LEEWAY,
            longest: LONGEST,
            keys: KeyOptions::default(),
            transport: None,
            clock: None,
            timeout: TIMEOUT,
            allow_insecure_http: false,
            denied: None,
            #[cfg(feature = "introspection")]
            introspection: None,
        }
    }

    /// Accepts the tokens of this application. Can be called for several.
    pub fn application(mut self, application: Application) -> Self {
        self.applications.push(application);
        self
    }

    /// Which tokens are accepted; access tokens by default.
    pub fn kind(mut self, kind: TokenKind) -> Self {
        self.kind = kind;
        self
    }

    /// How far the clocks of this machine and the server may differ; a minute
    /// by default, ten at most. So long a token is accepted after it has
    /// expired.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// As long as a token may be; 16 KiB by default.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.longest = bytes;
        self
    }

    /// How long keys are used before they are fetched anew; an hour by default,
    /// a minute at least. A shorter `max-age` of the server goes before it.
    pub fn key_ttl(mut self, ttl: Duration) -> Self {
        self.keys.ttl = ttl;
        self
    }

    /// How long keys are used, from when they came, while newer ones cannot be
    /// fetched; a day by default. So long a key that the server has withdrawn
    /// can still be good here during an outage.
    pub fn stale_keys(mut self, limit: Duration) -> Self {
        self.keys.stale = limit;
        self
    }

    /// How long after a fetch because of an unknown key there is no other; a
    /// minute by default. A flood of forged names causes no more fetches than
    /// that.
    pub fn unknown_key_cooldown(mut self, cooldown: Duration) -> Self {
        self.keys.cooldown = cooldown;
        self
    }

    /// The HTTP backend to use instead of the default one.
    pub fn transport(mut self, transport: impl HttpTransport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// The clock to go by instead of the transport's own, for tests that turn
    /// the time.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// How long the server may take for each answer; 5 seconds by default, and
    /// zero makes `build` fail. The keys are asked for up to three times, within
    /// twice this.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Allows plain HTTP to hosts other than this machine. Whoever is on the
    /// way can then pass off keys of their own, and with them any token.
    pub fn allow_insecure_http(mut self) -> Self {
        self.allow_insecure_http = true;
        self
    }

    /// A list of refused tokens that several verifiers share.
    pub fn deny_list(mut self, list: DenyList) -> Self {
        self.denied = Some(list);
        self
    }

    /// Asks the server about each access token besides, which notices when one
    /// was revoked.
    #[cfg(feature = "introspection")]
    pub fn introspection(mut self, introspection: Introspection) -> Self {
        self.introspection = Some(introspection);
        self
    }

    /// Makes the verifier. Nothing is sent before the first token comes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](authing_core::ErrorKind::Configuration)
    /// says what is missing or wrong.
    pub fn build(mut self) -> Result<Verifier> {
        let applications = std::mem::take(&mut self.applications);
        if applications.is_empty() {
            return Err(Error::configuration(
                "name the applications whose tokens are accepted: .application(..)",
            ));
        }
        if self.leeway > MOST_LEEWAY {
            return Err(Error::configuration(format!(
                "a leeway of {:?} is too much: at most {MOST_LEEWAY:?}",
                self.leeway
            )));
        }
        time_limit("timeout", self.timeout).map_err(Error::configuration)?;
        #[cfg(feature = "introspection")]
        let online = match self.introspection.take() {
            Some(options) => Some(self.online(options, &applications)?),
            None => None,
        };
        let mut sources: Vec<(String, Source)> = Vec::new();
        let mut shared = Vec::new();
        for application in applications {
            if application.id.is_empty() {
                return Err(Error::configuration("the id of the application is empty"));
            }
            let app = |application: Application| App {
                id: application.id.as_str().into(),
                application,
            };
            match application.algorithm(self.kind) {
                Algorithm::Hs256 => shared.push((application.shared_key()?, app(application))),
                Algorithm::Rs256 => {
                    let (host, path) = application.jwks()?;
                    let address = format!("{host}{path}");
                    let known = sources.iter_mut().find(|(other, _)| *other == address);
                    match known {
                        Some((_, source)) => source.apps.push(app(application)),
                        None => {
                            let pipeline = self.pipeline(&host, &application.id)?;
                            let source = Source {
                                keys: KeyCache::new(pipeline, path, self.keys),
                                apps: vec![app(application)],
                            };
                            sources.push((address, source));
                        }
                    }
                }
            }
        }
        let clock = self.own_clock();
        Ok(Verifier::new(Inner {
            kind: self.kind,
            leeway: self.leeway,
            longest: self.longest,
            sources: sources.into_iter().map(|(_, source)| source).collect(),
            shared,
            denied: self
                .denied
                .unwrap_or_else(|| DenyList::with_clock(Arc::clone(&clock))),
            clock,
            #[cfg(feature = "introspection")]
            online,
        }))
    }

    /// The way to a host.
    fn pipeline(&mut self, host: &str, app_id: &str) -> Result<Pipeline> {
        let transport = match &self.transport {
            Some(transport) => Arc::clone(transport),
            None => default_transport()?,
        };
        self.transport = Some(Arc::clone(&transport));
        let mut builder = Pipeline::builder()
            .host(host)
            .app_id(app_id)
            .timeout(self.timeout)
            .deadline(self.timeout.saturating_mul(2))
            .transport(transport);
        if let Some(clock) = &self.clock {
            builder = builder.clock(SharedClock(Arc::clone(clock)));
        }
        if self.allow_insecure_http {
            builder = builder.allow_insecure_http();
        }
        builder.build(default_transport)
    }

    fn own_clock(&self) -> Arc<dyn Clock> {
        match (&self.clock, &self.transport) {
            (Some(clock), _) => Arc::clone(clock),
            (None, Some(transport)) => transport.clock(),
            (None, None) => Arc::new(SystemClock::default()),
        }
    }

    #[cfg(feature = "introspection")]
    fn online(&mut self, options: Introspection, applications: &[Application]) -> Result<Online> {
        if self.kind != TokenKind::Access {
            return Err(Error::configuration(format!(
                "introspection is for access tokens, not for the {}",
                self.kind
            )));
        }
        let mut ways = Vec::new();
        for application in applications {
            let secret = application.secret.clone().ok_or_else(|| {
                Error::configuration("introspection needs the secret of the application")
            })?;
            let pipeline = self.pipeline(&application.host, &application.id)?;
            ways.push((application.id.clone(), secret, pipeline));
        }
        Ok(Online::new(options, ways, self.own_clock()))
    }
}

/// One clock for several pipelines.
#[derive(Debug)]
struct SharedClock(Arc<dyn Clock>);

impl Clock for SharedClock {
    fn now(&self) -> std::time::SystemTime {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> authing_core::BoxFuture<'static, ()> {
        self.0.sleep(duration)
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
