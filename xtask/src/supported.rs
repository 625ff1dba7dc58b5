//! `supported`: which operations the emulator has, as a page, from its code and from what BEHAVIOUR.md says of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context as _, Result};
use xshell::cmd;

use crate::wire::Mode;
use crate::workspace;

const PAGE: &str = "crates/authing-emulator/SUPPORTED.md";
const BEHAVIOUR: &str = "crates/authing-emulator/BEHAVIOUR.md";

/// Where a behaviour can come from, the best first.
const SOURCES: [&str; 5] = ["recorded", "tested", "documented", "SDK", "chosen"];

/// An operation, as the emulator tells of it.
struct Operation {
    name: String,
    emulated: Vec<String>,
    refused: Vec<String>,
    without_request: Option<String>,
}

impl Operation {
    fn read(line: &str) -> Self {
        let mut words = line.split('\t').map(str::to_owned);
        let mut operation = Self {
            name: words.next().unwrap_or_default(),
            emulated: Vec::new(),
            refused: Vec::new(),
            without_request: None,
        };
        for word in words {
            if let Some(refused) = word.strip_prefix('-') {
                operation.refused.push(refused.to_owned());
            } else if let Some(what) = word.strip_prefix('=') {
                operation.without_request = Some(what.to_owned());
            } else {
                operation.emulated.push(word);
            }
        }
        operation
    }

    fn state(&self) -> &'static str {
        match (
            self.without_request.as_deref(),
            &*self.emulated,
            &*self.refused,
        ) {
            (Some("local"), ..) => "sends nothing",
            (Some("any"), ..) => "as what is sent",
            (Some(_), ..) => "not known",
            (None, [], _) => "refused",
            (None, _, []) => "emulated",
            (None, ..) => "in part",
        }
    }
}

pub(crate) fn run(mode: Mode) -> Result<()> {
    let sh = workspace::shell()?;
    let list = cmd!(
        sh,
        "cargo run --quiet --package authing-emulator --example supported"
    )
    .read()?;
    let operations: Vec<_> = list.lines().map(Operation::read).collect();
    let root = workspace::root();
    let behaviour = fs::read_to_string(root.join(BEHAVIOUR)).context(BEHAVIOUR)?;
    let sources = sources(&behaviour);
    workspace::report(&untold(&operations, &sources))?;

    let wanted = page(&operations, &sources);
    let path = root.join(PAGE);
    let found = fs::read_to_string(&path).unwrap_or_default();
    match mode {
        Mode::Rewrite => fs::write(&path, wanted).context(PAGE)?,
        Mode::Check if found == wanted => {}
        Mode::Check => workspace::report(&[format!(
            "{PAGE} is not what the emulator does; `cargo xtask supported` rewrites it"
        )])?,
    }
    println!("{}", counts(&operations));
    Ok(())
}

/// What is emulated must be told of.
fn untold(operations: &[Operation], sources: &BTreeMap<String, Vec<&str>>) -> Vec<String> {
    let mut untold: Vec<_> = operations
        .iter()
        .flat_map(|operation| &operation.emulated)
        .filter(|request| sources.get(*request).is_none_or(Vec::is_empty))
        .map(|request| format!("{BEHAVIOUR} does not say where `{request}` comes from"))
        .collect();
    untold.sort();
    untold.dedup();
    untold
}

/// The sources that each item or row names, by what it has between backticks. What is said of `GET`, `POST` and
/// `DELETE` of a path at once holds for each.
fn sources(behaviour: &str) -> BTreeMap<String, Vec<&'static str>> {
    let mut found: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for item in items(behaviour) {
        let prose: String = item.split('`').step_by(2).collect();
        let words: Vec<_> = prose
            .split(|letter: char| !letter.is_alphanumeric())
            .collect();
        for name in item.split('`').skip(1).step_by(2) {
            // A query is no part of the path.
            let name = name.split('?').next().unwrap_or_default();
            let entry = found.entry(name.to_owned()).or_default();
            for source in SOURCES {
                if words.contains(&source) && !entry.contains(&source) {
                    entry.push(source);
                }
            }
        }
    }
    for sources in found.values_mut() {
        sources.sort_by_key(|source| SOURCES.iter().position(|other| other == source));
    }
    found
}

/// Items of lists and rows of tables, each as one line.
fn items(markdown: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut open = false;
    for line in markdown.lines() {
        if line.starts_with("- ") || line.starts_with('|') {
            items.push(line.to_owned());
            open = line.starts_with('-');
        } else if line.starts_with("  ") && open {
            if let Some(item) = items.last_mut() {
                let _ = write!(item, " {}", line.trim_start());
            }
        } else {
            open = false;
        }
    }
    items
}

fn counts(operations: &[Operation]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for operation in operations {
        *counts.entry(operation.state()).or_default() += 1;
    }
    let counts: Vec<_> = counts
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    format!("{} operations: {}", operations.len(), counts.join(", "))
}

fn page(operations: &[Operation], sources: &BTreeMap<String, Vec<&'static str>>) -> String {
    let mut out = format!(
        "\
<!-- @generated by cargo xtask supported; do not edit -->

# What the emulator supports

Every operation that an official SDK of the v2 API has, by its name in Python's spelling.
{}.

- **emulated**: what the SDKs send for it is answered from real state. The last column says where the behaviour comes
  from; [BEHAVIOUR.md](BEHAVIOUR.md) tells the rules one by one, with what is left out.
- **in part**: the SDKs have several ways to ask, and what is ~~struck out~~ is refused.
- **refused**: it is known, and answered with code 501 and its name; or it is about something that is not there.
- **not known**: it uses no HTTP.
- **sends nothing**: the SDK does it alone. **as what is sent**: it sends what its caller says.

| operation | sends | state | source |
|---|---|---|---|
",
        counts(operations)
    );
    for operation in operations {
        let emulated = operation.emulated.iter().map(|name| format!("`{name}`"));
        let refused = operation
            .refused
            .iter()
            .map(|name| match operation.state() {
                "in part" => format!("~~`{name}`~~"),
                _ => format!("`{name}`"),
            });
        let sends: Vec<_> = emulated.chain(refused).collect();
        let named = operation
            .emulated
            .iter()
            .filter_map(|name| sources.get(name));
        let mut from: Vec<_> = named.flatten().copied().collect();
        from.sort_by_key(|source| SOURCES.iter().position(|other| other == source));
        from.dedup();
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            operation.name,
            sends.join(", "),
            operation.state(),
            from.join(", ")
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_from_items_and_rows() {
        let sources = sources(
            "- `one` and `two` — **tested**, and\n  the rest is **chosen**.\n\n- `GET /a?b=c` is nothing\n\nSDK\n\n| `one` is `recorded` | SDK |\n",
        );
        assert_eq!(sources["one"], ["tested", "SDK", "chosen"]);
        assert_eq!(sources["two"], ["tested", "chosen"]);
        assert!(sources["GET /a"].is_empty());
    }

    #[test]
    fn states_follow_from_what_is_sent() {
        for (line, state) in [
            ("a.b\tuser\tGET /x", "emulated"),
            ("a.b\tuser\t-GET /x", "in part"),
            ("a.b\t-user", "refused"),
            ("a.b\t=local", "sends nothing"),
            ("a.b\t=websocket", "not known"),
            ("a.b\t=any", "as what is sent"),
        ] {
            assert_eq!(Operation::read(line).state(), state);
        }
    }

    #[test]
    fn what_nobody_tells_of_is_found() {
        let operations = [Operation::read("a.b\tone\ttwo\t-three")];
        let sources = sources("- `one` — chosen\n- `two`\n");
        assert_eq!(
            untold(&operations, &sources),
            [format!("{BEHAVIOUR} does not say where `two` comes from")]
        );
        assert!(
            page(&operations, &sources)
                .ends_with("| `a.b` | `one`, `two`, ~~`three`~~ | in part | chosen |\n")
        );
    }
}
