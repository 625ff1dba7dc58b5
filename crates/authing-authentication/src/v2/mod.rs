//! The v2 API, in GraphQL and REST.

mod client;
mod login;
mod profile;
mod register;
mod session;
mod status;
mod token;

pub use authing_types::v2::{
    LoginStatus, LoginStatusUser, RegisterProfile, UpdateProfileInput, User,
};
pub use client::{AuthenticationClient, AuthenticationClientBuilder, Call};
pub use login::LoginByUsername;
pub use profile::{CurrentUser, UpdateProfile};
pub use register::{RegisterByUsername, Registration};
pub use session::{Logout, Session};
pub use status::CheckLoginStatus;
