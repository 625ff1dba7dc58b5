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

/// A file that the state is written to at the end. No other emulator has it meanwhile.
pub(crate) struct Kept {
    file: PathBuf,
    /// Released when this is dropped, or by the system.
    _lock: fs::File,
    /// Closed right before the state is written, so that there is a descriptor for it.
    spare: fs::File,
    /// Open from the start for the same reason.
    #[cfg(unix)]
    folder: fs::File,
}

impl Kept {
    /// Finds out at the start what would otherwise be found at the end, when there is something to lose.
    pub(crate) fn open(file: &Path) -> Result<Self, Problem> {
        Self::prepare(file).map_err(|error| within(file, error))
    }

    fn prepare(file: &Path) -> io::Result<Self> {
        if file.file_name().is_none() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        check_regular(file)?;
        let lock = lock(&beside(file, ".lock"))?;
        let probe = draft_of(file);
        create(&probe)?;
        fs::remove_file(&probe)?;
        Ok(Self {
            file: file.to_owned(),
            spare: lock.try_clone()?,
            _lock: lock,
            #[cfg(unix)]
            folder: fs::File::open(folder_of(file))?,
        })
    }

    /// All of it or nothing: a reader sees the old state until the new one is on the disk.
    pub(crate) fn save(self, snapshot: &Snapshot) -> Result<(), Problem> {
        drop(self.spare);
        let draft = draft_of(&self.file);
        if let Err(error) = write(&draft, snapshot) {
            let _ = fs::remove_file(&draft);
            return Err(within(&self.file, error));
        }
        let replaced = match fs::rename(&draft, &self.file) {
            // A file that is mounted by itself, into a container for example, cannot be replaced.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices
                ) =>
            {
                overwrite(&self.file, snapshot).and_then(|()| fs::remove_file(&draft))
            }
            other => other,
        };
        if let Err(error) = replaced {
            let (file, draft) = (self.file.display(), draft.display());
            return Err(format!("{file}: {error}; the state is in {draft}").into());
        }
        // So that the new name outlives a power cut as well. Not every file system can do it, and the state is there.
        #[cfg(unix)]
        let _ = self.folder.sync_all();
        Ok(())
    }
}

/// A file or nothing. Another user can have put a link there, or a pipe that nobody reads.
fn check_regular(file: &Path) -> io::Result<()> {
    let refuse = |message| Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    match fs::symlink_metadata(file) {
        Ok(found) if found.is_symlink() => refuse("this is a symbolic link: name the file itself"),
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => refuse("this is not a regular file"),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    folder.unwrap_or(Path::new("."))
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(end);
    file.with_file_name(name)
}

/// A name of its own each time, which nobody can have prepared a link for.
fn draft_of(file: &Path) -> PathBuf {
    beside(file, &format!(".{:016x}", fastrand::u64(..)))
}

/// A new file for the owner only: it holds digests and secrets.
fn create(file: &Path) -> io::Result<fs::File> {
    private(fs::OpenOptions::new().write(true).create_new(true)).open(file)
}

#[cfg(unix)]
fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;

    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    options
}

fn write(file: &Path, snapshot: &Snapshot) -> io::Result<()> {
    let mut created = create(file)?;
    snapshot.write_json(&created)?;
    writeln!(created)?;
    created.sync_all()
}

fn overwrite(file: &Path, snapshot: &Snapshot) -> io::Result<()> {
    let mut opened = fs::OpenOptions::new()
        .write(true)
        .truncate(true)
        .open(file)?;
    snapshot.write_json(&opened)?;
    writeln!(opened)?;
    opened.sync_all()
}

/// Holds the lock on a file that stays where it is: the state itself is replaced each time.
fn lock(file: &Path) -> io::Result<fs::File> {
    check_regular(file)?;
    let opened = match create(file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::OpenOptions::new().write(true).open(file)?
        }
        other => other?,
    };
    match opened.try_lock() {
        Ok(()) => Ok(opened),
        Err(fs::TryLockError::WouldBlock) => Err(io::Error::new(
            io::ErrorKind::WouldBlock,
            "another emulator keeps its state here",
        )),
        // Some file systems of networks have no locks.
        Err(fs::TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            Ok(opened)
        }
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}
