//! User pools and their applications: names, secrets and lives of tokens, but nothing that requests change.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::world::Several;
use crate::{ids, oidc};

const DAY: Duration = Duration::from_secs(86_400);
/// What an application is called unless told otherwise.
pub(crate) const APP_NAME: &str = "emulator";

/// A user pool as one of its applications sees it. Those of one pool differ in what begins with `app`, and in `oidc`.
#[derive(Clone)]
pub(crate) struct Pool {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) jwt_secret: String,
    pub(crate) app_id: String,
    pub(crate) app_secret: String,
    pub(crate) app_name: String,
    /// The pool that Authing itself keeps its customers in: management tokens name it, and not the customer's pool.
    pub(crate) root_id: String,
    /// The customer: the user of the root pool in whose name an administrator acts.
    pub(crate) owner_id: String,
    pub(crate) management_key: String,
    pub(crate) management_token_life: Duration,
    pub(crate) user_token_life: Duration,
    pub(crate) oidc: oidc::Settings,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            id: ids::id(),
            secret: ids::secret(),
            jwt_secret: ids::secret(),
            app_id: ids::id(),
            app_secret: ids::secret(),
            app_name: APP_NAME.to_owned(),
            root_id: ids::id(),
            owner_id: ids::id(),
            management_key: ids::secret(),
            management_token_life: 15 * DAY,
            user_token_life: 14 * DAY,
            oidc: oidc::Settings::default(),
        }
    }
}

impl Pool {
    /// Another application of the pool.
    pub(crate) fn with_app(&self, app: App) -> Self {
        Self {
            app_id: app.id,
            app_secret: app.secret,
            app_name: app.name,
            oidc: app.oidc,
            ..self.clone()
        }
    }

    /// `arn:cn:authing:<pool>:<kind>:<id>`
    pub(crate) fn arn(&self, kind: &str, id: &str) -> String {
        format!("arn:cn:authing:{}:{kind}:{id}", self.id)
    }
}

/// Without the secrets.
impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("id", &self.id)
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}

/// An application on its own.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) name: String,
    pub(crate) oidc: oidc::Settings,
}

impl Default for App {
    fn default() -> Self {
        Self {
            id: ids::id(),
            secret: ids::secret(),
            name: APP_NAME.to_owned(),
            oidc: oidc::Settings::default(),
        }
    }
}

/// A pool with all its applications, as it is kept in a file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    id: String,
    secret: String,
    jwt_secret: String,
    root_id: String,
    owner_id: String,
    management_key: String,
    management_token_life: Duration,
    user_token_life: Duration,
    apps: Vec<App>,
}

impl Record {
    pub(crate) fn of(apps: &Several<Pool>) -> Self {
        let pool = apps.first.clone();
        Self {
            id: pool.id,
            secret: pool.secret,
            jwt_secret: pool.jwt_secret,
            root_id: pool.root_id,
            owner_id: pool.owner_id,
            management_key: pool.management_key,
            management_token_life: pool.management_token_life,
            user_token_life: pool.user_token_life,
            apps: apps
                .iter()
                .map(|app| App {
                    id: app.app_id.clone(),
                    secret: app.app_secret.clone(),
                    name: app.app_name.clone(),
                    oidc: app.oidc.clone(),
                })
                .collect(),
        }
    }

    pub(crate) fn views(self) -> Vec<Pool> {
        let pool = |app: App| Pool {
            id: self.id.clone(),
            secret: self.secret.clone(),
            jwt_secret: self.jwt_secret.clone(),
            app_id: app.id,
            app_secret: app.secret,
            app_name: app.name,
            root_id: self.root_id.clone(),
            owner_id: self.owner_id.clone(),
            management_key: self.management_key.clone(),
            management_token_life: self.management_token_life,
            user_token_life: self.user_token_life,
            oidc: app.oidc,
        };
        self.apps.into_iter().map(pool).collect()
    }
}
