//! The definitions of the custom fields, and their values.

resource! {
    /// The definitions of the custom fields, and their values.
    Udf, udf
}
