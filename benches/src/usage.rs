//! What this process has used so far. Linux tells; elsewhere nothing is measured.

use anyhow::Context as _;

pub use self::clocks::{cpu, stay_on_one_processor, wall};

#[cfg(target_os = "linux")]
mod clocks {
    use std::time::Duration;

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
    ///
    /// # Errors
    ///
    /// The system is not Linux.
    pub fn cpu() -> anyhow::Result<Duration> {
        elapsed(ClockId::ProcessCPUTime)
    }

    /// Time since some moment.
    ///
    /// # Errors
    ///
    /// The system is not Linux.
    pub fn wall() -> anyhow::Result<Duration> {
        elapsed(ClockId::Monotonic)
    }

    fn elapsed(clock: ClockId) -> anyhow::Result<Duration> {
        Ok(clock_gettime(clock).try_into()?)
    }
}

#[cfg(not(target_os = "linux"))]
mod clocks {
    use std::time::Duration;

    const ELSEWHERE: &str = "times are taken on Linux only";

    /// Linux only.
    ///
    /// # Errors
    ///
    /// The system is not Linux.
    pub fn stay_on_one_processor() -> anyhow::Result<()> {
        anyhow::bail!(ELSEWHERE)
    }

    /// Linux only.
    ///
    /// # Errors
    ///
    /// The system is not Linux.
    pub fn cpu() -> anyhow::Result<Duration> {
        anyhow::bail!(ELSEWHERE)
    }

    /// Linux only.
    ///
    /// # Errors
    ///
    /// The system is not Linux.
    pub fn wall() -> anyhow::Result<Duration> {
        anyhow::bail!(ELSEWHERE)
    }
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
