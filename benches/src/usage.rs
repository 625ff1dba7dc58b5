//! What this process has used so far.

use std::time::Duration;

use anyhow::Context as _;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

/// Keeps this process and those that it starts on one processor. To wake
/// another one costs more than many calls, and is not the caller's to choose.
///
/// # Errors
///
/// The system does not allow it.
pub fn stay_on_one_processor() -> anyhow::Result<()> {
    let allowed = sched_getaffinity(None)?;
    let mut one = CpuSet::new();
    if let Some(processor) = (0..CpuSet::MAX_CPU).rfind(|it| allowed.is_set(*it)) {
        one.set(processor);
        sched_setaffinity(None, &one)?;
    }
    Ok(())
}

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
