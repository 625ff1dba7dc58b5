//! Seeds and states in files.

use std::fs;
use std::io::{self, Write as _};
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

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(end);
    file.with_file_name(name)
}

/// Digests and secrets are for the owner's eyes only.
#[cfg(unix)]
fn keep_private(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn keep_private(_: &fs::File) -> io::Result<()> {
    Ok(())
}

/// Empty, and private before anything is in it.
fn create(file: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let created = options.open(file)?;
    // One that was left over has the permissions that it had.
    keep_private(&created)?;
    Ok(created)
}

/// For the start: at the end, when there is something to lose, it would be too late.
pub(crate) fn check_writable(file: &Path) -> Result<(), Problem> {
    let probe = || -> io::Result<()> {
        if file.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // Another process may be saving to this file right now, and one that is about to end does so beside it.
        let probe = beside(file, &format!(".{}.probe", std::process::id()));
        match fs::File::create_new(&probe) {
            Ok(_) => fs::remove_file(&probe),
            // Whoever left it there could write.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    };
    probe().map_err(|error| within(file, error))
}

/// Whole or not at all: who reads the file meanwhile sees the old state.
pub(crate) fn save(file: &Path, snapshot: &Snapshot) -> Result<(), Problem> {
    let new = beside(file, ".new");
    let write = || -> io::Result<()> {
        writeln!(create(&new)?, "{}", snapshot.to_json())?;
        fs::rename(&new, file)
    };
    write().map_err(|error| within(file, error))
}
