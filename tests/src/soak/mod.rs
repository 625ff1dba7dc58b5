//! Many calls through many faults, and the proof that nothing was done twice,
//! lost or made up.
//!
//! The emulator misbehaves by a seeded plan while workers create, change, read
//! and delete users and log them in. Afterwards what the workers were told is
//! compared with the emulator's journal, which knows what was carried out, and
//! with what is left in the user pool.

mod ledger;
mod plan;
mod report;
mod verdict;
mod worker;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use authing::v2::{AuthenticationClient, ManagementClient};
use authing::{Error, RetryPolicy};
use authing_core::{Clock as _, TokioClock};
use authing_emulator::{Emulator, RecordedRequest};
use peak_alloc::PeakAlloc;

pub use ledger::{Action, Entry};
pub use report::Report;
pub use verdict::Verdict;

use crate::clients::Backend;
use worker::Worker;

/// How long and how hard.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Settings {
    /// How many calls are made.
    pub calls: u64,
    /// From how many tasks.
    pub tasks: usize,
    /// Where faults and calls are drawn from.
    pub seed: u64,
    /// The HTTP backend.
    pub backend: Backend,
}

impl Settings {
    /// This many calls from 64 tasks.
    #[must_use]
    pub fn new(backend: Backend, calls: u64, seed: u64) -> Self {
        Self {
            calls,
            tasks: 64,
            seed,
            backend,
        }
    }
}

/// Both clients, as a service under such conditions would set them up.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    admin: ManagementClient,
    client: AuthenticationClient,
}

impl Pair {
    fn of(emulator: &Emulator, backend: Backend) -> Result<Self, Error> {
        let transport = backend.transport()?;
        let retry = RetryPolicy::new()
            .max_tries(4)
            .first_delay(Duration::from_millis(5))
            .max_delay(Duration::from_millis(100));
        // Long enough for a busy machine, short enough for what never answers.
        let (timeout, deadline) = (Duration::from_secs(1), Duration::from_secs(10));
        Ok(Self {
            admin: ManagementClient::builder(emulator.user_pool_id(), emulator.secret())
                .host(emulator.url())
                .public_key(emulator.public_key())
                .transport(transport.clone())
                .timeout(timeout)
                .deadline(deadline)
                .retry(retry)
                .build()?,
            client: AuthenticationClient::builder()
                .app_id(emulator.app_id())
                .host(emulator.url())
                .public_key(emulator.public_key())
                .transport(transport)
                .timeout(timeout)
                .deadline(deadline)
                .retry(retry)
                .build()?,
        })
    }
}

/// Runs one soak. `heap` must be the global allocator of the process.
///
/// # Errors
///
/// What went wrong outside of the calls under test.
pub async fn run(settings: Settings, heap: &PeakAlloc) -> Result<Report, String> {
    let emulator = Emulator::builder()
        .journal_capacity(usize::try_from(settings.calls.saturating_mul(8)).unwrap_or(usize::MAX))
        .start()
        .map_err(|error| error.to_string())?;
    let pair = Pair::of(&emulator, settings.backend).map_err(|error| error.to_string())?;

    let clock = TokioClock::default();
    let started = clock.elapsed();
    emulator.set_faults(plan::schedule(settings.seed));
    let left = Arc::new(AtomicU64::new(settings.calls));
    let workers: Vec<_> = (0..settings.tasks)
        .map(|number| {
            let worker = Worker::new(number, settings.seed, pair.clone());
            tokio::spawn(worker.work(Arc::clone(&left)))
        })
        .collect();
    let mut entries = Vec::new();
    for worker in workers {
        entries.extend(
            worker
                .await
                .map_err(|error| format!("a worker died: {error}"))?,
        );
    }
    let took = clock.elapsed().saturating_sub(started);
    let faults = emulator.faults_injected();
    emulator.clear_faults();

    let (journal, survivors) = in_the_end(&emulator, settings.backend).await?;
    let verdict = Verdict::reach(&entries, &journal, &survivors);
    let mut report = Report::new(settings, took, &entries, &journal, faults, verdict);
    drop((entries, journal, survivors));

    report.connections = emulator.accepted_connections();
    // Only the emulator is gone: what the clients still hold is theirs.
    drop(emulator);
    report.heap_of_clients = heap.current_usage();
    drop(pair);
    settle().await;
    report.heap_after = heap.current_usage();
    report.files_open = open_files();
    Ok(report)
}

/// The journal, and the users of the same moment. On a machine under load, what
/// was given up is still carried out when all calls are over.
async fn in_the_end(
    emulator: &Emulator,
    backend: Backend,
) -> Result<(Vec<RecordedRequest>, Vec<authing::v2::User>), String> {
    const PATIENCE: usize = 100;
    // Those of the survivors' own reading have no tag.
    let calls = |journal: &[RecordedRequest]| journal.iter().filter(|it| it.tag.is_some()).count();
    for _ in 0..PATIENCE {
        let journal = emulator.requests();
        settle().await;
        let survivors = survivors(emulator, backend).await?;
        if calls(&journal) == calls(&emulator.requests()) {
            return Ok((journal, survivors));
        }
    }
    Err("the emulator did not come to rest".to_owned())
}

/// All users that are there in the end, read without faults.
async fn survivors(
    emulator: &Emulator,
    backend: Backend,
) -> Result<Vec<authing::v2::User>, String> {
    let pair = Pair::of(emulator, backend).map_err(|error| error.to_string())?;
    let call = pair.admin.users().list().limit(100);
    let mut stream = call.stream();
    let mut users = Vec::new();
    while let Some(user) = stream.next().await {
        users.push(user.map_err(|error| error.to_string())?);
    }
    Ok(users)
}

/// Lets the tasks of closed connections come to their end.
async fn settle() {
    for _ in 0..50 {
        TokioClock::default().sleep(Duration::from_millis(2)).await;
    }
}

/// How many files and sockets this process has open, where that can be told.
#[must_use]
pub fn open_files() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count())
}
