//! How much a request may go through and answer, so that none of them keeps all others waiting.
//!
//! Stores count what they go through. The count is kept where this thread finds it while the request is carried out, as
//! the source of its ids is: it is needed deep inside every resource.

use std::cell::Cell;

use serde_json::Value;

use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::state::State;
use crate::wording;

/// For each field that a function answers.
pub(crate) const FIELD: u64 = 20;
/// To decrypt a password: a hundred and more times what a user costs in a search.
pub(crate) const DECRYPTION: u64 = 10_000;
/// A list may cost so many times as much as other requests: each step is a comparison of two short texts.
const LIST: u64 = 25;
/// Steps for each user of the pool, so that a search is never refused for the size of the pool.
const PER_USER: u64 = 20;

#[derive(Clone, Copy)]
struct Left {
    steps: u64,
    bytes: u64,
}

thread_local! {
    static LEFT: Cell<Left> = const {
        Cell::new(Left { steps: u64::MAX, bytes: u64::MAX })
    };
}

/// Puts back what was there before, also when the request panics.
struct Restored(Left);

impl Drop for Restored {
    fn drop(&mut self) {
        LEFT.set(self.0);
    }
}

/// Carries out a request within the limits.
pub(crate) fn within<T>(limits: &Limits, users: usize, work: impl FnOnce() -> T) -> T {
    let _restored = Restored(LEFT.get());
    let users = u64::try_from(users).unwrap_or(u64::MAX);
    LEFT.set(Left {
        steps: limits.steps.max(users.saturating_mul(PER_USER)),
        bytes: limits.response_bytes,
    });
    work()
}

/// Counts steps. False when there are none left: the request is refused, so a search may end with anything.
pub(crate) fn spend(steps: u64) -> bool {
    let mut left = LEFT.get();
    left.steps = left.steps.saturating_sub(steps);
    LEFT.set(left);
    left.steps > 0
}

/// The same for as many steps as there are items.
pub(crate) fn spend_on(items: usize) -> bool {
    spend(u64::try_from(items).unwrap_or(u64::MAX))
}

pub(crate) fn is_used_up() -> bool {
    LEFT.get().steps == 0
}

/// Refuses to begin with anything else.
pub(crate) fn check() -> Result<(), Refusal> {
    match is_used_up() {
        true => Err(refusal()),
        false => Ok(()),
    }
}

pub(crate) fn refusal() -> Refusal {
    Refusal::new(&wording::TOO_MUCH_WORK)
}

/// Counts bytes of a response.
pub(crate) fn spend_bytes(bytes: usize) {
    let mut left = LEFT.get();
    left.bytes = left
        .bytes
        .saturating_sub(u64::try_from(bytes).unwrap_or(u64::MAX));
    LEFT.set(left);
}

pub(crate) fn has_bytes() -> bool {
    LEFT.get().bytes > 0
}

/// Refuses a list before anything is done with it, if each of its items may be compared with everything that is there.
pub(crate) fn check_lists(arguments: &Value, state: &State) -> Result<(), Refusal> {
    let items = u64::try_from(items(arguments)).unwrap_or(u64::MAX);
    let records = u64::try_from(state.records()).unwrap_or(u64::MAX);
    match items.saturating_mul(records) > LEFT.get().steps.saturating_mul(LIST) {
        true => Err(Refusal::new(&wording::LIST_TOO_LONG)),
        false => Ok(()),
    }
}

/// The items of all lists.
fn items(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().fold(list.len(), |sum, item| sum + items(item)),
        Value::Object(fields) => fields.values().map(items).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_and_bytes_are_counted_for_each_request() {
        let limits = Limits {
            steps: 100,
            response_bytes: 10,
            ..Limits::default()
        };
        within(&limits, 0, || {
            assert!(spend(99) && !is_used_up() && check().is_ok());
            within(&limits, 0, || assert!(spend(1)));
            assert!(!spend(1) && is_used_up() && check().is_err());
            spend_bytes(9);
            assert!(has_bytes());
            spend_bytes(1);
            assert!(!has_bytes());
        });
        assert!(spend(u64::MAX / 2) && !is_used_up());
        within(&limits, 1000, || {
            assert!(spend(19_999), "one search is allowed")
        });
    }

    #[test]
    fn lists_are_counted_in_their_depth() {
        assert_eq!(
            items(&json!({"a": [1, [2, 3]], "b": "x", "c": {"d": [4]}})),
            5
        );
    }
}
