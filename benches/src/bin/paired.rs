//! Takes the time of ways to make a call, in one process and in turns:
//! `paired CALL ROUNDS COUNT WAY...` prints for each way the microseconds of
//! CPU and of the clock for one call, and its CPU in parts of the first way's.
//!
//! Each round goes through the ways there and back (A B B A), `COUNT` calls
//! each time, so that what slows the machine slows all of them. The figures are
//! medians over the rounds, and so is the ratio: that of a median of pairs.

use anyhow::Context as _;
use authing_bench::server::{SERVE, Server, serve};
use authing_bench::subject::Subject;
use authing_bench::usage;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match &*arguments {
        [SERVE] => serve(),
        [call, rounds, count, ways @ ..] if !ways.is_empty() => {
            run(call, rounds.parse()?, count.parse()?, ways)
        }
        _ => anyhow::bail!("paired CALL ROUNDS COUNT WAY..."),
    }
}

/// Of one round: CPU and clock, in microseconds for one call.
#[derive(Clone, Copy, Default)]
struct Spent {
    cpu: f64,
    wall: f64,
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "this is how the figures are told")]
async fn run(call: &str, rounds: u32, count: u32, ways: &[&str]) -> anyhow::Result<()> {
    usage::stay_on_one_processor()?;
    let server = Server::start()?;
    let mut subjects = Vec::new();
    for way in ways {
        let subject = Subject::new(call, way, server.url()).await?;
        subject.warm_up().await?;
        subjects.push((way, subject, Vec::new()));
    }
    for _ in 0..rounds {
        let mut spent = vec![Spent::default(); subjects.len()];
        for there in [true, false] {
            for place in 0..subjects.len() {
                let index = if there {
                    place
                } else {
                    subjects.len() - 1 - place
                };
                let (_, subject, _) = subjects.get(index).context("no such way")?;
                let once = once(subject, count).await?;
                let sum = spent.get_mut(index).context("no such way")?;
                sum.cpu += once.cpu / 2.0;
                sum.wall += once.wall / 2.0;
            }
        }
        for ((_, _, all), spent) in subjects.iter_mut().zip(spent) {
            all.push(spent);
        }
    }
    let first: Vec<f64> = match subjects.first() {
        Some((_, _, spent)) => spent.iter().map(|spent| spent.cpu).collect(),
        None => Vec::new(),
    };
    for (way, _, spent) in &subjects {
        let ratios = spent
            .iter()
            .zip(&first)
            .map(|(spent, first)| spent.cpu / first);
        println!(
            "{way} {:.1} {:.1} {:.3}",
            median(spent.iter().map(|spent| spent.cpu)),
            median(spent.iter().map(|spent| spent.wall)),
            median(ratios),
        );
    }
    Ok(())
}

async fn once(subject: &Subject, count: u32) -> anyhow::Result<Spent> {
    let (cpu, wall) = (usage::cpu()?, usage::wall()?);
    subject.repeat(count).await?;
    let calls = f64::from(count * subject.calls());
    let each = |before, after: std::time::Duration| {
        after.saturating_sub(before).as_secs_f64() * 1e6 / calls
    };
    Ok(Spent {
        cpu: each(cpu, usage::cpu()?),
        wall: each(wall, usage::wall()?),
    })
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
