//! `cargo xtask soak` runs this.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::process::ExitCode;

use authing_tests::clients::Backend;
use authing_tests::crowd::peak_of_streaming;
use authing_tests::soak::{Report, Settings, run};
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What a soak may leave on the heap beyond what a short one before it did.
const SLACK: usize = 1 << 20;

mod flags {
    xflags::xflags! {
        /// Many calls through many faults, and the proof that nothing was done twice, lost or made up.
        cmd soak {
            /// How many calls are made, over both backends together; 200,000 unless set.
            optional --calls calls: u64
            /// Where faults and calls are drawn from; a failure is replayed with the seed that it was told with.
            optional --seed seed: u64
            /// How many users the longest list has; 100,000 unless set.
            optional --users users: u64
        }
    }
}

fn main() -> ExitCode {
    let flags = flags::Soak::from_env_or_exit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .map_err(|error| error.to_string())
        .and_then(|runtime| runtime.block_on(soak(&flags)));
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn soak(flags: &flags::Soak) -> Result<bool, String> {
    let calls = flags.calls.unwrap_or(200_000) / 2;
    let seed = flags.seed.unwrap_or(1);
    let mut fine = true;
    for backend in [Backend::Reqwest, Backend::Hyper] {
        // What stays for ever, such as the tables of libraries, comes into being here.
        let few = (calls / 10).max(2_000).min(calls);
        let short = run(Settings::new(backend, few, seed), &HEAP).await?;
        let report = run(Settings::new(backend, calls, seed), &HEAP).await?;
        print!("{report}");
        fine &= report.verdict.problems() + short.verdict.problems() == 0;
        fine &= is_back(&short, &report);
        println!();
    }
    fine &= streams(flags.users.unwrap_or(100_000)).await?;
    println!(
        "{}",
        if fine {
            "the soak passed"
        } else {
            "the soak failed"
        }
    );
    Ok(fine)
}

/// Whether a long soak has left no more behind than a short one.
fn is_back(short: &Report, long: &Report) -> bool {
    let mut fine = true;
    for (what, before, after) in [
        (
            "with the clients left",
            short.heap_of_clients,
            long.heap_of_clients,
        ),
        ("with nothing left", short.heap_after, long.heap_after),
    ] {
        println!(
            "  heap {what}: {} kB, {} kB after the {} calls before it",
            after / 1024,
            before / 1024,
            short.calls
        );
        fine &= after < before + SLACK;
    }
    if let (Some(before), Some(after)) = (short.files_open, long.files_open) {
        println!("  files and sockets open: {after}, {before} before");
        fine &= after <= before;
    }
    fine
}

async fn streams(users: u64) -> Result<bool, String> {
    let mut fine = true;
    for backend in [Backend::Reqwest, Backend::Hyper] {
        let mut peaks = Vec::new();
        for count in [100, 1_000.min(users), users] {
            let peak = peak_of_streaming(backend, count, &HEAP).await;
            peaks.push((count, peak.map_err(|error| error.to_string())?));
        }
        let told: Vec<_> = peaks
            .iter()
            .map(|(count, peak)| format!("{} kB for {count} users", peak / 1024))
            .collect();
        println!("{backend:?}: peak of streaming: {}", told.join(", "));
        if let [_, (_, short), (_, long)] = &peaks[..] {
            fine &= *long < short + short / 2;
        }
    }
    Ok(fine)
}
