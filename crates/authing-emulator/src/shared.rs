//! All that the server's thread and the emulator's handle have in common.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, header};
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::context::{Address, Caller, Context};
use crate::control::Control;
use crate::faults::{Faults, Injector};
use crate::graphql::Engine;
use crate::http::{bearer, text};
use crate::identity::{Identities, Identity};
use crate::ids::{self, Source};
use crate::in_flight::InFlight;
use crate::journal::Journal;
use crate::limits::Limits;
use crate::oidc::SigningKeys;
use crate::passwords::PasswordKey;
use crate::server::Door;
use crate::snapshot::{Contents, Snapshot};
use crate::wording::Language;
use crate::work;
use crate::world::{Hint, Tenant, World};

pub(crate) struct Shared {
    /// Where the server is, without a slash at the end.
    pub(crate) host: String,
    /// Whether that was set, and holds for all requests.
    pub(crate) has_url: bool,
    pub(crate) identities: Identities,
    pub(crate) world: Mutex<World>,
    /// For what belongs to no pool.
    pub(crate) ids: Mutex<Source>,
    pub(crate) key: Arc<PasswordKey>,
    pub(crate) signing_keys: SigningKeys,
    pub(crate) clock: Arc<Clock>,
    pub(crate) journal: Journal,
    pub(crate) engine: Arc<Engine>,
    pub(crate) faults: Injector,
    pub(crate) door: Door,
    pub(crate) control: Control,
    pub(crate) limits: Limits,
    pub(crate) in_flight: Arc<InFlight>,
    /// Told when there is something to deliver.
    pub(crate) webhooks_waiting: Notify,
    pub(crate) webhooks_anywhere: bool,
    /// Where `reset` leads back to.
    pub(crate) first: Start,
}

/// How everything was right after the start.
pub(crate) struct Start {
    pub(crate) snapshot: Snapshot,
    pub(crate) faults: Faults,
}

impl Shared {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // A panic while the lock was held concerns that request only.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws from what belongs to no pool.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce() -> T) -> T {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids::drawing_from(&mut ids, draw)
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let world = self.world();
        let ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = self.signing_keys.all();
        Snapshot(Contents::new(
            self.clock.pace(),
            ids.clone(),
            keys,
            world.clone(),
        ))
    }

    pub(crate) fn restore(&self, snapshot: &Snapshot) {
        let Contents {
            clock,
            ids,
            signing_keys,
            pools,
            ..
        } = snapshot.0.clone();
        let mut world = self.world();
        self.identities
            .change(Identity::of(&pools.tenants.first.apps.first));
        *world = pools;
        *self.ids.lock().unwrap_or_else(PoisonError::into_inner) = ids;
        self.signing_keys.set(signing_keys);
        self.clock.set_pace(clock);
        drop(world);
        self.webhooks_waiting.notify_one();
    }

    /// Back to the start, but for the door.
    pub(crate) fn reset(&self) {
        self.restore(&self.first.snapshot);
        self.faults.set(self.first.faults.clone());
        self.journal.clear();
    }

    /// Who tokens come from: the server under the name that the request has for it, if it is one of its names.
    pub(crate) fn issuer(&self, headers: &HeaderMap) -> String {
        let named = text(headers, header::HOST.as_str())
            .filter(|host| !self.has_url && self.control.is_own_host(host));
        match named {
            Some(host) => format!("http://{}/oidc", host.to_ascii_lowercase()),
            None => format!("{}/oidc", self.host),
        }
    }

    /// Carries out a request in the pool that it is for.
    pub(crate) fn with_context<T>(
        &self,
        headers: &HeaderMap,
        hint: Hint<'_>,
        use_it: impl FnOnce(Context<'_>) -> T,
    ) -> T {
        let mut world = self.world();
        let now = self.clock.now();
        let (tenant, app) = world.choose(headers, hint);
        let Tenant { apps, state, ids } = world.tenants.get_mut(tenant);
        let pool = apps.get(app);
        let bearer = bearer(headers);
        let context = Context {
            caller: Caller::identify(bearer.as_deref(), pool, state, now),
            pool,
            issuer: self.issuer(headers),
            key: &self.key,
            state,
            now,
            bearer,
            address: Address {
                pool: text(headers, "x-authing-userpool-id"),
                app: text(headers, "x-authing-app-id"),
            },
            language: Language::of(headers),
        };
        let users = context.state.users.count();
        let answer = work::within(&self.limits, users, || {
            ids::drawing_from(ids, || use_it(context))
        });
        if state.webhooks.take_news() {
            self.webhooks_waiting.notify_one();
        }
        let dropped = state.webhooks.take_dropped();
        drop(world);
        self.record_dropped(dropped);
        answer
    }
}
