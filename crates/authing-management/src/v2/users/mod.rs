//! The users of the pool.

/// Gives the calls of an operation with a field `with_custom_data` the setter
/// for it.
macro_rules! with_custom_data {
    ($operation:ty) => {
        impl Call<$operation> {
            /// Asks for the users' custom fields as well, and with them for
            /// status, external id and identities: for what
            /// [`User`](crate::v2::User) says comes only with them. The oldest
            /// private deployments do not know these and refuse the call.
            pub fn with_custom_data(mut self) -> Self {
                self.0.operation.with_custom_data = true;
                self
            }
        }
    };
}

mod actions;
mod authorized_resources;
mod find;
mod groups;
mod identities;
mod orgs;
mod policies;
mod read;
mod roles;
mod search;
mod sessions;
mod token;
mod udf_values;
mod udv;
mod write;

pub use crate::v2::SortBy;
pub use actions::{ListUserActions, UserAction};
pub use authorized_resources::ListAuthorizedResources;
pub use find::{FindUser, UserExists};
pub use groups::{AddGroup, ListGroups, RemoveGroup};
pub use identities::{IdpConnection, LinkIdentity, UnlinkIdentity};
pub use orgs::{Department, ListDepartment, ListOrgs, UserDepartment};
pub use policies::{AddPolicies, ListPolicies, RemovePolicies};
pub use read::{BatchUsers, ListArchivedUsers, ListUsers, UserDetail, UserIdType};
pub use roles::{AddRoles, HasRole, ListRoles, RemoveRoles};
pub use search::SearchUsers;
pub use sessions::{
    CheckLoginStatus, Kick, LoggedInApplication, Logout, SendFirstLoginVerifyEmail, UserLoginStatus,
};
pub use token::RefreshUserToken;
pub use udf_values::{GetUdfValue, GetUdfValueBatch, SetUdfValue, SetUdfValueBatch, UdfValues};
pub use udv::{ListUdv, RemoveUdv, SetUdv};
pub use write::{CreateUser, DeleteUser, DeleteUsers, UpdateUser};

resource! {
    /// The users of the pool.
    Users, users
}
