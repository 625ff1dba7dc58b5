//! What can be typed after `cargo xtask`.
#![allow(unreachable_pub, reason = "the macro writes `pub`")]

use std::str::FromStr;

xflags::xflags! {
    cmd xtask {
        /// run every test; FILTER and --transport reqwest|hyper narrow it
        cmd test {
            /// Only tests with this in their name, or those of this file in tests/tests.
            optional filter: String
            /// Only this HTTP backend, `reqwest` or `hyper`.
            optional --transport transport: Transport
        }
        /// send 200,000 calls through faults and prove nothing is lost or done twice
        cmd soak {
            /// A tenth of it, in the build of the tests, as CI does.
            optional --short
            /// How many calls are made.
            optional --calls calls: u64
            /// Where faults and calls are drawn from.
            optional --seed seed: u64
            /// How many users the longest list has.
            optional --users users: u64
        }
        /// fuzz TARGET, or each in turn, for --seconds N; not a part of ci
        cmd fuzz {
            /// Only this one of fuzz/fuzz_targets.
            optional target: String
            /// How long each target runs; 60 by default.
            optional --seconds seconds: u32
        }
        /// run Authing's own Python and JavaScript clients against the emulator
        cmd peers {
            /// One line for each call, with how often it was made.
            optional --list
        }
        /// switch the emulator's rules off, one at a time; a test must notice each
        cmd mutants {
            /// Only those whose id starts so.
            optional filter: String
        }
        /// count the instructions of CALL, or of each, beside the same by hand
        cmd bench {
            /// Only this call, such as `list-10`.
            optional call: String
            /// Fail where a call got dearer than benches/baseline.toml says.
            optional --check
            /// Write benches/baseline.toml anew.
            optional --baseline
            /// Take the CPU of the same calls through Authing's own clients instead.
            optional --peers
        }
        /// count the crates that each choice of features brings
        cmd weight {
            /// Build each from nothing too, for time and size.
            optional --build
        }
        /// run everything below in CI's order, stopping at the first failure
        cmd ci {}
        /// check the formatting
        cmd fmt {}
        /// lint every target with every feature; warnings are errors
        cmd clippy {}
        /// rewrite the wire snapshots; --check compares them instead
        cmd wire {
            /// Compare, write nothing.
            optional --check
        }
        /// rewrite what codes.toml says of the error numbers; --check compares
        cmd codes {
            /// Compare, write nothing.
            optional --check
        }
        /// rewrite the page of what the emulator supports; --check compares
        cmd supported {
            /// Compare, write nothing.
            optional --check
        }
        /// build the documentation; warnings are errors
        cmd docs {}
        /// check every crate without features, with each alone, and with the default
        cmd features {}
        /// check which crates may be in whose dependency tree
        cmd tree {}
        /// check every dependency's licence against deny.toml
        cmd licences {}
        /// check that no dependency needs a newer Rust than we promise
        cmd msrv {}
        /// fast checks of the files: leftovers, length, links, ...
        cmd tidy {}
    }
}

/// An HTTP backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// `authing-reqwest`.
    Reqwest,
    /// `authing-hyper`.
    Hyper,
}

impl FromStr for Transport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "reqwest" => Ok(Self::Reqwest),
            "hyper" => Ok(Self::Hyper),
            _ => Err(format!("`{text}` is neither `reqwest` nor `hyper`")),
        }
    }
}

/// One line for each command, taken from the grammar above so that it cannot
/// be out of date.
pub(crate) fn overview() -> String {
    let help = match Xtask::from_vec(vec!["--help".into()]) {
        Ok(_) => String::new(),
        Err(help) => help.to_string(),
    };
    let mut text = String::from("Usage: cargo xtask COMMAND\n\n");
    let mut lines = help.lines().peekable();
    while let Some(line) = lines.next() {
        if let (Some(name), Some(summary)) = (line.strip_prefix("xtask "), lines.peek()) {
            text.push_str(&format!("  {name:<10}{}\n", summary.trim()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overview_has_one_line_for_each_command() {
        let overview = overview();
        let commands: Vec<_> = overview
            .lines()
            .skip(2)
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert_eq!(
            commands,
            [
                "test",
                "soak",
                "fuzz",
                "peers",
                "mutants",
                "bench",
                "weight",
                "ci",
                "fmt",
                "clippy",
                "wire",
                "codes",
                "supported",
                "docs",
                "features",
                "tree",
                "licences",
                "msrv",
                "tidy"
            ]
        );
        assert!(overview.lines().all(|line| line.len() <= 90), "{overview}");
    }

    #[test]
    fn transports_are_named() {
        assert_eq!("hyper".parse(), Ok(Transport::Hyper));
        assert!("curl".parse::<Transport>().is_err());
    }
}
