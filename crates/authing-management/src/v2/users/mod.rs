//! The users of the pool.

mod groups;
mod policies;
mod read;
mod roles;
mod token;
mod udv;
mod write;

pub use groups::{AddGroup, Group, ListGroups, RemoveGroup};
pub use policies::{AddPolicies, ListPolicies, PolicyAssignment, PolicyTargetType, RemovePolicies};
pub use read::{BatchUsers, FindUser, ListUsers, SearchUsers, SortBy, UserDetail, UserExists};
pub use roles::{AddRoles, ListRoles, RemoveRoles};
pub use token::RefreshUserToken;
pub use udv::{ListUdv, RemoveUdv, SetUdv};
pub use write::{CreateUser, DeleteUser, DeleteUsers, UpdateUser};

use super::client::{Call, ManagementClient};

/// The users of the pool: [`ManagementClient::users`].
#[derive(Debug, Clone, Copy)]
pub struct Users<'c> {
    client: &'c ManagementClient,
}

impl ManagementClient {
    /// The users of the pool.
    #[must_use]
    pub fn users(&self) -> Users<'_> {
        Users { client: self }
    }
}

impl Users<'_> {
    fn call<O>(self, operation: O) -> Call<O> {
        self.client.call(operation)
    }
}

/// The strings of anything that yields text.
fn texts(items: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    items.into_iter().map(Into::into).collect()
}
