//! The way through a list whose pages have numbers.

use std::ops::Range;

use super::recent::{Count, WINDOW};

/// After so many pages without a new item the server is not asked any more,
/// though its total promises more.
const STALLED: u32 = 100;

/// The same behind the end that the total gives. A list may go on there, since
/// totals can be wrong, and new items in front may have moved old ones there.
const STALLED_BEHIND_THE_TOTAL: u32 = 8;

/// After so many pages in a row that were read once more in vain, the stream
/// does not go back any more.
const FRUITLESS: u32 = 1000;

/// How many requests beyond the pages of the list may bring nothing new.
const SPARE: u64 = 8;

/// How often the first page may come again after all others.
const NEW_BEGINNINGS: u32 = 3;

const _: () = assert!(STALLED as u64 > WINDOW);

/// Which page to read next.
///
/// Positions count from 0, as if each page were full. An item that is removed
/// moves those behind it to the front, so that they can get from a page that was
/// not read yet to one that was. How far shows in the total.
#[derive(Debug)]
pub(super) struct Walk {
    limit: u64,
    page: u32,
    /// The last page that was read.
    furthest: u32,
    /// How many items are in front of the page, counted as they came.
    before: u64,
    /// The most items that a page had.
    largest_page: u64,
    /// All in front of this position was read, wherever items were removed.
    read: u64,
    /// What was read behind it.
    ahead: Range<u64>,
    /// The total of the last answer, and the largest of all.
    total: Option<u64>,
    largest_total: u64,
    /// How many pages were read once more, and how many requests that had no need
    /// to be brought nothing new.
    again: u64,
    needless: u64,
    /// How many pages in a row brought nothing new: of those that were not read
    /// before, and of those that were.
    stalled: u32,
    fruitless: u32,
    /// How often the first page came again.
    beginnings: u32,
}

/// What to do after a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Read this page.
    To(u32),
    /// The list is at its end.
    End,
    /// The total promises more, but nothing new comes.
    GiveUp,
}

impl Walk {
    /// Begins at a page, from 1.
    pub(super) fn new(page: u32, limit: u32) -> Self {
        let limit = u64::from(limit.max(1));
        let before = start_of(page, limit);
        Self {
            limit,
            page,
            furthest: page.saturating_sub(1),
            before,
            largest_page: 0,
            read: before,
            ahead: 0..0,
            total: None,
            largest_total: 0,
            again: 0,
            needless: 0,
            stalled: 0,
            fruitless: 0,
            beginnings: 0,
        }
    }

    /// Takes note of the page that was read.
    pub(super) fn step(&mut self, total: u64, count: &Count) -> Step {
        let is_further = self.page > self.furthest;
        self.furthest = self.furthest.max(self.page);
        self.largest_page = self.largest_page.max(count.all.min(self.limit));
        self.largest_total = self.largest_total.max(total);
        self.move_to(total);
        self.note_read();

        let counted = self.before.saturating_add(count.all);
        let is_behind_the_total = counted >= self.largest_total;
        self.tally(is_further, is_behind_the_total, count);

        let mut next = page_of(self.read, self.limit);
        if next <= u64::from(self.furthest) && !self.may_read_again() {
            next = u64::from(self.furthest) + 1;
            self.read = start_of(self.furthest, self.limit).saturating_add(self.limit);
            self.ahead = 0..0;
        }
        let goes_back = next <= u64::from(self.page);
        let is_last = count.all < self.limit && counted >= total;
        if !goes_back && (count.all == 0 || is_last) {
            return Step::End;
        }
        let goes_further = next > u64::from(self.furthest);
        // After a page that was read once more, the list goes on at a new one.
        if is_further && goes_further && self.is_endless(is_behind_the_total, count) {
            return match is_behind_the_total {
                true => Step::End,
                false => Step::GiveUp,
            };
        }
        let Ok(next) = u32::try_from(next) else {
            return Step::End;
        };
        self.turn_to(next, count.all);
        Step::To(next)
    }

    /// Moves what was read as far as items may have moved.
    fn move_to(&mut self, total: u64) {
        let before = self.total.replace(total).unwrap_or(total);
        let lost = self.in_full_pages(before.saturating_sub(total));
        self.read = self.read.saturating_sub(lost);
        // What was read further on is needed where items go all the time: it would
        // have to be read again for ever. Else it is safer to read it once more, since
        // new items in front may have moved it back without changing the total.
        self.ahead = match lost {
            0 => 0..0,
            _ => self.ahead.start..self.ahead.end.saturating_sub(lost),
        };
    }

    /// So many items, in positions: a server may give less on a page than it was
    /// asked for.
    fn in_full_pages(&self, items: u64) -> u64 {
        let positions = u128::from(items) * u128::from(self.limit);
        let positions = positions.div_ceil(u128::from(self.largest_page.max(1)));
        u64::try_from(positions).unwrap_or(u64::MAX)
    }

    fn note_read(&mut self) {
        let start = start_of(self.page, self.limit);
        let page = start..start.saturating_add(self.limit);
        if page.start <= self.read {
            self.read = self.read.max(page.end);
        } else if page.start <= self.ahead.end && self.ahead.start <= page.end {
            self.ahead = self.ahead.start.min(page.start)..self.ahead.end.max(page.end);
        } else {
            self.ahead = page;
        }
        if self.ahead.start <= self.read {
            self.read = self.read.max(self.ahead.end);
            self.ahead = 0..0;
        }
    }

    fn tally(&mut self, is_further: bool, is_behind_the_total: bool, count: &Count) {
        let has_new = count.new > 0;
        if has_new {
            self.stalled = 0;
        }
        if is_further {
            self.stalled += u32::from(!has_new);
            self.needless += u64::from(is_behind_the_total && count.new < count.all);
            self.beginnings += u32::from(count.begins_again);
        } else {
            self.again += 1;
            self.needless += u64::from(!has_new);
            self.fruitless = if has_new { 0 } else { self.fruitless + 1 };
        }
    }

    /// The pages of the list, and some to spare.
    fn allowed(&self) -> u64 {
        self.largest_total.div_ceil(self.limit) + SPARE
    }

    /// A total that goes up and down must not hold up the stream. A list from
    /// which items are removed all the time takes three requests a page.
    fn may_read_again(&self) -> bool {
        self.needless < self.allowed()
            && self.again < self.allowed().saturating_mul(3)
            && self.fruitless < FRUITLESS
    }

    fn is_endless(&self, is_behind_the_total: bool, count: &Count) -> bool {
        let most = match is_behind_the_total {
            true => STALLED_BEHIND_THE_TOTAL,
            false => STALLED,
        };
        self.stalled >= most
            || self.beginnings >= NEW_BEGINNINGS
            || is_behind_the_total && count.new < count.all && self.needless >= self.allowed()
    }

    fn turn_to(&mut self, next: u32, count: u64) {
        let pages = u64::from(next.abs_diff(self.page));
        let items = pages.saturating_mul(self.largest_page);
        self.before = match next.checked_sub(self.page) {
            None | Some(0) => self.before.saturating_sub(items),
            // The page itself is counted; those between it and the next were before.
            Some(_) => self
                .before
                .saturating_add(count)
                .saturating_add(items.saturating_sub(self.largest_page)),
        };
        if next == 1 {
            self.before = 0;
        }
        self.page = next;
    }
}

/// The position at which a page starts.
fn start_of(page: u32, limit: u64) -> u64 {
    u64::from(page.saturating_sub(1)).saturating_mul(limit)
}

/// The page on which a position is.
fn page_of(position: u64, limit: u64) -> u64 {
    position / limit + 1
}
