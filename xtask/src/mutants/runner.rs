//! Building the copy, and running its tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::Message;
use xshell::cmd;

use super::{Mutant, plan};
use crate::workspace;

/// A mutant that keeps its test busy for so long is told from the rule as well.
const PATIENCE: u32 = 180;

/// Those that take long, and are about no rule of these.
const SLOW: [&str; 2] = ["faults::", "malformed"];

/// The test binaries of the copy, by their names; the library's is `lib`.
pub(super) struct Suite {
    binaries: BTreeMap<String, PathBuf>,
    folder: PathBuf,
}

pub(super) enum Outcome {
    /// By these tests.
    Killed(Vec<String>),
    Survived,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Killed(tests) => write!(f, "killed by {}", tests.join(", ")),
            Self::Survived => f.write_str("SURVIVED"),
        }
    }
}

impl Suite {
    pub(super) fn build(batch: &[Mutant]) -> Result<Self> {
        let root = workspace::root();
        let copy = workspace::target().join("mutants");
        let sh = workspace::shell()?;
        sh.remove_path(&copy)?;
        let folder = copy.join(plan::CRATE);
        for file in workspace::files(&sh)? {
            if file.starts_with(&format!("{}/", plan::CRATE)) {
                let to = copy.join(&file);
                if let Some(parent) = to.parent() {
                    fs::create_dir_all(parent)?;
                }
                fs::copy(root.join(&file), to).with_context(|| file.clone())?;
            }
        }
        for file in ["Cargo.lock", "clippy.toml"] {
            fs::copy(root.join(file), copy.join(file)).context(file)?;
        }
        let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
        fs::write(copy.join("Cargo.toml"), alone(&manifest)?)?;
        plan::write(batch, &folder)?;

        println!("building {} mutants", batch.len());
        sh.change_dir(&copy);
        // One of its own: Cargo takes the copy for the crate itself.
        let target = workspace::target().join("mutants-build");
        let messages = cmd!(
            sh,
            "cargo test --quiet --no-run --lib --tests --message-format json --target-dir {target}"
        )
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_INCREMENTAL", "0")
        .read()?;
        let mut binaries = BTreeMap::new();
        for message in Message::parse_stream(messages.as_bytes()) {
            if let Message::CompilerArtifact(artifact) = message?
                && let Some(binary) = artifact.executable
                && artifact.profile.test
            {
                let name = match artifact.target.is_lib() {
                    true => "lib".to_owned(),
                    false => artifact.target.name,
                };
                binaries.insert(name, binary.into_std_path_buf());
            }
        }
        Ok(Self { binaries, folder })
    }

    /// Without any mutant.
    pub(super) fn must_pass(&self, batch: &[Mutant]) -> Result<()> {
        let tests: BTreeSet<_> = batch.iter().filter_map(|it| it.test.as_deref()).collect();
        for test in tests {
            if !self.failed("", Some(test))?.is_empty() {
                bail!("{test} fails without any mutant");
            }
        }
        Ok(())
    }

    pub(super) fn run(&self, mutant: &Mutant) -> Result<Outcome> {
        let failed = self.failed(&mutant.id, mutant.test.as_deref())?;
        Ok(if failed.is_empty() {
            Outcome::Survived
        } else {
            Outcome::Killed(failed)
        })
    }

    /// The names of the tests that failed.
    fn failed(&self, mutant: &str, test: Option<&str>) -> Result<Vec<String>> {
        let Some(test) = test else {
            let mut failed = Vec::new();
            for (name, binary) in &self.binaries {
                let skipped = SLOW.iter().flat_map(|slow| ["--skip", *slow]);
                failed.extend(self.failures(mutant, name, binary, skipped)?);
            }
            return Ok(failed);
        };
        let (name, test) = test.split_once(' ').context("which test?")?;
        let binary = self.binaries.get(name);
        let binary = binary.with_context(|| format!("there are no tests called {name}"))?;
        self.failures(mutant, name, binary, ["--exact", test])
    }

    fn failures<'a>(
        &self,
        mutant: &str,
        name: &str,
        binary: &PathBuf,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<String>> {
        let mut child = Command::new(binary)
            .args(arguments)
            .current_dir(&self.folder)
            .env("EMULATOR_MUTANT", mutant)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .env("RUST_BACKTRACE", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| name.to_owned())?;
        let mut output = child.stdout.take().context("no output")?;
        let reader = thread::spawn(move || {
            let mut text = Vec::new();
            output.read_to_end(&mut text).map(|_| text)
        });
        let mut waited = 0;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if waited == PATIENCE * 10 {
                child.kill()?;
                child.wait()?;
                break None;
            }
            waited += 1;
            thread::sleep(Duration::from_millis(100));
        };
        let text = reader.join().map_err(|_| anyhow::anyhow!("no output"))??;
        let text = String::from_utf8_lossy(&text);
        let Some(status) = status else {
            return Ok(vec![format!("{name}, which did not come to an end")]);
        };
        let failed: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"))
            .map(|test| format!("{name} {test}"))
            .collect();
        if failed.is_empty() && !status.success() {
            return Ok(vec![format!("{name}, which ended with {status}")]);
        }
        if failed.is_empty() && text.contains("running 0 tests") {
            bail!("there is no such test in {name}");
        }
        Ok(failed)
    }
}

/// The workspace's manifest with the emulator for its only member.
fn alone(manifest: &str) -> Result<String> {
    let is_list = |line: &&str| line.starts_with("members = [") && line.ends_with(']');
    let mut lists = manifest.lines().filter(is_list);
    let (Some(list), None) = (lists.next(), lists.next()) else {
        bail!("the manifest does not have one line with the members of the workspace");
    };
    Ok(manifest.replace(list, &format!("members = [{:?}]", plan::CRATE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_cut_down_to_the_emulator() {
        let manifest = fs::read_to_string(workspace::root().join("Cargo.toml")).unwrap();
        let alone = alone(&manifest).unwrap();
        assert!(alone.contains("\nmembers = [\"crates/authing-emulator\"]\n"));
        assert_eq!(alone.lines().count(), manifest.lines().count());
        assert!(super::alone("members = [\n]").is_err());
    }
}
