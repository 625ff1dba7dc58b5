//! What a fresh process costs: `fresh ROUNDS WAY...` starts processes in turns
//! and prints for each way the milliseconds of CPU that it takes to make a
//! client and one list of ten users, and the most kilobytes that were resident
//! while 32 lists at a time were under way.

use std::process::Command;

use anyhow::Context as _;
use authing_bench::server::{SERVE, Server, serve};
use authing_bench::subject::Subject;
use authing_bench::{sdk, usage};

/// How often 32 lists are made at once.
const LOAD: u32 = 100;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match &*arguments {
        [SERVE] => serve(),
        ["child", way, url, question] => child(way, url, question),
        [rounds, ways @ ..] if !ways.is_empty() => parent(rounds.parse()?, ways),
        _ => anyhow::bail!("fresh ROUNDS WAY..."),
    }
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "this is how the figures are told")]
async fn parent(rounds: u32, ways: &[&str]) -> anyhow::Result<()> {
    usage::stay_on_one_processor()?;
    let server = Server::start()?;
    let question = String::from_utf8(sdk::requests(10).await?.list.into_body().into())?;
    let mut all = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for (way, seen) in ways.iter().zip(&mut all) {
            let output = Command::new(std::env::current_exe()?)
                .args(["child", way, server.url(), &question])
                .output()?;
            anyhow::ensure!(output.status.success(), "{way} failed");
            let text = String::from_utf8(output.stdout)?;
            let (micros, kilobytes) = text.trim().split_once(' ').context("no two numbers")?;
            seen.push((micros.parse::<u64>()?, kilobytes.parse::<u64>()?));
        }
    }
    for (way, seen) in ways.iter().zip(&mut all) {
        seen.sort_unstable();
        let (micros, _) = seen.get(seen.len() / 2).context("no round")?;
        let peak = seen
            .iter()
            .map(|(_, peak)| peak)
            .max()
            .context("no round")?;
        println!("{way} {micros} {peak}");
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "this is how the figures are told")]
async fn child(way: &str, url: &str, question: &str) -> anyhow::Result<()> {
    const CALL: &str = "list-10";
    let subject = match way.starts_with("hand") {
        true => Subject::hand_of(CALL, way, url, question.to_owned().into())?,
        false => Subject::new(CALL, way, url).await?,
    };
    subject.repeat(1).await?;
    let cold = usage::cpu()?;
    subject.turned_to("list-10x32")?.repeat(LOAD).await?;
    println!("{} {}", cold.as_micros(), usage::peak_kilobytes()?);
    Ok(())
}
