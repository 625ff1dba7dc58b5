//! All user pools of an emulator, and which of them a request is for.

use std::borrow::Cow;
use std::collections::HashSet;

use axum::http::{HeaderMap, header};
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::http::{bearer, text};
use crate::ids::{self, Source};
use crate::loopback::is_loopback;
use crate::pool::{Pool, Record};
use crate::state::State;
use crate::tokens::unverified;

/// A user pool: the ways its applications see it, what is in it, and where its ids come from.
#[derive(Clone, Deserialize)]
#[serde(try_from = "TenantRecord")]
pub(crate) struct Tenant {
    pub(crate) apps: Several<Pool>,
    pub(crate) state: State,
    pub(crate) ids: Source,
}

/// What is kept of it in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantRecord {
    pool: Record,
    state: State,
    ids: Source,
}

impl TryFrom<TenantRecord> for Tenant {
    type Error = &'static str;

    fn try_from(record: TenantRecord) -> Result<Self, Self::Error> {
        Ok(Self {
            apps: Several::try_from(record.pool.views())
                .map_err(|_| "a pool without an application")?,
            state: record.state,
            ids: record.ids,
        })
    }
}

/// As a [`TenantRecord`], without a copy of the state.
impl Serialize for Tenant {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut record = to.serialize_struct("TenantRecord", 3)?;
        record.serialize_field("pool", &Record::of(&self.apps))?;
        record.serialize_field("state", &self.state)?;
        record.serialize_field("ids", &self.ids)?;
        record.end()
    }
}

impl Tenant {
    /// A pool with one application and nothing in it.
    pub(crate) fn new(mut ids: Source) -> Self {
        Self {
            apps: Several::one(ids::drawing_from(&mut ids, Pool::default)),
            state: State::default(),
            ids,
        }
    }

    pub(crate) fn is(&self, pool_id: &str) -> bool {
        self.apps.first.id == pool_id
    }

    fn app(&self, id: &str) -> Option<usize> {
        self.apps.iter().position(|app| app.app_id == id)
    }

    /// The application whose id is the label of a host, which has no case.
    fn app_of_label(&self, label: &str) -> Option<usize> {
        let is_own = |app: &Pool| app.app_id.eq_ignore_ascii_case(label);
        self.apps.iter().position(is_own)
    }
}

/// The pools in the order in which they came; the first is what everybody means who names none.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct World {
    pub(crate) tenants: Several<Tenant>,
}

/// A list of at least one.
#[derive(Clone, Deserialize)]
#[serde(try_from = "Vec<T>")]
pub(crate) struct Several<T> {
    pub(crate) first: T,
    pub(crate) others: Vec<T>,
}

impl<T> Several<T> {
    pub(crate) fn one(first: T) -> Self {
        Self {
            first,
            others: Vec::new(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(&self.others)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        std::iter::once(&mut self.first).chain(&mut self.others)
    }

    /// The first one where there are not so many.
    pub(crate) fn get(&self, index: usize) -> &T {
        let other = index
            .checked_sub(1)
            .and_then(|index| self.others.get(index));
        other.unwrap_or(&self.first)
    }

    /// The first one where there are not so many.
    pub(crate) fn get_mut(&mut self, index: usize) -> &mut T {
        let Self { first, others } = self;
        let other = index.checked_sub(1).and_then(|index| others.get_mut(index));
        other.unwrap_or(first)
    }
}

impl<T> TryFrom<Vec<T>> for Several<T> {
    type Error = &'static str;

    fn try_from(list: Vec<T>) -> Result<Self, Self::Error> {
        let mut list = list.into_iter();
        Ok(Self {
            first: list.next().ok_or("an empty list")?,
            others: list.collect(),
        })
    }
}

impl<T: Serialize> Serialize for Several<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

/// What a request says of itself beside its headers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hint<'a> {
    /// The application it names, in the words of OAuth its `client_id`.
    pub(crate) app: Option<&'a str>,
    /// A token in another place than the header.
    pub(crate) token: Option<&'a str>,
    /// The login page it belongs to.
    pub(crate) interaction: Option<&'a str>,
    /// A body that may name a pool, such as one with credentials.
    pub(crate) body: &'a [u8],
}

impl World {
    pub(crate) fn new(tenant: Tenant) -> Self {
        Self {
            tenants: Several::one(tenant),
        }
    }

    /// Pools and applications are found by their ids, so each needs its own.
    pub(crate) fn check_names(&self) -> Result<(), String> {
        let mut names = HashSet::new();
        let pools = self.tenants.iter().map(|own| &own.apps.first.id);
        let apps = self.tenants.iter().flat_map(|own| own.apps.iter());
        let mut all = pools.chain(apps.map(|app| &app.app_id));
        match all.find(|name| name.is_empty() || !names.insert(*name)) {
            Some(name) => Err(format!("two pools or applications have the id `{name}`")),
            None => Ok(()),
        }
    }

    /// The pool with this id; the first one where none is named.
    pub(crate) fn find(&mut self, pool_id: Option<&str>) -> Option<&mut Tenant> {
        match pool_id {
            None => Some(&mut self.tenants.first),
            Some(id) => self.tenants.iter_mut().find(|own| own.is(id)),
        }
    }

    /// The pool, and which of its applications, that a request is for. Headers count most, then the token, then the
    /// rest of the request; who says nothing means the first.
    pub(crate) fn choose(&self, headers: &HeaderMap, hint: Hint<'_>) -> (usize, usize) {
        let pool = text(headers, "x-authing-userpool-id");
        let app = text(headers, "x-authing-app-id");
        let token = bearer(headers).map(Cow::from);
        let token = token.or(hint.token.map(Cow::from));
        let claims = token.as_deref().and_then(unverified).unwrap_or_default();
        let says = |pointer: &str| claims.pointer(pointer).and_then(Value::as_str);
        let apps = [app.as_deref(), hint.app, says("/aud")];
        let by_app = |id: &str| self.tenants.iter().position(|own| own.app(id).is_some());
        let by_pool = |id: &str| self.tenants.iter().position(|own| own.is(id));
        let tenant = pool
            .as_deref()
            .and_then(by_pool)
            .or_else(|| apps.into_iter().flatten().find_map(by_app))
            .or_else(|| says("/data/userPoolId").and_then(by_pool))
            .or_else(|| says("/data/id").and_then(|id| self.by_owner(id)))
            .or_else(|| token.as_deref().and_then(|token| self.by_token(token)))
            .or_else(|| hint.interaction.and_then(|uid| self.by_interaction(uid)))
            .or_else(|| self.by_host(headers))
            .or_else(|| self.named_in(hint.body))
            .unwrap_or_default();
        let own = self.tenants.get(tenant);
        let mut named = apps.into_iter().flatten();
        let app = named
            .find_map(|id| own.app(id))
            .or_else(|| own.app_of_label(label(headers)?));
        (tenant, app.unwrap_or_default())
    }

    /// Management tokens name the owner of the pool and not the pool.
    fn by_owner(&self, id: &str) -> Option<usize> {
        let mut tenants = self.tenants.iter();
        tenants.position(|own| own.apps.first.owner_id == id)
    }

    /// Refresh tokens say nothing.
    fn by_token(&self, token: &str) -> Option<usize> {
        let knows = |own: &Tenant| own.state.oidc.knows_token(token);
        self.tenants.iter().position(knows)
    }

    fn by_interaction(&self, uid: &str) -> Option<usize> {
        let knows = |own: &Tenant| own.state.oidc.knows_interaction(uid);
        self.tenants.iter().position(knows)
    }

    /// Authing gives each application a host of its own; here it is `<app id>.localhost`.
    fn by_host(&self, headers: &HeaderMap) -> Option<usize> {
        let label = label(headers)?;
        let is_for = |own: &Tenant| own.app_of_label(label).is_some();
        self.tenants.iter().position(is_for)
    }

    /// A pool whose id is a whole string somewhere in a body of JSON or GraphQL.
    fn named_in(&self, body: &[u8]) -> Option<usize> {
        if self.tenants.others.is_empty() || body.is_empty() {
            return None;
        }
        let body = String::from_utf8_lossy(body);
        self.tenants.iter().position(|own| {
            let id = &own.apps.first.id;
            [format!("\"{id}\""), format!("\\\"{id}\\\"")]
                .iter()
                .any(|quoted| body.contains(quoted))
        })
    }
}

/// The first label of the host that a request names, where the rest is this machine.
fn label(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let (label, rest) = name.split_once('.')?;
    is_loopback(rest).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn hosts_name_applications() {
        let mut tenant = Tenant::new(Source::new(Some(1)));
        let other = Pool {
            app_id: "Two".to_owned(),
            ..tenant.apps.first.clone()
        };
        tenant.apps.others.push(other);
        let world = World::new(tenant);
        for (host, app) in [
            ("Two.localhost", 1),
            ("two.localhost:3000", 1),
            ("TWO.LocalHost.:3000", 1),
            ("two.localhostevil", 0),
            ("two.localhost.example.com", 0),
            ("two.example.com", 0),
            ("localhost:3000", 0),
            ("127.0.0.1", 0),
            ("[::1]:3000", 0),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            let chosen = world.choose(&headers, Hint::default());
            assert_eq!(chosen, (0, app), "{host}");
        }
    }
}
