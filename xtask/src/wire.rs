//! `wire`: the exact request of every operation, written down.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use xshell::{Shell, cmd};

use crate::workspace;

const SNAPSHOTS: &str = "tests/tests/wire";
const CLIENTS: [&str; 2] = ["management.", "authentication."];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write what is sent now.
    Rewrite,
    /// Compare what is sent now with what is written.
    Check,
}

impl Mode {
    pub(crate) fn new(check: bool) -> Self {
        if check { Self::Check } else { Self::Rewrite }
    }
}

pub(crate) fn run(mode: Mode) -> Result<()> {
    let sh = workspace::shell()?;
    let directory = workspace::root().join(SNAPSHOTS);
    let compared = run_snapshot_test(&sh, mode);
    let ids = declared_ids(&sh)?;
    let mut snapshots = snapshots(&directory)?;

    let problems = match &compared {
        Ok(compared) => {
            if mode == Mode::Rewrite {
                remove_orphans(&directory, &ids, &mut snapshots, compared)?;
            }
            differences(&ids, &snapshots, compared)
        }
        // Which ones it would have looked at after the failure is not known.
        Err(_) => differences(&ids, &snapshots, &snapshots),
    };
    let report = workspace::report(&problems);
    compared?;
    report?;
    println!("{} operations, each with its snapshot", ids.len());
    Ok(())
}

/// Runs the test and tells which snapshots it looked at: a file that no test
/// compares would look like a promise and be none.
fn run_snapshot_test(sh: &Shell, mode: Mode) -> Result<BTreeSet<String>> {
    let update = match mode {
        Mode::Rewrite => "always",
        Mode::Check => "no",
    };
    let scratch = sh.create_temp_dir()?;
    let references = scratch.path().join("references");
    // The whole workspace, so that features are those of `test` and nothing is
    // built a second time.
    let test = cmd!(
        sh,
        "cargo test --quiet --workspace --all-features --test wire"
    )
    .env("INSTA_UPDATE", update)
    .env("INSTA_SNAPSHOT_REFERENCES_FILE", &references)
    .env_remove("INSTA_FORCE_PASS");
    if test.run().is_err() {
        bail!(match mode {
            Mode::Rewrite => "the wire test failed",
            Mode::Check =>
                "the requests are not those of the snapshots; `cargo xtask wire` rewrites them",
        });
    }
    if !references.exists() {
        return Ok(BTreeSet::new());
    }
    let references = sh.read_file(&references)?;
    Ok(references.lines().filter_map(snapshot_name).collect())
}

fn remove_orphans(
    directory: &Path,
    ids: &BTreeSet<String>,
    snapshots: &mut BTreeSet<String>,
    compared: &BTreeSet<String>,
) -> Result<()> {
    let (kept, orphans) = std::mem::take(snapshots)
        .into_iter()
        .partition::<BTreeSet<_>, _>(|name| {
            ids.contains(operation_of(name)) && compared.contains(name)
        });
    *snapshots = kept;
    for name in orphans {
        println!("removing {SNAPSHOTS}/{name}.snap, which nothing writes");
        fs::remove_file(directory.join(format!("{name}.snap")))?;
    }
    Ok(())
}

fn snapshots(directory: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let entries = fs::read_dir(directory)
        .with_context(|| format!("there are no snapshots in {SNAPSHOTS}"))?;
    for entry in entries {
        names.extend(snapshot_name(&entry?.file_name().to_string_lossy()));
    }
    Ok(names)
}

/// `management.users.list` of `some/where/management.users.list.snap`.
fn snapshot_name(path: &str) -> Option<String> {
    let file = path.rsplit(['/', '\\']).next()?;
    file.strip_suffix(".snap").map(str::to_owned)
}

/// The operation of a snapshot: a second one of the same operation has a name
/// of its own behind a `+`.
fn operation_of(name: &str) -> &str {
    name.split_once('+').map_or(name, |(id, _)| id)
}

fn declared_ids(sh: &Shell) -> Result<BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    for file in workspace::files(sh)? {
        if file.starts_with("crates/") && file.contains("/src/") && file.ends_with(".rs") {
            ids.extend(ids_in(&sh.read_file(&file)?));
        }
    }
    Ok(ids)
}

/// The operation ids that a source file declares.
fn ids_in(source: &str) -> impl Iterator<Item = String> {
    source.lines().filter_map(|line| {
        // Comments, the macro's own documentation among them, start otherwise.
        // `operation!` has the one form, an operation without it the other.
        let line = line.trim_start();
        let id = line.strip_prefix("id: \"");
        let id = id.or_else(|| line.strip_prefix("const ID: &str = \""));
        let (id, _) = id?.split_once('"')?;
        CLIENTS
            .iter()
            .any(|client| id.starts_with(client))
            .then(|| id.to_owned())
    })
}

fn differences(
    ids: &BTreeSet<String>,
    snapshots: &BTreeSet<String>,
    compared: &BTreeSet<String>,
) -> Vec<String> {
    let missing = ids.difference(snapshots).map(|id| {
        format!("{id} has no snapshot: give the wire test a case and run `cargo xtask wire`")
    });
    let (known, orphans): (Vec<_>, Vec<_>) = snapshots
        .iter()
        .partition(|name| ids.contains(operation_of(name)));
    let orphans = orphans
        .into_iter()
        .map(|name| format!("{SNAPSHOTS}/{name}.snap belongs to no operation"));
    let unused = known
        .into_iter()
        .filter(|name| !compared.contains(*name))
        .map(|name| format!("{SNAPSHOTS}/{name}.snap is compared by no test"));
    missing.chain(orphans).chain(unused).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn ids_are_found_in_code_only() {
        let source = r#"
/// operation! {
///     id: "management.documented",
// id: "management.commented",
operation! {
    List => Page<User>,
    id: "management.users.list",
    repeat: Safe,
}
    id: "authentication.logout",
    const ID: &str = "authentication.by_hand";
    id: "test.numbers",
    error.with_operation("authentication.other")
"#;
        let ids: Vec<_> = ids_in(source).collect();
        assert_eq!(
            ids,
            [
                "management.users.list",
                "authentication.logout",
                "authentication.by_hand"
            ]
        );
    }

    #[test]
    fn every_direction_is_reported() {
        let problems = differences(
            &set(&["a", "b", "c"]),
            &set(&["b", "c", "d"]),
            &set(&["b", "d"]),
        );
        assert_eq!(problems.len(), 3);
        assert!(problems[0].starts_with("a has no snapshot"));
        assert!(problems[1].contains("d.snap belongs to no"));
        assert!(problems[2].contains("c.snap is compared by no"));
        assert!(differences(&set(&["a"]), &set(&["a"]), &set(&["a"])).is_empty());
        let both = set(&["a", "a+x"]);
        assert!(differences(&set(&["a"]), &both, &both).is_empty());
        assert_eq!(differences(&set(&["a"]), &both, &set(&["a"])).len(), 1);
        // A variant does not stand for the operation itself.
        assert_eq!(
            differences(&set(&["a"]), &set(&["a+x"]), &set(&["a+x"])).len(),
            1
        );
    }

    #[test]
    fn snapshot_names() {
        assert_eq!(
            snapshot_name("x/wire/management.users.list.snap").unwrap(),
            "management.users.list"
        );
        assert_eq!(snapshot_name("a\\b.snap").unwrap(), "b");
        assert!(snapshot_name("a.snap.new").is_none());
    }
}
