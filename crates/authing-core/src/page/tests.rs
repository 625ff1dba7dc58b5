mod ends;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};

use super::*;
use crate::{Credential, ErrorKind, Pipeline, Request, TransportError, transport_fn};

crate::call_type! {
    /// A call of these tests.
    pub struct Call;
}

/// A list whose items are their own keys, or have none.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Numbers {
    page: u32,
    limit: u32,
}

#[derive(Debug, Clone, serde::Serialize)]
pub struct Nameless {
    page: u32,
    limit: u32,
}

crate::operation! {
    Numbers => Page<u64>,
    id: "test.numbers",
    repeat: Never,
    graphql: ["query numbers { numbers }"] => "numbers",
}

crate::operation! {
    Nameless => Page<u64>,
    id: "test.nameless",
    repeat: Never,
    graphql: ["query numbers { numbers }"] => "numbers",
}

crate::paged!(Call<Numbers>, item: u64, key: |number| Some(number.to_string()));
crate::paged!(Call<Nameless>, item: u64, key: none);

/// The pages that a server was asked for, in turn.
type Asked = Arc<Mutex<Vec<u32>>>;

/// The answer to a request for a page, from 1; `None` is a failure.
trait Answers: FnMut(u32) -> Option<Value> + Send + 'static {}

impl<F: FnMut(u32) -> Option<Value> + Send + 'static> Answers for F {}

fn call<O>(operation: O, mut answer: impl Answers) -> (Call<O>, Asked) {
    let asked = Asked::default();
    let record = Arc::clone(&asked);
    let answer = Mutex::new(move |request: &Value| {
        let page = request["variables"]["page"].as_u64().unwrap() as u32;
        record.lock().unwrap().push(page);
        answer(page)
    });
    let server = transport_fn(move |request: http::Request<Bytes>| {
        let request = serde_json::from_slice(request.body()).unwrap();
        let page = (answer.lock().unwrap())(&request);
        let text = match page {
            Some(page) => json!({"data": {"numbers": page}}).to_string(),
            None => "nonsense".to_owned(),
        };
        async move { Ok::<_, TransportError>(http::Response::new(Bytes::from(text))) }
    });
    let pipeline = Pipeline::builder()
        .transport(server)
        .build(|| unreachable!("a transport was given"))
        .unwrap();
    let call = Call(Request::new(&pipeline, Credential::None, operation));
    (call, asked)
}

fn numbers(answer: impl Answers) -> (Call<Numbers>, Asked) {
    let first = Numbers { page: 1, limit: 10 };
    call(first, answer)
}

fn nameless(answer: impl Answers) -> (Call<Nameless>, Asked) {
    let first = Nameless { page: 1, limit: 10 };
    call(first, answer)
}

async fn items(mut stream: PageStream<u64>) -> Vec<u64> {
    let mut items = Vec::new();
    while let Some(item) = stream.next().await {
        items.push(item.unwrap());
        assert!(items.len() <= 100_000, "the stream does not end");
    }
    items
}

/// All items that come, and the pages that are asked for.
async fn read<O>((call, asked): (Call<O>, Asked)) -> (Vec<u64>, Vec<u32>)
where
    O: Paged<Item = u64>,
{
    let items = items(call.stream()).await;
    let asked = asked.lock().unwrap().clone();
    (items, asked)
}

fn page(total: u64, list: impl IntoIterator<Item = u64>) -> Option<Value> {
    let list: Vec<_> = list.into_iter().collect();
    Some(json!({"totalCount": total, "list": list}))
}

/// What is on this page of a list, ten a page.
fn cut(list: &[u64], number: u32) -> Vec<u64> {
    let skipped = list.iter().skip((number as usize - 1) * 10);
    skipped.take(10).copied().collect()
}

/// An honest server with the right total.
fn honest(list: &[u64], number: u32) -> Option<Value> {
    page(list.len() as u64, cut(list, number))
}

fn up_to(count: u64) -> Vec<u64> {
    (0..count).collect()
}

/// Whether all of them came, each once.
fn once(mut items: Vec<u64>, mut expected: Vec<u64>) {
    items.sort_unstable();
    expected.sort_unstable();
    assert_eq!(items, expected);
}

#[tokio::test]
async fn an_honest_server_is_asked_no_more_than_needed() {
    let list = up_to(25);
    let (items, asked) = read(numbers(move |number| honest(&list, number))).await;
    assert_eq!((items, asked), (up_to(25), vec![1, 2, 3]));
    let (items, asked) = read(numbers(|number| honest(&[], number))).await;
    assert_eq!((items, asked), (vec![], vec![1]));
}

#[tokio::test]
async fn a_short_page_in_the_middle_does_not_end_it() {
    let answer = |number| match number {
        1 => page(13, 0..5),
        2 => page(13, 5..13),
        _ => page(13, 0..0),
    };
    assert_eq!(read(numbers(answer)).await.0, up_to(13));
}

#[tokio::test]
async fn a_server_that_gives_less_than_asked_for_is_read_whole() {
    let list = up_to(95);
    let (call, asked) = numbers(move |number| honest(&list, number));
    assert_eq!(items(call.clone().limit(40).stream()).await, up_to(95));
    assert_eq!(asked.lock().unwrap().len(), 10);

    let mut list = up_to(95);
    let (call, _) = numbers(move |number| {
        if number == 6 {
            list.drain(5..20);
        }
        honest(&list, number)
    });
    once(items(call.limit(40).stream()).await, up_to(95));
}

#[tokio::test]
async fn as_many_come_in_front_as_go_behind() {
    let mut list = up_to(60);
    let (seen, _) = read(numbers(move |number| {
        if number == 2 && list.len() == 60 && list[0] == 0 {
            list.truncate(50);
            list.splice(0..0, 100..110);
        }
        honest(&list, number)
    }))
    .await;
    once(seen, up_to(50));
}

#[tokio::test]
async fn a_burst_in_front_hides_nothing() {
    for pages in 1..=25 {
        for total in [None, Some(1 << 40)] {
            let mut list = up_to(300);
            let answer = move |number| {
                if number == 20 && list.len() == 300 {
                    list.splice(0..0, 1000..1000 + pages * 10);
                }
                page(total.unwrap_or(list.len() as u64), cut(&list, number))
            };
            let (items, asked) = read(numbers(answer)).await;
            let seen: BTreeSet<_> = items.iter().copied().collect();
            assert!(up_to(300).iter().all(|item| seen.contains(item)));
            assert_eq!(asked.len() as u64, 31 + pages);
            // Further back than the last pages, items are not known again.
            assert!(pages > 16 || seen.len() == items.len(), "{pages} pages");
        }
    }
}

#[tokio::test]
async fn a_burst_in_front_hides_little_behind_a_total_that_is_too_small() {
    let mut list = up_to(60);
    let (items, _) = read(numbers(move |number| {
        if number == 2 && list.len() == 60 {
            list.splice(0..0, 100..130);
        }
        page(0, cut(&list, number))
    }))
    .await;
    let seen: BTreeSet<_> = items.into_iter().collect();
    assert!(up_to(60).iter().all(|item| seen.contains(item)));
}

#[tokio::test]
async fn it_goes_back_as_many_pages_as_were_lost() {
    for (lost, expected) in [
        (1, [1, 2, 3, 4, 3, 4]),
        (10, [1, 2, 3, 4, 3, 4]),
        (11, [1, 2, 3, 4, 2, 3]),
        (25, [1, 2, 3, 4, 1, 2]),
    ] {
        let mut list = up_to(60);
        let answer = move |number| {
            if number == 4 && list.len() == 60 {
                list.drain(..lost);
            }
            honest(&list, number)
        };
        let (seen, asked) = read(numbers(answer.clone())).await;
        once(seen, up_to(60));
        assert_eq!(asked[..6], expected, "{lost} lost");

        // Without a key, what is read once more comes once more.
        let (seen, _) = read(nameless(answer)).await;
        let seen: BTreeSet<_> = seen.into_iter().collect();
        assert_eq!(seen, up_to(60).into_iter().collect(), "{lost} lost");
    }
}

#[tokio::test]
async fn a_page_that_vanishes_is_looked_for_in_front() {
    let mut list = up_to(60);
    let (seen, _) = read(numbers(move |number| {
        if number == 5 && list.len() == 60 {
            list.drain(..30);
        }
        honest(&list, number)
    }))
    .await;
    once(seen, up_to(60));
}

#[tokio::test]
async fn what_goes_all_the_time_hides_nothing() {
    // In front, behind, and here and there.
    for place in [0, 1, 2] {
        for (gone, most) in [(1, 3), (4, 3), (9, 4)] {
            let mut list = up_to(400);
            let mut request = 0;
            let stays = Arc::new(Mutex::new(Vec::new()));
            let remaining = Arc::clone(&stays);
            let answer = move |number| {
                for _ in 0..gone {
                    request += 1;
                    let at = match place {
                        0 => 0,
                        1 => list.len().saturating_sub(1),
                        _ => request * 7919 % list.len().max(1),
                    };
                    if at < list.len() {
                        list.remove(at);
                    }
                }
                remaining.lock().unwrap().clone_from(&list);
                honest(&list, number)
            };
            let (items, asked) = read(numbers(answer)).await;
            let case = format!("{gone} from place {place}");
            let seen: BTreeSet<_> = items.into_iter().collect();
            assert!(
                stays.lock().unwrap().iter().all(|it| seen.contains(it)),
                "{case}"
            );
            assert!(
                asked.len() <= most * 40 + 10,
                "{case}: {} requests",
                asked.len()
            );
        }
    }
}

#[tokio::test]
async fn what_is_deleted_as_it_comes_hides_nothing() {
    let list = Arc::new(Mutex::new(up_to(100)));
    let served = Arc::clone(&list);
    let (call, _) = numbers(move |number| honest(&served.lock().unwrap(), number));
    let mut stream = call.stream();
    let mut seen = Vec::new();
    while let Some(item) = stream.next().await {
        let item = item.unwrap();
        list.lock().unwrap().retain(|other| *other != item);
        seen.push(item);
    }
    once(seen, up_to(100));
}

#[tokio::test]
async fn equal_items_without_a_key_are_all_given() {
    let list = vec![7; 240];
    let (seen, _) = read(nameless(move |number| honest(&list, number))).await;
    assert_eq!(seen.len(), 240);
}

#[tokio::test]
async fn an_empty_key_is_none() {
    let mut recent = recent::Recent::default();
    let sifted = recent.sift(vec![1, 1, 2], |_| Some(String::new()));
    assert_eq!(sifted.items, [1, 1, 2]);
}

#[tokio::test]
async fn a_stream_may_start_in_the_middle() {
    let list = up_to(25);
    let (call, asked) = numbers(move |number| honest(&list, number));
    let seen = items(call.page(3).stream()).await;
    assert_eq!((seen, asked.lock().unwrap().len()), ((20..25).collect(), 1));

    // What moves in front of the page where it started is not lost.
    let mut list = up_to(60);
    let (call, _) = numbers(move |number| {
        if number == 4 && list.len() == 60 {
            list.drain(..20);
        }
        honest(&list, number)
    });
    let seen: BTreeSet<_> = items(call.page(3).stream()).await.into_iter().collect();
    assert!((20..60).all(|item| seen.contains(&item)));
}

#[tokio::test]
async fn the_last_number_of_a_page_ends_it() {
    let (call, asked) = numbers(|number| page(u64::MAX, [u64::from(number)]));
    let seen = items(call.page(u32::MAX - 1).limit(1).stream()).await;
    assert_eq!(seen, [u64::from(u32::MAX) - 1, u64::from(u32::MAX)]);
    assert_eq!(asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn after_an_error_the_same_page_is_asked_for() {
    let list = up_to(25);
    let mut request = 0;
    let (call, asked) = numbers(move |number| {
        request += 1;
        match request {
            1 | 3 | 4 => None,
            _ => honest(&list, number),
        }
    });
    let mut stream = call.stream();
    let (mut seen, mut errors) = (Vec::new(), 0);
    while let Some(item) = stream.next().await {
        match item {
            Ok(item) => seen.push(item),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Decode);
                errors += 1;
            }
        }
    }
    assert!(stream.is_complete());
    assert_eq!((seen, errors), (up_to(25), 3));
    assert_eq!(*asked.lock().unwrap(), [1, 1, 2, 2, 2, 3]);
}

#[tokio::test]
async fn a_caller_who_skips_errors_comes_to_an_end() {
    let list = up_to(25);
    let (call, asked) = numbers(move |number| match number {
        1 => honest(&list, number),
        _ => None,
    });
    let mut stream = call.stream();
    let (mut seen, mut errors) = (0, 0);
    while let Some(item) = stream.next().await {
        match item {
            Ok(_) => seen += 1,
            Err(_) => errors += 1,
        }
    }
    assert_eq!((seen, errors), (10, 10));
    assert!(stream.next().await.is_none());
    assert!(!stream.is_complete());
    assert_eq!(asked.lock().unwrap().len(), 11);

    // Nothing is sent, and yet it ends.
    let (call, asked) = numbers(|_| None);
    let mut stream = call.limit(0).stream();
    for _ in 0..10 {
        let error = stream.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    assert!(stream.next().await.is_none());
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn errors_between_pages_without_a_new_item_come_to_an_end() {
    let mut request = 0;
    let (call, asked) = numbers(move |_| {
        request += 1;
        match request % 2 {
            0 => None,
            _ => page(u64::MAX, 0..10),
        }
    });
    let mut stream = call.stream();
    let mut errors = 0;
    while let Some(item) = stream.next().await {
        errors += usize::from(item.is_err());
    }
    assert_eq!((errors, asked.lock().unwrap().len()), (10, 20));
}

#[tokio::test]
async fn an_error_before_an_empty_last_page_leaves_the_list_complete() {
    let list = up_to(10);
    let mut request = 0;
    let (call, _) = numbers(move |number| {
        request += 1;
        (request != 2).then(|| honest(&list, number)).flatten()
    });
    let mut stream = call.stream();
    for _ in 0..10 {
        assert!(!stream.is_complete());
        stream.next().await.unwrap().unwrap();
    }
    assert!(stream.next().await.unwrap().is_err());
    assert!(!stream.is_complete());
    assert!(stream.next().await.is_none());
    assert!(stream.is_complete());
}

#[tokio::test]
async fn collecting_stops_at_the_first_error() {
    let list = up_to(25);
    let (call, asked) = numbers(move |number| match number {
        1 => honest(&list, number),
        _ => None,
    });
    let outcome: Result<Vec<u64>> = call.stream().try_collect().await;
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(*asked.lock().unwrap(), [1, 2]);
}

#[tokio::test]
async fn a_dropped_next_loses_nothing_and_a_dropped_stream_its_request() {
    /// Tells that it was dropped.
    struct Alive(Arc<()>);
    let alive = Arc::new(());
    let watch = Arc::downgrade(&alive);
    let request = Mutex::new(Some(Alive(alive)));
    let server = transport_fn(move |_: http::Request<Bytes>| {
        let alive = request.lock().unwrap().take();
        async move {
            let _alive = alive.expect("one request only").0;
            std::future::pending::<Result<_, TransportError>>().await
        }
    });
    let pipeline = Pipeline::builder()
        .transport(server)
        .build(|| unreachable!("a transport was given"))
        .unwrap();
    let operation = Numbers { page: 1, limit: 10 };
    let mut stream = Request::new(&pipeline, Credential::None, operation).stream();
    for _ in 0..3 {
        let mut context = Context::from_waker(Waker::noop());
        let next = std::pin::pin!(stream.next());
        assert!(next.poll(&mut context).is_pending());
    }
    assert!(watch.upgrade().is_some());
    drop(stream);
    assert!(watch.upgrade().is_none());
}

#[test]
fn debug_shows_the_place() {
    let (call, _) = numbers(|_| None);
    let text = format!("{:?}", call.page(7).stream());
    assert!(
        text.contains("test.numbers") && text.contains("page: 7"),
        "{text}"
    );
}

#[test]
fn a_page_without_its_parts_is_empty() {
    for text in ["{}", r#"{"totalCount":null,"list":null}"#] {
        let page: Page<u32> = serde_json::from_str(text).unwrap();
        assert_eq!((page.total_count, page.list.len()), (0, 0), "{text}");
    }
}
