//! Pages of lists.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::refusal::Refusal;
use crate::wording;

const DEFAULT_LIMIT: i64 = 10;
const HIGHEST_LIMIT: i64 = 500;

/// Which page to answer: counted from 1, ten items unless told otherwise.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct Paging {
    page: Option<i64>,
    limit: Option<i64>,
}

/// One page of a list, and how long the whole list is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<T> {
    pub(crate) total_count: usize,
    pub(crate) list: Vec<T>,
}

/// Refuses a page that no list has. Every field with arguments of these names comes by here.
pub(crate) fn check(arguments: &Value) -> Result<(), Refusal> {
    let number = |name: &str| arguments.get(name).and_then(Value::as_i64);
    if number("page").is_some_and(|page| page < 1) {
        return Err(Refusal::new(&wording::PAGE_TOO_LOW));
    }
    if number("limit").is_some_and(|limit| !(1..=HIGHEST_LIMIT).contains(&limit)) {
        return Err(Refusal::about(
            &wording::LIMIT_OUT_OF_RANGE,
            &[&HIGHEST_LIMIT],
        ));
    }
    Ok(())
}

impl Paging {
    /// For routes that take numbers as text.
    pub(crate) fn new(page: Option<i64>, limit: Option<i64>) -> Self {
        Self { page, limit }
    }

    /// The same, from a query. What is no number counts as absent.
    pub(crate) fn of_texts(page: Option<&str>, limit: Option<&str>) -> Self {
        Self {
            page: page.and_then(|page| page.parse().ok()),
            limit: limit.and_then(|limit| limit.parse().ok()),
        }
    }

    /// The same for a list of which only the page is looked at.
    pub(crate) fn cut_from<T>(self, total_count: usize, items: impl Iterator<Item = T>) -> Page<T> {
        let limit = usize::try_from(self.limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(0);
        let pages_before = usize::try_from(self.page.unwrap_or(1).saturating_sub(1)).unwrap_or(0);
        Page {
            total_count,
            list: items
                .skip(pages_before.saturating_mul(limit))
                .take(limit)
                .collect(),
        }
    }

    pub(crate) fn cut<T>(self, items: Vec<T>) -> Page<T> {
        self.cut_from(items.len(), items.into_iter())
    }
}

impl<T> Page<T> {
    /// A list that the API pages in shape only.
    pub(crate) fn whole(list: Vec<T>) -> Self {
        Self {
            total_count: list.len(),
            list,
        }
    }

    pub(crate) fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page {
            total_count: self.total_count,
            list: self.list.into_iter().map(convert).collect(),
        }
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum SortBy {
    #[default]
    #[serde(rename = "CREATEDAT_DESC")]
    CreatedDescending,
    #[serde(rename = "CREATEDAT_ASC")]
    CreatedAscending,
    #[serde(rename = "UPDATEDAT_DESC")]
    UpdatedDescending,
    #[serde(rename = "UPDATEDAT_ASC")]
    UpdatedAscending,
}

impl SortBy {
    /// Sorts what comes in the order of its creation.
    pub(crate) fn sort<T>(self, items: &mut [T], updated_at: impl Fn(&T) -> &str) {
        match self {
            Self::CreatedDescending => items.reverse(),
            Self::CreatedAscending => {}
            Self::UpdatedDescending => {
                items.reverse();
                items.sort_by(|a, b| updated_at(b).cmp(updated_at(a)));
            }
            Self::UpdatedAscending => items.sort_by(|a, b| updated_at(a).cmp(updated_at(b))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cut(page: Option<i64>, limit: Option<i64>) -> Vec<i32> {
        let page = Paging { page, limit }.cut((1..=25).collect());
        assert_eq!(page.total_count, 25);
        page.list
    }

    #[test]
    fn cuts_pages() {
        assert_eq!(cut(None, None), (1..=10).collect::<Vec<_>>());
        assert_eq!(cut(Some(3), None), (21..=25).collect::<Vec<_>>());
        assert_eq!(cut(Some(2), Some(3)), [4, 5, 6]);
        assert_eq!(cut(Some(0), Some(1)), [1]);
        assert!(cut(Some(4), None).is_empty());
        assert!(cut(Some(1), Some(-1)).is_empty());
        assert!(cut(Some(i64::MAX), Some(i64::MAX)).is_empty());
    }

    #[test]
    fn refuses_pages_that_no_list_has() {
        for fine in [
            json!({}),
            json!({"page": null, "limit": 500}),
            json!({"page": 9, "limit": 1}),
        ] {
            check(&fine).unwrap();
        }
        for (odd, named) in [
            (json!({"page": 0}), "1"),
            (json!({"page": -1}), "1"),
            (json!({"limit": 0}), "500"),
            (json!({"limit": -5}), "500"),
            (json!({"limit": 501}), "500"),
        ] {
            let refusal = check(&odd).unwrap_err();
            assert!(
                refusal
                    .message(crate::wording::Language::English)
                    .contains(named),
                "{odd}: {refusal:?}"
            );
        }
    }

    #[test]
    fn sorts() {
        let sorted = |by: SortBy| {
            let mut items = [("a", "2"), ("b", "3"), ("c", "1")];
            by.sort(&mut items, |item| item.1);
            items.map(|item| item.0).concat()
        };
        assert_eq!(sorted(SortBy::CreatedDescending), "cba");
        assert_eq!(sorted(SortBy::CreatedAscending), "abc");
        assert_eq!(sorted(SortBy::UpdatedDescending), "bac");
        assert_eq!(sorted(SortBy::UpdatedAscending), "cab");
    }
}
