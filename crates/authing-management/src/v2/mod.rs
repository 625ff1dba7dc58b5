//! The v2 API, in GraphQL.

/// Declares the handle of a resource: a struct that borrows the client, and the
/// client's method that returns it.
#[allow(unused_macros, reason = "no resource may be turned on")]
macro_rules! resource {
    ($(#[$meta:meta])* $handle:ident, $method:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub struct $handle<'c> {
            client: &'c $crate::v2::ManagementClient,
        }

        impl $crate::v2::ManagementClient {
            $(#[$meta])*
            #[must_use]
            pub fn $method(&self) -> $handle<'_> {
                $handle { client: self }
            }
        }

        impl $handle<'_> {
            fn call<O>(self, operation: O) -> $crate::v2::Call<O> {
                self.client.call(operation)
            }
        }
    };
}

mod access_token;
mod authorized_resource;
mod client;
mod email;
mod group;
mod login_status;
mod policy_assignment;
mod required;
mod sort_by;
mod whitelist_config;

#[cfg(feature = "acl")]
pub mod acl;
#[cfg(feature = "groups")]
pub mod groups;
#[cfg(feature = "policies")]
pub mod policies;
#[cfg(feature = "roles")]
pub mod roles;
#[cfg(feature = "udf")]
pub mod udf;
#[cfg(feature = "userpool")]
pub mod userpool;
#[cfg(feature = "users")]
pub mod users;
#[cfg(feature = "whitelist")]
pub mod whitelist;

pub use authing_types::v2::{
    AuthorizedResource, CommonMessage, CreateUserIdentityInput, CreateUserInput, EmailScene,
    Identity, LoginStatus, LoginStatusUser, OrgStep, RefreshToken, ResourceType, Role, UdfDataType,
    UdfTargetType, UdfValue, UpdateUserInput, User, UserDefinedData, UserStatus,
};
pub use client::{Call, ManagementClient, ManagementClientBuilder};
pub use email::SendEmail;
pub use group::Group;
pub use login_status::CheckLoginStatus;
pub use policy_assignment::{PolicyAssignment, PolicyTargetType};
pub use sort_by::SortBy;
pub use whitelist_config::WhitelistConfig;

/// The strings of anything that yields text.
#[allow(dead_code, reason = "no resource may be turned on")]
fn texts(items: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    items.into_iter().map(Into::into).collect()
}
