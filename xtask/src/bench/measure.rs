//! One call in one way: its instructions, and what it takes from the heap.

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

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
    let heap = cmd!(sh, "target/release/allocations {call} {way} {count}")
        .quiet()
        .read()?;
    let (allocations, bytes) = heap.split_once(' ').context("no two numbers")?;
    Ok((allocations.parse()?, bytes.parse()?))
}

fn instructions(sh: &Shell, call: &str, way: &str, count: u32) -> Result<u64> {
    let folder = "target/callgrind";
    sh.create_dir(folder)?;
    let count = count.to_string();
    let file = format!("{folder}/{call}.{way}.{count}.out");
    cmd!(
        sh,
        "valgrind --quiet --tool=callgrind --callgrind-out-file={file} target/release/one {call} {way} {count}"
    )
    .quiet()
    .ignore_stderr()
    .run()
    .with_context(|| format!("{call} {way} failed under valgrind"))?;
    total(&sh.read_file(&file)?).with_context(|| format!("{file} has no total"))
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
