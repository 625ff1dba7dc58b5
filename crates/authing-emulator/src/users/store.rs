//! All users.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::model::{Fields, UNIQUE, User, phone_of};
use crate::dates::Moment;
use crate::refusal::{Refusal, code};

/// The users of the pool in the order of their creation.
#[derive(Debug, Default)]
pub(crate) struct Users {
    users: BTreeMap<u64, User>,
    numbers: HashMap<String, u64>,
    created: u64,
    archived: Vec<User>,
}

impl Users {
    pub(super) fn insert(&mut self, user: User) {
        self.created += 1;
        self.numbers.insert(user.id().to_owned(), self.created);
        self.users.insert(self.created, user);
    }

    pub(super) fn replace(&mut self, user: User) {
        if let Some(number) = self.numbers.get(user.id()) {
            self.users.insert(*number, user);
        }
    }

    /// Part of deleting a user; the whole of it is the state's.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let number = self.numbers.remove(id);
        number.is_some_and(|number| self.users.remove(&number).is_some())
    }

    /// Part of archiving a user; the whole of it is the state's.
    pub(crate) fn archive(&mut self, id: &str, now: Moment) -> bool {
        let number = self.numbers.remove(id);
        let Some(mut user) = number.and_then(|number| self.users.remove(&number)) else {
            return false;
        };
        user.set("status", json!("Archived"));
        user.set("updatedAt", json!(now.iso()));
        self.archived.push(user);
        true
    }

    /// Those who were archived last come first.
    pub(super) fn archived(&self) -> impl Iterator<Item = &User> {
        self.archived.iter().rev()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&User> {
        self.users.get(self.numbers.get(id)?)
    }

    pub(crate) fn require(&self, id: &str) -> Result<&User, Refusal> {
        self.get(id).ok_or_else(Refusal::no_such_user)
    }

    pub(crate) fn require_mut(&mut self, id: &str) -> Result<&mut User, Refusal> {
        self.numbers
            .get(id)
            .and_then(|number| self.users.get_mut(number))
            .ok_or_else(Refusal::no_such_user)
    }

    /// The user whose field has this text.
    pub(crate) fn find(&self, field: &str, text: &str) -> Option<&User> {
        if field == "id" {
            return self.get(text);
        }
        self.iter().find(|user| user.has(field, text))
    }

    /// Refuses an account at a provider that is somebody else's already. `own` is the user who is to have it.
    pub(super) fn check_free(&self, identity: &Fields, own: Option<&str>) -> Result<(), Refusal> {
        let same = |other: &Value| {
            ["provider", "userIdInIdp"]
                .iter()
                .all(|field| identity.get(*field) == other.get(*field))
        };
        let holder = self.iter().find(|user| user.identities.iter().any(same));
        match holder {
            Some(user) if Some(user.id()) != own => Err(Refusal::generic(
                "the account at the provider belongs to another user",
            )),
            _ => Ok(()),
        }
    }

    /// Refuses fields that would give somebody an identifier of somebody else. `own` is the user who is to have them.
    pub(super) fn check_unique(&self, fields: &Fields, own: Option<&str>) -> Result<(), Refusal> {
        for name in UNIQUE {
            let Some(text) = fields.get(name).and_then(|value| value.as_str()) else {
                continue;
            };
            let phone = phone_of(fields).filter(|_| name == "phone");
            let text = phone.as_deref().unwrap_or(text);
            let holder = self.find(name, text).map(User::id);
            if !text.is_empty() && holder.is_some() && holder != own {
                return Err(Refusal::new(
                    code::USER_EXISTS,
                    format!("a user with this {name} exists already"),
                ));
            }
        }
        Ok(())
    }
}
