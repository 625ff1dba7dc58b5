//! The user pool itself: its settings and its environment variables.

mod environment;
mod settings;

use std::time::Duration;

use axum::http::Method;
use serde::Deserialize;

use crate::context::Context;
use crate::graphql::{Access, Table};
use crate::refusal::Refusal;
use crate::rest::Routes;
use crate::users::Fields;

pub(crate) use environment::Environment;
pub(crate) use settings::Settings;

pub(crate) fn operations(table: &mut Table) {
    table.query("userpool", Access::Administrator, show);
    table.mutation("updateUserpool", Access::Administrator, update);
}

pub(crate) fn routes(routes: &mut Routes) {
    let administrator = Access::Administrator;
    let detail = "/api/v2/userpools/detail";
    routes.add(Method::GET, detail, administrator, "获取成功", show);
    let env = "/api/v2/env";
    routes.add(
        Method::GET,
        env,
        administrator,
        "获取成功",
        environment::list,
    );
    routes.add(
        Method::POST,
        env,
        administrator,
        "添加成功",
        environment::add,
    );
    routes.add(
        Method::DELETE,
        "/api/v2/env/{key}",
        administrator,
        "删除成功",
        environment::remove,
    );
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

fn show(context: &mut Context<'_>, _: Nothing) -> Result<Fields, Refusal> {
    Ok(context.state.settings.shown(context.pool))
}

#[derive(Deserialize)]
struct Update {
    input: Fields,
}

fn update(context: &mut Context<'_>, args: Update) -> Result<Fields, Refusal> {
    let state = &mut *context.state;
    state.settings.apply(args.input, context.now)?;
    if let Some(digits) = state.settings.code_length() {
        state.outbox.set_code_length(digits);
    }
    Ok(state.settings.shown(context.pool))
}

impl Context<'_> {
    /// How long the user tokens are good that are issued from now on.
    pub(crate) fn token_life(&self) -> Duration {
        let life = self.state.settings.token_life();
        life.unwrap_or(self.pool.user_token_life)
    }
}
