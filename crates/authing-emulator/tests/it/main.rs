//! The emulator over a real socket, asked without the SDK.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy takes only functions marked as tests for tests, and not their helpers"
)]

mod access;
mod accounts;
mod acl;
mod binary;
mod browsers;
mod client;
mod contacts;
mod control;
mod custom_fields;
mod events;
mod faults;
mod languages;
mod limits;
mod login_page;
mod logins;
mod messages;
mod mfa;
mod names;
mod not_emulated;
mod oidc;
mod oidc_other_apps;
mod oidc_scopes;
mod oidc_tokens;
mod page;
mod policies;
mod pools;
mod refusals;
mod resets;
mod roles_and_groups;
mod searches;
mod seeds;
mod server;
mod sign_in_page;
mod sign_ins;
mod snapshots;
mod tokens;
mod user_routes;
mod userpool;
mod users;
mod webhooks;
