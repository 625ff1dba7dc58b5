//! Act as an end user of [Authing](https://www.authing.cn): register, log in,
//! read and change the profile, log out.
//!
//! ```no_run
//! use authing_authentication::v2::{AuthenticationClient, UpdateProfileInput};
//!
//! # async fn example() -> Result<(), authing_authentication::Error> {
//! let client = AuthenticationClient::builder().app_id("application id").build()?;
//!
//! client.register_by_username("bob", "correct horse").await?;
//! let session = client.login_by_username("bob", "correct horse").await?;
//! session.update_profile(UpdateProfileInput::new().nickname("Bobby")).await?;
//!
//! // Later, perhaps in another process, from a cookie:
//! let session = client.session(session.token());
//! println!("{:?}", session.get_current_user().await?.nickname);
//! # Ok(())
//! # }
//! ```
//!
//! The client holds no user, so one client serves all users of a program at
//! once. Logging in returns a [`v2::Session`], and what needs a logged-in user
//! is a method of the session.
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `v2` | yes | [`v2`]: the API of Authing's v2 SDKs |
//! | `mfa` | yes | [`v2::mfa`]: the calls of the second factor |
//! | `oidc` | yes | [`oidc`]: log users in through Authing's own login page, with OpenID Connect |
//! | `sm2` | no | passwords encrypted with SM2, for private deployments that ask for it |
//! | `transport-reqwest` | yes | the reqwest backend, used unless another is given |
//! | `transport-hyper` | no | the hyper backend, used where reqwest is not |
//!
//! Without a `transport-*` feature the tree holds no HTTP library, no TLS and no
//! runtime; give the builder a transport of your own then.

pub use authing_core::{
    Clock, Error, ErrorCode, ErrorKind, HttpTransport, LocalRateLimiter, OperationInfo, Patch,
    RateLimiter, Result, RetryPolicy, Secret, SystemClock, Timestamp, TransportError,
    TransportErrorKind, transport_fn,
};

#[cfg(feature = "oidc")]
pub mod oidc;
#[cfg(any(feature = "v2", feature = "oidc"))]
mod transport;
#[cfg(feature = "v2")]
pub mod v2;
