//! A store of things that end, bounded by bytes: what ends first makes room.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What clients can make as many of as they like.
pub(crate) trait Expires {
    /// Of all of them in one user pool.
    const MOST_BYTES: usize;

    /// In seconds since 1970. It does not change.
    fn expires(&self) -> i64;

    /// About how much of it there is, beside its key and what all of them have.
    fn bytes(&self) -> usize;
}

/// For each, beside its texts.
const EACH: usize = 200;

#[derive(Debug, Clone)]
pub(crate) struct Expiring<T> {
    items: BTreeMap<String, T>,
    order: BTreeSet<(i64, String)>,
    bytes: usize,
}

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self {
            items: BTreeMap::new(),
            order: BTreeSet::new(),
            bytes: 0,
        }
    }
}

fn size(key: &str, item: &impl Expires) -> usize {
    // The key is there twice.
    let key = key.len().saturating_mul(2);
    EACH.saturating_add(key).saturating_add(item.bytes())
}

impl<T: Expires> Expiring<T> {
    pub(crate) fn insert(&mut self, key: String, item: T) {
        self.remove(&key);
        self.bytes = self.bytes.saturating_add(size(&key, &item));
        while self.bytes > T::MOST_BYTES && self.remove_first(i64::MAX) {}
        self.order.insert((item.expires(), key.clone()));
        self.items.insert(key, item);
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<T> {
        let (key, item) = self.items.remove_entry(key)?;
        self.bytes = self.bytes.saturating_sub(size(&key, &item));
        self.order.remove(&(item.expires(), key));
        Some(item)
    }

    /// Removes what has expired.
    pub(crate) fn prune(&mut self, now: i64) {
        while self.remove_first(now) {}
    }

    /// Removes the one that ends first, if it does by then.
    fn remove_first(&mut self, by: i64) -> bool {
        let first = self.order.first().filter(|(expires, _)| *expires <= by);
        match first.map(|(_, key)| key.clone()) {
            Some(key) => self.remove(&key).is_some(),
            None => false,
        }
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&str, &T) -> bool) {
        let gone = self.items.iter().filter(|(key, item)| !keep(key, item));
        let gone: Vec<String> = gone.map(|(key, _)| key.clone()).collect();
        for key in gone {
            self.remove(&key);
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&T> {
        self.items.get(key)
    }

    /// For changes to anything but its end and its size.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.items.get_mut(key)
    }

    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.items.contains_key(key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.items.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }
}

/// As the map that it is.
impl<T: Serialize> Serialize for Expiring<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.items.serialize(to)
    }
}

impl<'de, T: Expires + Deserialize<'de>> Deserialize<'de> for Expiring<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut all = Self::default();
        for (key, item) in BTreeMap::<String, T>::deserialize(from)? {
            all.insert(key, item);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Page(i64, String);

    impl Expires for Page {
        const MOST_BYTES: usize = 1000;

        fn expires(&self) -> i64 {
            self.0
        }

        fn bytes(&self) -> usize {
            self.1.len()
        }
    }

    fn keys(pages: &Expiring<Page>) -> String {
        pages.items.keys().map(String::as_str).collect()
    }

    #[test]
    fn what_ends_first_makes_room() {
        let mut pages = Expiring::default();
        // Each has 300 bytes with its key.
        let page = |expires| Page(expires, "x".repeat(98));
        for (key, expires) in [("a", 30), ("b", 10), ("c", 20)] {
            pages.insert(key.to_owned(), page(expires));
        }
        assert_eq!((keys(&pages).as_str(), pages.bytes), ("abc", 900));
        pages.insert("d".to_owned(), page(40));
        assert_eq!((keys(&pages).as_str(), pages.bytes), ("acd", 900));
        pages.insert("d".to_owned(), page(50));
        assert_eq!(
            (pages.len(), pages.bytes),
            (3, 900),
            "in the place of the other"
        );

        let text = serde_json::to_string(&pages).unwrap();
        let mut copy: Expiring<Page> = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&copy).unwrap(), text);
        copy.prune(20);
        assert_eq!((keys(&copy).as_str(), copy.bytes), ("ad", 600));
        copy.retain(|key, _| key != "a");
        copy.insert("huge".to_owned(), Page(1, "x".repeat(5000)));
        assert_eq!(keys(&copy), "huge", "the new one stays in any case");
        assert!(copy.remove("huge").is_some() && copy.get("huge").is_none());
        assert_eq!((copy.bytes, copy.order.len()), (0, 0));
    }
}
