//! Who may do what: permissions granted and asked for.
//!
//! ```no_run
//! use authing_management::v2::acl::AclTarget;
//!
//! # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
//! let acl = client.acl();
//! acl.allow("book:*", "book:read", AclTarget::role("staff")).await?;
//! acl.allow("book:1", "book:edit", AclTarget::user("user id")).await?;
//!
//! if acl.is_allowed("user id", "book:1", "book:edit").await? {
//!     println!("go on");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A resource is named before the action everywhere here. In Authing's Python
//! SDK, `is_allowed` has them the other way round.

mod allow;
mod authorize;
mod question;
mod resources;
mod targets;

pub use allow::{AclTarget, Allow};
pub use authorize::{AuthorizeResource, AuthorizeResourceOpt};
pub use question::{IsAllowed, IsDenied};
pub use resources::ListAuthorizedResources;
pub use targets::{AuthorizedTarget, GetAuthorizedTargets};

resource! {
    /// Who may do what: permissions granted and asked for.
    Acl, acl
}
