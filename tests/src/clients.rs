//! Clients that are ready to use.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use authing::oidc::{ClientAuthentication, OidcClient};
use authing::v2::{AuthenticationClient, ManagementClient, Session};
use authing::verify::{Application, Introspection, Verifier, VerifierBuilder};
use authing::{Clock, Error, HttpTransport, RetryPolicy, SystemClock};
use authing_core::{BoxFuture, TokioClock};
use authing_emulator::Emulator;

use crate::transport_with;

/// An HTTP backend of the SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// `authing-reqwest`.
    Reqwest,
    /// `authing-hyper`.
    Hyper,
}

impl Backend {
    /// A transport that talks to loopback, whatever proxy the environment
    /// names.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub fn transport(self) -> Result<Arc<dyn HttpTransport>, Error> {
        self.capped(1 << 20)
    }

    /// The same with a cap on the size of an answer.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub fn capped(self, bytes: usize) -> Result<Arc<dyn HttpTransport>, Error> {
        transport_with!(self, |builder| builder.max_answer_bytes(bytes))
    }
}

/// A transport with options that both have:
/// `transport_with!(backend, |builder| builder.add_root_certificate(pem))`. It
/// goes through no proxy of the environment.
#[macro_export]
macro_rules! transport_with {
    ($backend:expr, |$builder:ident| $options:expr) => {
        match $backend {
            $crate::clients::Backend::Reqwest => {
                let $builder = ::authing_reqwest::ReqwestTransport::builder().no_proxy();
                $options.build().map($crate::clients::shared)
            }
            _ => {
                let $builder = ::authing_hyper::HyperTransport::builder();
                $options.build().map($crate::clients::shared)
            }
        }
    };
}

/// Hides which transport it is.
pub fn shared(transport: impl HttpTransport) -> Arc<dyn HttpTransport> {
    Arc::new(transport)
}

/// Both clients, and a session that no server has seen.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Clients {
    /// The administrator.
    pub admin: ManagementClient,
    /// The end users' client.
    pub client: AuthenticationClient,
    /// A session made of [`USER_TOKEN`].
    pub session: Session,
    /// The application's client, which tells its secret in the form.
    pub oidc: OidcClient,
    /// The same, with the secret in the header.
    pub oidc_basic: OidcClient,
    /// What an API has that asks about each token, with the secret in the form.
    pub verifier: Verifier,
    /// The same, with the secret in the header.
    pub verifier_basic: Verifier,
}

/// A clock that stands at 1970, when all made-up tokens are good. Waits are the
/// transport's.
#[derive(Debug, Clone)]
struct Epoch(Arc<dyn Clock>);

impl Clock for Epoch {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(duration)
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The system's clock, off by a number of seconds that can be changed.
#[derive(Debug, Clone, Default)]
pub struct OffClock(Arc<AtomicI64>);

impl OffClock {
    /// A clock that is ahead by this many seconds, or behind.
    #[must_use]
    pub fn by(seconds: i64) -> Self {
        Self(Arc::new(AtomicI64::new(seconds)))
    }

    /// Turns the clock forward, and all its clones.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for OffClock {
    fn now(&self) -> SystemTime {
        let off = self.0.load(Ordering::SeqCst);
        let by = Duration::from_secs(off.unsigned_abs());
        let now = SystemClock::default().now();
        if off < 0 { now - by } else { now + by }
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        TokioClock::default().sleep(duration)
    }

    fn elapsed(&self) -> Duration {
        TokioClock::default().elapsed()
    }
}

/// A made-up token whose payload is `{"sub":"u1"}`.
pub const USER_TOKEN: &str = "e30.eyJzdWIiOiJ1MSJ9.c2ln";

/// A made-up token of a login that waits for its second factor.
pub const MFA_TOKEN: &str = "e30.eyJkYXRhIjp7InN0YWdlIjoxfX0.c2ln";

/// A verifier that asks about each token.
fn asking(
    application: Application,
    asks: Introspection,
    transport: impl HttpTransport,
) -> VerifierBuilder {
    Verifier::builder()
        .application(application)
        .introspection(asks)
        .transport(transport)
}

impl Clients {
    /// Clients of the made-up pool `pool-1` and application `app-1` that send
    /// nothing twice.
    ///
    /// # Errors
    ///
    /// The host is not a URL.
    pub fn at(
        host: &str,
        transport: impl HttpTransport + Clone,
        timeout: Duration,
    ) -> Result<Self, Error> {
        Self::retrying(host, transport, timeout, RetryPolicy::none())
    }

    /// The same with another policy.
    ///
    /// # Errors
    ///
    /// The host is not a URL.
    pub fn retrying(
        host: &str,
        transport: impl HttpTransport + Clone,
        timeout: Duration,
        retry: RetryPolicy,
    ) -> Result<Self, Error> {
        let epoch = Epoch(transport.clock());
        let client = AuthenticationClient::builder()
            .app_id("app-1")
            .host(host)
            .transport(transport.clone())
            .timeout(timeout)
            .retry(retry)
            .build()?;
        let oidc = OidcClient::builder("app-1")
            .secret("app-secret")
            .issuer("https://id.example/oidc")
            .host(host)
            .transport(transport.clone())
            .clock(epoch.clone())
            .timeout(timeout)
            .retry(retry);
        let oidc_basic = OidcClient::builder("app-1")
            .secret("app-secret")
            .issuer("https://id.example/oidc")
            .client_authentication(ClientAuthentication::SecretBasic)
            .host(host)
            .transport(transport.clone())
            .clock(epoch.clone())
            .timeout(timeout)
            .retry(retry);
        let application = Application::new("app-1", host)
            .secret("app-secret")
            .issuer("https://id.example/oidc");
        let verifier = |asks| {
            asking(application.clone(), asks, transport.clone())
                .clock(epoch.clone())
                .timeout(timeout)
        };
        Ok(Self {
            verifier: verifier(Introspection::new()).build()?,
            verifier_basic: verifier(Introspection::new().basic()).build()?,
            oidc: oidc.build()?,
            oidc_basic: oidc_basic.build()?,
            admin: ManagementClient::builder("pool-1", "pool-secret")
                .host(host)
                .transport(transport)
                .timeout(timeout)
                .retry(retry)
                .build()?,
            session: client.session(USER_TOKEN),
            client,
        })
    }

    /// Clients of an emulator.
    ///
    /// # Errors
    ///
    /// The emulator's address or key is not usable.
    pub fn of(emulator: &Emulator, transport: impl HttpTransport + Clone) -> Result<Self, Error> {
        let client = AuthenticationClient::builder()
            .app_id(emulator.app_id())
            .host(emulator.url())
            .public_key(emulator.public_key())
            .transport(transport.clone())
            .build()?;
        let oidc = OidcClient::builder(emulator.app_id())
            .secret(emulator.app_secret())
            .host(emulator.url())
            .transport(transport.clone());
        let oidc_basic = OidcClient::builder(emulator.app_id())
            .secret(emulator.app_secret())
            .client_authentication(ClientAuthentication::SecretBasic)
            .host(emulator.url())
            .transport(transport.clone());
        let application =
            Application::new(emulator.app_id(), emulator.url()).secret(emulator.app_secret());
        let verifier = |asks| asking(application.clone(), asks, transport.clone());
        Ok(Self {
            verifier: verifier(Introspection::new()).build()?,
            verifier_basic: verifier(Introspection::new().basic()).build()?,
            oidc: oidc.build()?,
            oidc_basic: oidc_basic.build()?,
            admin: ManagementClient::builder(emulator.user_pool_id(), emulator.secret())
                .host(emulator.url())
                .public_key(emulator.public_key())
                .transport(transport)
                .build()?,
            session: client.session(USER_TOKEN),
            client,
        })
    }
}
