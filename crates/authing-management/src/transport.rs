//! The backend of a client that was given none.

authing_core::default_transport!();
