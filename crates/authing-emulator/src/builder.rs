//! How an emulator is set up and started.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use tokio::sync::{Notify, oneshot, watch};

use crate::clock::Clock;
use crate::control::Control;
use crate::emulator::{Emulator, StartError};
use crate::faults::{Faults, Injector};
use crate::graphql::Engine;
use crate::identity::{Identities, Identity};
use crate::ids::Source;
use crate::in_flight::InFlight;
use crate::journal::{self, Journal, Log, RecordedRequest};
use crate::limits::Limits;
use crate::oidc::{self, ClientAuthentication, SigningKeys};
use crate::passwords::PasswordKey;
use crate::seed::Seed;
use crate::server::{self, Door, Orders};
use crate::shared::{Shared, Start};
use crate::snapshot::{Contents, Snapshot};
use crate::world::{Tenant, World};
use crate::{http, webhooks};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

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
    random_seed: Option<u64>,
    seed: Option<Seed>,
    snapshot: Option<Snapshot>,
    control: Control,
    address: Option<IpAddr>,
    is_public: bool,
    url: Option<String>,
    webhooks_anywhere: bool,
    log: Option<Log>,
    limits: Limits,
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

    /// Writes the codes of the user's roles into all access tokens, as `roles`; those of other namespaces than `default`
    /// as objects that name it too. Authing does so with a pipeline that its customers write themselves. With the scope
    /// `roles` they are in the tokens without this.
    pub fn roles_in_access_tokens(mut self) -> Self {
        self.oidc.roles_in_access_tokens = true;
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

    /// Draws every id, secret, code and key from this number, so that two runs in which the same happens in the same
    /// order are the same, byte for byte; tokens too where the clock is frozen or put to a time.
    ///
    /// ```
    /// use authing_emulator::Emulator;
    ///
    /// # fn main() -> Result<(), authing_emulator::StartError> {
    /// let [one, two] = [Emulator::builder().random_seed(7).start()?, Emulator::builder().random_seed(7).start()?];
    /// assert_eq!(one.secret(), two.secret());
    /// # Ok(())
    /// # }
    /// ```
    pub fn random_seed(mut self, seed: u64) -> Self {
        self.random_seed = Some(seed);
        self
    }

    /// Begins with what the seed asks for. Has no effect beside [`snapshot`](Self::snapshot).
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Begins with this state. Settings of the pool, of OpenID Connect and of ids come from there.
    pub fn snapshot(mut self, snapshot: Snapshot) -> Self {
        self.snapshot = Some(snapshot);
        self
    }

    /// What changes over the control API have to show. Made up unless set.
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control.set_token(token.into());
        self
    }

    /// Also answers the control API and the page when they are asked for at this host name. They know the names of
    /// loopback, and on a public address every IP address; other names could be a trick of a web page.
    pub fn control_host(mut self, name: impl Into<String>) -> Self {
        self.control.allow_host(name.into());
        self
    }

    /// Listens on this address instead of loopback. One that other machines can reach needs [`public`](Self::public).
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// Says that other machines may reach the emulator, which gives out secrets and codes to everybody.
    pub fn public(mut self) -> Self {
        self.is_public = true;
        self
    }

    /// Where clients find the server, if that is not where it listens: without a slash at the end. Tokens name it as
    /// their issuer, whatever the name that a request uses. Without it, a request that reaches the server by a name of
    /// this machine gets tokens of that name.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Lets webhooks leave this machine. They hold digests of passwords and tokens, and travel without TLS.
    pub fn webhooks_anywhere(mut self) -> Self {
        self.webhooks_anywhere = true;
        self
    }

    /// How much requests may ask of the emulator, instead of the defaults.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Tells what becomes of each request, when it is over, on the server's thread.
    pub fn log(mut self, log: impl Fn(&RecordedRequest) + Send + Sync + 'static) -> Self {
        self.log = Some(Log::new(log));
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    ///
    /// When the port is taken, the seed asks for what is refused, or the system gives no thread.
    pub fn start(self) -> Result<Emulator, StartError> {
        let (port, ip) = (self.port, self.address.unwrap_or(LOOPBACK));
        if !ip.is_loopback() && !self.is_public {
            return Err(StartError::Public(ip));
        }
        let (listener, address) = TcpListener::bind((ip, port))
            .and_then(|listener| {
                listener.set_nonblocking(true)?;
                let address = listener.local_addr()?;
                Ok((listener, address))
            })
            .map_err(|source| StartError::Listen {
                address: ip,
                port,
                source,
            })?;
        let (door, orders) = Door::new();
        let shared = Arc::new(self.share(address, door)?);

        let (stop, stopped) = oneshot::channel();
        let (ready, started) = mpsc::channel();
        let (runs, running) = watch::channel(());
        let connections = shared.limits.connections;
        let router = http::router(Arc::clone(&shared));
        let courier = webhooks::deliver(Arc::clone(&shared));
        let thread = std::thread::Builder::new()
            .name("authing-emulator".to_owned())
            .spawn(move || {
                let _runs = runs;
                serve(
                    (listener, address),
                    connections,
                    router,
                    orders,
                    courier,
                    stopped,
                    &ready,
                )
            })
            .map_err(StartError::Thread)?;
        let emulator = Emulator {
            shared,
            stop: Some(stop),
            running,
            thread: Some(thread),
        };
        match started.recv() {
            Ok(Ok(())) => Ok(emulator),
            Ok(Err(error)) => Err(StartError::Thread(error)),
            Err(gone) => Err(StartError::Broken(gone.to_string())),
        }
    }

    /// All that the server works with.
    fn share(mut self, address: SocketAddr, door: Door) -> Result<Shared, StartError> {
        let engine = Engine::shared().map_err(StartError::Broken)?;
        let key = PasswordKey::shared().map_err(StartError::Broken)?;
        let signing_keys = SigningKeys::load().map_err(StartError::Broken)?;
        let clock = Clock::default();
        let url = self.url.take();
        let has_url = url.is_some();
        let host = url.unwrap_or_else(|| format!("http://{}", reachable(address)));
        let (ids, world) = match self.snapshot.take() {
            Some(Snapshot(contents)) => {
                clock.set_pace(contents.clock);
                signing_keys.set(contents.signing_keys);
                (contents.ids, contents.pools)
            }
            None => self.new_world(&clock, &engine, &key)?,
        };
        let first = Contents::new(clock.pace(), ids.clone(), signing_keys.all(), world.clone());
        let faults = Injector::default();
        faults.set(self.faults.clone());
        self.control.settle(self.is_public);
        Ok(Shared {
            host,
            has_url,
            identities: Identities::new(Identity::of(&world.tenants.first.apps.first)),
            world: Mutex::new(world),
            ids: Mutex::new(ids),
            key,
            signing_keys,
            clock: Arc::new(clock),
            journal: Journal::new(self.journal_capacity.unwrap_or(journal::CAPACITY), self.log),
            engine,
            faults,
            door,
            control: self.control,
            in_flight: Arc::new(InFlight::new(self.limits.bytes_in_flight)),
            limits: self.limits,
            webhooks_waiting: Notify::new(),
            webhooks_anywhere: self.webhooks_anywhere,
            first: Start {
                snapshot: Snapshot(first),
                faults: self.faults,
            },
        })
    }

    fn new_world(
        &mut self,
        clock: &Clock,
        engine: &Engine,
        key: &PasswordKey,
    ) -> Result<(Source, World), StartError> {
        let seed = self.seed.take().unwrap_or_default();
        seed.set_clock(clock)?;
        let mut ids = Source::new(self.random_seed.or(seed.random_seed));
        let mut tenant = Tenant::new(ids.split());
        let pool = &mut tenant.apps.first;
        pool.oidc = self.oidc.clone();
        if let Some(life) = self.management_token_life {
            pool.management_token_life = life;
        }
        if let Some(life) = self.user_token_life {
            pool.user_token_life = life;
        }
        let mut world = World::new(tenant);
        let anywhere = self.webhooks_anywhere;
        seed.apply(&mut world, &mut ids, engine, key, clock.now(), anywhere)?;
        Ok((ids, world))
    }
}

/// Where clients on this machine find a server that listens at an address.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        ip if !ip.is_unspecified() => address,
        IpAddr::V4(_) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port()),
        IpAddr::V6(_) => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), address.port()),
    }
}

/// Leaving the runtime closes every connection, also those that are kept alive.
fn serve(
    (listener, address): (TcpListener, SocketAddr),
    connections: usize,
    router: axum::Router,
    orders: Orders,
    courier: impl Future<Output = ()>,
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
            () = server::serve(listener, address, router, orders, connections) => {}
            () = courier => {}
            _ = stopped => {}
        }
    });
}
