//! Counts what a call takes from the heap: `allocations CALL WAY COUNT` prints
//! how many allocations and how many bytes.

use std::alloc::System;

use authing_bench::server::{SERVE, serve};
use authing_bench::subject::Subject;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match *arguments {
        [SERVE] => serve(),
        [call, way, count] => run(call, way, count.parse()?),
        _ => anyhow::bail!("allocations CALL WAY COUNT"),
    }
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "this is how the counts are told")]
async fn run(call: &str, way: &str, count: u32) -> anyhow::Result<()> {
    let (_server, subject) = Subject::with_server(call, way).await?;
    let region = Region::new(HEAP);
    subject.repeat(count).await?;
    let change = region.change();
    let count = count.max(1) as usize;
    let times = change.allocations + change.reallocations;
    println!("{} {}", times / count, change.bytes_allocated / count);
    Ok(())
}
