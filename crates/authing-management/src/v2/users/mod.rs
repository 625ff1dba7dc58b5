//! The users of the pool.

mod groups;
mod policies;
mod read;
mod roles;
mod token;
mod udv;
mod write;

pub use crate::v2::SortBy;
pub use groups::{AddGroup, ListGroups, RemoveGroup};
pub use policies::{AddPolicies, ListPolicies, RemovePolicies};
pub use read::{BatchUsers, FindUser, ListUsers, SearchUsers, UserDetail, UserExists};
pub use roles::{AddRoles, ListRoles, RemoveRoles};
pub use token::RefreshUserToken;
pub use udv::{ListUdv, RemoveUdv, SetUdv};
pub use write::{CreateUser, DeleteUser, DeleteUsers, UpdateUser};

resource! {
    /// The users of the pool.
    Users, users
}
