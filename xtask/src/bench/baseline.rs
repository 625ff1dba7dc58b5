//! What the SDK's calls cost when the baseline was last moved.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::bench::Row;

/// Where it is kept.
pub(crate) const FILE: &str = "benches/baseline.toml";

/// How much dearer a call may get.
const TOLERANCE: f64 = 1.03;

/// What is known by call and way.
#[derive(Deserialize)]
pub(crate) struct Baseline {
    measured_with: String,
    ratios: BTreeMap<String, f64>,
    allocations: BTreeMap<String, u64>,
}

impl Baseline {
    pub(crate) fn of(measured_with: &str, rows: &[Row]) -> Self {
        let ours = || rows.iter().filter(|row| row.is_ours());
        Self {
            measured_with: measured_with.to_owned(),
            ratios: ours().map(|row| (row.name(), row.ratio)).collect(),
            allocations: ours()
                .map(|row| (row.name(), row.figure.allocations))
                .collect(),
        }
    }

    pub(crate) fn read(text: &str) -> Result<Self> {
        toml::from_str(text).with_context(|| format!("{FILE} cannot be read"))
    }

    pub(crate) fn to_toml(&self) -> String {
        let mut text = format!(
            "# Instructions of the SDK's calls, in parts of those of the same call by hand, and\n\
             # their allocations. `cargo xtask bench --baseline` writes it, `--check` and `cargo xtask ci`\n\
             # read it.\n\
             measured_with = \"{}\"\n\n[ratios]\n",
            self.measured_with
        );
        for (name, ratio) in &self.ratios {
            text.push_str(&format!("\"{name}\" = {ratio:.3}\n"));
        }
        text.push_str("\n[allocations]\n");
        for (name, count) in &self.allocations {
            text.push_str(&format!("\"{name}\" = {count}\n"));
        }
        text
    }

    /// Compiler, host and valgrind: with others, other numbers are found.
    pub(crate) fn measured_with(&self) -> &str {
        &self.measured_with
    }

    /// What got dearer, or was never measured before.
    pub(crate) fn compare(&self, rows: &[Row]) -> Vec<String> {
        let ours = || rows.iter().filter(|row| row.is_ours());
        let instructions = ours().filter_map(|row| {
            let name = row.name();
            match self.ratios.get(&name) {
                None => Some(format!("{name}: {FILE} does not know it")),
                Some(before) if row.ratio > before * TOLERANCE => {
                    Some(format!("{name}: {:.3}, and {before:.3} before", row.ratio))
                }
                Some(_) => None,
            }
        });
        let allocations =
            ours().filter_map(|row| self.compare_heap(&row.name(), row.figure.allocations));
        instructions.chain(allocations).collect()
    }

    /// Whether a call takes more often from the heap. A single one is let pass:
    /// the last of those that grow with time may fall into either run.
    pub(crate) fn compare_heap(&self, name: &str, count: u64) -> Option<String> {
        match self.allocations.get(name) {
            None => Some(format!("{name}: {FILE} does not know its allocations")),
            Some(before) if count > before + 1 => {
                Some(format!("{name}: {count} allocations, and {before} before"))
            }
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Figure;

    fn row(way: &'static str, ratio: f64) -> Row {
        let figure = Figure {
            instructions: 1,
            allocations: 1,
            bytes: 1,
        };
        Row {
            call: "list-10",
            words: "",
            way,
            figure,
            ratio,
        }
    }

    #[test]
    fn the_baseline_knows_every_call() {
        let file = crate::workspace::root().join(FILE);
        let baseline = Baseline::read(&std::fs::read_to_string(file).unwrap()).unwrap();
        for call in crate::bench::CALLS {
            for way in call.ways.iter().filter(|way| way.starts_with("sdk")) {
                let name = format!("{} {way}", call.name);
                assert!(baseline.ratios.contains_key(&name), "{name}");
                assert!(baseline.allocations.contains_key(&name), "{name}");
            }
        }
    }

    #[test]
    fn what_got_dearer_is_told() {
        let rows = [row("hand-hyper", 0.8), row("sdk-hyper", 0.9)];
        let text = Baseline::of("rustc 1", &rows).to_toml();
        let before = Baseline::read(&text).unwrap();
        assert_eq!(before.measured_with(), "rustc 1");
        assert!(before.compare(&[row("sdk-hyper", 0.92)]).is_empty());
        let dearer = before.compare(&[row("sdk-hyper", 0.93), row("hand-hyper", 2.0)]);
        assert_eq!(dearer, ["list-10 sdk-hyper: 0.930, and 0.900 before"]);
        assert_eq!(before.compare(&[row("sdk-reqwest", 0.1)]).len(), 2);
        assert_eq!(before.compare_heap("list-10 sdk-hyper", 2), None);
        let more = before.compare_heap("list-10 sdk-hyper", 3).unwrap();
        assert_eq!(more, "list-10 sdk-hyper: 3 allocations, and 1 before");
    }
}
