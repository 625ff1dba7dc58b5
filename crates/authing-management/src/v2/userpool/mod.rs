//! The pool itself: its settings and environment variables.

resource! {
    /// The pool itself: its settings and environment variables.
    UserPool, userpool
}
