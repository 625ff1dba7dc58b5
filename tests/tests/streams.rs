//! Lists that change while they are streamed: against the emulator over real
//! sockets and both transports, and against a server that changes at random.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use authing::v2::policies::PolicyStatement;
use authing::v2::users::SortBy;
use authing::v2::{CreateUserInput, ManagementClient, PolicyTargetType};
use authing::{HttpTransport, TransportError, transport_fn};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

both_transports!(
    who_stays_is_seen_while_others_come_and_go,
    who_is_deleted_once_seen_hides_nobody,
    ids_collected_first_are_all_of_them,
    a_code_in_two_namespaces_is_two_policies,
);

fn start(backend: Backend) -> (Emulator, ManagementClient) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients.admin)
}

/// Creates users and gives their ids, the oldest first.
async fn create(admin: &ManagementClient, name: &str, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        let user = CreateUserInput::new().username(format!("{name}-{number}"));
        ids.push(admin.users().create(user).await.unwrap().id);
    }
    ids
}

async fn who_stays_is_seen_while_others_come_and_go(backend: Backend) {
    for (created, deleted) in [(0, 0), (10, 0), (9, 9), (10, 10), (10, 11), (0, 25)] {
        for order in [SortBy::CreatedAtDesc, SortBy::CreatedAtAsc] {
            // The oldest are the first of one order and the last of the other. In the order
            // of age, what is created behind hides that others are deleted in front.
            if order == SortBy::CreatedAtAsc && created > 0 && deleted > 0 {
                continue;
            }
            let (_emulator, admin) = start(backend);
            let ids = create(&admin, "user", 60).await;
            let list = admin.users().list().limit(10).sort_by(order.clone());
            let mut stream = list.stream();
            let mut seen = Vec::new();
            while let Some(user) = stream.next().await {
                seen.push(user.unwrap().id);
                if seen.len() == 10 {
                    create(&admin, "new", created).await;
                    if deleted > 0 {
                        admin.users().delete_many(&ids[..deleted]).await.unwrap();
                    }
                }
            }
            let case = format!("{order:?}, {created} created, {deleted} deleted");
            let once: BTreeSet<_> = seen.iter().collect();
            assert_eq!(once.len(), seen.len(), "{case}: some came twice");
            let missing = ids[deleted..].iter().filter(|id| !once.contains(id));
            assert_eq!(missing.count(), 0, "{case}: some who stayed are missing");
        }
    }
}

async fn who_is_deleted_once_seen_hides_nobody(backend: Backend) {
    let (_emulator, admin) = start(backend);
    let ids = create(&admin, "user", 35).await;
    let mut stream = admin.users().list().limit(5).stream();
    let mut seen = BTreeSet::new();
    while let Some(user) = stream.next().await {
        let id = user.unwrap().id;
        admin.users().delete(&id).await.unwrap();
        assert!(seen.insert(id), "a user came twice");
    }
    assert_eq!(seen, ids.into_iter().collect());
}

async fn ids_collected_first_are_all_of_them(backend: Backend) {
    let (_emulator, admin) = start(backend);
    create(&admin, "user", 25).await;
    let mut ids = Vec::new();
    let mut stream = admin.users().list().limit(10).stream();
    while let Some(user) = stream.next().await {
        ids.push(user.unwrap().id);
    }
    for id in ids {
        admin.users().delete(id).await.unwrap();
    }
    assert_eq!(admin.users().list().await.unwrap().total_count, 0);
}

async fn a_code_in_two_namespaces_is_two_policies(backend: Backend) {
    let (_emulator, admin) = start(backend);
    let ann = create(&admin, "ann", 1).await.remove(0);
    let policies = admin.policies();
    let mut expected = Vec::new();
    for number in 0..12 {
        let (code, namespace) = match number {
            0 => ("read".to_owned(), "default"),
            10 => ("read".to_owned(), "shop"),
            number => (format!("p{number}"), "default"),
        };
        let statements = vec![PolicyStatement::allow("book:*", ["book:read"])];
        let call = policies.create(&code, statements);
        call.namespace(namespace).await.unwrap();
        let call = policies.add_assignments([&code], PolicyTargetType::User, [&ann]);
        call.namespace(namespace).await.unwrap();
        expected.push(code);
    }
    let mut codes = Vec::new();
    let mut stream = admin.users().list_policies(&ann).stream();
    while let Some(assignment) = stream.next().await {
        codes.push(assignment.unwrap().code);
    }
    codes.sort();
    expected.sort();
    assert_eq!(codes, expected);
}

/// What happens to a list between two requests.
#[derive(Debug, Clone)]
struct Change {
    /// How many items are added as the first ones, and as the last ones.
    first: u32,
    last: u32,
    removed: Vec<Index>,
    /// Whether the order turns round.
    turns: bool,
    /// What is told instead of the right total.
    total: Option<u64>,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = (
        prop_oneof![3 => Just(0), 2 => 1_u32..25],
        prop_oneof![3 => Just(0), 1 => 1_u32..25],
        prop_oneof![2 => Just(vec![]), 3 => vec(any::<Index>(), 0..12)],
        any::<bool>(),
        prop_oneof![
            Just(None),
            (0_u64..100).prop_map(Some),
            any::<u64>().prop_map(Some)
        ],
    );
    let change = change.prop_map(|(first, last, removed, turns, total)| Change {
        first,
        last,
        removed,
        turns,
        total,
    });
    vec(change, 0..30)
}

/// A list that changes before each request.
struct Changing {
    list: Vec<u32>,
    limit: usize,
    changes: std::vec::IntoIter<Change>,
    /// Which changes are made.
    only: fn(&mut Change, &Place),
    pages: Vec<usize>,
    largest_total: u64,
    next: u32,
}

/// Where a list is read.
struct Place {
    /// Whether the page was read before.
    again: bool,
    /// Whether something goes from pages in front of this one.
    goes_in_front: bool,
}

impl Changing {
    fn new(count: u32, limit: usize, changes: Vec<Change>, only: fn(&mut Change, &Place)) -> Self {
        Self {
            list: (0..count).collect(),
            limit,
            changes: changes.into_iter(),
            only,
            pages: Vec::new(),
            largest_total: 0,
            next: count,
        }
    }

    fn page(&mut self, page: usize) -> Value {
        let start = (page - 1) * self.limit;
        let mut told = None;
        if let Some(mut change) = self.changes.next() {
            let removed: BTreeSet<_> = match self.list.len() {
                0 => BTreeSet::new(),
                count => change.removed.iter().map(|it| it.index(count)).collect(),
            };
            let place = Place {
                again: self.pages.iter().any(|read| *read >= page),
                goes_in_front: removed.first().is_some_and(|first| *first < start),
            };
            (self.only)(&mut change, &place);
            if !change.removed.is_empty() {
                let list = self.list.iter().enumerate();
                let stay = list.filter(|(index, _)| !removed.contains(index));
                self.list = stay.map(|(_, item)| *item).collect();
            }
            let first = self.next..self.next + change.first;
            let last = first.end..first.end + change.last;
            self.next = last.end;
            self.list.splice(0..0, first);
            self.list.extend(last);
            if change.turns {
                self.list.reverse();
            }
            told = change.total;
        }
        self.pages.push(page);
        let total = told.unwrap_or(self.list.len() as u64);
        self.largest_total = self.largest_total.max(total);
        let users = self.list.iter().skip(start).take(self.limit);
        let users: Vec<_> = users.map(|id| json!({"id": id.to_string()})).collect();
        json!({"data": {"users": {"totalCount": total, "list": users}}})
    }

    /// Within how many requests a server must be read that repeats itself.
    fn bound(&self) -> u64 {
        2 * self.largest_total.div_ceil(self.limit as u64) + 10
    }
}

fn serve(list: &Arc<Mutex<Changing>>) -> impl HttpTransport + Clone {
    let list = Arc::clone(list);
    transport_fn(move |request: http::Request<Bytes>| {
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let answer = match body["variables"]["page"].as_u64() {
            Some(page) => lock(&list).page(page as usize),
            None => json!({"data": {"accessToken": {"accessToken": "t", "exp": 9999, "iat": 0}}}),
        };
        let answer = http::Response::new(Bytes::from(answer.to_string()));
        async move { Ok::<_, TransportError>(answer) }
    })
}

fn lock(list: &Mutex<Changing>) -> std::sync::MutexGuard<'_, Changing> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Streams the list to its end, and gives the ids that came.
fn stream(list: Changing) -> (Vec<u32>, Changing) {
    let limit = list.limit as u32;
    let list = Arc::new(Mutex::new(list));
    let admin = ManagementClient::builder("pool-1", "secret")
        .transport(serve(&list))
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let seen = runtime.unwrap().block_on(async {
        let mut users = admin.users().list().limit(limit).stream();
        let mut seen = Vec::new();
        while let Some(user) = users.next().await {
            seen.push(user.unwrap().id.parse().unwrap());
            assert!(lock(&list).pages.len() < 10_000, "it does not end");
        }
        seen
    });
    drop(admin);
    let list = Arc::into_inner(list).unwrap().into_inner();
    (seen, list.unwrap_or_else(PoisonError::into_inner))
}

proptest! {
    #[test]
    fn who_stays_is_seen(count in 0_u32..80, limit in 1_usize..12, changes in changes()) {
        let (seen, list) = stream(Changing::new(count, limit, changes, |change, place| {
            (change.turns, change.total) = (false, None);
            // These leave the total as if nothing in front had gone.
            if place.goes_in_front || place.again && !change.removed.is_empty() {
                change.last = 0;
            }
            if place.again && !change.removed.is_empty() {
                change.first = 0;
            }
        }));
        let once: BTreeSet<_> = seen.iter().copied().collect();
        for id in list.list.iter().filter(|id| **id < count) {
            prop_assert!(once.contains(id), "{id} is missing: {:?}", list.pages);
        }
        if list.pages.len() <= 16 {
            prop_assert_eq!(once.len(), seen.len(), "some came twice: {:?}", list.pages);
        }
    }

    #[test]
    fn a_wrong_total_cuts_nothing(
        count in 0_u32..80,
        limit in 1_usize..12,
        changes in changes(),
    ) {
        let (seen, list) = stream(Changing::new(count, limit, changes, |change, _| {
            (change.first, change.last, change.turns) = (0, 0, false);
            change.removed.clear();
        }));
        let once: BTreeSet<_> = seen.into_iter().collect();
        prop_assert_eq!(once.len(), count as usize, "{:?}", list.pages);
    }

    #[test]
    fn a_list_that_changes_as_it_likes_comes_to_an_end(
        count in 0_u32..80,
        limit in 1_usize..12,
        changes in changes(),
    ) {
        let (_, list) = stream(Changing::new(count, limit, changes, |change, _| {
            change.total = change.total.filter(|total| *total <= 100);
        }));
        // Each item can come once, besides what repeats itself.
        let most = list.bound() + u64::from(list.next);
        prop_assert!(list.pages.len() as u64 <= most, "{:?}", list.pages);
    }
}
