//! `fuzz`: what libFuzzer makes up, for every place that reads bytes from
//! outside.
//!
//! Not a part of `ci`: it needs a nightly compiler, a C++ compiler and
//! `cargo-fuzz`, and its findings are by chance. They are kept as files in
//! `tests/corpus`, which the tests go through.

use anyhow::{Context as _, Result, bail, ensure};
use xshell::{Shell, cmd};

use crate::workspace;

const TARGETS: &str = "fuzz/fuzz_targets";
/// Longer inputs are slower and find no more.
const LONGEST_INPUT: u32 = 4096;
const SECONDS: u32 = 60;

pub(crate) fn run(target: Option<&str>, seconds: Option<u32>) -> Result<()> {
    let sh = workspace::shell()?;
    let all = targets(&sh)?;
    let chosen: Vec<_> = all
        .iter()
        .filter(|name| target.is_none_or(|target| target == *name))
        .collect();
    ensure!(
        !chosen.is_empty(),
        "there is no such target, but there are {}",
        all.join(", ")
    );
    require_tools(&sh)?;
    cmd!(
        sh,
        "cargo run --quiet --package authing-tests --example seeds -- fuzz/seeds"
    )
    .run()
    .context("the corpus cannot be written out")?;
    // What is fuzzed is what is tested, down to the versions.
    sh.copy_file("Cargo.lock", "fuzz/Cargo.lock")?;
    let seconds = seconds.unwrap_or(SECONDS);
    for name in chosen {
        let (corpus, seeds) = (format!("fuzz/corpus/{name}"), format!("fuzz/seeds/{name}"));
        sh.create_dir(&corpus)?;
        let length = format!("-max_len={LONGEST_INPUT}");
        let time = format!("-max_total_time={seconds}");
        println!("\nfuzz: {name}");
        cmd!(
            sh,
            "cargo +nightly fuzz run {name} {corpus} {seeds} -- {length} {time} -timeout=10 -print_final_stats=1"
        )
        .run()
        .with_context(|| {
            format!("{name} failed: keep the input as a file in tests/corpus/{name}")
        })?;
    }
    Ok(())
}

fn require_tools(sh: &Shell) -> Result<()> {
    let found = |command: xshell::Cmd<'_>| command.quiet().ignore_stderr().read().is_ok();
    if !found(cmd!(sh, "cargo +nightly --version")) {
        bail!("fuzzing needs a nightly compiler: `rustup toolchain install nightly`");
    }
    if !found(cmd!(sh, "cargo fuzz --version")) {
        bail!("fuzzing needs cargo-fuzz: `cargo install cargo-fuzz`");
    }
    Ok(())
}

/// The names of all targets.
fn targets(sh: &Shell) -> Result<Vec<String>> {
    let files = sh.read_dir(TARGETS)?;
    let names = files.iter().filter_map(|file| file.file_stem()?.to_str());
    Ok(names.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_declared_and_has_a_corpus() {
        let sh = workspace::shell().unwrap();
        let manifest = sh.read_file("fuzz/Cargo.toml").unwrap();
        let targets = targets(&sh).unwrap();
        assert_eq!(manifest.matches("[[bin]]").count(), targets.len());
        for name in &targets {
            assert!(
                manifest.contains(&format!("path = \"{TARGETS_BELOW}/{name}.rs\"")),
                "{name}"
            );
            let text = sh.read_file(format!("{TARGETS}/{name}.rs")).unwrap();
            assert!(text.contains(&format!("feed(\"{name}\", bytes)")), "{name}");
        }
        let corpus = sh.read_dir("tests/corpus").unwrap();
        let corpus: Vec<_> = corpus
            .iter()
            .filter_map(|it| it.file_name()?.to_str())
            .collect();
        assert_eq!(corpus, targets);
    }

    const TARGETS_BELOW: &str = "fuzz_targets";

    #[test]
    fn an_unknown_target_is_named_before_anything_runs() {
        let error = run(Some("no_such_target"), None).unwrap_err();
        assert!(error.to_string().contains("timestamp"), "{error}");
    }
}
