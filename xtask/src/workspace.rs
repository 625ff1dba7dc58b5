//! Where the workspace is and what it consists of.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use cargo_metadata::{CargoOpt, Metadata, MetadataCommand, Package};
use xshell::{Shell, cmd};

/// The repository's root, wherever the command was typed.
pub(crate) fn root() -> PathBuf {
    // Set by `cargo run`; the other is for a binary that is run directly.
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// Where Cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A shell in the repository's root.
pub(crate) fn shell() -> Result<Shell> {
    let shell = Shell::new()?;
    shell.change_dir(root());
    Ok(shell)
}

/// The whole dependency graph, every feature and platform in it.
pub(crate) fn metadata() -> Result<Metadata> {
    MetadataCommand::new()
        .current_dir(root())
        .features(CargoOpt::AllFeatures)
        .exec()
        .context("cargo metadata failed")
}

/// The packages that users get: those under `crates/`, by name.
pub(crate) fn published(metadata: &Metadata) -> Vec<&Package> {
    let crates = metadata.workspace_root.join("crates");
    let mut packages: Vec<_> = metadata
        .workspace_packages()
        .into_iter()
        .filter(|package| package.manifest_path.starts_with(&crates))
        .collect();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    packages
}

/// Fails with all `problems`, if there are any.
pub(crate) fn report(problems: &[String]) -> Result<()> {
    for problem in problems {
        eprintln!("  {problem}");
    }
    match problems.len() {
        0 => Ok(()),
        1 => anyhow::bail!("1 problem, see above"),
        n => anyhow::bail!("{n} problems, see above"),
    }
}

/// Every file that is, or would be, committed, relative to the root.
pub(crate) fn files(sh: &Shell) -> Result<Vec<String>> {
    let git = cmd!(
        sh,
        "git ls-files -z --cached --others --exclude-standard --deduplicate"
    );
    let list = git.quiet().read().context("this is no git checkout")?;
    let root = root();
    Ok(list
        .split_terminator('\0')
        // Deleted, but not committed yet.
        .filter(|file| root.join(file).is_file())
        .map(str::to_owned)
        .collect())
}
