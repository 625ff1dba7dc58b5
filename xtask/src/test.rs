//! `test`: every test there is, and one line that says how it went.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use xshell::cmd;

use crate::flags::Transport;
use crate::workspace;

/// The failure was already told; only the exit code is missing.
#[derive(Debug)]
pub(crate) struct Reported;

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tests failed, see above")
    }
}

impl std::error::Error for Reported {}

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Counts {
    /// Adds what a line of libtest's output says, if it is a summary.
    fn add_line(&mut self, line: &str) {
        let Some(summary) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in summary.split(['.', ';']) {
            let Some((number, what)) = part.trim().split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

pub(crate) fn run(filter: Option<&str>, transport: Option<Transport>) -> Result<Counts> {
    let sh = workspace::shell()?;
    let is_file = |name: &&str| {
        workspace::root()
            .join(format!("tests/tests/{name}.rs"))
            .is_file()
    };
    let file = filter.filter(is_file);
    let target_args = file.iter().flat_map(|name| ["--test", name]);
    let binary_args = binary_args(filter.filter(|_| file.is_none()), transport);
    let cargo = cmd!(
        sh,
        "cargo test --workspace --all-features --no-fail-fast {target_args...} -- {binary_args...}"
    )
    // Snapshots are compared here, never passed over and never written.
    .env_remove("INSTA_FORCE_PASS")
    .env("INSTA_UPDATE", "no");
    eprintln!("$ {cargo}");
    let (counts, success) = stream(cargo.into())?;

    let verdict = judge(counts, success);
    if let Err(reason) = &verdict {
        eprintln!("error: {reason}");
    }
    println!("\n{counts}");
    match verdict {
        Ok(()) => Ok(counts),
        Err(_) => Err(Reported.into()),
    }
}

/// What the test binaries are told: whose names to run, and whose not.
fn binary_args(filter: Option<&str>, transport: Option<Transport>) -> Vec<String> {
    let other = transport.map(|transport| match transport {
        Transport::Reqwest => "hyper::",
        Transport::Hyper => "reqwest::",
    });
    let skip = other.into_iter().flat_map(|other| ["--skip", other]);
    skip.chain(filter).map(str::to_owned).collect()
}

/// Shows the output as it comes and counts along.
fn stream(mut command: Command) -> Result<(Counts, bool)> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let Some(output) = child.stdout.take() else {
        bail!("cargo has no output");
    };
    let mut output = BufReader::new(output);
    let mut counts = Counts::default();
    let mut line = Vec::new();
    // Bytes, since a test may print what is not UTF-8.
    while output.read_until(b'\n', &mut line)? > 0 {
        std::io::stdout().write_all(&line)?;
        counts.add_line(&String::from_utf8_lossy(&line));
        line.clear();
    }
    let status = child.wait()?;
    Ok((counts, status.success()))
}

fn judge(counts: Counts, success: bool) -> Result<(), &'static str> {
    match counts {
        Counts { failed: 1.., .. } => Err("tests failed"),
        _ if !success => Err("something did not build, or a test process died"),
        Counts { passed: 0, .. } => Err("no test ran"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn summaries_add_up() {
        let mut sum = Counts::default();
        for line in [
            "running 12 tests\n",
            "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 7 filtered out; finished in 0.01s\n",
            "test tests::reads ... ok\n",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n",
            "    test result: ok. 100 passed; 0 failed\n",
        ] {
            sum.add_line(line);
        }
        assert_eq!(sum, counts(13, 2, 3));
    }

    #[test]
    fn closing_line_names_the_skipped_only_if_there_are_any() {
        assert_eq!(counts(3, 0, 0).to_string(), "3 passed, 0 failed");
        assert_eq!(counts(3, 1, 2).to_string(), "3 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn verdicts() {
        assert!(judge(counts(3, 0, 0), true).is_ok());
        assert!(judge(counts(3, 1, 0), false).is_err());
        assert!(judge(counts(3, 0, 0), false).is_err());
        assert!(judge(counts(0, 0, 0), true).is_err());
    }

    #[test]
    fn a_transport_skips_the_other() {
        assert_eq!(
            binary_args(Some("users"), Some(Transport::Hyper)),
            ["--skip", "reqwest::", "users"]
        );
        assert_eq!(
            binary_args(None, Some(Transport::Reqwest)),
            ["--skip", "hyper::"]
        );
        assert!(binary_args(None, None).is_empty());
    }
}
