//! The project's own commands; `cargo xtask` lists them.
#![allow(
    clippy::print_stdout,
    reason = "printing is what these commands are for"
)]

mod bench;
mod ci;
mod codes;
mod features;
mod flags;
mod fuzz;
mod licences;
mod lint;
mod msrv;
mod mutants;
mod peers;
mod soak;
mod supported;
mod test;
mod tidy;
mod tree;
mod weight;
mod wire;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::flags::{Xtask, XtaskCmd};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if asks_for_overview(&arguments) {
        print!("{}", flags::overview());
        return ExitCode::SUCCESS;
    }
    let command = match Xtask::from_vec(arguments) {
        Ok(flags) => flags.subcommand,
        Err(help) if help.is_help() => help.exit(),
        Err(error) => {
            eprintln!("error: {error}; `cargo xtask` lists the commands");
            return ExitCode::from(2);
        }
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !error.is::<test::Reported>() {
                eprintln!("error: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

fn asks_for_overview(arguments: &[OsString]) -> bool {
    match arguments {
        [] => true,
        [only] => only == "--help" || only == "-h" || only == "help",
        _ => false,
    }
}

fn run(command: XtaskCmd) -> Result<()> {
    match command {
        XtaskCmd::Test(flags) => test::run(flags.filter.as_deref(), flags.transport).map(|_| ()),
        XtaskCmd::Soak(flags) => soak::run(&flags),
        XtaskCmd::Peers(flags) => peers::run(&flags),
        XtaskCmd::Mutants(flags) => mutants::run(&flags),
        XtaskCmd::Bench(flags) => bench::run(&flags),
        XtaskCmd::Weight(flags) => weight::run(&flags),
        XtaskCmd::Ci(_) => ci::run(),
        XtaskCmd::Fmt(_) => lint::fmt(),
        XtaskCmd::Clippy(_) => lint::clippy(),
        XtaskCmd::Wire(flags) => wire::run(wire::Mode::new(flags.check)),
        XtaskCmd::Codes(flags) => codes::run(wire::Mode::new(flags.check)),
        XtaskCmd::Supported(flags) => supported::run(wire::Mode::new(flags.check)),
        XtaskCmd::Docs(_) => lint::docs(),
        XtaskCmd::Features(_) => features::run(),
        XtaskCmd::Tree(_) => tree::run(),
        XtaskCmd::Licences(_) => licences::run(),
        XtaskCmd::Msrv(_) => msrv::run(),
        XtaskCmd::Tidy(_) => tidy::run(),
        XtaskCmd::Fuzz(flags) => fuzz::run(flags.target.as_deref(), flags.seconds),
    }
}
