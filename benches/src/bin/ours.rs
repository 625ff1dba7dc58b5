//! What a call through the SDK takes, beside Authing's own clients, which are
//! measured by the scripts in `benches/peers`: `ours URL MODE COUNT` prints its
//! CPU and its time, in microseconds, as they do. `ours serve FILE` is the
//! server of all, and `ours beside-it PROGRAM...` runs one of them.

use std::process::Command;
use std::time::Duration;

use authing_bench::server::{SERVE, serve_peers};
use authing_bench::subject::Subject;
use authing_bench::usage;

const WAY: &str = "sdk-hyper";
/// As often as the scripts.
const WARM_UP: u32 = 5;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match &*arguments {
        [SERVE, introspection] => {
            usage::stay_on_one_processor()?;
            serve_peers(introspection)
        }
        ["beside-it", program, rest @ ..] => beside_it(program, rest),
        [url, mode, count] => run(url, mode, count.parse()?),
        _ => anyhow::bail!("ours URL MODE COUNT, ours serve FILE, or ours beside-it PROGRAM..."),
    }
}

/// Runs a program on the processor that the server is on, as all that is measured.
fn beside_it(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    usage::stay_on_one_processor()?;
    let status = Command::new(program).args(arguments).status()?;
    anyhow::ensure!(status.success(), "{program}: {status}");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn run(url: &str, mode: &str, count: u32) -> anyhow::Result<()> {
    let began = usage::wall()?;
    if mode == "cold" {
        Subject::new("list-10", WAY, url).await?.repeat(1).await?;
        // The CPU since the process is there, whatever it took until here.
        tell(usage::cpu()?, usage::wall()?.saturating_sub(began), 1);
        return Ok(());
    }
    let (call, warm_up) = match mode {
        "at-once" => ("list-10x32", 1),
        _ => (mode, WARM_UP),
    };
    let subject = Subject::new(call, WAY, url).await?;
    subject.repeat(warm_up).await?;
    let (cpu, wall) = (usage::cpu()?, usage::wall()?);
    subject.repeat(count).await?;
    let taken = |now: Duration, before| now.saturating_sub(before);
    let calls = count.saturating_mul(subject.calls());
    tell(
        taken(usage::cpu()?, cpu),
        taken(usage::wall()?, wall),
        calls,
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is how the figures are told")]
fn tell(cpu: Duration, clock: Duration, calls: u32) {
    let each = |taken: Duration| taken.as_secs_f64() * 1e6 / f64::from(calls.max(1));
    println!("{:.3} {:.3}", each(cpu), each(clock));
}
