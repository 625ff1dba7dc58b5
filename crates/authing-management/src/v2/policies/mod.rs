//! The policies of the pool.

resource! {
    /// The policies of the pool.
    Policies, policies
}
