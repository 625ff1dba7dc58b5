//! Lists that come in pages.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use serde::{Deserialize, Deserializer};

use crate::call::Request;
use crate::operation::Operation;
use crate::{BoxFuture, Result};

/// One page of a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: Deserialize<'de>")]
#[non_exhaustive]
pub struct Page<T> {
    /// How many items there are on all pages together, as the server counts.
    #[serde(default, deserialize_with = "or_default")]
    pub total_count: u64,
    /// The items of this page.
    #[serde(default = "Vec::new", deserialize_with = "or_default")]
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
    /// What is listed.
    type Item: Send + Unpin + 'static;

    /// The page that is asked for, from 1.
    fn page(&self) -> u32;

    /// How many items a page holds.
    fn limit(&self) -> u32;

    /// Asks for another page.
    fn turn_to(&mut self, page: u32);

    /// What tells one item from another: a server that gives the same page for
    /// ever is found out by it.
    fn key(item: &Self::Item) -> String;
}

/// Makes an operation with the fields `page` and `limit` [`Paged`], and gives
/// its calls the setters for them.
#[macro_export]
macro_rules! paged {
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

            fn key($one: &$item) -> ::std::string::String {
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

/// All items from a page on, fetched page by page as they are wanted.
///
/// Implements [`Stream`]; [`next`](Self::next) serves without further crates.
/// The stream ends with the first error. It relies on the server's count only
/// together with a page that is not full, so a wrong count neither cuts the
/// list short nor makes it endless. Items that appear or vanish meanwhile may
/// be seen twice or not at all.
#[must_use = "a stream does nothing until it is polled"]
pub struct PageStream<O: Paged> {
    request: Request<O>,
    items: std::vec::IntoIter<O::Item>,
    coming: Option<BoxFuture<'static, Result<Page<O::Item>>>>,
    /// How many items the pages up to here hold.
    seen: u64,
    /// The total and the first item of the page before.
    before: Option<(u64, String)>,
    ended: bool,
}

impl<O: Paged> PageStream<O> {
    pub(crate) fn new(request: Request<O>) -> Self {
        let operation = &request.operation;
        let pages_before = u64::from(operation.page().saturating_sub(1));
        Self {
            seen: pages_before * u64::from(operation.limit()),
            request,
            items: Vec::new().into_iter(),
            coming: None,
            before: None,
            ended: false,
        }
    }

    /// The next item; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<O::Item>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn take(&mut self, page: Page<O::Item>) {
        let limit = u64::from(self.request.operation.limit());
        let count = page.list.len() as u64;
        let total = page.total_count;
        self.seen += count;
        let is_last = count < limit && self.seen >= total;
        // With a higher total than before, new items have pushed the old ones back.
        let first = page.list.first().map(|item| (total, O::key(item)));
        let is_repeated = first.is_some() && first == self.before;
        self.ended = count == 0 || is_last || is_repeated;
        self.before = first;
        if !is_repeated {
            self.items = page.list.into_iter();
        }
        match self.request.operation.page().checked_add(1) {
            Some(next) => self.request.operation.turn_to(next),
            None => self.ended = true,
        }
    }
}

impl<O: Paged> Stream for PageStream<O> {
    type Item = Result<O::Item>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            if this.ended {
                return Poll::Ready(None);
            }
            let request = &this.request;
            let coming = this
                .coming
                .get_or_insert_with(|| Box::pin(request.clone().send()));
            let answer = ready!(coming.as_mut().poll(context));
            this.coming = None;
            match answer {
                Ok(page) => this.take(page),
                Err(error) => {
                    this.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<O: Paged> fmt::Debug for PageStream<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageStream")
            .field("operation", &O::spec().id())
            .field("page", &self.request.operation.page())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bytes::Bytes;
    use serde_json::{Value, json};

    use super::*;
    use crate::{Credential, ErrorKind, Pipeline, TransportError, transport_fn};

    #[derive(Debug, Clone, serde::Serialize)]
    struct Numbers {
        page: u32,
        limit: u32,
    }

    crate::operation! {
        Numbers => Page<u32>,
        id: "test.numbers",
        repeat: Safe,
        graphql: ["query numbers { numbers }"] => "numbers",
    }

    impl Paged for Numbers {
        type Item = u32;

        fn page(&self) -> u32 {
            self.page
        }

        fn limit(&self) -> u32 {
            self.limit
        }

        fn turn_to(&mut self, page: u32) {
            self.page = page;
        }

        fn key(item: &u32) -> String {
            item.to_string()
        }
    }

    /// Streams the numbers below `count`, ten a page, from a server that
    /// `answer`s each page as it likes; tells what came and how many pages
    /// were asked for.
    async fn stream(answer: fn(page: u64) -> Value) -> (Vec<Result<u32>>, usize) {
        stream_from(1, answer).await
    }

    async fn stream_from(first: u32, answer: fn(page: u64) -> Value) -> (Vec<Result<u32>>, usize) {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let server = transport_fn(move |request: http::Request<Bytes>| {
            counter.fetch_add(1, Ordering::SeqCst);
            let body: Value = serde_json::from_slice(request.body()).unwrap();
            let page = answer(body["variables"]["page"].as_u64().unwrap());
            let text = json!({"data": {"numbers": page}}).to_string();
            async move { Ok::<_, TransportError>(http::Response::new(Bytes::from(text))) }
        });
        let pipeline = Pipeline::builder()
            .transport(server)
            .build(|| unreachable!("a transport was given"))
            .unwrap();
        let numbers = Numbers {
            page: first,
            limit: 10,
        };
        let mut stream = Request::new(&pipeline, Credential::None, numbers).stream();
        let mut items = Vec::new();
        while let Some(item) = stream.next().await {
            items.push(item);
            assert!(items.len() <= 100, "the stream does not end");
        }
        (items, asked.load(Ordering::SeqCst))
    }

    fn page(total: u64, range: std::ops::Range<u64>) -> Value {
        json!({"totalCount": total, "list": range.collect::<Vec<_>>()})
    }

    /// The page of an honest list of `count` numbers, with this total.
    fn honest(count: u64, total: u64, number: u64) -> Value {
        page(
            total,
            ((number - 1) * 10).min(count)..(number * 10).min(count),
        )
    }

    #[tokio::test]
    async fn an_honest_server_is_asked_no_more_than_needed() {
        let (items, asked) = stream(|number| honest(25, 25, number)).await;
        let items: Vec<_> = items.into_iter().map(Result::unwrap).collect();
        assert_eq!(items, (0..25).collect::<Vec<_>>());
        assert_eq!(asked, 3);
        assert_eq!(stream(|number| honest(0, 0, number)).await.1, 1);
    }

    #[tokio::test]
    async fn a_wrong_count_neither_cuts_nor_loops() {
        for answer in [
            |number| honest(25, 0, number),
            |number| honest(25, 999, number),
        ] {
            let (items, asked) = stream(answer).await;
            assert_eq!(items.len(), 25);
            assert!(asked <= 4);
        }
    }

    #[tokio::test]
    async fn a_short_page_in_the_middle_does_not_end_it() {
        let (items, _) = stream(|number| match number {
            1 => page(13, 0..5),
            2 => page(13, 5..13),
            _ => page(13, 0..0),
        })
        .await;
        assert_eq!(items.len(), 13);
    }

    #[tokio::test]
    async fn a_server_that_ignores_the_page_is_found_out() {
        let (items, asked) = stream(|_| page(999, 0..10)).await;
        assert_eq!((items.len(), asked), (10, 2));
    }

    #[tokio::test]
    async fn items_that_push_in_from_the_front_do_not_end_it() {
        // Ten numbers are new each time a page is asked for, and the newest come first: the
        // second page is the first one again.
        let (items, _) = stream(|number| match number {
            1 => page(25, 0..10),
            2 => page(35, 0..10),
            3 => page(35, 10..20),
            4 => page(35, 20..25),
            _ => page(35, 0..0),
        })
        .await;
        let items: std::collections::BTreeSet<_> = items.into_iter().map(Result::unwrap).collect();
        assert_eq!(items.len(), 25);
    }

    #[tokio::test]
    async fn a_stream_may_start_in_the_middle() {
        let (items, asked) = stream_from(3, |number| honest(25, 25, number)).await;
        assert_eq!((items.len(), asked), (5, 1));
    }

    #[test]
    fn a_page_without_its_parts_is_empty() {
        for text in ["{}", r#"{"totalCount":null,"list":null}"#] {
            let page: Page<u32> = serde_json::from_str(text).unwrap();
            assert_eq!((page.total_count, page.list.len()), (0, 0), "{text}");
        }
    }

    #[tokio::test]
    async fn the_first_error_ends_it() {
        let (items, _) = stream(|number| match number {
            1 => page(25, 0..10),
            _ => json!("nonsense"),
        })
        .await;
        assert_eq!(items.len(), 11);
        let error = items.into_iter().next_back().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
    }
}
