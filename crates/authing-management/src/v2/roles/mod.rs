//! The roles of the pool.

mod authorized_resources;

pub use authorized_resources::ListAuthorizedResources;

resource! {
    /// The roles of the pool.
    Roles, roles
}
