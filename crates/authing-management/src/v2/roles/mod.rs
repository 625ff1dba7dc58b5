//! The roles of the pool.

resource! {
    /// The roles of the pool.
    Roles, roles
}
