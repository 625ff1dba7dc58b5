use authing_core::{Error, ErrorKind, Result};

/// The id of whoever makes a call: parts of the API want it beside the token.
#[derive(Debug, Clone)]
pub(super) struct Own(pub(super) Option<String>);

impl Own {
    /// The id. An empty one would be taken for none.
    pub(super) fn id(&self) -> Result<&str> {
        self.0
            .as_deref()
            .filter(|id| !id.is_empty())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Token,
                    "the token does not say which user it belongs to",
                )
            })
    }
}

/// Why an answer about the caller is empty.
pub(super) fn nobody() -> Error {
    Error::new(ErrorKind::Token, "the token belongs to no user")
}
