//! `bench`: what calls cost, beside the same calls written by hand.
//!
//! Instructions are counted and no time is taken, so that a busy machine does
//! not matter. Processors and compilers do, and so ratios are compared.

mod baseline;
mod measure;

use anyhow::{Context as _, Result};
use xshell::cmd;

use crate::bench::baseline::Baseline;
use crate::bench::measure::{Figure, measure};
use crate::flags::Bench;
use crate::workspace;

/// A call, and who makes it; the others are compared with the first.
struct Call {
    name: &'static str,
    words: &'static str,
    /// How often it is made: enough for what is not in every call to vanish.
    count: u32,
    ways: &'static [&'static str],
}

const HTTP: &[&str] = &["hand-reqwest", "hand-hyper", "sdk-hyper", "sdk-reqwest"];
const TOKENS: &[&str] = &["jsonwebtoken", "sdk"];

#[rustfmt::skip]
const CALLS: &[Call] = &[
    Call { name: "list-10",  words: "W1 `users.list`, 10 users",   count: 100, ways: HTTP },
    Call { name: "list-100", words: "W2 `users.list`, 100 users",  count: 20,  ways: HTTP },
    Call { name: "detail",   words: "W3 `users.detail`",           count: 200, ways: HTTP },
    Call { name: "login",    words: "`login_by_username`",         count: 50,  ways: HTTP },
    Call { name: "hs256",    words: "an ID token, HS256",          count: 200, ways: TOKENS },
    Call { name: "rs256",    words: "an access token, RS256",      count: 50,  ways: TOKENS },
];

/// What a call costs that is made in one of the ways.
struct Row {
    call: &'static str,
    words: &'static str,
    way: &'static str,
    figure: Figure,
    /// In parts of the instructions of the first way.
    ratio: f64,
}

impl Row {
    /// Whether it is the SDK's, and so is watched.
    fn is_ours(&self) -> bool {
        self.way.starts_with("sdk")
    }

    fn name(&self) -> String {
        format!("{} {}", self.call, self.way)
    }
}

pub(crate) fn run(flags: &Bench) -> Result<()> {
    let sh = workspace::shell()?;
    cmd!(sh, "valgrind --version")
        .quiet()
        .ignore_stdout()
        .run()
        .context("instructions are counted by valgrind, which is not installed")?;
    let calls: Vec<_> = CALLS
        .iter()
        .filter(|call| flags.call.as_deref().is_none_or(|name| name == call.name))
        .collect();
    anyhow::ensure!(!calls.is_empty(), "{}", no_such_call());
    anyhow::ensure!(
        !flags.baseline || flags.call.is_none(),
        "a baseline is of all calls"
    );

    cmd!(
        sh,
        "cargo build --quiet --release --package authing-bench --bins"
    )
    // So that callgrind_annotate can name the lines; it changes no instruction.
    .env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only")
    .run()?;
    let mut rows = Vec::new();
    for call in calls {
        let mut first = None;
        for way in call.ways {
            let figure = measure(&sh, call.name, way, call.count)?;
            let by_hand = *first.get_or_insert(figure.instructions);
            rows.push(Row {
                call: call.name,
                words: call.words,
                way,
                ratio: ratio(figure.instructions, by_hand),
                figure,
            });
        }
    }
    print!("{}", table(&rows));

    let rustc = cmd!(sh, "rustc --version").quiet().read()?;
    if flags.baseline {
        sh.write_file(baseline::FILE, Baseline::of(&rustc, &rows).to_toml())?;
        println!("\n{} is rewritten", baseline::FILE);
    }
    if flags.check {
        let before = Baseline::read(&sh.read_file(baseline::FILE)?)?;
        if before.rustc() != rustc {
            println!("\nThe baseline is of another compiler: {}", before.rustc());
        }
        workspace::report(&before.compare(&rows))?;
        println!("\nno call got dearer");
    }
    Ok(())
}

fn no_such_call() -> String {
    let names: Vec<_> = CALLS.iter().map(|call| call.name).collect();
    format!("the calls are {}", names.join(", "))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nobody reads the sixteenth digit"
)]
fn ratio(count: u64, by_hand: u64) -> f64 {
    count as f64 / by_hand.max(1) as f64
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "\n| call | made by | instructions | ratio | allocations | bytes allocated |\n\
         |---|---|---:|---:|---:|---:|\n",
    );
    for row in rows {
        let Figure {
            instructions,
            allocations,
            bytes,
        } = row.figure;
        text.push_str(&format!(
            "| {} | {} | {} | {:.3} | {} | {} |\n",
            row.words,
            row.way,
            grouped(instructions),
            row.ratio,
            grouped(allocations),
            grouped(bytes),
        ));
    }
    text
}

/// With commas between the thousands.
fn grouped(number: u64) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{},{rest:03}", grouped(thousands)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_050, "1,050")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(4_880_001), "4,880,001");
    }
}
