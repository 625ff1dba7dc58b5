//! What was promised, and whether it holds.

use crate::bench::Row;
use crate::bench::timed::{Fresh, Time};

/// The lists and the detail, which the targets are about.
const CALLS: &[(&str, &str)] = &[("W1", "list-10"), ("W2", "list-100"), ("W3", "detail")];

/// A figure that must not be above another.
struct Target {
    words: String,
    figure: f64,
    most: f64,
    digits: usize,
}

pub(crate) fn table(rows: &[Row], times: &[Time], fresh: &[Fresh]) -> String {
    let mut text = String::from("| target | measured | at most | |\n|---|---:|---:|---|\n");
    for target in targets(rows, times, fresh) {
        let Target {
            words,
            figure,
            most,
            digits,
        } = target;
        let verdict = if figure <= most { "met" } else { "**missed**" };
        text.push_str(&format!(
            "| {words} | {figure:.digits$} | {most:.digits$} | {verdict} |\n"
        ));
    }
    text
}

fn targets(rows: &[Row], times: &[Time], fresh: &[Fresh]) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut add = |words: String, figure: Option<f64>, most: f64, digits: usize| {
        targets.extend(figure.map(|figure| Target {
            words,
            figure,
            most,
            digits,
        }));
    };
    let row = |call: &str, way: &str| rows.iter().find(|row| row.call == call && row.way == way);
    for (name, call) in CALLS {
        for (way, most) in [("sdk-hyper", 0.90), ("sdk-reqwest", 0.95)] {
            let ratio = row(call, way).map(|row| row.ratio);
            add(
                format!("{name}, {way}: instructions, of hand-reqwest"),
                ratio,
                most,
                3,
            );
        }
        for (way, bytes) in [
            ("sdk-hyper", "bytes-hyper"),
            ("sdk-reqwest", "bytes-reqwest"),
        ] {
            let parts = || Some((row(call, way)?, row(call, bytes)?, row(call, "parse")?));
            let beyond = |of: fn(&Row) -> f64| {
                parts().map(|(whole, bytes, parse)| of(whole) - of(bytes) - of(parse))
            };
            let (instructions, allocations) = (
                beyond(|row| as_f64(row.figure.instructions)),
                beyond(|row| as_f64(row.figure.allocations)),
            );
            let words = format!("{name}, {way}: beyond {bytes} and parse");
            add(format!("{words}, instructions"), instructions, 5000.0, 0);
            add(format!("{words}, allocations"), allocations, 5.0, 0);
        }
        let time = |way: &str| {
            times
                .iter()
                .find(|time| time.call == *call && time.way == way)
        };
        let cpu = time("sdk-hyper").map(|time| time.ratio);
        add(
            format!("{name}, sdk-hyper: CPU, of hand-reqwest"),
            cpu,
            0.90,
            3,
        );
    }
    for token in ["hs256", "rs256"] {
        let ratio = row(token, "sdk").map(|row| row.ratio);
        add(
            format!("{token}: instructions, of jsonwebtoken"),
            ratio,
            1.15,
            3,
        );
    }
    for process in fresh
        .iter()
        .filter(|process| process.way.starts_with("sdk"))
    {
        let way = &process.way;
        add(
            format!("{way}: CPU of a fresh process, ms"),
            Some(process.start),
            10.0,
            1,
        );
        add(
            format!("{way}: most memory under load, MB"),
            Some(process.peak),
            10.0,
            1,
        );
    }
    targets
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nobody reads the sixteenth digit"
)]
fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Figure;

    fn row(way: &'static str, instructions: u64) -> Row {
        let figure = Figure {
            instructions,
            allocations: instructions / 1000,
            bytes: 0,
        };
        let ratio = as_f64(instructions) / 100_000.0;
        Row {
            call: "detail",
            words: "",
            way,
            figure,
            ratio,
        }
    }

    #[test]
    fn what_is_missed_is_told() {
        let rows = [
            row("sdk-hyper", 90_000),
            row("bytes-hyper", 40_000),
            row("parse", 44_000),
        ];
        let table = table(&rows, &[], &[]);
        let lines: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "| W3, sdk-hyper: instructions, of hand-reqwest | 0.900 | 0.900 | met |",
                "| W3, sdk-hyper: beyond bytes-hyper and parse, instructions | 6000 | 5000 | **missed** |",
                "| W3, sdk-hyper: beyond bytes-hyper and parse, allocations | 6 | 5 | **missed** |",
            ]
        );
    }
}
