//! Seeds and states in files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use authing_emulator::{Seed, Snapshot};

type Problem = Box<dyn std::error::Error>;

/// Says which file it was. The causes are part of the text, so that they are not told twice.
pub(crate) fn within(file: &Path, error: impl std::error::Error) -> Problem {
    let mut message = format!("{}: {error}", file.display());
    let mut source = error.source();
    while let Some(cause) = source {
        message.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    message.into()
}

pub(crate) fn seed(file: &Path) -> Result<Seed, Problem> {
    let text = fs::read_to_string(file).map_err(|error| within(file, error))?;
    text.parse()
        .map_err(|error: authing_emulator::SeedError| within(file, error))
}

pub(crate) fn snapshot(file: &Path) -> Result<Snapshot, Problem> {
    let text = fs::read_to_string(file).map_err(|error| within(file, error))?;
    Snapshot::from_json(&text).map_err(|error| within(file, error))
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    file.with_file_name(name)
}

/// For the start: at the end, when there is something to lose, it would be too late.
pub(crate) fn check_writable(file: &Path) -> Result<(), Problem> {
    let new = beside(file);
    fs::write(&new, "")
        .and_then(|()| fs::remove_file(&new))
        .map_err(|error| within(file, error))
}

/// Whole or not at all: who reads the file meanwhile sees the old state.
pub(crate) fn save(file: &Path, snapshot: &Snapshot) -> Result<(), Problem> {
    let new = beside(file);
    let write = || -> io::Result<()> {
        fs::write(&new, format!("{}\n", snapshot.to_json()))?;
        fs::rename(&new, file)
    };
    write().map_err(|error| within(file, error))
}
