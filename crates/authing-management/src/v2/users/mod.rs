//! The users of the pool.

mod groups;
mod policies;
mod read;
mod roles;
mod token;
mod udv;
mod write;

use authing_core::__private::require;
use authing_core::Result;

pub use groups::{AddGroup, ListGroups, RemoveGroup};
pub use policies::{AddPolicies, ListPolicies, RemovePolicies};
pub use read::{BatchUsers, FindUser, ListUsers, SearchUsers, SortBy, UserDetail, UserExists};
pub use roles::{AddRoles, ListRoles, RemoveRoles};
pub use token::RefreshUserToken;
pub use udv::{ListUdv, RemoveUdv, SetUdv};
pub use write::{CreateUser, DeleteUser, DeleteUsers, UpdateUser};

/// Refuses an empty text among several: see [`require`].
fn require_each(what: &str, texts: &[String]) -> Result<()> {
    texts
        .iter()
        .try_for_each(|text| require(what, text).map(drop))
}

resource! {
    /// The users of the pool.
    Users, users
}
