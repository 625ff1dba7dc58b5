//! `bench`: what calls cost, beside the same calls written by hand.
//!
//! Instructions and allocations hardly change from run to run, so they are what
//! is watched; processors and compilers matter to them, and so ratios are
//! compared. Time is taken as well: in pairs, and of Authing's own clients.

mod baseline;
mod guard;
mod measure;
mod peers;
mod targets;
mod timed;

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::bench::baseline::Baseline;
use crate::bench::measure::{Figure, measure};
use crate::flags::Bench;
use crate::workspace;

pub(crate) use crate::bench::guard::guard;

/// A call, and who makes it; the others are compared with the first.
struct Call {
    name: &'static str,
    words: &'static str,
    /// How often it is made: enough for what is not in every call to vanish.
    count: u32,
    ways: &'static [&'static str],
    /// What it is made of: of these nothing is compared.
    parts: &'static [&'static str],
}

const HTTP: &[&str] = &["hand-reqwest", "hand-hyper", "sdk-hyper", "sdk-reqwest"];
const PARTS: &[&str] = &["bytes-hyper", "bytes-reqwest", "parse"];
const TOKENS: &[&str] = &["jsonwebtoken", "sdk"];

#[rustfmt::skip]
const CALLS: &[Call] = &[
    Call { name: "list-10",  words: "W1 `users.list`, 10 users",   count: 100, ways: HTTP, parts: PARTS },
    Call { name: "list-100", words: "W2 `users.list`, 100 users",  count: 20,  ways: HTTP, parts: PARTS },
    Call { name: "detail",   words: "W3 `users.detail`",           count: 200, ways: HTTP, parts: PARTS },
    Call { name: "login",    words: "`login_by_username`",         count: 50,  ways: HTTP, parts: &[] },
    Call { name: "hs256",    words: "an ID token, HS256",          count: 200, ways: TOKENS, parts: &[] },
    Call { name: "rs256",    words: "an access token, RS256",      count: 50,  ways: TOKENS, parts: &[] },
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
    if flags.peers {
        anyhow::ensure!(
            flags.call.is_none() && !flags.check && !flags.baseline,
            "--peers measures all of its calls, and has no baseline"
        );
        return peers::run();
    }
    let sh = workspace::shell()?;
    let calls: Vec<_> = CALLS
        .iter()
        .filter(|call| flags.call.as_deref().is_none_or(|name| name == call.name))
        .collect();
    anyhow::ensure!(!calls.is_empty(), "{}", no_such_call());
    anyhow::ensure!(
        !flags.baseline || flags.call.is_none(),
        "a baseline is of all calls"
    );
    measure::needs(&sh)?;
    build(&sh)?;

    let watches_only = flags.baseline || flags.check;
    let mut rows = Vec::new();
    for call in calls {
        let parts = if watches_only { &[] } else { call.parts };
        rows.extend(of_call(&sh, call, parts)?);
    }
    println!(
        "\nInstructions and allocations of one call\n\n{}",
        table(&rows)
    );

    let measured_with = measure::measured_with(&sh)?;
    if flags.baseline {
        let baseline = Baseline::of(&measured_with, &rows);
        sh.write_file(baseline::FILE, baseline.to_toml())?;
        println!("{} is rewritten", baseline::FILE);
    }
    if flags.check {
        let before = Baseline::read(&sh.read_file(baseline::FILE)?)?;
        if before.measured_with() != measured_with {
            println!(
                "The baseline is of {}
",
                before.measured_with()
            );
        }
        workspace::report(&before.compare(&rows))?;
        println!("no call got dearer");
    }
    if watches_only {
        return Ok(());
    }
    let times = timed::run(&sh, flags.call.as_deref())?;
    println!(
        "Time of one call, in turns in one process\n\n{}",
        timed::table(&times)
    );
    if flags.call.is_none() {
        let fresh = timed::fresh(&sh)?;
        println!("A fresh process\n\n{}", timed::fresh_table(&fresh));
        println!(
            "Against the targets\n\n{}",
            targets::table(&rows, &times, &fresh)
        );
    }
    Ok(())
}

fn build(sh: &Shell) -> Result<()> {
    cmd!(
        sh,
        "cargo build --quiet --release --package authing-bench --bins"
    )
    // So that callgrind_annotate can name the lines; it changes no instruction.
    .env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only")
    .run()?;
    Ok(())
}

fn of_call(sh: &Shell, call: &Call, parts: &[&'static str]) -> Result<Vec<Row>> {
    let mut first = None;
    let mut rows = Vec::new();
    for way in call.ways.iter().chain(parts) {
        let figure = measure(sh, call.name, way, call.count)?;
        let by_hand = *first.get_or_insert(figure.instructions);
        rows.push(Row {
            call: call.name,
            words: call.words,
            way,
            ratio: ratio(figure.instructions, by_hand),
            figure,
        });
    }
    Ok(rows)
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
        "| call | made by | instructions | ratio | allocations | bytes allocated |\n\
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
