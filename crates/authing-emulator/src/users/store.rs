//! All users.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::model::{Fields, UNIQUE, User, phone_of};
use crate::dates::Moment;
use crate::phones;
use crate::refusal::Refusal;
use crate::wording;
use crate::work;

/// The users of the pool in the order of their creation. A copy, such as the one that a reset goes back to, has the users
/// in common with the original until they change.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Record")]
pub(crate) struct Users {
    users: BTreeMap<u64, Arc<User>>,
    numbers: HashMap<Arc<str>, u64>,
    /// The users by what no two of them share, a map for each of [`UNIQUE`].
    names: [HashMap<Arc<str>, u64>; UNIQUE.len()],
    /// When each was updated, in this order.
    updated: BTreeSet<(Moment, u64)>,
    created: u64,
    archived: Vec<User>,
}

/// What is kept of it in a file.
#[derive(Deserialize)]
struct Record {
    users: Vec<User>,
    archived: Vec<User>,
}

impl From<Record> for Users {
    fn from(record: Record) -> Self {
        let mut users = Self {
            archived: record.archived,
            ..Self::default()
        };
        for user in record.users {
            users.insert(user);
        }
        users
    }
}

/// As a [`Record`], without a copy of it.
impl Serialize for Users {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let users: Vec<&User> = self.iter().collect();
        let mut record = to.serialize_struct("Record", 2)?;
        record.serialize_field("users", &users)?;
        record.serialize_field("archived", &self.archived)?;
        record.end()
    }
}

impl Users {
    pub(super) fn insert(&mut self, user: User) {
        self.created += 1;
        self.numbers.insert(user.id().into(), self.created);
        self.enter(&user, self.created);
        self.users.insert(self.created, Arc::new(user));
    }

    pub(super) fn replace(&mut self, user: User) {
        if let Some(number) = self.numbers.get(user.id()).copied() {
            self.strike(number);
            self.enter(&user, number);
            self.users.insert(number, Arc::new(user));
        }
    }

    /// Something about the user has changed.
    pub(crate) fn touch(&mut self, id: &str, now: Moment) {
        let Some(number) = self.numbers.get(id).copied() else {
            return;
        };
        if let Some(user) = self.users.get_mut(&number) {
            self.updated.remove(&(user.updated(), number));
            self.updated.insert((now, number));
            Arc::make_mut(user).touch(now);
        }
    }

    /// Changes what may be a name of a user.
    pub(super) fn apply(&mut self, id: &str, changes: Fields, now: Moment) -> Result<(), Refusal> {
        let mut user = self.require(id)?.clone();
        user.apply(changes, now);
        self.replace(user);
        Ok(())
    }

    fn enter(&mut self, user: &User, number: u64) {
        self.updated.insert((user.updated(), number));
        for (field, numbers) in UNIQUE.iter().zip(&mut self.names) {
            if let Some(key) = key_of(user, field) {
                numbers.entry(key.into()).or_insert(number);
            }
        }
    }

    fn strike(&mut self, number: u64) {
        let Some(user) = self.users.get(&number) else {
            return;
        };
        self.updated.remove(&(user.updated(), number));
        for (field, numbers) in UNIQUE.iter().zip(&mut self.names) {
            let key = key_of(user, field);
            if let Some(key) = key.filter(|key| numbers.get(key.as_str()) == Some(&number)) {
                numbers.remove(key.as_str());
            }
        }
    }

    fn take(&mut self, id: &str) -> Option<User> {
        let number = self.numbers.remove(id)?;
        self.strike(number);
        self.users.remove(&number).map(Arc::unwrap_or_clone)
    }

    /// Part of deleting a user; the whole of it is the state's.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        self.take(id).is_some()
    }

    /// Part of archiving a user; the whole of it is the state's.
    pub(crate) fn archive(&mut self, id: &str, now: Moment) -> Option<&User> {
        let mut user = self.take(id)?;
        user.set("status", json!("Archived"));
        user.touch(now);
        self.archived.push(user);
        self.archived.last()
    }

    /// Those who were archived last come first.
    pub(super) fn archived(&self) -> impl Iterator<Item = &User> {
        self.archived.iter().rev()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &User> {
        let users = self.users.values().map(Arc::as_ref);
        users.inspect(|_| _ = work::spend(1))
    }

    /// Those who were changed last come last; of two at the same moment, the one who was created later.
    pub(super) fn by_update(&self) -> impl DoubleEndedIterator<Item = &User> {
        let numbers = self.updated.iter();
        let users = numbers.filter_map(|(_, number)| self.users.get(number).map(Arc::as_ref));
        users.inspect(|_| _ = work::spend(1))
    }

    pub(crate) fn count(&self) -> usize {
        self.users.len()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&User> {
        let user = self.users.get(self.numbers.get(id)?)?;
        Some(user)
    }

    pub(crate) fn require(&self, id: &str) -> Result<&User, Refusal> {
        self.get(id).ok_or_else(Refusal::no_such_user)
    }

    /// For changes to anything but names, which [`apply`](Self::apply) changes, and the time of the last change, which
    /// [`touch`](Self::touch) does.
    pub(crate) fn require_mut(&mut self, id: &str) -> Result<&mut User, Refusal> {
        self.numbers
            .get(id)
            .and_then(|number| self.users.get_mut(number))
            .map(Arc::make_mut)
            .ok_or_else(Refusal::no_such_user)
    }

    /// The user whose field has this text.
    pub(crate) fn find(&self, field: &str, text: &str) -> Option<&User> {
        if field == "id" {
            return self.get(text);
        }
        let mut names = UNIQUE.iter().zip(&self.names);
        match names.find(|(name, _)| **name == field) {
            Some((_, numbers)) if !text.is_empty() => {
                let user = self.users.get(numbers.get(key(field, text).as_str())?)?;
                Some(user)
            }
            _ => self.iter().find(|user| user.has(field, text)),
        }
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
            Some(user) if Some(user.id()) != own => Err(Refusal::new(&wording::IDENTITY_TAKEN)),
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
                return Err(Refusal::about(&wording::NAME_TAKEN, &[&name]));
            }
        }
        Ok(())
    }
}

/// The one spelling under which a name is found.
fn key(field: &str, text: &str) -> String {
    match field {
        "email" => text.to_lowercase(),
        "phone" => phones::normal(text, None),
        _ => text.to_owned(),
    }
}

/// Empty names are none.
fn key_of(user: &User, field: &str) -> Option<String> {
    match field {
        "phone" => user.phone(),
        _ => user
            .text(field)
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::Pool;
    use crate::users::Origin;

    fn fields(value: Value) -> Fields {
        value.as_object().unwrap().clone()
    }

    fn found(users: &Users, field: &str, text: &str) -> Option<String> {
        let user = users.find(field, text)?;
        assert!(user.has(field, text), "the index agrees with the user");
        Some(user.id().to_owned())
    }

    #[test]
    fn a_copy_shares_who_does_not_change() {
        let (pool, now) = (Pool::default(), Moment::from_seconds(0));
        let mut users = Users::default();
        let ids = ["ann", "bob"].map(|name| {
            let user = User::new(
                fields(json!({"username": name})),
                Origin::Administrator,
                &pool,
                now,
            );
            let id = user.id().to_owned();
            users.insert(user);
            id
        });
        let copy = users.clone();
        let [ann, bob] = &ids;
        users.touch(ann, Moment::from_seconds(1));
        users.require_mut(ann).unwrap().set("company", json!("C"));
        let shares = |id: &str| std::ptr::eq(users.get(id).unwrap(), copy.get(id).unwrap());
        assert_eq!((shares(ann), shares(bob)), (false, true));
        assert_eq!(copy.get(ann).unwrap().get("company"), &Value::Null);
        let order = |users: &Users| -> Vec<String> {
            users.by_update().map(|user| user.id().to_owned()).collect()
        };
        assert_eq!(
            (order(&users), order(&copy)),
            (vec![bob.clone(), ann.clone()], ids.to_vec())
        );
    }

    #[test]
    fn names_are_found_as_long_as_somebody_has_them() {
        let (pool, now) = (Pool::default(), Moment::from_seconds(0));
        let mut users = Users::default();
        let given = fields(json!({
            "username": "ann", "email": "ann@example.com", "phone": "13800000000", "externalId": "",
        }));
        let ann = User::new(given, Origin::Administrator, &pool, now);
        let id = ann.id().to_owned();
        users.insert(ann);
        let hers = Some(id.clone());
        for (field, text) in [
            ("id", id.as_str()),
            ("username", "ann"),
            ("email", "Ann@Example.COM"),
            ("phone", "+86 138 0000 0000"),
            ("externalId", ""),
        ] {
            assert_eq!(found(&users, field, text), hers, "{field}");
        }
        let changes = fields(json!({"username": "bob", "phone": null}));
        users.apply(&id, changes, now).unwrap();
        assert_eq!(found(&users, "username", "ann"), None);
        assert_eq!(found(&users, "phone", "13800000000"), None);
        assert_eq!(found(&users, "username", "bob"), hers);

        let text = serde_json::to_string(&users).unwrap();
        let copy: Users = serde_json::from_str(&text).unwrap();
        assert_eq!(found(&copy, "username", "bob"), hers);
        assert_eq!(serde_json::to_string(&copy).unwrap(), text);

        assert!(users.archive(&id, now).is_some());
        assert_eq!(found(&users, "email", "ann@example.com"), None);
        assert_eq!((users.count(), users.archived().count()), (0, 1));
    }
}
