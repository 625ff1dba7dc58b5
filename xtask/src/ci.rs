//! `ci`: every check, cheapest news first.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::{
    bench, codes, features, licences, lint, msrv, peers, soak, supported, test, tidy, tree, wire,
};

pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::default();
    steps.run("fmt", lint::fmt)?;
    steps.run("clippy", lint::clippy)?;
    let counts = steps.run("test", || test::run(None, None))?;
    steps.run("soak --short", soak::short)?;
    let peers = steps.run("peers", peers::where_possible)?;
    let bench = steps.run("bench --check", bench::guard)?;
    steps.run("wire --check", || wire::run(wire::Mode::Check))?;
    steps.run("codes --check", || codes::run(wire::Mode::Check))?;
    steps.run("supported --check", || supported::run(wire::Mode::Check))?;
    steps.run("docs", lint::docs)?;
    steps.run("features", features::run)?;
    steps.run("tree", tree::run)?;
    steps.run("licences", licences::run)?;
    steps.run("msrv", msrv::run)?;
    steps.run("tidy", tidy::run)?;

    println!("\nci: all steps passed");
    for (name, time) in &steps.done {
        println!("  {name:<14}{:>7.1} s", time.as_secs_f64());
    }
    // Said again, so that nobody has to search for it.
    println!("\n{}\n{bench}\n{counts}", peers.join("\n"));
    Ok(())
}

#[derive(Default)]
struct Steps {
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is how long a step takes, not what a test sees"
    )]
    fn run<T>(&mut self, name: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\nci: {name}");
        let start = Instant::now();
        let result = step();
        let time = start.elapsed();
        let seconds = time.as_secs_f64();
        match result {
            Ok(value) => {
                println!("ci: {name} passed in {seconds:.1} s");
                self.done.push((name, time));
                Ok(value)
            }
            Err(error) => {
                // A string, so that `main` does not take the failure for one that was told.
                let error = anyhow::anyhow!("{error:#}");
                Err(error).with_context(|| format!("ci: {name} failed after {seconds:.1} s"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_names_the_step() {
        let mut steps = Steps::default();
        steps.run("fine", || Ok(())).unwrap();
        let error = steps
            .run("bad", || -> Result<()> { Err(test::Reported.into()) })
            .unwrap_err();
        assert!(format!("{error:#}").contains("ci: bad failed"), "{error:#}");
        assert!(!error.is::<test::Reported>());
        assert_eq!(steps.done.len(), 1);
    }
}
