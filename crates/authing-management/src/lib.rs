//! Administer an [Authing](https://www.authing.cn) user pool from a backend:
//! its users and what they may do.
//!
//! ```no_run
//! use authing_management::v2::{CreateUserInput, ManagementClient};
//!
//! # async fn example() -> Result<(), authing_management::Error> {
//! let client = ManagementClient::builder("user pool id", "secret").build()?;
//!
//! let bob = client
//!     .users()
//!     .create(CreateUserInput::new().username("bob").password("correct horse"))
//!     .await?;
//!
//! let mut users = client.users().list().limit(50).stream();
//! while let Some(user) = users.next().await {
//!     println!("{:?}", user?.username);
//! }
//!
//! client.users().delete(bob.id).await?;
//! # Ok(())
//! # }
//! ```
//!
//! A client is cheap to clone and meant to be shared. It fetches its access
//! token when it first needs one, renews it in time, and replaces it once if
//! the server refuses it.
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `v2` | yes | [`v2`]: the API of Authing's v2 SDKs |
//! | `udf` | yes | [`v2::ManagementClient::udf`] |
//! | `userpool` | yes | [`v2::ManagementClient::userpool`] |
//! | `users` | yes | [`v2::ManagementClient::users`] |
//! | `policies` | yes | [`v2::ManagementClient::policies`] |
//! | `acl` | yes | [`v2::ManagementClient::acl`] |
//! | `whitelist` | yes | [`v2::ManagementClient::whitelist`] |
//! | `password` | yes | users can be given passwords: RSA, as the API wants them encrypted |
//! | `sm2` | no | passwords encrypted with SM2, for private deployments that ask for it |
//! | `transport-reqwest` | yes | the reqwest backend, used unless another is given |
//! | `transport-hyper` | no | the hyper backend, used where reqwest is not |
//!
//! Without a `transport-*` feature the tree holds no HTTP library, no TLS and no
//! runtime; give the builder a transport of your own then.

pub use authing_core::{
    Clock, Error, ErrorCode, ErrorKind, FileTokenStore, HttpTransport, LocalRateLimiter,
    MemoryTokenStore, OperationInfo, Page, PageStream, Patch, RateLimiter, Result, RetryPolicy,
    Secret, StoreLock, StoredToken, SystemClock, Timestamp, TokenStore, TransportError,
    TransportErrorKind, transport_fn,
};

#[cfg(feature = "v2")]
mod transport;
#[cfg(feature = "v2")]
pub mod v2;
