use authing_core::string_enum;

string_enum! {
    /// The order of a list.
    pub enum SortBy {
        /// The newest first; this is the server's default.
        CreatedAtDesc = "CREATEDAT_DESC",
        /// The oldest first.
        CreatedAtAsc = "CREATEDAT_ASC",
        /// The last changed first.
        UpdatedAtDesc = "UPDATEDAT_DESC",
        /// The last changed last.
        UpdatedAtAsc = "UPDATEDAT_ASC",
    }
}
