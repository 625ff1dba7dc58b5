//! The hyper transport for authing-rs: the lean one.
