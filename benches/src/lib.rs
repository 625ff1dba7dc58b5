//! What calls cost, beside the same calls written by hand.
//!
//! `cargo xtask bench` runs it; `docs/performance.md` says what is compared and
//! how.

#![recursion_limit = "256"]

pub mod answers;
pub mod by_hand;
mod peers;
pub mod sdk;
pub mod server;
pub mod subject;
pub mod tokens;
pub mod usage;
