//! Who may register.

mod entries;
mod switch;

use authing_core::string_enum;

pub use entries::{AddToWhitelist, ListWhitelist, RemoveFromWhitelist, WhitelistEntry};
pub use switch::{DisableWhitelist, EnableWhitelist};

resource! {
    /// Who may register.
    Whitelist, whitelist
}

string_enum! {
    /// What a whitelist is made of.
    pub enum WhitelistType {
        /// Usernames.
        Username = "USERNAME",
        /// E-mail addresses.
        Email = "EMAIL",
        /// Phone numbers.
        Phone = "PHONE",
    }
}
