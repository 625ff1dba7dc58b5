//! The Authing SDK for Rust: one dependency whose features pick the parts.
