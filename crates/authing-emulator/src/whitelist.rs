//! Whitelists: who may register while they are on.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::context::Context;
use crate::graphql::{Access, Table};
use crate::refusal::Refusal;
use crate::users::Fields;
use crate::wording;

/// The kinds of whitelist: the API's name, the setting that turns it on, and the field of a user that it is about.
const KINDS: [(&str, &str, &str); 3] = [
    ("USERNAME", "usernameEnabled", "username"),
    ("EMAIL", "emailEnabled", "email"),
    ("PHONE", "phoneEnabled", "phone"),
];

pub(crate) fn operations(table: &mut Table) {
    table.query("whitelist", Access::Administrator, list);
    table.mutation("addWhitelist", Access::Administrator, add);
    table.mutation("removeWhitelist", Access::Administrator, remove);
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    kind: String,
    value: String,
    created_at: String,
    updated_at: String,
}

/// The entries in the order in which they came.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Whitelists {
    entries: Vec<Entry>,
}

impl Whitelists {
    fn of(&self, kind: &str) -> Vec<Entry> {
        let entries = self.entries.iter();
        entries
            .filter(|entry| entry.kind == kind)
            .cloned()
            .collect()
    }

    fn has(&self, kind: &str, value: &str) -> bool {
        let value = value.to_lowercase();
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.kind == kind && entry.value == value)
    }
}

impl Context<'_> {
    /// Refuses people who may not register: all of them while registration is off, and those with an identifier that
    /// is not on its whitelist while that is on.
    pub(crate) fn check_registration(&self, fields: &Fields) -> Result<(), Refusal> {
        let settings = &self.state.settings;
        if settings.is_on("registerDisabled") {
            return Err(Refusal::new(&wording::REGISTRATION_OFF));
        }
        for (kind, setting, field) in KINDS {
            let given = fields.get(field).and_then(Value::as_str);
            let unlisted = given.is_some_and(|value| !self.state.whitelists.has(kind, value));
            if unlisted && settings.is_on_in("whitelist", setting) {
                return Err(Refusal::about(&wording::NOT_ON_WHITELIST, &[&field]));
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Which {
    r#type: String,
}

fn list(context: &mut Context<'_>, args: Which) -> Result<Vec<Entry>, Refusal> {
    Ok(context.state.whitelists.of(&args.r#type))
}

#[derive(Deserialize)]
struct Values {
    r#type: String,
    list: Vec<String>,
}

/// All of them, or none when one is empty. What is there already stays as it was.
fn add(context: &mut Context<'_>, args: Values) -> Result<Vec<Entry>, Refusal> {
    if args.list.iter().any(|value| value.trim().is_empty()) {
        return Err(Refusal::new(&wording::WHITELIST_VALUE_EMPTY));
    }
    let now = context.now.iso();
    let lists = &mut context.state.whitelists;
    for value in args.list {
        if !lists.has(&args.r#type, &value) {
            lists.entries.push(Entry {
                kind: args.r#type.clone(),
                value: value.to_lowercase(),
                created_at: now.clone(),
                updated_at: now.clone(),
            });
        }
    }
    Ok(lists.of(&args.r#type))
}

/// Values that are not there are not missed.
fn remove(context: &mut Context<'_>, args: Values) -> Result<Vec<Entry>, Refusal> {
    let gone: Vec<_> = args.list.iter().map(|value| value.to_lowercase()).collect();
    let lists = &mut context.state.whitelists;
    let entries = &mut lists.entries;
    entries.retain(|entry| entry.kind != args.r#type || !gone.contains(&entry.value));
    Ok(lists.of(&args.r#type))
}
