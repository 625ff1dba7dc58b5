//! `features`: no combination that a user may pick fails to build.

use anyhow::Result;
use cargo_metadata::{Package, TargetKind};
use xshell::cmd;

use crate::workspace;

pub(crate) fn run() -> Result<()> {
    let sh = workspace::shell()?;
    let metadata = workspace::metadata()?;
    let mut checked = 0;
    let mut problems = Vec::new();
    for package in workspace::published(&metadata) {
        if !is_library(package) {
            continue;
        }
        let name = package.name.as_str();
        for args in combinations(package.features.keys().map(String::as_str)) {
            let line = format!("{name} {}", args.join(" "));
            // Clippy, since `-D warnings` by RUSTFLAGS would rebuild every dependency.
            let clippy = cmd!(
                sh,
                "cargo clippy --quiet --package {name} {args...} -- -D warnings"
            );
            checked += 1;
            if clippy.quiet().run().is_ok() {
                println!("ok      {}", line.trim_end());
            } else {
                println!("FAILED  {}", line.trim_end());
                problems.push(line);
            }
        }
    }
    workspace::report(&problems)?;
    println!("{checked} combinations");
    Ok(())
}

fn is_library(package: &Package) -> bool {
    package
        .targets
        .iter()
        .any(|target| target.is_kind(TargetKind::Lib))
}

/// Nothing, each feature alone, and the default, as arguments for cargo.
fn combinations<'a>(features: impl Iterator<Item = &'a str>) -> Vec<Vec<&'a str>> {
    let features: Vec<_> = features.collect();
    if features.is_empty() {
        return vec![vec![]];
    }
    let mut combinations = vec![vec!["--no-default-features"]];
    for feature in &features {
        if *feature != "default" {
            combinations.push(vec!["--no-default-features", "--features", *feature]);
        }
    }
    if features.contains(&"default") {
        combinations.push(vec![]);
    }
    combinations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_alone_none_and_default() {
        let all = combinations(["default", "users", "v2"].into_iter());
        let all: Vec<_> = all.iter().map(|args| args.join(" ")).collect();
        assert_eq!(
            all,
            [
                "--no-default-features",
                "--no-default-features --features users",
                "--no-default-features --features v2",
                "",
            ]
        );
    }

    #[test]
    fn a_crate_without_features_is_checked_once() {
        assert_eq!(combinations(std::iter::empty()), [Vec::<&str>::new()]);
    }
}
