//! `tree`: which crates may be in whose dependency tree.

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::workspace;

/// What must not be in a tree. A `*` at the end stands for anything.
struct Rule {
    package: &'static str,
    features: &'static str,
    forbidden: &'static [&'static str],
    /// The only features that tokio may have, if it matters.
    tokio: Option<&'static [&'static str]>,
}

/// Whoever brings a transport of their own gets nothing of ours.
const NETWORK: &[&str] = &[
    "reqwest",
    "hyper",
    "hyper-util",
    "hyper-rustls",
    "rustls",
    "ring",
    "aws-lc-rs",
    "openssl",
    "native-tls",
    "mio",
    "socket2",
    "authing-reqwest",
    "authing-hyper",
];

/// The same for what checks signatures: ring is a cryptography library, and no
/// part of the network.
const NETWORK_BUT_RING: &[&str] = &[
    "reqwest",
    "hyper",
    "hyper-util",
    "hyper-rustls",
    "rustls",
    "aws-lc-rs",
    "openssl",
    "native-tls",
    "mio",
    "socket2",
    "authing-reqwest",
    "authing-hyper",
    "rsa",
    "jsonwebtoken",
];

#[rustfmt::skip]
const RULES: &[Rule] = &[
    // The clients' own code needs no HTTP library, no TLS and no runtime.
    rule("authing-core",           "",                                        NETWORK).tokio(&["sync"]),
    rule("authing-management",     "--no-default-features --features users",  NETWORK).tokio(&["sync"]),
    rule("authing-authentication", "--no-default-features --features v2",     NETWORK).tokio(&["sync"]),
    rule("authing-authentication", "--no-default-features --features oidc",   NETWORK).tokio(&["sync"]),
    rule("authing-verify", "--no-default-features --features axum,introspection,webhook", NETWORK_BUT_RING).tokio(&["sync"]),

    // The umbrella brings what was picked and no more.
    rule("authing", "--no-default-features --features management",     &["authing-authentication", "authing-verify", "rsa"]),
    rule("authing", "--no-default-features --features authentication", &["authing-management", "authing-verify"]),
    rule("authing", "--no-default-features --features verify",         &["authing-management", "authing-authentication", "authing-types", "tower*", "axum*"]),

    // Arrows point one way.
    rule("authing-core",           "--all-features", &["authing*"]),
    rule("authing-types",          "--all-features", &["authing", "authing-m*", "authing-a*", "authing-v*", "authing-reqwest", "authing-hyper"]),
    rule("authing-reqwest",        "--all-features", &["authing", "authing-m*", "authing-a*", "authing-v*", "authing-types", "authing-hyper"]),
    rule("authing-hyper",          "--all-features", &["authing", "authing-m*", "authing-a*", "authing-v*", "authing-types", "authing-reqwest", "reqwest"]),
    rule("authing-management",     "--all-features", &["authing", "authing-authentication", "authing-verify"]),
    rule("authing-authentication", "--all-features", &["authing", "authing-management", "authing-verify"]),
    rule("authing-verify",         "--all-features", &["authing", "authing-m*", "authing-a*", "authing-types"]),

    // The test double shares no idea with what it tests.
    rule("authing-emulator",       "--all-features", &["authing*"]),
];

/// Of every other crate under `crates/`, with all its features.
const EVERYWHERE: &[&str] = &["authing-emulator", "openssl", "native-tls"];

const fn rule(
    package: &'static str,
    features: &'static str,
    forbidden: &'static [&'static str],
) -> Rule {
    Rule {
        package,
        features,
        forbidden,
        tokio: None,
    }
}

impl Rule {
    const fn tokio(mut self, features: &'static [&'static str]) -> Self {
        self.tokio = Some(features);
        self
    }
}

pub(crate) fn run() -> Result<()> {
    let sh = workspace::shell()?;
    let metadata = workspace::metadata()?;
    let everywhere: Vec<_> = workspace::published(&metadata)
        .into_iter()
        .map(|package| package.name.to_string())
        .filter(|name| name != "authing-emulator")
        .collect();

    let mut problems = Vec::new();
    for rule in RULES {
        let tree = tree(&sh, rule.package, rule.features)?;
        let found = breaches(rule.package, &tree, rule.forbidden, rule.tokio);
        let what = format!("{} {}", rule.package, rule.features);
        problems.extend(
            found
                .iter()
                .map(|name| format!("{}: {name}", what.trim_end())),
        );
        println!("{}", what.trim_end());
    }
    for package in &everywhere {
        let tree = tree(&sh, package, "--all-features")?;
        let found = breaches(package, &tree, EVERYWHERE, None);
        problems.extend(
            found
                .iter()
                .map(|name| format!("{package} --all-features: {name}")),
        );
    }
    workspace::report(&problems)?;
    println!("{} trees as they should be", RULES.len() + everywhere.len());
    Ok(())
}

fn tree(sh: &Shell, package: &str, features: &str) -> Result<String> {
    let features = features.split_whitespace();
    // Of every platform, or the result would depend on who asks.
    let cargo = cmd!(
        sh,
        "cargo tree --package {package} {features...} --edges normal --target all --prefix none --format {FORMAT}"
    );
    Ok(cargo.quiet().read()?)
}

/// Package, a mark that is in no name, and features.
const FORMAT: &str = "{p} | {f}";

fn breaches(package: &str, tree: &str, forbidden: &[&str], tokio: Option<&[&str]>) -> Vec<String> {
    let mut problems = Vec::new();
    let dependencies = tree
        .lines()
        .filter_map(dependency)
        .filter(|(name, _)| *name != package);
    for (name, features) in dependencies {
        if forbidden.iter().any(|pattern| matches(pattern, name)) {
            problems.push(format!("must not need {name}"));
        }
        if let (Some(allowed), "tokio") = (tokio, name) {
            let excess: Vec<_> = features
                .into_iter()
                .filter(|feature| !allowed.contains(feature))
                .collect();
            if !excess.is_empty() {
                problems.push(format!("must not need tokio/{}", excess.join(",")));
            }
        }
    }
    problems.sort();
    problems.dedup();
    problems
}

/// Name and features of a line such as `tokio v1.0.0 | sync,time (*)`.
fn dependency(line: &str) -> Option<(&str, Vec<&str>)> {
    let (package, features) = line.rsplit_once(" | ")?;
    let name = package.split_whitespace().next()?;
    let features = features.trim().trim_end_matches("(*)").trim();
    let features = features.split(',').filter(|feature| !feature.is_empty());
    Some((name, features.collect()))
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "\
authing-core v0.1.0 (/some where/authing-core) | default,password
async-trait v0.1.92 (proc-macro) |
http v1.5.0 | default,std (*)
tokio v1.54.1 | sync,time (*)
authing-types v0.1.0 (/some where/authing-types) | ";

    #[test]
    fn lines_are_read() {
        assert_eq!(
            dependency("http v1.5.0 | default,std (*)").unwrap(),
            ("http", vec!["default", "std"])
        );
        assert_eq!(
            dependency("memchr v2.8.3 | ").unwrap(),
            ("memchr", Vec::new())
        );
    }

    #[test]
    fn breaches_are_found() {
        let found = |forbidden: &[&str], tokio| breaches("authing-core", TREE, forbidden, tokio);
        assert_eq!(found(&["authing*"], None), ["must not need authing-types"]);
        assert_eq!(found(&["http"], None), ["must not need http"]);
        assert_eq!(found(&[], Some(&["sync"])), ["must not need tokio/time"]);
        assert!(found(&["htt", "hyper"], Some(&["sync", "time"])).is_empty());
    }
}
