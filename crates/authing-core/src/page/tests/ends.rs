//! Where a stream ends: with wrong totals, and with servers that have no end.

use super::*;

/// How many pages are asked for until the end, whatever comes.
async fn requests<O>((call, asked): (Call<O>, Asked)) -> usize
where
    O: Paged<Item = u64>,
{
    let mut stream = call.stream();
    while stream.next().await.is_some() {
        assert!(asked.lock().unwrap().len() <= 10_000, "it does not end");
    }
    asked.lock().unwrap().len()
}

#[tokio::test]
async fn a_wrong_count_neither_cuts_nor_loops() {
    for count in [25, 60, 1000] {
        for total in [0, 1, 5, 999, u64::MAX] {
            let list = up_to(count);
            let answer = move |number| page(total, cut(&list, number));
            let pages = count.div_ceil(10) as usize;
            let (items, asked) = read(numbers(answer.clone())).await;
            assert_eq!(items, up_to(count), "{total} instead of {count}");
            assert!(asked.len() <= pages + 1, "{asked:?}");
            let (items, asked) = read(nameless(answer)).await;
            assert_eq!(items, up_to(count), "{total} instead of {count}");
            assert!(asked.len() <= pages + 1, "{asked:?}");
        }
    }
}

#[tokio::test]
async fn a_count_that_goes_up_and_down_cuts_nothing() {
    for (high, low) in [(100, 80), (100, 99), (100, 0), (5, 4), (u64::MAX, 3)] {
        for turns in [2, 3, 20] {
            let mut request = 0;
            let list = up_to(100);
            let answer = move |number| {
                request += 1;
                let total = if request % turns == 0 { low } else { high };
                page(total, cut(&list, number))
            };
            let (items, asked) = read(numbers(answer)).await;
            let case = format!("{high} and {low} by {turns}");
            let seen: BTreeSet<_> = items.into_iter().collect();
            assert_eq!(seen.len(), 100, "{case}: {asked:?}");
            let most = if high == u64::MAX { 1100 } else { 60 };
            assert!(asked.len() <= most, "{case}: {} requests", asked.len());
        }
    }
}

/// The total and the items of the answer to a request, which are counted from 0.
type Endless = fn(u64) -> (u64, Vec<u64>);

/// Servers that never come to an end.
fn endless() -> Vec<(&'static str, Endless)> {
    vec![
        ("one page, the total grows", |n| (100 + n, vec![1, 2])),
        ("two pages by turns", |n| (100, vec![n % 2, n % 2 + 2])),
        ("one page, a right total", |_| (2, vec![1, 2])),
        ("one page, no total", |_| (0, vec![1, 2])),
        ("only the first differs, by turns", |n| {
            (100, vec![n % 5, 9])
        }),
        ("only the first differs", |n| (100, vec![n + 9, 9])),
        ("the total by turns", |n| (100 + n % 2, vec![1, 2])),
        ("the total by turns, far", |n| {
            (100 - n % 2 * 50, vec![1, 2])
        }),
        ("forty pages by turns", |n| (80, vec![n % 40, n % 40 + 40])),
        ("forty pages by turns, no total", |n| {
            (0, vec![n % 40, n % 40 + 40])
        }),
        ("the total falls", |n| {
            (1000_u64.saturating_sub(n), vec![1, 2])
        }),
        ("more than asked for", |_| (6, vec![1, 2, 3, 4, 5, 6])),
    ]
}

#[tokio::test]
async fn what_never_ends_is_ended() {
    for (case, answer) in endless() {
        for keyed in [true, false] {
            let mut request = 0;
            let mut largest = 0;
            let bound = Arc::new(Mutex::new(0));
            let most = Arc::clone(&bound);
            let answer = move |_| {
                let (total, list) = answer(request);
                request += 1;
                largest = total.max(largest);
                // No more items than there were can be a list of their own.
                let largest = if case.contains("forty") {
                    80 * 3
                } else {
                    largest
                };
                *most.lock().unwrap() = 2 * largest.div_ceil(2) as usize + 10;
                page(total, list)
            };
            let asked = match keyed {
                true => requests(call(Numbers { page: 1, limit: 2 }, answer)).await,
                false => requests(call(Nameless { page: 1, limit: 2 }, answer)).await,
            };
            let bound = *bound.lock().unwrap();
            assert!(
                asked <= bound,
                "{case}, {keyed}: {asked} of {bound} requests"
            );
        }
    }
}

#[tokio::test]
async fn a_total_beyond_all_measure_is_given_up_with_an_error() {
    for answer in [
        |_: u64| (1 << 40, vec![1, 2]),
        |n| (1 << 40, vec![n % 2, n % 2 + 2]),
        |n| ((1 << 40) + n % 2, vec![1, 2]),
        |n| (100 + 2 * n, vec![1, 2]),
        |n| (1 << 40, vec![n % 40, n % 40 + 40]),
    ] {
        let mut request = 0;
        let (call, asked) = numbers(move |_| {
            let (total, list) = answer(request);
            request += 1;
            page(total, list)
        });
        let mut stream = call.limit(2).stream();
        let mut last = None;
        while let Some(item) = stream.next().await {
            assert!(!matches!(last, Some(Err(_))), "it goes on after an error");
            last = Some(item);
        }
        assert!(!stream.is_complete());
        let error = last.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("again and again"), "{error}");
        let asked = asked.lock().unwrap().len();
        assert!(asked <= 1200, "{asked} requests");
    }
}
