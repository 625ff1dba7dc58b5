//! A local Authing to test against: a library to embed and a binary.
