//! Extractors for axum, behind a [`VerifyLayer`](crate::tower::VerifyLayer).
//!
//! ```
//! use authing_verify::axum::OptionalClaims;
//! use authing_verify::{Claims, OtherClaims};
//!
//! #[derive(serde::Deserialize)]
//! struct Plan {
//!     plan: String,
//! }
//!
//! async fn me(claims: Claims<Plan>) -> String {
//!     format!("{} has the plan {}", claims.sub, claims.own.plan)
//! }
//!
//! async fn home(OptionalClaims(claims): OptionalClaims<OtherClaims>) -> String {
//!     match claims {
//!         Some(claims) => format!("Welcome back, {}", claims.sub),
//!         None => "Welcome".to_owned(),
//!     }
//! }
//! # let _ = (me, home);
//! ```
//!
//! For an answer of your own, take a `Result<Claims, ClaimsRejection>` as the
//! argument, or use axum's `FromRequestParts` derive with
//! `rejection(YourError)`.

use std::fmt;
use std::sync::Arc;

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::claims::{Claims, OtherClaims};
use crate::rejection::{Reason, Rejection};
use crate::tower::{Passed, Realm, answer};

/// The claims of a request whose token passed, or `None` where the layer is
/// [optional](crate::tower::VerifyLayer::optional) and there was no token.
#[derive(Debug, Clone)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it is taken apart in the arguments of handlers"
)]
pub struct OptionalClaims<T = OtherClaims>(pub Option<Claims<T>>);

/// A request that has no claims to extract. As an answer it is a plain 401
/// (RFC 6750).
#[derive(Debug, Clone)]
pub struct ClaimsRejection {
    rejection: Rejection,
    realm: Realm,
}

impl ClaimsRejection {
    /// What is wrong, for the logs.
    #[must_use]
    pub fn rejection(&self) -> &Rejection {
        &self.rejection
    }
}

impl fmt::Display for ClaimsRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rejection.fmt(f)
    }
}

impl std::error::Error for ClaimsRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.rejection.source()
    }
}

impl IntoResponse for ClaimsRejection {
    fn into_response(self) -> Response {
        answer(&self.rejection, &self.realm.0)
    }
}

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Claims<T> {
    type Rejection = ClaimsRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        extract(parts)?.ok_or_else(|| {
            let words = "the request has no claims: it has no token, or comes by no VerifyLayer";
            refuse(parts, Rejection::new(Reason::Missing, words))
        })
    }
}

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for OptionalClaims<T> {
    type Rejection = ClaimsRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        extract(parts).map(Self)
    }
}

fn extract<T: DeserializeOwned>(parts: &Parts) -> Result<Option<Claims<T>>, ClaimsRejection> {
    let claims = parts.extensions.get::<Arc<Claims>>();
    let read = claims.map(|claims| claims.read_as::<T>()).transpose();
    read.map_err(|rejection| refuse(parts, rejection))
}

fn refuse(parts: &Parts, rejection: Rejection) -> ClaimsRejection {
    let passed = parts.extensions.get::<Passed>();
    ClaimsRejection {
        rejection,
        realm: passed.map(Passed::realm).unwrap_or_default(),
    }
}
