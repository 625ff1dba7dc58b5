//! Everything of the SDK that reads bytes from outside, as functions of bytes.
//!
//! A function panics if the SDK breaks a promise on its input, and does nothing
//! else. The corpus test feeds them the files of `tests/corpus` and mutations
//! of these; the targets in `fuzz` feed them what libFuzzer makes up.

mod answers;
mod check;
pub mod corpus;
mod headers;
mod hosts;
mod keys;
pub mod lenient;
mod models;
pub mod mutation;
mod pages;
pub mod server;
mod steps;
mod tokens;
mod values;
mod verify;
mod webhooks;

/// The name of an entry point, and what takes the bytes.
pub type EntryPoint = (&'static str, fn(&[u8]));

/// All of them. Each has a folder in `tests/corpus` and a target in `fuzz`.
#[must_use]
pub fn entry_points() -> &'static [EntryPoint] {
    &[
        ("callback", tokens::callback),
        ("custom_field", values::custom_field),
        ("graphql", answers::graphql),
        ("headers", headers::headers),
        ("host", hosts::host),
        ("id_token", tokens::id_token),
        ("models", models::models),
        ("next_step", steps::next_step),
        ("oauth", answers::oauth),
        ("pages", pages::pages),
        ("password_key", keys::password_key),
        ("rest", answers::rest),
        ("sm2_key", keys::sm2_key),
        ("timestamp", values::timestamp),
        ("user_token", tokens::user_token),
        ("verify_challenge", verify::challenge),
        ("verify_introspection", verify::introspection),
        ("verify_keys", verify::keys),
        ("verify_token", verify::token),
        ("verify_webhook", webhooks::webhook),
    ]
}

/// Feeds the bytes to the entry point of this name.
///
/// # Panics
///
/// There is no such entry point, or the SDK broke a promise.
pub fn feed(name: &str, bytes: &[u8]) {
    let found = entry_points().iter().find(|(known, _)| *known == name);
    let (_, take) = found.unwrap_or_else(|| panic!("there is no entry point {name}"));
    take(bytes);
}
