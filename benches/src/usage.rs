//! What this process has used so far.

use std::time::Duration;

use anyhow::Context as _;
use rustix::time::{ClockId, clock_gettime};

/// CPU time of all threads, since the process began.
#[must_use]
pub fn cpu() -> Duration {
    elapsed(ClockId::ProcessCPUTime)
}

/// Time since some moment.
#[must_use]
pub fn wall() -> Duration {
    elapsed(ClockId::Monotonic)
}

fn elapsed(clock: ClockId) -> Duration {
    clock_gettime(clock).try_into().unwrap_or_default()
}

/// The most memory that was ever resident, in kilobytes.
///
/// # Errors
///
/// The system is not Linux.
pub fn peak_kilobytes() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .context("the system does not tell")
}
