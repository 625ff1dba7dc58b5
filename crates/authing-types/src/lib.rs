//! Wire types that more than one Authing client uses, such as the user.
//!
//! The administrator's and the end user's client never name each other, yet
//! both return the same user. What they share stands here, once; both re-export
//! it, so there is no need to depend on this crate.

pub mod v2;
