//! What calls cost in time: pairs within a process, and fresh processes.

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use crate::bench::measure::program;
use crate::bench::{HTTP, TOKENS};

/// What is timed: how often in a turn, and who does it.
struct Turn {
    call: &'static str,
    words: &'static str,
    count: u32,
    ways: &'static [&'static str],
}

#[rustfmt::skip]
const TURNS: &[Turn] = &[
    Turn { call: "list-10",    words: "W1 `users.list`, 10 users",  count: 200,  ways: HTTP },
    Turn { call: "list-100",   words: "W2 `users.list`, 100 users", count: 30,   ways: HTTP },
    Turn { call: "detail",     words: "W3 `users.detail`",          count: 300,  ways: HTTP },
    Turn { call: "list-10x32", words: "W1, 32 at once",             count: 8,    ways: HTTP },
    Turn { call: "login",      words: "`login_by_username`",        count: 100,  ways: HTTP },
    Turn { call: "hs256",      words: "an ID token, HS256",         count: 3000, ways: TOKENS },
    Turn { call: "rs256",      words: "an access token, RS256",     count: 500,  ways: TOKENS },
];

/// How often all ways take their turn, there and back.
const ROUNDS: &str = "30";

/// How many processes of each way are started.
const PROCESSES: &str = "21";

/// What one call takes, in microseconds.
pub(crate) struct Time {
    pub(crate) call: &'static str,
    words: &'static str,
    pub(crate) way: String,
    cpu: f64,
    wall: f64,
    /// In parts of the CPU of the first way.
    pub(crate) ratio: f64,
}

pub(crate) fn run(sh: &Shell, only: Option<&str>) -> Result<Vec<Time>> {
    let paired = program("paired");
    let mut times = Vec::new();
    for turn in TURNS
        .iter()
        .filter(|turn| only.is_none_or(|name| name == turn.call))
    {
        let (call, count, ways) = (turn.call, turn.count.to_string(), turn.ways);
        let lines = cmd!(sh, "{paired} {call} {ROUNDS} {count} {ways...}")
            .quiet()
            .read()?;
        for line in lines.lines() {
            let words: Vec<_> = line.split(' ').collect();
            let [way, cpu, wall, ratio] = *words else {
                anyhow::bail!("no four words: {line}");
            };
            times.push(Time {
                call,
                words: turn.words,
                way: way.to_owned(),
                cpu: cpu.parse()?,
                wall: wall.parse()?,
                ratio: ratio.parse()?,
            });
        }
    }
    Ok(times)
}

pub(crate) fn table(times: &[Time]) -> String {
    let mut text = String::from(
        "| call | made by | CPU, us | ratio | clock, the server's work included, us |\n|---|---|---:|---:|---:|\n",
    );
    for time in times {
        text.push_str(&format!(
            "| {} | {} | {:.1} | {:.3} | {:.1} |\n",
            time.words, time.way, time.cpu, time.ratio, time.wall
        ));
    }
    text
}

/// A process that lists ten users once, and then under load.
pub(crate) struct Fresh {
    pub(crate) way: String,
    /// CPU up to the end of the first list, in milliseconds.
    pub(crate) start: f64,
    /// The most that was resident under load, in megabytes.
    pub(crate) peak: f64,
}

pub(crate) fn fresh(sh: &Shell) -> Result<Vec<Fresh>> {
    let program = program("fresh");
    let lines = cmd!(sh, "{program} {PROCESSES} {HTTP...}").quiet().read()?;
    lines
        .lines()
        .map(|line| {
            let mut words = line.split(' ');
            let mut next = || words.next().context("no three words");
            let way = next()?.to_owned();
            Ok(Fresh {
                way,
                start: next()?.parse::<f64>()? / 1e3,
                peak: next()?.parse::<f64>()? / 1e3,
            })
        })
        .collect()
}

pub(crate) fn fresh_table(fresh: &[Fresh]) -> String {
    let mut text = String::from(
        "| a list of ten, by | CPU from start to answer, ms | most memory with 32 at once, MB |\n\
         |---|---:|---:|\n",
    );
    for process in fresh {
        text.push_str(&format!(
            "| {} | {:.1} | {:.1} |\n",
            process.way, process.start, process.peak
        ));
    }
    text
}
