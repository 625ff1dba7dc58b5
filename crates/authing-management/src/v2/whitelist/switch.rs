use std::collections::BTreeMap;

use authing_core::{Error, Result, operation};
use serde::{Deserialize, Serialize};

use super::{Whitelist, WhitelistType};
use crate::v2::{Call, WhitelistConfig};

impl Whitelist<'_> {
    /// Turns a whitelist on: from then on, only who is on it can register with
    /// an identifier of this kind. Administrators can still create anybody.
    pub fn enable(&self, kind: WhitelistType) -> Call<SwitchWhitelist> {
        self.call(SwitchWhitelist { kind, on: true })
    }

    /// Turns a whitelist off. Its entries stay.
    pub fn disable(&self, kind: WhitelistType) -> Call<SwitchWhitelist> {
        self.call(SwitchWhitelist { kind, on: false })
    }
}

/// [`Whitelist::enable`] and [`Whitelist::disable`]. Returns which whitelists
/// are on then.
#[derive(Debug, Clone)]
pub struct SwitchWhitelist {
    kind: WhitelistType,
    on: bool,
}

impl SwitchWhitelist {
    fn setting(&self) -> Result<&'static str> {
        match &self.kind {
            WhitelistType::Username => Ok("usernameEnabled"),
            WhitelistType::Email => Ok("emailEnabled"),
            WhitelistType::Phone => Ok("phoneEnabled"),
            WhitelistType::Other(other) => Err(Error::invalid_input(format!(
                "the whitelist of {other:?} cannot be turned on or off by this version of the SDK"
            ))),
        }
    }
}

#[derive(Serialize)]
struct Variables {
    input: Input,
}

#[derive(Serialize)]
struct Input {
    whitelist: BTreeMap<&'static str, bool>,
}

#[derive(Deserialize)]
struct Pool {
    whitelist: Option<WhitelistConfig>,
}

operation! {
    SwitchWhitelist => WhitelistConfig,
    id: "management.whitelist.switch",
    repeat: Idempotent,
    graphql: [include_str!("documents/switch.graphql")] => "updateUserpool",
    variables: |switch, _| switch.setting().map(|setting| Variables {
        input: Input { whitelist: BTreeMap::from([(setting, switch.on)]) },
    }),
    read: |_, pool: Pool| Ok(pool.whitelist.unwrap_or_default()),
}
