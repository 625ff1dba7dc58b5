//! `msrv`: what users must build needs no newer Rust than we promise.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use cargo_metadata::semver::Version;
use cargo_metadata::{DependencyKind, Metadata, PackageId};

use crate::workspace;

pub(crate) fn run() -> Result<()> {
    let metadata = workspace::metadata()?;
    let published = workspace::published(&metadata);
    let promised = published
        .iter()
        .filter_map(|package| package.rust_version.as_ref())
        .min()
        .context("the workspace declares no rust-version")?;

    let mut silent = 0;
    let mut problems = Vec::new();
    let needed = needed_by_users(&metadata)?;
    for id in &needed {
        let package = &metadata[*id];
        match &package.rust_version {
            None => silent += 1,
            Some(needs) if is_newer(needs, promised) => problems.push(format!(
                "{} {} needs Rust {needs}, promised is {promised}",
                package.name, package.version
            )),
            Some(_) => {}
        }
    }
    workspace::report(&problems)?;
    println!(
        "{} packages build with Rust {promised}, of which {silent} declare no version",
        needed.len()
    );
    Ok(())
}

fn is_newer(needs: &Version, promised: &Version) -> bool {
    (needs.major, needs.minor, needs.patch) > (promised.major, promised.minor, promised.patch)
}

/// The published crates and all they need to be built, but not to be tested.
fn needed_by_users(metadata: &Metadata) -> Result<BTreeSet<&PackageId>> {
    let resolve = metadata.resolve.as_ref().context("there is no graph")?;
    let mut queue: Vec<_> = workspace::published(metadata)
        .into_iter()
        .map(|package| &package.id)
        .collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = queue.pop() {
        if !seen.insert(id) {
            continue;
        }
        let node = resolve.nodes.iter().find(|node| node.id == *id);
        for dependency in node.iter().flat_map(|node| &node.deps) {
            let kinds = &dependency.dep_kinds;
            if kinds
                .iter()
                .any(|kind| kind.kind != DependencyKind::Development)
            {
                queue.push(&dependency.pkg);
            }
        }
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let promised = Version::new(1, 88, 0);
        assert!(!is_newer(&Version::new(1, 9, 0), &promised));
        assert!(!is_newer(&Version::new(1, 88, 0), &promised));
        assert!(is_newer(&Version::new(1, 88, 1), &promised));
        assert!(is_newer(&Version::new(1, 100, 0), &promised));
    }
}
