//! `mutants`: switches the emulator's rules off, one at a time, and wants a test to notice.
//!
//! All of them are built at once into a copy of the crate, each behind a question about the environment, so that a
//! mutant costs the run of one test and no build. Those that are about the same text go into builds of their own.

mod plan;
mod runner;

use std::fs;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::flags::Mutants;
use crate::workspace;
use runner::Outcome;

const LIST: &str = "xtask/mutants.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    mutant: Vec<Mutant>,
}

/// A rule, where it is in the code, and what takes its place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutant {
    id: String,
    /// What no longer holds, in the words of BEHAVIOUR.md.
    rule: String,
    /// Below `src`.
    file: String,
    /// An expression; white space makes no difference.
    find: String,
    /// An expression of the same type.
    replace: String,
    /// Which of several places, from 1.
    nth: Option<usize>,
    /// The test that must fail: its binary and its name, with a space between. Without it, all are run.
    test: Option<String>,
}

pub(crate) fn run(flags: &Mutants) -> Result<()> {
    let text = fs::read_to_string(workspace::root().join(LIST)).context(LIST)?;
    let List { mutant: mut all } = toml::from_str(&text).context(LIST)?;
    plan::check_ids(&all)?;
    if let Some(filter) = &flags.filter {
        all.retain(|mutant| mutant.id.starts_with(filter.as_str()));
    }
    if all.is_empty() {
        bail!("no mutant has an id that starts so");
    }
    let mut survivors = Vec::new();
    let tried = all.len();
    for batch in plan::batches(all)? {
        let suite = runner::Suite::build(&batch)?;
        suite.must_pass(&batch)?;
        for mutant in &batch {
            let outcome = suite.run(mutant)?;
            println!("{:<30} {outcome}", mutant.id);
            if !matches!(outcome, Outcome::Killed(_)) {
                survivors.push(format!("{}: {}", mutant.id, mutant.rule));
            }
        }
    }
    println!("\n{tried} mutants, {} killed", tried - survivors.len());
    workspace::report(&survivors)
}
