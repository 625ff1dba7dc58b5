//! What is told of a soak.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use authing_emulator::{FaultKind, RecordedRequest};

use super::{Entry, Settings, Verdict};

/// The figures of a soak.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// How it was run.
    pub settings: Settings,
    /// How long the calls took.
    pub took: Duration,
    /// How many calls were made.
    pub calls: usize,
    /// How many requests came to the server, tokens included.
    pub requests: usize,
    /// How many of them asked for an administrator's token.
    pub tokens: usize,
    /// How many of them met which fault.
    pub faults: BTreeMap<FaultKind, u64>,
    /// How many calls failed, and how.
    pub errors: BTreeMap<String, usize>,
    /// What must not be.
    pub verdict: Verdict,
    /// How many connections the server accepted.
    pub connections: u64,
    /// Bytes on the heap when only the clients were left.
    pub heap_of_clients: usize,
    /// Bytes on the heap when all was gone.
    pub heap_after: usize,
    /// Files and sockets that were open then, where that can be told.
    pub files_open: Option<usize>,
}

impl Report {
    pub(super) fn new(
        settings: Settings,
        took: Duration,
        entries: &[Entry],
        journal: &[RecordedRequest],
        faults: BTreeMap<FaultKind, u64>,
        verdict: Verdict,
    ) -> Self {
        let mut errors = BTreeMap::new();
        for error in entries.iter().filter_map(|entry| entry.error.as_ref()) {
            *errors.entry(error.clone()).or_default() += 1;
        }
        let asks_for_token =
            |request: &&RecordedRequest| request.operation.as_deref() == Some("accessToken");
        Self {
            settings,
            took,
            calls: entries.len(),
            requests: journal.len(),
            tokens: journal.iter().filter(asks_for_token).count(),
            faults,
            errors,
            verdict,
            connections: 0,
            heap_of_clients: 0,
            heap_after: 0,
            files_open: None,
        }
    }

    /// How many calls failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.errors.values().sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings {
            tasks,
            seed,
            backend,
            ..
        } = self.settings;
        let calls = self.calls;
        writeln!(
            f,
            "{backend:?}: {calls} calls from {tasks} tasks in {:.1?}, seed {seed}",
            self.took
        )?;
        let faults: u64 = self.faults.values().sum();
        writeln!(
            f,
            "  {} requests over {} connections, {} of them for tokens",
            self.requests, self.connections, self.tokens
        )?;
        writeln!(f, "  {faults} faults injected")?;
        for (kind, count) in &self.faults {
            writeln!(f, "    {count:>7}  {kind}")?;
        }
        writeln!(f, "  {} calls reported an error", self.failed())?;
        for (error, count) in &self.errors {
            writeln!(f, "    {count:>7}  {error}")?;
        }
        let verdict = &self.verdict;
        for (name, list) in [
            ("carried out twice", &verdict.duplicates),
            ("lost", &verdict.lost),
            ("succeeded without an answer", &verdict.made_up),
            ("answered with another call's answer", &verdict.mixed_up),
            ("left over", &verdict.left_over),
        ] {
            writeln!(f, "  {:>7}  {name}", list.len())?;
            for what in list.iter().take(5) {
                writeln!(f, "           {what}")?;
            }
        }
        Ok(())
    }
}
