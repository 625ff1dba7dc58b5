//! Who may do what.

mod decision;
mod grant;
mod holders;
mod listing;
mod pattern;

use axum::http::Method;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::graphql::{Access, Table};
use crate::policies::Rule;
use crate::refusal::Refusal;
use crate::rest::Routes;
use crate::roles::DEFAULT_NAMESPACE;
use crate::work;
use decision::Question;

pub(crate) fn operations(table: &mut Table) {
    table.query("isActionAllowed", Access::Administrator, is_allowed);
    table.query("isActionDenied", Access::Administrator, is_denied);
    grant::operations(table);
    listing::operations(table);
}

pub(crate) fn routes(routes: &mut Routes) {
    routes.add(
        Method::POST,
        "/api/v2/acl/is-allowed",
        Access::Administrator,
        "操作成功",
        decide,
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ask {
    resource: String,
    action: String,
    user_id: String,
    namespace: Option<String>,
}

impl Ask {
    /// Puts the question to what counts for the user.
    fn put(
        &self,
        context: &Context<'_>,
        answer: impl FnOnce(Question<'_>, &[Rule<'_>]) -> bool,
    ) -> Result<bool, Refusal> {
        let state = &context.state;
        state.users.require(&self.user_id)?;
        let namespace = self.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE);
        let holders = state.holders_of_user(&self.user_id);
        let question = Question {
            resource: &self.resource,
            action: &self.action,
        };
        let answer = answer(question, &state.rules_for(&holders, Some(namespace)));
        work::check()?;
        Ok(answer)
    }
}

fn is_allowed(context: &mut Context<'_>, args: Ask) -> Result<bool, Refusal> {
    args.put(context, |question, rules| question.is_allowed(rules))
}

#[derive(Serialize)]
struct Decision {
    allowed: bool,
}

/// The same question by REST.
fn decide(context: &mut Context<'_>, args: Ask) -> Result<Decision, Refusal> {
    let allowed = is_allowed(context, args)?;
    Ok(Decision { allowed })
}

fn is_denied(context: &mut Context<'_>, args: Ask) -> Result<bool, Refusal> {
    args.put(context, |question, rules| question.is_denied(rules))
}
