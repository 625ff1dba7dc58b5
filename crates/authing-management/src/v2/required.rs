use authing_core::__private::require;
use authing_core::{Error, Result};
use serde::{Deserialize, Deserializer};

/// Checks that there is something in a list, and that nothing in it is empty:
/// to name nothing may mean everything to the server.
#[allow(dead_code, reason = "no resource that needs it may be turned on")]
pub(crate) fn require_each(what: &str, items: &[String]) -> Result<()> {
    if items.is_empty() {
        return Err(Error::invalid_input(format!("{what} is missing")));
    }
    items
        .iter()
        .try_for_each(|item| require(what, item).map(drop))
}

/// Reads a list that may be null.
#[allow(dead_code, reason = "no resource that needs it may be turned on")]
pub(crate) fn null_as_empty<'de, D, T>(deserializer: D) -> std::result::Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
