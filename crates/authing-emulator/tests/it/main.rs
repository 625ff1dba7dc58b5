//! The emulator over a real socket, asked without the SDK.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy takes only functions marked as tests for tests, and not their helpers"
)]

mod access;
mod client;
mod custom_fields;
mod logins;
mod messages;
mod mfa;
mod resets;
mod server;
mod tokens;
mod userpool;
mod users;
