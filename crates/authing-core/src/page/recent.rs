//! Which items came lately.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt::{self, Debug, Write as _};
use std::hash::{BuildHasher as _, Hasher};

/// An item that was on one of so many pages is known again.
pub(super) const WINDOW: u64 = 16;

/// Marks of the items on the last pages: eight bytes an item, however long its
/// key is.
#[derive(Default)]
pub(super) struct Recent {
    /// For each mark, the number of the last answer that had it.
    marks: HashMap<u64, u64>,
    answers: u64,
    /// The marks of the first page: a server that begins again is known by them.
    first: Vec<u64>,
    hasher: RandomState,
}

/// How many items a page has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) all: u64,
    /// Those that were on none of the last pages.
    pub(super) new: u64,
    /// It is the first page once more, after so many others that none of its
    /// items is known.
    pub(super) begins_again: bool,
}

pub(super) struct Sifted<T> {
    pub(super) items: Vec<T>,
    pub(super) count: Count,
}

impl Recent {
    /// Leaves out the items that were on one of the last pages. An item without
    /// a key is never left out.
    pub(super) fn sift<T: Debug>(
        &mut self,
        items: Vec<T>,
        key: fn(&T) -> Option<String>,
    ) -> Sifted<T> {
        self.answers += 1;
        let mut count = Count {
            all: items.len() as u64,
            ..Count::default()
        };
        let mut page = Vec::with_capacity(items.len());
        let mut kept = items;
        kept.retain(|item| {
            let key = key(item).filter(|key| !key.is_empty());
            let mark = match &key {
                Some(key) => self.hasher.hash_one(key),
                None => self.look(item),
            };
            page.push(mark);
            let is_new = self.marks.insert(mark, self.answers).is_none();
            count.new += u64::from(is_new);
            is_new || key.is_none()
        });
        if self.answers == 1 {
            self.first = page;
        } else {
            let is_new = count.new == count.all && count.all > 0;
            count.begins_again = is_new && page == self.first;
        }
        let answers = self.answers;
        self.marks.retain(|_, seen| *seen + WINDOW > answers);
        Sifted { items: kept, count }
    }

    /// A mark of an item without a key. Items that look the same may be several.
    fn look(&self, item: &impl Debug) -> u64 {
        let mut into = Hash(self.hasher.build_hasher());
        // The hasher takes everything.
        let _ = write!(into, "{item:?}");
        into.0.finish()
    }
}

struct Hash<H>(H);

impl<H: Hasher> fmt::Write for Hash<H> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
