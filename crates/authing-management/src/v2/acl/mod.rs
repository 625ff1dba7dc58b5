//! Who may do what: permissions granted and asked for.

resource! {
    /// Who may do what: permissions granted and asked for.
    Acl, acl
}
