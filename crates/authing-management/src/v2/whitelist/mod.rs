//! Who may register.

resource! {
    /// Who may register.
    Whitelist, whitelist
}
