//! What the page shows, gathered at one moment.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::Wish;
use crate::context::{Address, Caller, Context};
use crate::dates::Moment;
use crate::journal::RecordedRequest;
use crate::outbox::Message;
use crate::pools::PoolInfo;
use crate::shared::Shared;
use crate::webhooks::{Delivery, Webhook};
use crate::wording::Language;
use crate::work;

/// How many of each the page shows.
pub(super) const SHOWN: usize = 50;

const QUERY: &str = "query page($search: String!, $page: Int, $limit: Int) {
    users: searchUser(query: $search, page: $page, limit: $limit) { totalCount list { ...Row } }
    everybody: users(page: $page, limit: $limit) { totalCount list { ...Row } }
    roles(limit: 100) { totalCount list { code namespace description users(limit: 1) { totalCount } } }
    groups(limit: 100) { totalCount list { code name description users(limit: 1) { totalCount } } }
    policies(limit: 100) { totalCount list { code namespace description statements { resource actions effect } } }
}
fragment Row on User {
    id username email phone nickname name blocked loginsCount lastLogin
    roles { list { code } } groups { list { code } }
}";

pub(super) struct View {
    pub(super) host: String,
    pub(super) now: Moment,
    pub(super) is_frozen: bool,
    pub(super) pools: Vec<PoolInfo>,
    /// The one that is shown.
    pub(super) pool: PoolInfo,
    /// The answer to the query.
    pub(super) data: Value,
    pub(super) messages: Vec<(Message, Moment, bool)>,
    pub(super) webhook: Option<Webhook>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) requests: Vec<RecordedRequest>,
}

impl View {
    /// Nothing when there is no such pool.
    pub(super) fn of(shared: &Shared, wish: &Wish) -> Option<Self> {
        let pools = shared.pools();
        let pool = match &wish.pool {
            None => pools.first(),
            Some(id) => pools.iter().find(|pool| pool.id == *id),
        };
        let pool = pool?.clone();
        let mut headers = HeaderMap::new();
        headers.insert("x-authing-userpool-id", pool.id.parse().ok()?);
        let now = shared.clock.now();
        let mut world = shared.world();
        let tenant = world.find(Some(&pool.id))?;
        let state = &mut tenant.state;
        let messages = state.outbox.newest().take(SHOWN).collect();
        let webhook = state.webhooks.target().cloned();
        let deliveries = state.webhooks.deliveries().rev().take(SHOWN);
        let deliveries = deliveries.cloned().collect();
        let context = Context {
            pool: &tenant.apps.first,
            // No token is issued here.
            issuer: String::new(),
            key: &shared.key,
            state,
            now,
            caller: Caller::Administrator,
            bearer: None,
            address: Address::default(),
            language: Language::default(),
        };
        let variables = json!({
            "search": wish.search,
            "page": wish.page.unwrap_or(1).max(1),
            "limit": SHOWN,
        });
        let users = context.state.users.count();
        let mut data = work::within(&shared.limits, users, || {
            shared.engine.run(QUERY, variables, context)
        });
        drop(world);
        let requests = shared.journal.newest(SHOWN);
        Some(Self {
            host: shared.host.clone(),
            now,
            is_frozen: shared.clock.is_frozen(),
            pools,
            pool,
            data: data.get_mut("data").map(Value::take).unwrap_or_default(),
            messages,
            webhook,
            deliveries,
            requests,
        })
    }

    /// A list of the answer, and how long it really is.
    pub(super) fn list(&self, name: &str) -> (&[Value], u64) {
        let found = self.data.get(name).unwrap_or(&Value::Null);
        let list = found.get("list").and_then(Value::as_array);
        let count = found.get("totalCount").and_then(Value::as_u64);
        (list.map_or(&[], Vec::as_slice), count.unwrap_or_default())
    }
}
