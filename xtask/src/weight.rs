//! `weight`: what a program takes on by its choice of features.
//!
//! Each choice becomes a program of its own below `target/weight`, with the
//! versions of our `Cargo.lock`.

use std::collections::BTreeSet;

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::workspace;

/// A program, by what it depends on.
struct Choice {
    name: &'static str,
    /// Lines of `[dependencies]`; `ROOT` stands for the workspace.
    dependencies: &'static str,
}

const TOKIO: &str =
    "tokio = { version = \"1\", default-features = false, features = [\"macros\", \"rt\"] }";

/// The same TLS as ours.
const BY_HAND_NEEDS: &str = r#"
reqwest = { version = "0.13", default-features = false, features = ["http2", "rustls-no-provider", "system-proxy"] }
rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"] }
serde_json = "1""#;

macro_rules! authing {
    ($($feature:literal),+) => {
        concat!(
            "authing = { path = \"ROOT/crates/authing\", default-features = false, features = [",
            $("\"", $feature, "\", ",)+
            "] }",
        )
    };
}

#[rustfmt::skip]
const CHOICES: &[Choice] = &[
    Choice {
        name: "by-hand",
        dependencies: BY_HAND_NEEDS,
    },
    Choice { name: "management",            dependencies: authing!("management") },
    Choice { name: "management-hyper",      dependencies: authing!("management", "transport-hyper") },
    Choice { name: "management-reqwest",    dependencies: authing!("management", "transport-reqwest") },
    Choice { name: "authentication-hyper",  dependencies: authing!("authentication", "transport-hyper") },
    Choice { name: "verify-hyper",          dependencies: authing!("verify", "transport-hyper") },
    Choice { name: "default",               dependencies: "authing = { path = \"ROOT/crates/authing\" }" },
];

pub(crate) fn run() -> Result<()> {
    let sh = workspace::shell()?;
    println!("| program | crates |");
    println!("|---|---:|");
    for choice in CHOICES {
        let folder = prepare(&sh, choice)?;
        let _there = sh.push_dir(&folder);
        println!("| {} | {} |", choice.name, count(&sh)?);
    }
    Ok(())
}

/// Writes the program down, and says where.
fn prepare(sh: &Shell, choice: &Choice) -> Result<String> {
    let folder = format!("target/weight/{}", choice.name);
    sh.create_dir(format!("{folder}/src"))?;
    let root = workspace::root();
    let dependencies = choice
        .dependencies
        .replace("ROOT", &root.display().to_string());
    sh.write_file(
        format!("{folder}/Cargo.toml"),
        format!(
            "[package]\nname = \"program\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{dependencies}\n{TOKIO}\n\n[workspace]\n"
        ),
    )?;
    sh.write_file(format!("{folder}/src/main.rs"), "fn main() {}\n")?;
    sh.copy_file("Cargo.lock", format!("{folder}/Cargo.lock"))?;
    Ok(folder)
}

/// How many crates are in the tree, without the program itself.
fn count(sh: &Shell) -> Result<usize> {
    let tree = cmd!(sh, "cargo tree --quiet --edges normal --prefix none")
        .quiet()
        .read()?;
    Ok(distinct(&tree).saturating_sub(1))
}

fn distinct(tree: &str) -> usize {
    let packages = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.is_empty());
    packages.collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_counted_once() {
        let tree = "program v0.0.0 (/x)\nhttp v1.5.0\nbytes v1.12.1\nhttp v1.5.0 (*)\n";
        assert_eq!(distinct(tree), 3);
    }
}
