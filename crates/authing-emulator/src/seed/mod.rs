//! Seeds: files that say what an emulator begins with.

mod apply;
mod model;
mod read;

use crate::clock::Clock;
use crate::dates::Moment;

pub use read::SeedError;

/// What an emulator begins with: user pools, applications, users with their passwords, roles, groups, policies, custom
/// fields, whitelists, settings. Read from YAML, of which JSON is a part.
///
/// [`json_schema`](Self::json_schema) describes every field. The mistakes in a file are found before anything starts.
///
/// ```
/// use authing_emulator::{Emulator, Seed};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let seed: Seed = "
/// randomSeed: 7
/// roles:
///   - code: admin
/// users:
///   - username: ann
///     password: correct horse
///     roles: [admin]
/// ".parse()?;
/// let emulator = Emulator::builder().seed(seed).start()?;
///
/// let error = "users:\n  - emial: x".parse::<Seed>().unwrap_err();
/// assert_eq!(error.to_string(), "line 2: users[0].emial: unknown field, did you mean email?");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Seed {
    file: model::File,
    /// To find the line of what is refused.
    text: String,
    pub(crate) random_seed: Option<u64>,
}

impl Seed {
    /// The JSON Schema of the files, for editors and other programs.
    #[must_use]
    pub fn json_schema() -> String {
        let schema = schemars::schema_for!(model::File);
        // Fails for maps whose keys are not text only.
        serde_json::to_string_pretty(&schema).unwrap_or_default()
    }

    pub(crate) fn set_clock(&self, clock: &Clock) -> Result<(), SeedError> {
        let Some(wanted) = &self.file.clock else {
            return Ok(());
        };
        if wanted.frozen {
            clock.freeze();
        }
        if let Some(at) = &wanted.at {
            let problem = || {
                let message = format!("`{at}` is not a time such as 2030-01-01T00:00:00Z");
                SeedError::at(&self.text, "clock".to_owned(), message)
            };
            clock.set(Moment::parse(at).ok_or_else(problem)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The committed file is what editors load. `UPDATE=1` writes it anew.
    #[test]
    fn the_schema_is_that_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/seed.schema.json");
        let schema = format!("{}\n", Seed::json_schema());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &schema).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), schema);
    }
}
