//! The v2 API, in GraphQL and REST.

mod client;
mod login;
#[cfg(feature = "mfa")]
pub mod mfa;
mod mfa_details;
mod next_step;
mod profile;
mod register;
mod required_reset;
mod session;
mod status;
mod token;

pub use authing_types::v2::{RegisterProfile, UpdateProfileInput, User};
pub use client::{AuthenticationClient, AuthenticationClientBuilder, Call};
pub use login::LoginByUsername;
pub use mfa_details::{ApplicationMfa, MfaDetails, MfaPolicy};
pub use next_step::{FirstPassword, ForcedReset, MfaChallenge, NextStep, ProfileCompletion};
pub use profile::{CurrentUser, UpdateProfile};
pub use register::{RegisterByUsername, Registration};
pub use required_reset::{ResetPasswordByFirstLoginToken, ResetPasswordByForceResetToken};
pub use session::{Logout, Session};
pub use status::{CheckLoginStatus, LoginStatus, LoginStatusUser};
