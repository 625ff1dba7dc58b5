//! The roles of the pool.
//!
//! A role has a code of its own in its namespace. Calls that name no namespace
//! are about the namespace `default`; they are sent in the oldest form of the
//! API, which knows no other, so that old private deployments understand them.
//!
//! ```no_run
//! # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
//! let roles = client.roles();
//! roles.create("reader").description("Reads all books").await?;
//! roles.create("editor").parent("reader").await?;
//! roles.add_users("editor", ["user id"]).await?;
//! roles.add_policies("editor", ["edit-books"]).await?;
//!
//! let mut editors = roles.list_users("editor").limit(50).stream();
//! while let Some(user) = editors.next().await {
//!     println!("{}", user?.id);
//! }
//! # Ok(())
//! # }
//! ```

mod policies;
mod read;
mod users;
mod write;

pub use policies::{AddPolicies, ListPolicies, RemovePolicies};
pub use read::{ListRoles, RoleDetail};
pub use users::{AddUsers, ListUsers, RemoveUsers};
pub use write::{CreateRole, DeleteRole, DeleteRoles, UpdateRole};

mod authorized_resources;

pub use authorized_resources::ListAuthorizedResources;

resource! {
    /// The roles of the pool.
    Roles, roles
}

/// What a call needs to be told of a role.
const FIELDS: &str = include_str!("documents/fields.graphql");
/// The same with what came into the API together with namespaces.
const FIELDS_IN_NAMESPACE: &str = concat!(
    include_str!("documents/in_namespace/fields.graphql"),
    include_str!("documents/fields.graphql")
);
