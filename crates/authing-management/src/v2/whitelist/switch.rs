use std::collections::BTreeMap;

use authing_core::{Error, Result, operation};
use serde::{Deserialize, Serialize};

use super::{Whitelist, WhitelistType};
use crate::v2::{Call, WhitelistConfig};

impl Whitelist<'_> {
    /// Turns a whitelist on: from then on, only who is on it can register with
    /// an identifier of this kind. Administrators can still create anybody.
    /// Returns which whitelists are on then.
    pub fn enable(&self, kind: WhitelistType) -> Call<EnableWhitelist> {
        self.call(EnableWhitelist { kind })
    }

    /// Turns a whitelist off; its entries stay. Returns which whitelists are
    /// on then.
    pub fn disable(&self, kind: WhitelistType) -> Call<DisableWhitelist> {
        self.call(DisableWhitelist { kind })
    }
}

/// [`Whitelist::enable`].
#[derive(Debug, Clone)]
pub struct EnableWhitelist {
    kind: WhitelistType,
}

operation! {
    EnableWhitelist => WhitelistConfig,
    id: "management.whitelist.enable",
    repeat: Idempotent,
    graphql: [include_str!("documents/switch.graphql")] => "updateUserpool",
    variables: |enable, _| Variables::new(&enable.kind, true),
    read: |_, pool: Pool| Ok(pool.whitelist.unwrap_or_default()),
}

/// [`Whitelist::disable`].
#[derive(Debug, Clone)]
pub struct DisableWhitelist {
    kind: WhitelistType,
}

operation! {
    DisableWhitelist => WhitelistConfig,
    id: "management.whitelist.disable",
    repeat: Idempotent,
    graphql: [include_str!("documents/switch.graphql")] => "updateUserpool",
    variables: |disable, _| Variables::new(&disable.kind, false),
    read: |_, pool: Pool| Ok(pool.whitelist.unwrap_or_default()),
}

#[derive(Serialize)]
struct Variables {
    input: Input,
}

#[derive(Serialize)]
struct Input {
    whitelist: BTreeMap<&'static str, bool>,
}

impl Variables {
    fn new(kind: &WhitelistType, on: bool) -> Result<Self> {
        let setting = match kind {
            WhitelistType::Username => "usernameEnabled",
            WhitelistType::Email => "emailEnabled",
            WhitelistType::Phone => "phoneEnabled",
            WhitelistType::Other(other) => {
                return Err(Error::invalid_input(format!(
                    "this version of the SDK cannot turn a whitelist of {other:?} on or off"
                )));
            }
        };
        let whitelist = BTreeMap::from([(setting, on)]);
        Ok(Self {
            input: Input { whitelist },
        })
    }
}

#[derive(Deserialize)]
struct Pool {
    whitelist: Option<WhitelistConfig>,
}
