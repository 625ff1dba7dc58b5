//! Lists that come in pages.

mod recent;
mod stream;
#[cfg(test)]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the macros declare what clients use"
)]
mod tests;
mod walk;

use std::fmt;

use serde::{Deserialize, Deserializer};

use crate::Result;
use crate::bounded::long_list;
use crate::operation::Operation;

pub use stream::PageStream;

/// One page of a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: Deserialize<'de>")]
#[non_exhaustive]
pub struct Page<T> {
    /// How many items there are on all pages together, as the server counts.
    #[serde(default, deserialize_with = "or_default")]
    pub total_count: u64,
    /// The items of this page.
    #[serde(default = "Vec::new", deserialize_with = "long_list")]
    pub list: Vec<T>,
}

/// The value, or the default in the place of null.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            total_count: 0,
            list: Vec::new(),
        }
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

/// An operation that lists in pages.
pub trait Paged: Operation<Output = Page<Self::Item>> + Clone + Unpin {
    /// What is listed. Items without a key are told apart by their `Debug`.
    type Item: fmt::Debug + Send + 'static;

    /// The page that is asked for, from 1.
    fn page(&self) -> u32;

    /// How many items a page holds.
    fn limit(&self) -> u32;

    /// Asks for another page.
    fn turn_to(&mut self, page: u32);

    /// What the API promises to be different for each item of the list, such as
    /// an id; `None` if there is no such thing. A [`PageStream`] leaves out items
    /// whose key it knows already, so a key that two items share loses one.
    fn key(item: &Self::Item) -> Option<String>;
}

/// Makes an operation with the fields `page` and `limit` [`Paged`], and gives
/// its calls the setters for them. `key` is what the API promises to be different
/// for each item of the list, `Some` text; `none` if it promises nothing.
#[macro_export]
macro_rules! paged {
    ($call:ident<$operation:ty>, item: $item:ty, key: none) => {
        $crate::paged!($call<$operation>, item: $item, key: |_item| ::std::option::Option::None);
    };
    ($call:ident<$operation:ty>, item: $item:ty, key: |$one:ident| $key:expr) => {
        impl $crate::Paged for $operation {
            type Item = $item;

            fn page(&self) -> u32 {
                self.page
            }

            fn limit(&self) -> u32 {
                self.limit
            }

            fn turn_to(&mut self, page: u32) {
                self.page = page;
            }

            fn key($one: &$item) -> ::std::option::Option<::std::string::String> {
                $key
            }
        }

        impl $call<$operation> {
            /// The page to read, from 1; the first by default. A page 0 makes
            /// the call fail before anything is sent.
            pub fn page(mut self, page: u32) -> Self {
                self.0.operation.page = page;
                match page {
                    0 => Self(self.0.mistake("pages count from 1")),
                    _ => self,
                }
            }

            /// How many items a page holds; 10 by default. Pages of 0 make the
            /// call fail before anything is sent.
            pub fn limit(mut self, limit: u32) -> Self {
                self.0.operation.limit = limit;
                match limit {
                    0 => Self(self.0.mistake("a page holds at least 1 item")),
                    _ => self,
                }
            }
        }
    };
}

/// The page that is asked for unless the caller turns to another.
#[doc(hidden)]
pub const FIRST_PAGE: u32 = 1;

/// How many items a page holds unless the caller says otherwise: the server's
/// own default.
#[doc(hidden)]
pub const PAGE_LIMIT: u32 = 10;
