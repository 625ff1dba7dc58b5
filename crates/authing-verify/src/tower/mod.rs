//! A layer for any tower service: axum, tonic, hyper.
//!
//! [`VerifyLayer`] looks at the bearer token of each request. A request with a
//! good one goes on with its [`Claims`](crate::Claims) among the
//! [extensions](http::Request::extensions), in an [`Arc`](std::sync::Arc);
//! every other is answered with a plain 401. [`GuardLayer`] asks for more on
//! some of the routes.
//!
//! ```
//! use std::sync::Arc;
//!
//! use authing_verify::tower::{Guard, GuardLayer, VerifyLayer};
//! use authing_verify::{Claims, Verifier};
//! use http::Request;
//!
//! # fn example(verifier: Verifier) {
//! let everywhere = VerifyLayer::new(verifier)
//!     .realm("shop")
//!     .on_rejection(|rejection| eprintln!("refused: {rejection}"));
//! let for_editors = GuardLayer::new(Guard::role("editor") | Guard::scope("pages:write"));
//!
//! fn who<B>(request: &Request<B>) -> Option<&str> {
//!     let claims = request.extensions().get::<Arc<Claims>>()?;
//!     Some(&claims.sub)
//! }
//! # let _ = (everywhere, for_editors, who::<()>);
//! # }
//! ```

mod answer;
mod future;
mod guard;
mod layer;

pub use future::ResponseFuture;
pub use guard::Guard;
pub use layer::{GuardLayer, GuardService, VerifyLayer, VerifyService};

#[cfg(feature = "axum")]
pub(crate) use answer::answer;
#[cfg(feature = "axum")]
pub(crate) use layer::{Passed, Realm};
