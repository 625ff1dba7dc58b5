//! The handle of a running emulator.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::faults::{Faults, Injector};
use crate::graphql::Engine;
use crate::http::{self, Shared};
use crate::journal::{self, Journal, RecordedRequest};
use crate::oidc::{self, ClientAuthentication, SigningKeys};
use crate::passwords::PasswordKey;
use crate::pool::Pool;
use crate::server::{self, Door, Orders};

/// A local Authing with one user pool and one application of its own.
///
/// The server runs on a thread of its own, so it can be started from synchronous code and under any executor. It
/// stops when this value is dropped.
pub struct Emulator {
    pub(crate) shared: Arc<Shared>,
    /// Dropped to stop the server.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Why an [`Emulator`] could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The port could not be opened.
    #[error("cannot listen on port {port} of the loopback interface")]
    #[non_exhaustive]
    Listen {
        /// The port that was asked for; 0 stands for any free one.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The thread of the server could not be started.
    #[error("cannot start the thread of the server")]
    Thread(#[source] io::Error),
    /// The emulator's own key or schema cannot be read: a mistake in this crate.
    #[error("the emulator is broken: {0}")]
    Broken(String),
}

/// The settings of an [`Emulator`].
#[derive(Debug, Default)]
#[must_use = "nothing runs until `start` is called"]
pub struct Builder {
    port: u16,
    management_token_life: Option<Duration>,
    user_token_life: Option<Duration>,
    oidc: oidc::Settings,
    journal_capacity: Option<usize>,
    faults: Faults,
}

impl Builder {
    /// Listens on this port instead of any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How long management tokens are good, in whole seconds. 15 days unless set.
    pub fn management_token_life(mut self, life: Duration) -> Self {
        self.management_token_life = Some(life);
        self
    }

    /// How long user tokens are good, in whole seconds. 14 days unless set.
    pub fn user_token_life(mut self, life: Duration) -> Self {
        self.user_token_life = Some(life);
        self
    }

    /// How the application proves to the token endpoint who it is.
    pub fn client_authentication(mut self, method: ClientAuthentication) -> Self {
        self.oidc.authentication = method;
        self
    }

    /// Where logins may send the browser, instead of any `http` address of this machine. They are compared as text.
    pub fn redirect_uris<T: Into<String>>(mut self, uris: impl IntoIterator<Item = T>) -> Self {
        self.oidc.redirect_uris = Some(uris.into_iter().map(Into::into).collect());
        self
    }

    /// Where logouts may send the browser, instead of any `http` address of this machine. They are compared as text.
    pub fn logout_redirect_uris<T: Into<String>>(
        mut self,
        uris: impl IntoIterator<Item = T>,
    ) -> Self {
        self.oidc.logout_redirect_uris = Some(uris.into_iter().map(Into::into).collect());
        self
    }

    /// Signs ID tokens with RS256 and the key at `jwks_uri`, instead of HS256 and the application's secret.
    pub fn rs256_id_tokens(mut self) -> Self {
        self.oidc.rs256_id_tokens = true;
        self
    }

    /// How long OpenID Connect's access and ID tokens are good, in whole seconds. 14 days unless set.
    pub fn access_token_life(mut self, life: Duration) -> Self {
        self.oidc.access_token_life = life;
        self
    }

    /// How many requests the journal keeps. 10 000 unless set.
    pub fn journal_capacity(mut self, requests: usize) -> Self {
        self.journal_capacity = Some(requests);
        self
    }

    /// Misbehaves by this plan from the first request on, as [`Emulator::set_faults`] would have it.
    pub fn faults(mut self, plan: Faults) -> Self {
        self.faults = plan;
        self
    }

    /// Writes the codes of the user's roles into access tokens, as `roles`. Authing does so with a pipeline that its
    /// customers write themselves.
    pub fn roles_in_access_tokens(mut self) -> Self {
        self.oidc.roles_in_access_tokens = true;
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    ///
    /// When the port is taken, or the system gives no thread.
    pub fn start(self) -> Result<Emulator, StartError> {
        let port = self.port;
        let (listener, address) = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .and_then(|listener| {
                listener.set_nonblocking(true)?;
                let address = listener.local_addr()?;
                Ok((listener, address))
            })
            .map_err(|source| StartError::Listen { port, source })?;

        let mut pool = Pool {
            host: format!("http://{address}"),
            oidc: self.oidc,
            ..Pool::default()
        };
        if let Some(life) = self.management_token_life {
            pool.management_token_life = life;
        }
        if let Some(life) = self.user_token_life {
            pool.user_token_life = life;
        }
        let faults = Injector::default();
        faults.set(self.faults);
        let (door, orders) = Door::new();
        let shared = Arc::new(Shared {
            pool,
            key: PasswordKey::load().map_err(StartError::Broken)?,
            signing_keys: SigningKeys::load().map_err(StartError::Broken)?,
            clock: Clock::default(),
            journal: Journal::new(self.journal_capacity.unwrap_or(journal::CAPACITY)),
            engine: Engine::load().map_err(StartError::Broken)?,
            state: Default::default(),
            faults,
            door,
        });

        let (stop, stopped) = oneshot::channel();
        let (ready, started) = mpsc::channel();
        let router = http::router(Arc::clone(&shared));
        let thread = std::thread::Builder::new()
            .name("authing-emulator".to_owned())
            .spawn(move || serve((listener, address), router, orders, stopped, &ready))
            .map_err(StartError::Thread)?;
        let emulator = Emulator {
            shared,
            stop: Some(stop),
            thread: Some(thread),
        };
        match started.recv() {
            Ok(Ok(())) => Ok(emulator),
            Ok(Err(error)) => Err(StartError::Thread(error)),
            Err(gone) => Err(StartError::Broken(gone.to_string())),
        }
    }
}

/// Leaving the runtime closes every connection, also those that are kept alive.
fn serve(
    (listener, address): (TcpListener, SocketAddr),
    router: axum::Router,
    orders: Orders,
    stopped: oneshot::Receiver<()>,
    ready: &mpsc::Sender<io::Result<()>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = ready.send(Err(error));
            return;
        }
    };
    runtime.block_on(async {
        let listener = match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(error) => {
                let _ = ready.send(Err(error));
                return;
            }
        };
        let _ = ready.send(Ok(()));
        tokio::select! {
            () = server::serve(listener, address, router, orders) => {}
            _ = stopped => {}
        }
    });
}

impl Emulator {
    /// Starts a server on a free port of the loopback interface.
    ///
    /// # Errors
    ///
    /// When the system gives no port or no thread.
    pub fn start() -> Result<Self, StartError> {
        Self::builder().start()
    }

    /// Settings to start with.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where the server is: `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.pool.host
    }

    /// The id of the user pool.
    #[must_use]
    pub fn user_pool_id(&self) -> &str {
        &self.shared.pool.id
    }

    /// The secret of the user pool, for management tokens.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.shared.pool.secret
    }

    /// The id of the application.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.shared.pool.app_id
    }

    /// The secret of the application, which signs user tokens.
    #[must_use]
    pub fn app_secret(&self) -> &str {
        &self.shared.pool.app_secret
    }

    /// The PEM text of the key that clients encrypt passwords with. Its private half is public test material.
    #[must_use]
    pub fn public_key(&self) -> &str {
        self.shared.key.public_pem()
    }

    /// The hexadecimal digits of the point that clients encrypt passwords for with SM2, if they are set up so. Its
    /// private key is published.
    #[must_use]
    pub fn sm2_public_key(&self) -> &str {
        self.shared.key.sm2_public()
    }

    /// The last requests, oldest first: 10 000 unless [`Builder::journal_capacity`] was set. They are in the order in
    /// which they were carried out.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.journal.all()
    }

    /// How many of [`requests`](Self::requests) had this path, or this name of a GraphQL operation.
    #[must_use]
    pub fn request_count(&self, name: &str) -> usize {
        self.shared.journal.count(name)
    }

    /// How many connections are being served now, also those that wait for their next request.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.shared.door.open_connections()
    }

    /// How many connections have been accepted since the start.
    #[must_use]
    pub fn accepted_connections(&self) -> u64 {
        self.shared.door.accepted_connections()
    }

    /// Signs with a new RSA key from now on. The key before it stays published at `jwks_uri`, older ones do not.
    pub fn rotate_signing_key(&self) {
        self.shared.signing_keys.rotate();
    }

    /// Turns the server's clock forward. Tokens and codes expire by it.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// The time on the server's clock, for example to compute the code of an authenticator app.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        let seconds = u64::try_from(self.shared.clock.now().seconds()).unwrap_or_default();
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }
}

/// Without the secrets.
impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("url", &self.url())
            .field("user_pool_id", &self.user_pool_id())
            .field("app_id", &self.app_id())
            .finish_non_exhaustive()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
