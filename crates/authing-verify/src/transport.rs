//! The backend that fetches keys where none was given.

authing_core::default_transport!();
