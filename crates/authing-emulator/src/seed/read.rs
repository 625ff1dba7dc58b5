//! From text to a seed, and to errors that say where the mistake is.

use std::str::FromStr;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::{DefaultMessageFormatter, Error, MessageFormatter as _, Spanned};

use super::{Seed, model};

/// How much a name may differ from what was meant by it.
const SIMILARITY: f64 = 0.7;

/// What is wrong with a [`Seed`], and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{message}", place(*.line), part(.path))]
#[non_exhaustive]
pub struct SeedError {
    /// The line, counted from 1; none for what is missing altogether.
    pub line: Option<u64>,
    /// Which part of the seed, such as `users[3].email`; empty for all of it.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

fn place(line: Option<u64>) -> String {
    line.map_or(String::new(), |line| format!("line {line}: "))
}

fn part(path: &str) -> String {
    match path {
        "" => String::new(),
        path => format!("{path}: "),
    }
}

impl SeedError {
    /// A mistake in an entry of a list, whose line is looked for.
    pub(super) fn at(text: &str, path: String, message: impl Into<String>) -> Self {
        Self {
            line: line_of(text, &path),
            path,
            message: message.into(),
        }
    }
}

impl FromStr for Seed {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let mut path = String::new();
        let file: Result<model::File, _> =
            serde_saphyr::with_deserializer_from_str_with_options(text, unlimited(), |from| {
                serde_path_to_error::deserialize(from).map_err(|error| {
                    path = error.path().to_string();
                    error.into_inner()
                })
            });
        let file = file.map_err(|error| explain(&error, path))?;
        Ok(Self {
            random_seed: file.random_seed,
            file,
            text: text.to_owned(),
        })
    }
}

/// The file is the user's own, and may have as many users as it likes.
fn unlimited() -> serde_saphyr::Options {
    serde_saphyr::options! { budget: None }
}

fn explain(error: &Error, path: String) -> SeedError {
    let error = error.without_snippet();
    let message = match error {
        Error::SerdeUnknownField {
            field, expected, ..
        } => format!("unknown field{}", meant(field, expected)),
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => {
            let all = expected.join(", ");
            format!(
                "`{variant}` is not one of {all}{}",
                meant(variant, expected)
            )
        }
        Error::SerdeMissingField { field, .. } => format!("`{field}` is missing"),
        other => DefaultMessageFormatter
            .format_message(other)
            .trim()
            .to_owned(),
    };
    SeedError {
        line: error
            .location()
            .map(|at| at.line())
            .filter(|line| *line > 0),
        path: if path == "." { String::new() } else { path },
        message,
    }
}

/// What somebody may have had in mind who wrote something else.
fn meant(written: &str, expected: &[&'static str]) -> String {
    let alike = expected
        .iter()
        .map(|name| (strsim::jaro_winkler(written, name), name))
        .filter(|(likeness, _)| *likeness >= SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    alike.map_or(String::new(), |(_, name)| format!(", did you mean {name}?"))
}

/// Where the lists of a seed have their entries.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Lines {
    pools: Vec<Spanned<Lines>>,
    clock: Option<Spanned<IgnoredAny>>,
    pool: Option<Spanned<IgnoredAny>>,
    apps: Vec<Spanned<IgnoredAny>>,
    users: Vec<Spanned<IgnoredAny>>,
    roles: Vec<Spanned<IgnoredAny>>,
    groups: Vec<Spanned<IgnoredAny>>,
    policies: Vec<Spanned<IgnoredAny>>,
    custom_fields: Vec<Spanned<IgnoredAny>>,
    whitelist: Option<Spanned<IgnoredAny>>,
    settings: Option<Spanned<IgnoredAny>>,
    webhook: Option<Spanned<IgnoredAny>>,
}

/// The line of a path such as `pools[0].users[3]`. The text is read again, which only mistakes have to pay for.
fn line_of(text: &str, path: &str) -> Option<u64> {
    let lines: Lines = serde_saphyr::from_str_with_options(text, unlimited()).ok()?;
    lines.find(path)
}

impl Lines {
    fn find(&self, path: &str) -> Option<u64> {
        let (head, rest) = path.split_once('.').unwrap_or((path, ""));
        let (name, index) = match head.split_once('[') {
            Some((name, index)) => (name, index.trim_end_matches(']').parse().ok()?),
            None => (head, 0),
        };
        let list = match name {
            "pools" => return self.pools.get(index)?.value.find(rest),
            "apps" => &self.apps,
            "users" => &self.users,
            "roles" => &self.roles,
            "groups" => &self.groups,
            "policies" => &self.policies,
            "customFields" => &self.custom_fields,
            single => {
                let single = match single {
                    "clock" => &self.clock,
                    "pool" => &self.pool,
                    "whitelist" => &self.whitelist,
                    "settings" => &self.settings,
                    "webhook" => &self.webhook,
                    _ => return None,
                };
                return Some(single.as_ref()?.referenced.line());
            }
        };
        Some(list.get(index)?.referenced.line())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Seed>().unwrap_err().to_string()
    }

    #[test]
    fn mistakes_have_a_line_a_path_and_a_hint() {
        let users = "users:\n- username: a\n- username: b\n  password: x\n\n- {emial: c}\n";
        for (text, message) in [
            (
                users,
                "line 6: users[2].emial: unknown field, did you mean email?",
            ),
            ("xyz: 1\n", "line 1: xyz: unknown field"),
            (
                "roles:\n- code: a\n- description: b\n",
                "line 3: roles[1]: `code` is missing",
            ),
            (
                "customFields:\n- key: a\n  dataType: NUBMER\n",
                "line 3: customFields[0].dataType: `NUBMER` is not one of STRING, NUMBER, DATETIME, BOOLEAN, OBJECT, \
                 did you mean NUMBER?",
            ),
            (
                "pools:\n- clock: {frozen: true}\n",
                "line 2: pools: randomSeed, clock and pools stand at the top of the file only",
            ),
            (
                "{\n \"users\": [\n  {\"usernam\": \"a\"}]}",
                "line 3: users[0].usernam: unknown field, did you mean username?",
            ),
        ] {
            assert_eq!(error(text), message, "{text}");
        }
        for (text, start) in [
            ("users: 5\n", "line 1: users: "),
            ("users:\n- username: [a\n", "line "),
            ("randomSeed: x\n", "line 1: randomSeed: "),
            ("users:\n- blocked: perhaps\n", "line 2: users[0].blocked: "),
        ] {
            assert!(error(text).starts_with(start), "{}", error(text));
        }
    }

    #[test]
    fn nothing_is_a_seed_too() {
        for text in ["", "\n  \n", "# only words\n", "{}"] {
            text.parse::<Seed>().unwrap();
        }
    }

    #[test]
    fn entries_are_found_again() {
        let text = "users:\n- a: 1\n- b: 2\npools:\n  - users: [{c: 3},\n      {d: 4}]\nsettings:\n  name: x\n";
        for (path, line) in [
            ("users[1]", Some(3)),
            ("pools[0].users[1]", Some(6)),
            ("settings", Some(8)),
            ("users[2]", None),
            ("nothing", None),
        ] {
            assert_eq!(line_of(text, path), line, "{path}");
        }
    }
}
