//! Decide whether a token of [Authing](https://www.authing.cn) is good, in
//! microseconds and without asking anybody.
//!
//! ```no_run
//! use authing_verify::{Application, Verifier};
//!
//! # async fn example(token: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let verifier = Verifier::builder()
//!     .application(Application::new("application id", "https://my-app.authing.cn"))
//!     .build()?;
//!
//! let claims = verifier.verify(token).await?;
//! println!("{} may {:?}", claims.sub, claims.scope);
//! # Ok(())
//! # }
//! ```
//!
//! What is checked, in this order: size, form, algorithm, key, signature, kind
//! of the token, `sub`, `iss`, `aud`, `azp`, `exp`, `nbf`, `iat`, `nonce`. The
//! algorithm and the keys come from configuration and never from the token.
//! Signatures are checked by [ring](https://docs.rs/ring).
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `tower` | no | [`tower`]: a layer for any service, with guarded routes |
//! | `axum` | no | [`Claims`] and [`OptionalClaims`](axum::OptionalClaims) as extractors; implies `tower` |
//! | `introspection` | no | [`Introspection`]: asks the server whether a token was revoked |
//! | `webhook` | no | [`webhook`]: Authing's webhooks, their secret and their events |
//! | `transport-reqwest` | yes | the reqwest backend, used unless another is given |
//! | `transport-hyper` | no | the hyper backend, used where reqwest is not |
//!
//! Without a `transport-*` feature the tree holds no HTTP library, no TLS and no
//! runtime; give the builder a transport of your own then.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod application;
#[cfg(feature = "axum")]
pub mod axum;
mod bearer;
mod builder;
mod check;
mod claims;
mod deny;
#[cfg(feature = "introspection")]
mod introspection;
mod jws;
mod keys;
#[cfg(any(feature = "tower", feature = "webhook"))]
mod media_type;
mod payload;
mod rejection;
mod strict;
#[cfg(feature = "tower")]
pub mod tower;
mod transport;
#[cfg(test)]
mod vectors;
mod verifier;
#[cfg(feature = "webhook")]
pub mod webhook;

pub use application::{Algorithm, Application, TokenKind};
pub use bearer::bearer_token;
pub use builder::VerifierBuilder;
pub use claims::{Claims, OtherClaims};
pub use deny::DenyList;
#[cfg(feature = "introspection")]
pub use introspection::Introspection;
pub use rejection::{Reason, Rejection};
pub use verifier::Verifier;

pub use authing_core::{
    Clock, Error, ErrorKind, HttpTransport, Result, Secret, TransportError, TransportErrorKind,
    transport_fn,
};
