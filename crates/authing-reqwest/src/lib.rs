//! The reqwest transport for authing-rs.
