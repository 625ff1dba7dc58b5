//! A store in a file that only its owner can read.

use std::collections::BTreeMap;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::store::{StoreLock, StoredToken, TokenStore};
use crate::clock::{Clock, SystemClock, epoch_seconds};
use crate::{Error, Result, Secret};

/// How often to look whether another process has given the lock back.
const POLL: Duration = Duration::from_millis(20);

/// Far more than the tokens of a few user pools.
const LARGEST: u64 = 1 << 20;

/// Shares tokens among the processes of one user on one machine, through a file.
///
/// The file is made with the permissions `0600` and replaced as a whole, so no
/// process reads half of it; one that others may read is refused. One process
/// at a time fetches a new token, for which it holds a lock on a second file
/// with `.lock` at the end of its name; the system takes the lock back when the
/// process ends, however it ends. Where the system has no such permissions
/// (Windows), the folder's own have to do.
///
/// Whatever stands in place of the files, calls go on: what is not a plain file
/// is not opened, and a text that is not a store's is replaced. The lock must be
/// no symbolic link.
///
/// It reads and writes small files on the thread of the call that waits for its
/// token. Keep it on a local disk: a network file system that hangs stops that
/// thread, and no time limit of a call can end it.
///
/// ```
/// use authing_core::FileTokenStore;
/// # let folder = std::env::temp_dir().join(format!("authing-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
///
/// let store = FileTokenStore::open(folder.join("tokens.json"))?;
/// // ManagementClient::builder(..).token_store(store)
/// # let _ = store;
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), authing_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FileTokenStore {
    path: PathBuf,
    lock_path: PathBuf,
}

/// What is in the file: a token for each scope.
#[derive(Default, Serialize, Deserialize)]
struct Contents {
    #[serde(default)]
    tokens: BTreeMap<String, Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    token: String,
    /// In seconds since 1970.
    issued_at: i64,
    expires_at: Option<i64>,
}

impl FileTokenStore {
    /// A store in this file, which need not be there yet; its folder must.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the
    /// folder cannot be written to, or others can read the file.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let mut lock_name = path
            .file_name()
            .ok_or_else(|| Error::configuration("the token store needs the path of a file"))?
            .to_owned();
        lock_name.push(".lock");
        let lock_path = path.with_file_name(lock_name);
        let store = Self { path, lock_path };
        store.lock_file()?;
        store.read()?;
        Ok(store)
    }

    fn lock_file(&self) -> Result<File> {
        let path = &self.lock_path;
        // A new file, so that a link leads nobody to make one somewhere else.
        let made = private(OpenOptions::new().create_new(true).write(true)).open(path);
        match made {
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map_err(|cause| failed("open", path, cause)),
        }
        let found = std::fs::symlink_metadata(path).and_then(plain);
        found
            .and_then(|()| OpenOptions::new().write(true).open(path))
            .map_err(|cause| failed("open", path, cause))
    }

    fn read(&self) -> Result<Contents> {
        let found = std::fs::metadata(&self.path).and_then(plain);
        let file = match found.and_then(|()| File::open(&self.path)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Contents::default()),
            Err(cause) => return Err(failed("open", &self.path, cause)),
        };
        if is_open_to_others(&file).map_err(|cause| failed("look at", &self.path, cause))? {
            return Err(Error::configuration(format!(
                "others can read the token store {}; its permissions should be 0600",
                self.path.display()
            )));
        }
        let mut text = Vec::new();
        file.take(LARGEST)
            .read_to_end(&mut text)
            .map_err(|cause| failed("read", &self.path, cause))?;
        // A file that is not ours, or from a version to come, is as good as none.
        Ok(serde_json::from_slice(&text).unwrap_or_default())
    }

    /// Puts the contents in the place of the file, all at once.
    fn write(&self, contents: &Contents) -> Result<()> {
        let text = serde_json::to_string(contents)
            .map_err(|_| Error::configuration("the tokens are not JSON"))?;
        let draft = self
            .path
            .with_extension(format!("{:016x}", fastrand::u64(..)));
        let write = || -> io::Result<()> {
            let mut file = private(OpenOptions::new().create_new(true).write(true)).open(&draft)?;
            file.write_all(text.as_bytes())?;
            std::fs::rename(&draft, &self.path)
        };
        write().map_err(|cause| {
            let _ = std::fs::remove_file(&draft);
            failed("write", &self.path, cause)
        })
    }
}

#[async_trait]
impl TokenStore for FileTokenStore {
    async fn load(&self, scope: &str) -> Result<Option<StoredToken>> {
        let mut contents = self.read()?;
        Ok(contents.tokens.remove(scope).and_then(Entry::into_stored))
    }

    async fn save(&self, scope: &str, token: &StoredToken) -> Result<()> {
        let mut contents = self.read()?;
        let now = SystemClock::default().now();
        contents.tokens.retain(|_, entry| !entry.has_expired(now));
        contents.tokens.insert(scope.to_owned(), Entry::new(token));
        self.write(&contents)
    }

    async fn lock(&self, _: &str) -> Result<StoreLock> {
        let file = self.lock_file()?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(StoreLock::new(file)),
                Err(TryLockError::WouldBlock) => SystemClock::default().sleep(POLL).await,
                Err(TryLockError::Error(cause)) => {
                    return Err(failed("lock", &self.lock_path, cause));
                }
            }
        }
    }
}

impl Entry {
    fn new(stored: &StoredToken) -> Self {
        Self {
            token: stored.token.expose().to_owned(),
            issued_at: seconds(stored.issued_at),
            expires_at: stored.expires_at.map(seconds),
        }
    }

    fn into_stored(self) -> Option<StoredToken> {
        let expires_at = match self.expires_at {
            Some(seconds) => Some(epoch_seconds(seconds)?),
            None => None,
        };
        Some(StoredToken {
            token: Secret::from(self.token),
            issued_at: epoch_seconds(self.issued_at)?,
            expires_at,
        })
    }

    fn has_expired(&self, now: SystemTime) -> bool {
        self.expires_at.is_some_and(|end| end <= seconds(now))
    }
}

fn seconds(time: SystemTime) -> i64 {
    let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since_1970.unwrap_or_default().as_secs()).unwrap_or(i64::MAX)
}

fn failed(what: &str, path: &Path, cause: io::Error) -> Error {
    let why = match cause.get_ref() {
        Some(own) => own.to_string(),
        None => cause.kind().to_string(),
    };
    let path = path.display();
    Error::configuration(format!("cannot {what} {path}: {why}")).with_source(cause)
}

/// To open a pipe waits until somebody opens its other end.
fn plain(found: Metadata) -> io::Result<()> {
    match found.is_file() {
        true => Ok(()),
        false => Err(io::Error::other("it is not a plain file")),
    }
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn is_open_to_others(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &File) -> io::Result<bool> {
    Ok(false)
}
