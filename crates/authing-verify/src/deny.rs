use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use authing_core::__private::epoch_seconds;
use authing_core::{Clock, SystemClock};

use crate::claims::Claims;
use crate::payload::Payload;
use crate::rejection::{Reason, Rejection};

/// Tokens that are refused although they are good: those that were reported
/// stolen, or whose owner was logged out everywhere.
///
/// It lives in this process, and forgets an entry when its time is over. What
/// is denied twice is denied for as long, and as much, as the two say.
/// Reading takes no lock; adding copies the list, which is fine up to some
/// thousand entries. Clones share it.
///
/// ```
/// use authing_verify::{Claims, Verifier};
///
/// # fn example(verifier: Verifier, claims: Claims) {
/// // This one token.
/// verifier.deny_list().deny(&claims);
/// # }
/// ```
#[derive(Clone)]
pub struct DenyList(Arc<Inner>);

struct Inner {
    entries: ArcSwap<Entries>,
    clock: Arc<dyn Clock>,
}

/// Each with the time until which it matters.
#[derive(Clone, Default)]
struct Entries {
    payloads: HashMap<[u8; 32], SystemTime>,
    ids: HashMap<String, SystemTime>,
    /// With the time before which a token must have been issued to be refused.
    subjects: HashMap<String, (SystemTime, SystemTime)>,
}

impl DenyList {
    /// An empty list that goes by the system's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock::default()))
    }

    /// An empty list that goes by this clock.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            entries: ArcSwap::default(),
            clock,
        }))
    }

    /// Refuses this token from now on.
    pub fn deny<T>(&self, claims: &Claims<T>) {
        let end = claims.expires_at().unwrap_or(SystemTime::UNIX_EPOCH);
        let digest = digest(claims.payload());
        self.edit(|entries| {
            entries.payloads.insert(digest, later(end));
        });
    }

    /// Refuses the token with this id (`jti`). `until` is when the token
    /// expires, if that is known, or as long as any lives.
    pub fn deny_id(&self, id: impl Into<String>, until: SystemTime) {
        let id = id.into();
        self.edit(|entries| {
            let end = entries.ids.entry(id.clone()).or_insert(until);
            *end = later(until).max(*end);
        });
    }

    /// Refuses all tokens about this user that were issued before a point in
    /// time, and those that do not say when. `until` is when the last of them
    /// expires.
    pub fn deny_subject(
        &self,
        sub: impl Into<String>,
        issued_before: SystemTime,
        until: SystemTime,
    ) {
        let sub = sub.into();
        self.edit(|entries| {
            let entry = entries.subjects.entry(sub.clone());
            let (before, end) = entry.or_insert((issued_before, until));
            *before = issued_before.max(*before);
            *end = later(until).max(*end);
        });
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let entries = self.0.entries.load();
        entries.payloads.len() + entries.ids.len() + entries.subjects.len()
    }

    /// Whether nothing is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn edit(&self, change: impl Fn(&mut Entries)) {
        let now = self.0.clock.now();
        self.0.entries.rcu(|entries| {
            let mut entries = Entries::clone(entries);
            entries.payloads.retain(|_, end| now < *end);
            entries.ids.retain(|_, end| now < *end);
            entries.subjects.retain(|_, (_, end)| now < *end);
            change(&mut entries);
            entries
        });
    }

    pub(crate) fn check(&self, payload: &Payload<'_>, json: &[u8]) -> Result<(), Rejection> {
        let entries = self.0.entries.load();
        let id = payload.jti.as_ref();
        let by_id = || id.is_some_and(|id| entries.ids.contains_key(&*id.0));
        let by_payload = || entries.payloads.contains_key(&digest(json));
        if !entries.payloads.is_empty() && by_payload() || !entries.ids.is_empty() && by_id() {
            return Err(Rejection::new(
                Reason::Revoked,
                "the token is on the deny list",
            ));
        }
        if entries.subjects.is_empty() {
            return Ok(());
        }
        let sub = payload.sub.as_ref();
        let Some((before, _)) = sub.and_then(|sub| entries.subjects.get(&*sub.0)) else {
            return Ok(());
        };
        match payload.iat.and_then(epoch_seconds) {
            Some(issued) if issued >= *before => Ok(()),
            _ => Err(Rejection::new(
                Reason::Revoked,
                "the tokens of this user from before a point in time are on the deny list",
            )),
        }
    }
}

impl Default for DenyList {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for DenyList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DenyList")
            .field("len", &self.len())
            .finish()
    }
}

/// A token is accepted a little longer than it lives.
fn later(end: SystemTime) -> SystemTime {
    end.checked_add(crate::builder::MOST_LEEWAY).unwrap_or(end)
}

fn digest(json: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, json);
    digest.as_ref().try_into().unwrap_or([0; 32])
}
