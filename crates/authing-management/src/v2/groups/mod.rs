//! The groups of the pool.

resource! {
    /// The groups of the pool.
    Groups, groups
}
