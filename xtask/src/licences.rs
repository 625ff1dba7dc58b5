//! `licences`: every dependency may be used with MIT OR Apache-2.0.
//!
//! The part that needs no tool but cargo. With `cargo-deny` installed, its
//! checks of bans, sources and advisories run too.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use cargo_metadata::Package;
use serde::Deserialize;
use spdx::{Expression, Licensee, ParseMode};
use xshell::{Shell, cmd};

use crate::workspace;

const POLICY: &str = "deny.toml";

pub(crate) fn run() -> Result<()> {
    let sh = workspace::shell()?;
    let policy = Policy::read(&sh.read_file(POLICY)?)?;
    let metadata = workspace::metadata()?;

    let mut counts = BTreeMap::<String, usize>::new();
    let mut problems = Vec::new();
    for package in &metadata.packages {
        let Some(expression) = policy.expression(package) else {
            problems.push(format!("{} declares no licence", package.name));
            continue;
        };
        *counts.entry(expression.to_owned()).or_default() += 1;
        match policy.allows(expression) {
            Ok(true) => {}
            Ok(false) => problems.push(format!(
                "{} is {expression}, which {POLICY} does not allow",
                package.name
            )),
            Err(error) => problems.push(format!("{}: {error:#}", package.name)),
        }
    }
    for (expression, count) in &counts {
        println!("{count:>4}  {expression}");
    }
    workspace::report(&problems)?;
    println!("{} packages, all allowed", metadata.packages.len());
    cargo_deny(&sh)
}

/// The part of `deny.toml` that says which licences are fine.
struct Policy {
    allowed: Vec<Licensee>,
    /// Licences that a person read where a package declares only a file.
    clarified: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct DenyToml {
    licenses: Licences,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
    #[serde(default)]
    clarify: Vec<Clarification>,
}

#[derive(Deserialize)]
struct Clarification {
    #[serde(rename = "crate")]
    package: String,
    expression: String,
}

impl Policy {
    fn read(text: &str) -> Result<Self> {
        let DenyToml { licenses } =
            toml::from_str(text).with_context(|| format!("{POLICY} cannot be read"))?;
        let allowed = licenses.allow.iter().map(|licence| {
            Licensee::parse(licence).with_context(|| format!("{POLICY} allows `{licence}`"))
        });
        Ok(Self {
            allowed: allowed.collect::<Result<_>>()?,
            clarified: licenses
                .clarify
                .into_iter()
                .map(|clarification| (clarification.package, clarification.expression))
                .collect(),
        })
    }

    fn expression<'a>(&'a self, package: &'a Package) -> Option<&'a str> {
        let declared = package.license.as_deref();
        declared.or_else(|| {
            self.clarified
                .get(package.name.as_str())
                .map(String::as_str)
        })
    }

    fn allows(&self, expression: &str) -> Result<bool> {
        // Old packages write `MIT/Apache-2.0`.
        let expression = Expression::parse_mode(expression, ParseMode::LAX)
            .with_context(|| format!("`{expression}` is no licence expression"))?;
        Ok(expression.evaluate(|wanted| self.allowed.iter().any(|one| one.satisfies(wanted))))
    }
}

/// What only cargo-deny can check, where it is installed.
fn cargo_deny(sh: &Shell) -> Result<()> {
    let installed = cmd!(sh, "cargo deny --version");
    if installed.quiet().ignore_stderr().read().is_err() {
        println!("not checked, since cargo-deny is not installed: bans, sources, advisories");
        return Ok(());
    }
    let mut checks = vec!["licenses", "bans", "sources"];
    if has_advisory_database() {
        checks.push("advisories");
    } else {
        println!("not checked, since `cargo deny fetch` was never run here: advisories");
    }
    cmd!(sh, "cargo deny --offline --all-features check {checks...}").run()?;
    Ok(())
}

fn has_advisory_database() -> bool {
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let databases = cargo_home.map(|home| home.join("advisory-dbs"));
    databases
        .and_then(|databases| std::fs::read_dir(databases).ok())
        .is_some_and(|entries| entries.flatten().any(|entry| entry.path().is_dir()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = r#"
[advisories]
ignore = [{ id = "RUSTSEC-0000-0000", reason = "why" }]

[licenses]
allow = [
  "Apache-2.0", # and a comment with "GPL-3.0-only"
  "Apache-2.0 WITH LLVM-exception",
  "MIT",
  "Unicode-3.0",
]
confidence-threshold = 0.9

[[licenses.clarify]]
crate = "some-crate"
expression = "MIT AND Apache-2.0"
license-files = [{ path = "LICENSE", hash = 0x1 }]

[bans]
deny = [{ crate = "openssl" }]
"#;

    fn allows(expression: &str) -> bool {
        Policy::read(TOML).unwrap().allows(expression).unwrap()
    }

    #[test]
    fn policy_is_read() {
        let policy = Policy::read(TOML).unwrap();
        assert_eq!(policy.allowed.len(), 4);
        assert_eq!(policy.clarified["some-crate"], "MIT AND Apache-2.0");
        assert!(Policy::read("[licenses]\n").is_err());
    }

    #[test]
    fn our_policy_is_read_and_refuses_copyleft() {
        let toml = std::fs::read_to_string(workspace::root().join(POLICY)).unwrap();
        let policy = Policy::read(&toml).unwrap();
        assert!(policy.allows("MIT OR Apache-2.0").unwrap());
        for copyleft in ["GPL-3.0-only", "AGPL-3.0-or-later", "LGPL-2.1", "MPL-2.0"] {
            assert!(!policy.allows(copyleft).unwrap(), "{copyleft}");
        }
    }

    #[test]
    fn one_alternative_is_enough() {
        assert!(allows("MIT/Apache-2.0"));
        assert!(allows("MIT OR GPL-3.0-only"));
        assert!(allows("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(allows(
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT"
        ));
    }

    #[test]
    fn every_obligation_counts() {
        assert!(!allows("GPL-3.0-only"));
        assert!(!allows("MIT AND GPL-3.0-only"));
        assert!(!allows("ISC"));
    }

    #[test]
    fn nonsense_is_an_error() {
        let policy = Policy::read(TOML).unwrap();
        assert!(policy.allows("as you like").is_err());
    }
}
