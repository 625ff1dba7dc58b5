//! All items of a list, one after the other.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::recent::Recent;
use super::walk::{Step, Walk};
use super::{Page, Paged};
use crate::call::Request;
use crate::{BoxFuture, Error, ErrorKind, Result};

/// After so many errors without an item in between the stream ends.
const FAILURES: u32 = 10;

/// All items from a page on, fetched page by page as they are wanted.
///
/// Implements [`Stream`]; [`next`](Self::next) serves without further crates.
/// Dropping the future of `next` loses nothing: the next one goes on with the
/// same request. Dropping the stream drops the request that is under way.
///
/// # Lists that change meanwhile
///
/// The API knows pages by their numbers, so an item that is added or removed
/// moves all items behind it. The stream makes up for that:
///
/// - Items that are added in front of the place that was read bring old items
///   again. Where the API promises a unique key, such as an id, items that came
///   with one of the last 16 pages are left out. Lists without a unique key give
///   them again: assignments of policies, actions of users, and roles unless a
///   namespace is named.
/// - When the total is smaller than before, the stream goes back by as many pages
///   as were lost, since items may have moved to pages that were read already. A
///   stream that starts at a later page may then give items from the pages in
///   front of it. How often it goes back has a limit, so that it ends: about as
///   many pages in vain as the list has. Later losses are not made up for.
/// - Items that are added or removed behind the place that was read lose nothing.
///
/// It relies on the total for that. What leaves the total as it was cannot be
/// noticed: when items are removed in front of the place that was read, and as
/// many are added behind it before the next page, an item that stayed is never
/// seen. The same holds for an item that itself moves to the front, as in a list
/// in the order of the last change, and for items that are added and removed at
/// once while the stream goes back. In the order that most lists have, the newest
/// first, nothing is added behind.
///
/// To change a list, **collect the ids first, then change**:
///
/// ```
/// # use authing_core::{PageStream, Result};
/// # struct User { id: String }
/// # async fn delete(_: String) -> Result<()> { Ok(()) }
/// # async fn example(mut users: PageStream<User>) -> Result<()> {
/// let mut ids = Vec::new();
/// while let Some(user) = users.next().await {
///     ids.push(user?.id);
/// }
/// for id in ids {
///     delete(id).await?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// An error is an item and not the end: the next poll asks for the same page
/// again, so nothing is lost by going on, and it is for the caller to wait in
/// between. `user?` and `try_collect` stop at the first error. After ten errors
/// without an item in between the stream ends, so that a loop that skips errors
/// ends too. [`is_complete`](Self::is_complete) tells that end from the end of the
/// list.
///
/// # The end
///
/// The stream ends with an empty page, or with a page that is not full where the
/// total agrees. A wrong total neither cuts the list short nor makes it endless,
/// with one exception: where the total is too small, and most pages behind it
/// repeat items that were read, the stream ends after eight pages that bring
/// nothing new.
///
/// A server that repeats itself is asked at most `2 × pages + 10` times, where
/// `pages` follows from the largest total. After 100 pages in a row without a new
/// item the stream ends earlier, and its last item is an error of the kind
/// [`Decode`](ErrorKind::Decode) if the total promises more. Only a server that
/// makes up new items for ever makes an endless stream: `take` of `StreamExt`
/// bounds it.
#[must_use = "a stream does nothing until it is polled"]
pub struct PageStream<T> {
    source: Box<dyn Source<T>>,
    items: std::vec::IntoIter<T>,
    coming: Option<BoxFuture<'static, Result<Page<T>>>>,
    /// How many errors came since the last item.
    failures: u32,
    /// An error that comes after the items.
    last: Option<Error>,
    ended: bool,
    complete: bool,
}

/// Where the items come from: it keeps the place, be it the number of a page or
/// a cursor of the server's.
pub(super) trait Source<T>: fmt::Debug + Send {
    /// Asks for what is at the place.
    fn fetch(&self) -> BoxFuture<'static, Result<Page<T>>>;

    /// Takes what was at the place, and moves to the next one.
    fn take(&mut self, page: Page<T>) -> Taken<T>;
}

pub(super) struct Taken<T> {
    pub(super) items: Vec<T>,
    pub(super) ends: bool,
    pub(super) error: Option<Error>,
}

impl<T: fmt::Debug + Send + 'static> PageStream<T> {
    pub(crate) fn new<O: Paged<Item = T>>(request: Request<O>) -> Self {
        let (page, limit) = (request.operation.page(), request.operation.limit());
        Self {
            source: Box::new(Numbered {
                request,
                walk: Walk::new(page, limit),
                recent: Recent::default(),
            }),
            items: Vec::new().into_iter(),
            coming: None,
            failures: 0,
            last: None,
            ended: false,
            complete: false,
        }
    }
}

impl<T> PageStream<T> {
    /// The next item. `None` at the end of the list, and after ten errors in a
    /// row.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Whether the list was read to its end. Not so if the stream ended because
    /// nothing but errors came, or because the server gave the same items again
    /// and again though its total promised more.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete && self.items.as_slice().is_empty()
    }

    fn take(&mut self, page: Page<T>) {
        let taken = self.source.take(page);
        if !taken.items.is_empty() {
            self.failures = 0;
        }
        self.complete = taken.ends && taken.error.is_none();
        self.items = taken.items.into_iter();
        self.last = taken.error;
        self.ended = taken.ends;
    }

    fn fail(&mut self, error: Error) -> Option<Result<T>> {
        self.failures += 1;
        self.ended = self.failures >= FAILURES;
        Some(Err(error))
    }
}

/// Nothing in it is pinned.
impl<T> Unpin for PageStream<T> {}

impl<T> Stream for PageStream<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            if this.ended {
                return Poll::Ready(this.last.take().map(Err));
            }
            let source = &this.source;
            let coming = this.coming.get_or_insert_with(|| source.fetch());
            let answer = ready!(coming.as_mut().poll(context));
            this.coming = None;
            match answer {
                Ok(page) => this.take(page),
                Err(error) => return Poll::Ready(this.fail(error)),
            }
        }
    }
}

impl<T> fmt::Debug for PageStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageStream")
            .field("source", &self.source)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// A list whose pages have numbers.
struct Numbered<O> {
    request: Request<O>,
    walk: Walk,
    recent: Recent,
}

impl<O: Paged> Source<O::Item> for Numbered<O> {
    fn fetch(&self) -> BoxFuture<'static, Result<Page<O::Item>>> {
        self.request.clone().boxed()
    }

    fn take(&mut self, page: Page<O::Item>) -> Taken<O::Item> {
        let total = page.total_count;
        let sifted = self.recent.sift(page.list, O::key);
        let step = self.walk.step(total, &sifted.count);
        let mut taken = Taken {
            items: sifted.items,
            ends: true,
            error: None,
        };
        match step {
            Step::To(page) => {
                self.request.operation.turn_to(page);
                taken.ends = false;
            }
            Step::End => {}
            Step::GiveUp => taken.error = Some(endless::<O>(total)),
        }
        taken
    }
}

fn endless<O: Paged>(total: u64) -> Error {
    let what = "the server gives the same items again and again";
    Error::new(
        ErrorKind::Decode,
        format!("{what}: {total} items were promised, and no new one comes"),
    )
    .with_operation(O::spec().id())
}

impl<O: Paged> fmt::Debug for Numbered<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Numbered")
            .field("operation", &O::spec().id())
            .field("page", &self.request.operation.page())
            .field("limit", &self.request.operation.limit())
            .finish_non_exhaustive()
    }
}
