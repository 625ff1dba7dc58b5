//! The groups of the pool.
//!
//! ```no_run
//! # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
//! let groups = client.groups();
//! groups.create("staff", "The staff").description("Who works here").await?;
//! groups.add_users("staff", ["user id", "another id"]).await?;
//!
//! let mut staff = groups.list_users("staff").limit(50).stream();
//! while let Some(user) = staff.next().await {
//!     println!("{}", user?.id);
//! }
//! # Ok(())
//! # }
//! ```

mod read;
mod users;
mod write;

pub use read::{GroupDetail, ListGroups};
pub use users::{AddUsers, ListUsers, RemoveUsers};
pub use write::{CreateGroup, DeleteGroup, DeleteGroups, UpdateGroup};

resource! {
    /// The groups of the pool.
    Groups, groups
}
