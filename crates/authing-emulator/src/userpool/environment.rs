//! Environment variables of the pool, which pipelines would read.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Nothing;
use crate::context::Context;
use crate::refusal::Refusal;
use crate::wording;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Variable {
    key: String,
    value: Value,
}

/// The variables in the order in which they came.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Environment {
    variables: Vec<Variable>,
}

impl Environment {
    /// As they are answered: the newest first.
    fn shown(&self) -> Vec<Variable> {
        self.variables.iter().rev().cloned().collect()
    }

    pub(crate) fn find(&self, key: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.key == key)
    }
}

/// Values may be secret.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = self.variables.iter().map(|variable| &variable.key);
        f.debug_set().entries(keys).finish()
    }
}

pub(super) fn list(context: &mut Context<'_>, _: Nothing) -> Result<Vec<Variable>, Refusal> {
    Ok(context.state.environment.shown())
}

/// A variable that exists gets the new value.
pub(super) fn add(context: &mut Context<'_>, new: Variable) -> Result<Vec<Variable>, Refusal> {
    if new.key.is_empty() {
        return Err(Refusal::new(&wording::VARIABLE_KEY_EMPTY));
    }
    let variables = &mut context.state.environment.variables;
    match variables.iter_mut().find(|old| old.key == new.key) {
        Some(old) => *old = new,
        None => variables.push(new),
    }
    Ok(context.state.environment.shown())
}

#[derive(Deserialize)]
pub(super) struct Which {
    key: String,
}

pub(super) fn remove(context: &mut Context<'_>, args: Which) -> Result<Vec<Variable>, Refusal> {
    let variables = &mut context.state.environment.variables;
    let before = variables.len();
    variables.retain(|variable| variable.key != args.key);
    if variables.len() == before {
        return Err(Refusal::about(&wording::NO_SUCH_VARIABLE, &[&args.key]));
    }
    Ok(context.state.environment.shown())
}
