//! `soak`: many calls through many faults.

use anyhow::Result;
use xshell::cmd;

use crate::flags::Soak;
use crate::workspace;

/// What CI has time for, in an unoptimised build that is there anyway.
const SHORT: Soak = Soak {
    short: true,
    calls: Some(20_000),
    seed: None,
    users: Some(10_000),
};

pub(crate) fn short() -> Result<()> {
    run(&SHORT)
}

pub(crate) fn run(flags: &Soak) -> Result<()> {
    let sh = workspace::shell()?;
    let numbers = [
        (
            "--calls",
            flags.calls.or(SHORT.calls.filter(|_| flags.short)),
        ),
        (
            "--users",
            flags.users.or(SHORT.users.filter(|_| flags.short)),
        ),
        ("--seed", flags.seed),
    ];
    let numbers = numbers
        .into_iter()
        .filter_map(|(name, value)| Some([name.to_owned(), value?.to_string()]))
        .flatten();
    // Optimised, a call takes a tenth of the time; unoptimised, the build is there.
    let profile = (!flags.short).then_some("--release");
    cmd!(
        sh,
        "cargo run --quiet --package authing-tests --bin soak {profile...} -- {numbers...}"
    )
    .run()?;
    Ok(())
}
