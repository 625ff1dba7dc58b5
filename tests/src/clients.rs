//! Clients that are ready to use.

use std::sync::Arc;
use std::time::Duration;

use authing::v2::{AuthenticationClient, ManagementClient, Session};
use authing::{Error, HttpTransport};
use authing_emulator::Emulator;
use authing_hyper::HyperTransport;
use authing_reqwest::ReqwestTransport;

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
        Ok(match self {
            Self::Reqwest => Arc::new(
                ReqwestTransport::builder()
                    .no_proxy()
                    .max_answer_bytes(bytes)
                    .build()?,
            ),
            Self::Hyper => Arc::new(HyperTransport::builder().max_answer_bytes(bytes).build()?),
        })
    }
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
}

/// A made-up token whose payload is `{"sub":"u1"}`.
pub const USER_TOKEN: &str = "e30.eyJzdWIiOiJ1MSJ9.c2ln";

/// A made-up token of a login that waits for its second factor.
pub const MFA_TOKEN: &str = "e30.eyJkYXRhIjp7InN0YWdlIjoxfX0.c2ln";

impl Clients {
    /// Clients of the made-up pool `pool-1` and application `app-1`.
    ///
    /// # Errors
    ///
    /// The host is not a URL.
    pub fn at(
        host: &str,
        transport: impl HttpTransport + Clone,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let client = AuthenticationClient::builder()
            .app_id("app-1")
            .host(host)
            .transport(transport.clone())
            .timeout(timeout)
            .build()?;
        Ok(Self {
            admin: ManagementClient::builder("pool-1", "pool-secret")
                .host(host)
                .transport(transport)
                .timeout(timeout)
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
        Ok(Self {
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
