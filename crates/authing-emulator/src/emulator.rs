//! The handle of a running emulator.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use tokio::sync::{oneshot, watch};

use crate::builder::Builder;
use crate::clock::EmulatorClock;
use crate::dates::Moment;
use crate::journal::RecordedRequest;
use crate::seed::SeedError;
use crate::shared::Shared;
use crate::snapshot::Snapshot;

/// A local Authing with a user pool and an application of its own, or with several.
///
/// The server runs on a thread of its own, so it can be started from synchronous code and under any executor. It
/// stops when this value is dropped.
pub struct Emulator {
    pub(crate) shared: Arc<Shared>,
    /// Dropped to stop the server.
    pub(crate) stop: Option<oneshot::Sender<()>>,
    /// Its other half is dropped by the thread when it ends, however it ends.
    pub(crate) running: watch::Receiver<()>,
    pub(crate) thread: Option<JoinHandle<()>>,
}

/// Why an [`Emulator`] could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The port could not be opened.
    #[error("cannot listen on port {port} of {address}")]
    #[non_exhaustive]
    Listen {
        /// The address that was asked for, which is loopback unless set.
        address: IpAddr,
        /// The port that was asked for; 0 stands for any free one.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The address can be reached from other machines, and nobody said that this is meant.
    #[error(
        "{0} can be reached from other machines: say that this is meant (--public), or listen on loopback"
    )]
    #[non_exhaustive]
    Public(IpAddr),
    /// The seed asks for what the emulator refuses.
    #[error("the seed cannot be carried out")]
    Seed(#[from] SeedError),
    /// The thread of the server could not be started.
    #[error("cannot start the thread of the server")]
    Thread(#[source] io::Error),
    /// The emulator's own key or schema cannot be read: a mistake in this crate.
    #[error("the emulator is broken: {0}")]
    Broken(String),
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
        &self.shared.host
    }

    /// The id of the user pool; of the first one where there are several.
    #[must_use]
    pub fn user_pool_id(&self) -> &str {
        &self.shared.identities.current().pool_id
    }

    /// The secret of the user pool, for management tokens.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.shared.identities.current().secret
    }

    /// The id of the application; of the first one of the first pool where there are several.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.shared.identities.current().app_id
    }

    /// The secret of the application, which signs user tokens.
    #[must_use]
    pub fn app_secret(&self) -> &str {
        &self.shared.identities.current().app_secret
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
        self.shared.draw(|| self.shared.signing_keys.rotate());
    }

    /// Turns the server's clock forward. Tokens and codes expire by it.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// Stops the server's clock, so that whatever happens happens at the same moment, until it is turned by
    /// [`advance`](Self::advance) or [`set_time`](Self::set_time), or goes on.
    ///
    /// ```
    /// use authing_emulator::Emulator;
    /// use std::time::{Duration, SystemTime};
    ///
    /// # fn main() -> Result<(), authing_emulator::StartError> {
    /// let emulator = Emulator::start()?;
    /// let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_208_000);
    /// emulator.freeze_time();
    /// emulator.set_time(noon);
    /// emulator.advance(Duration::from_secs(60));
    /// assert_eq!(emulator.now(), noon + Duration::from_secs(60));
    /// emulator.unfreeze_time();
    /// # Ok(())
    /// # }
    /// ```
    pub fn freeze_time(&self) {
        self.shared.clock.freeze();
    }

    /// Lets the clock go on from where it stands.
    pub fn unfreeze_time(&self) {
        self.shared.clock.unfreeze();
    }

    /// Puts the clock to this time, in whole milliseconds, whether it runs or stands still. It may be turned back; what
    /// has expired and was thrown away does not come back.
    pub fn set_time(&self, now: SystemTime) {
        self.shared.clock.set(Moment::of(now));
    }

    /// The server's clock, to be shared with the clients under test: they judge by their own time whether a token has
    /// expired, or was issued too early, so a clock that was turned or stopped has to be theirs too. It goes along with
    /// whatever is done to the server's, and may outlive the emulator.
    ///
    /// ```
    /// use authing_emulator::Emulator;
    /// use std::time::{Duration, SystemTime};
    ///
    /// # fn main() -> Result<(), authing_emulator::StartError> {
    /// let emulator = Emulator::start()?;
    /// let clock = emulator.clock();
    /// emulator.freeze_time();
    /// emulator.set_time(SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000));
    /// assert_eq!(clock.now(), emulator.now());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The builders of the SDK's clients and of its verifier take it as
    /// `.clock(authing::clock_fn(move || clock.now()))`.
    #[must_use]
    pub fn clock(&self) -> EmulatorClock {
        EmulatorClock::new(&self.shared.clock)
    }

    /// The time on the server's clock, for example to compute the code of an authenticator app.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.shared.clock.now().system_time()
    }

    /// What changes of an emulator have to show in the header `x-emulator-token` of the control API: the text that it
    /// was started with, or one that was made up.
    #[must_use]
    pub fn control_token(&self) -> &str {
        self.shared.control.token()
    }

    /// The whole state as it is now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.shared.snapshot()
    }

    /// Puts another state in the place of this emulator's. The address stays, and so do the journal and the faults.
    pub fn restore(&self, snapshot: &Snapshot) {
        self.shared.restore(snapshot);
    }

    /// A second emulator, at an address of its own, with a copy of the state. From then on they go their own ways.
    ///
    /// ```
    /// use authing_emulator::Emulator;
    ///
    /// # fn main() -> Result<(), authing_emulator::StartError> {
    /// let emulator = Emulator::start()?;
    /// let copy = emulator.fork()?;
    /// assert_eq!(copy.user_pool_id(), emulator.user_pool_id());
    /// assert_ne!(copy.url(), emulator.url());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the system gives no port or no thread.
    pub fn fork(&self) -> Result<Self, StartError> {
        Self::builder().snapshot(self.snapshot()).start()
    }

    /// Makes everything as it was right after the start: the state with the clock, and the faults. The journal is
    /// empty again.
    pub fn reset(&self) {
        self.shared.reset();
        self.shared.door.open_now();
    }

    /// Begins to end the server: it accepts no more connections, and each open connection ends with the request that
    /// it carries now. Requests that come later are refused with HTTP 503, and nothing is carried out.
    pub fn close(&self) {
        self.shared.door.close();
    }

    /// Waits until the server has ended: after [`close`](Self::close), when the last client has its response. A client
    /// that does not read its response can make this last long, so give it a time limit.
    pub async fn closed(&self) {
        let mut running = self.running.clone();
        while running.changed().await.is_ok() {}
    }

    /// Stops the server at once, as dropping it does, and returns the state as it is then. Every change that a client
    /// was told of is in it. Call [`close`](Self::close) and wait for [`closed`](Self::closed) before it to let clients
    /// have the responses that are under way.
    ///
    /// ```
    /// use authing_emulator::Emulator;
    ///
    /// # fn main() -> Result<(), authing_emulator::StartError> {
    /// let emulator = Emulator::start()?;
    /// // Whatever clients do …
    /// let state = emulator.finish();
    /// let again = Emulator::builder().snapshot(state).start()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "the state is lost unless it is kept"]
    pub fn finish(mut self) -> Snapshot {
        self.stop();
        self.shared.snapshot()
    }

    /// On return nothing is carried out any more.
    fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
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
        self.stop();
    }
}
