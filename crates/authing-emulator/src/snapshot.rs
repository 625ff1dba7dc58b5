//! The whole state of an emulator as a value: to go back to, to copy, and to keep in a file.

use std::fmt;
use std::io::{self, Write as _};

use serde::{Deserialize, Serialize};

use crate::clock::Pace;
use crate::ids::Source;
use crate::oidc::PrivateKeys;
use crate::world::World;

/// Counts up when a document of before can no longer be read.
const VERSION: u32 = 1;

/// Everything that requests, seeds and tests have brought about in an emulator: user pools with their secrets, users,
/// sessions, codes, messages, signing keys, the clock, and how far the seeded ids have come. The journal, the faults
/// and the address of the server are not part of it.
///
/// As text it is one JSON document. It holds passwords' digests and secrets in clear, which protect nothing in
/// an emulator.
///
/// ```
/// use authing_emulator::{Emulator, Snapshot};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::start()?;
/// let before = emulator.snapshot();
/// emulator.fix_code("ann@example.com", "1111");
/// emulator.restore(&before);
///
/// let text = before.to_json();
/// assert_eq!(Snapshot::from_json(&text)?.to_json(), text);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Snapshot(pub(crate) Contents);

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Contents {
    version: u32,
    pub(crate) clock: Pace,
    pub(crate) ids: Source,
    pub(crate) signing_keys: PrivateKeys,
    pub(crate) pools: World,
}

impl Contents {
    pub(crate) fn new(clock: Pace, ids: Source, signing_keys: PrivateKeys, pools: World) -> Self {
        Self {
            version: VERSION,
            clock,
            ids,
            signing_keys,
            pools,
        }
    }
}

/// Why a text is not a [`Snapshot`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It is no JSON, or not the JSON of a snapshot.
    #[error("this is not the state of an emulator")]
    Malformed(#[source] serde_json::Error),
    /// Another version of the emulator wrote it.
    #[error("the state has version {0}, and this emulator reads version {VERSION}")]
    Version(u64),
}

impl Snapshot {
    /// One JSON document, on lines of its own so that changes can be seen in a diff.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Fails for maps whose keys are not text only, of which there are none.
        serde_json::to_string_pretty(&self.0).unwrap_or_default()
    }

    /// Writes the text of [`to_json`](Self::to_json), without all of it in memory.
    ///
    /// # Errors
    ///
    /// When `to` takes no more.
    pub fn write_json(&self, to: impl io::Write) -> io::Result<()> {
        let mut to = io::BufWriter::new(to);
        serde_json::to_writer_pretty(&mut to, &self.0)?;
        to.flush()
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    ///
    /// When the text is something else, or from another version of the format.
    pub fn from_json(text: &str) -> Result<Self, SnapshotError> {
        #[derive(Deserialize)]
        struct Version {
            version: u64,
        }

        let version: Version = serde_json::from_str(text).map_err(SnapshotError::Malformed)?;
        if version.version != u64::from(VERSION) {
            return Err(SnapshotError::Version(version.version));
        }
        let contents = serde_json::from_str(text).map_err(SnapshotError::Malformed)?;
        Ok(Self(contents))
    }
}

/// Without the secrets.
impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pools = self.0.pools.tenants.iter().map(|own| &own.apps.first.id);
        f.debug_struct("Snapshot")
            .field("pools", &pools.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
