//! Several user pools in one emulator.

use serde::Serialize;

use crate::emulator::Emulator;
use crate::ids;
use crate::pool::{App, Pool};
use crate::shared::Shared;
use crate::world::{Several, Tenant};

/// A user pool, as its clients need to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PoolInfo {
    /// The id, which clients send as `x-authing-userpool-id`.
    pub id: String,
    /// The secret, for management tokens.
    pub secret: String,
    /// The applications, at least one.
    pub apps: Vec<AppInfo>,
}

/// An application of a user pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AppInfo {
    /// The id, which clients send as `x-authing-app-id` or `client_id`.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The secret, which signs user tokens.
    pub secret: String,
}

impl AppInfo {
    fn of(app: &Pool) -> Self {
        Self {
            id: app.app_id.clone(),
            name: app.app_name.clone(),
            secret: app.app_secret.clone(),
        }
    }
}

impl PoolInfo {
    fn of(apps: &Several<Pool>) -> Self {
        Self {
            id: apps.first.id.clone(),
            secret: apps.first.secret.clone(),
            apps: apps.iter().map(AppInfo::of).collect(),
        }
    }
}

impl Shared {
    pub(crate) fn pools(&self) -> Vec<PoolInfo> {
        let world = self.world();
        let pools = world.tenants.iter().map(|own| PoolInfo::of(&own.apps));
        pools.collect()
    }

    pub(crate) fn add_pool(&self) -> PoolInfo {
        let mut world = self.world();
        let tenant = self.draw(|| Tenant::new(ids::with_source(ids::Source::split)));
        let info = PoolInfo::of(&tenant.apps);
        world.tenants.others.push(tenant);
        info
    }
}

impl Emulator {
    /// All user pools with their applications. The first is the one that a request is for which names none.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolInfo> {
        self.shared.pools()
    }

    /// Adds a user pool with an application of its own. Nothing of one pool is seen in another: neither users nor
    /// tokens nor messages.
    ///
    /// ```
    /// use authing_emulator::Emulator;
    ///
    /// # fn main() -> Result<(), authing_emulator::StartError> {
    /// let emulator = Emulator::start()?;
    /// let other = emulator.add_pool();
    /// assert_ne!(other.id, emulator.user_pool_id());
    /// assert_eq!(emulator.pools().len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_pool(&self) -> PoolInfo {
        self.shared.add_pool()
    }

    /// Adds an application to a user pool; none when there is no such pool. Its tokens are good for itself only, while
    /// the users are those of the pool.
    pub fn add_app(&self, pool_id: &str) -> Option<AppInfo> {
        let mut world = self.shared.world();
        let tenant = world.find(Some(pool_id))?;
        let app = ids::drawing_from(&mut tenant.ids, App::default);
        let app = tenant.apps.first.with_app(app);
        let info = AppInfo::of(&app);
        tenant.apps.others.push(app);
        Some(info)
    }
}
