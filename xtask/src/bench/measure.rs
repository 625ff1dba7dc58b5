//! One call in one way: its instructions, and what it takes from the heap.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use crate::workspace;

/// What one call costs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure {
    pub(crate) instructions: u64,
    pub(crate) allocations: u64,
    pub(crate) bytes: u64,
}

/// Instructions are counted by valgrind.
pub(crate) fn needs(sh: &Shell) -> Result<()> {
    cmd!(sh, "valgrind --version")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .context("instructions are counted by valgrind, which is not installed")
}

/// What the counts depend on, beside the code.
pub(crate) fn measured_with(sh: &Shell) -> Result<String> {
    let rustc = cmd!(sh, "rustc --version --verbose").quiet().read()?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: "));
    let valgrind = cmd!(sh, "valgrind --version")
        .quiet()
        .ignore_stderr()
        .read();
    Ok(format!(
        "{}, {}, {}",
        rustc.lines().next().unwrap_or_default(),
        host.unwrap_or_default(),
        valgrind.unwrap_or_else(|_| "no valgrind".to_owned()),
    ))
}

/// A program of the benchmarks.
pub(crate) fn program(name: &str) -> PathBuf {
    let program = workspace::target().join("release").join(name);
    program.with_extension(std::env::consts::EXE_EXTENSION)
}

/// Makes the call `count` times and twice as often: what the start costs is in
/// both, and so not in the difference.
pub(crate) fn measure(sh: &Shell, call: &str, way: &str, count: u32) -> Result<Figure> {
    let once = instructions(sh, call, way, count)?;
    let twice = instructions(sh, call, way, count.saturating_mul(2))?;
    let (allocations, bytes) = allocations(sh, call, way, count)?;
    Ok(Figure {
        instructions: twice.saturating_sub(once) / u64::from(count.max(1)),
        allocations,
        bytes,
    })
}

/// How many allocations one call makes, and of how many bytes.
pub(crate) fn allocations(sh: &Shell, call: &str, way: &str, count: u32) -> Result<(u64, u64)> {
    let count = count.to_string();
    let program = program("allocations");
    let heap = cmd!(sh, "{program} {call} {way} {count}").quiet().read()?;
    let (allocations, bytes) = heap.split_once(' ').context("no two numbers")?;
    Ok((allocations.parse()?, bytes.parse()?))
}

fn instructions(sh: &Shell, call: &str, way: &str, count: u32) -> Result<u64> {
    let folder = workspace::target().join("callgrind");
    sh.create_dir(&folder)?;
    let count = count.to_string();
    let file = folder.join(format!("{call}.{way}.{count}.out"));
    let program = program("one");
    cmd!(
        sh,
        "valgrind --quiet --tool=callgrind --callgrind-out-file={file} {program} {call} {way} {count}"
    )
    .quiet()
    .ignore_stderr()
    .run()
    .with_context(|| format!("{call} {way} failed under valgrind"))?;
    total(&sh.read_file(&file)?).with_context(|| format!("{} has no total", file.display()))
}

/// The sum that callgrind writes down.
fn total(profile: &str) -> Option<u64> {
    profile
        .lines()
        .find_map(|line| line.strip_prefix("totals: "))
        .and_then(|total| total.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_found() {
        let profile = "# callgrind format\nevents: Ir\nfn=(1) main\n1 5\n\ntotals: 12345\n";
        assert_eq!(total(profile), Some(12_345));
        assert_eq!(total("events: Ir\n"), None);
    }
}
