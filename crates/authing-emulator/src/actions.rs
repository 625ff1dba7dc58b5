//! What users did: the log that administrators read.

use std::collections::{HashSet, VecDeque};

use axum::http::Method;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::context::Context;
use crate::dates::Moment;
use crate::graphql::Access;
use crate::paging::{Page, Paging};
use crate::refusal::Refusal;
use crate::rest::Routes;
use crate::wording;

const CAPACITY: usize = 10_000;
/// How many characters are kept of a name.
const LONGEST_NAME: usize = 500;
const LOOPBACK: &str = "127.0.0.1";

pub(crate) fn routes(routes: &mut Routes) {
    routes.add(
        Method::GET,
        "/api/v2/analysis/user-action",
        Access::Administrator,
        "获取成功",
        list,
    );
}

/// What is remembered, in the API's words.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Deed {
    Register,
    Login,
    Logout,
}

impl Deed {
    fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Login => "login",
            Self::Logout => "logout",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Register => "注册",
            Self::Login => "登录",
            Self::Logout => "登出",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Action {
    deed: Deed,
    user_id: String,
    /// The name as it was then, for the user may be gone.
    display_name: Option<String>,
    ip: String,
    at: Moment,
}

/// The last actions, oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Actions {
    actions: VecDeque<Action>,
}

impl Actions {
    pub(crate) fn count(&self) -> usize {
        self.actions.len()
    }
}

impl Context<'_> {
    /// Remembers what a user did. From loopback, unless an address is known.
    pub(crate) fn remember(&mut self, deed: Deed, user_id: &str, ip: Option<&str>) {
        let user = self.state.users.get(user_id);
        let display_name = user.and_then(|user| {
            let names = ["nickname", "username", "email", "phone"];
            let name = names.iter().find_map(|field| user.text(field));
            // It is kept for each login.
            name.map(|name| name.chars().take(LONGEST_NAME).collect())
        });
        let actions = &mut self.state.actions.actions;
        if actions.len() == CAPACITY {
            actions.pop_front();
        }
        actions.push_back(Action {
            deed,
            user_id: user_id.to_owned(),
            display_name,
            ip: ip.unwrap_or(LOOPBACK).to_owned(),
            at: self.now,
        });
    }
}

#[derive(Deserialize)]
struct List {
    #[serde(default, deserialize_with = "texts")]
    page: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    limit: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    clientip: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    operation_name: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    operator_arn: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    app_id: Vec<String>,
}

/// One text or several; Python sends empty ones for what it was not given.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }

    let mut texts = match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(text) => vec![text],
        OneOrMany::Many(texts) => texts,
    };
    texts.retain(|text| !text.is_empty());
    Ok(texts)
}

fn number(texts: &[String]) -> Result<Option<i64>, Refusal> {
    let Some(text) = texts.last() else {
        return Ok(None);
    };
    let number = text.parse();
    number
        .map(Some)
        .map_err(|_| Refusal::about(&wording::NOT_A_NUMBER, &[&text]))
}

/// The last comes first.
fn list(context: &mut Context<'_>, args: List) -> Result<Page<Value>, Refusal> {
    let paging = Paging::new(number(&args.page)?, number(&args.limit)?);
    let pool = context.pool;
    let set = |wanted: &'_ [String]| -> HashSet<String> { wanted.iter().cloned().collect() };
    let [ips, names, arns, apps] = [
        &args.clientip,
        &args.operation_name,
        &args.operator_arn,
        &args.app_id,
    ]
    .map(|wanted| set(wanted));
    let allowed = |wanted: &HashSet<String>, own: &str| wanted.is_empty() || wanted.contains(own);
    let actions = context.state.actions.actions.iter().rev();
    let found = actions
        .filter(|action| {
            allowed(&ips, &action.ip)
                && allowed(&names, action.deed.name())
                && allowed(&arns, &pool.arn("user", &action.user_id))
                && allowed(&apps, &pool.app_id)
        })
        .collect();
    Ok(paging.cut(found).map(|action| {
        json!({
            "userpool_id": pool.id,
            "user": {"id": action.user_id, "displayName": action.display_name},
            "geoip": {"ip": action.ip, "city_name": null, "region_name": null},
            "operation_name": action.deed.name(),
            "operation_desc": action.deed.words(),
            "timestamp": action.at.iso(),
            "app_id": pool.app_id,
            "app": {"name": "emulator"},
        })
    }))
}
