//! The groups of the pool.

mod authorized_resources;

pub use authorized_resources::ListAuthorizedResources;

resource! {
    /// The groups of the pool.
    Groups, groups
}
