//! `weight`: what a program takes on by its choice of features.
//!
//! Each choice becomes a program of its own below `target/weight`, which lists
//! users, with the versions of our `Cargo.lock`; what is not in it, as some of
//! `by-hand, plain` is not, is the newest.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use crate::flags::Weight;
use crate::workspace;

/// A program, by what it depends on.
struct Choice {
    name: &'static str,
    /// Lines of `[dependencies]`; `ROOT` stands for the workspace.
    dependencies: &'static str,
    main: &'static str,
}

const TOKIO: &str = "tokio = { version = \"1\", default-features = false, features = [\"macros\", \"net\", \"rt\", \"time\"] }";

/// The same TLS as ours.
const BY_HAND_NEEDS: &str = r#"
reqwest = { version = "0.13", default-features = false, features = ["http2", "rustls-no-provider", "system-proxy"] }
rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"] }
serde_json = "1""#;

/// As one writes it without thinking of weight.
const PLAIN_NEEDS: &str = r#"
reqwest = { version = "0.13", features = ["json"] }
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

macro_rules! by_hand {
    ($before:literal) => {
        concat!(
            "#[tokio::main(flavor = \"current_thread\")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {",
            $before,
            r#"
    let query = "{ users(limit: 10) { totalCount list { id } } }";
    let answer = reqwest::Client::new()
        .post("http://127.0.0.1:1/graphql/v2")
        .header("content-type", "application/json")
        .body(serde_json::json!({"query": query}).to_string())
        .send()
        .await?
        .bytes()
        .await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer)?;
    println!("{}", answer["data"]["users"]["totalCount"]);
    Ok(())
}
"#
        )
    };
}

macro_rules! program {
    ($builder:literal, $call:literal, $show:literal) => {
        concat!(
            "#[tokio::main(flavor = \"current_thread\")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = ",
            $builder,
            ".host(\"http://127.0.0.1:1\").build()?;
    let answer = client.",
            $call,
            ".await?;
    println!(\"{}\", answer.",
            $show,
            ");
    Ok(())
}
"
        )
    };
}

const MANAGEMENT: &str = program!(
    "authing::v2::ManagementClient::builder(\"pool\", \"secret\")",
    "users().list().limit(10)",
    "total_count"
);
const AUTHENTICATION: &str = program!(
    "authing::v2::AuthenticationClient::builder().app_id(\"app\")",
    "login_by_username(\"bob\", \"password\")",
    "user().is_some()"
);
/// A transport that leads nowhere.
const WITHOUT_TRANSPORT: &str = program!(
    "authing::v2::ManagementClient::builder(\"pool\", \"secret\").transport(authing::transport_fn(
        |_| async { Err(authing::TransportErrorKind::Connect.into()) },
    ))",
    "users().list().limit(10)",
    "total_count"
);
const VERIFY: &str = r#"#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    use authing::verify::{Application, Verifier};
    let application = Application::new("app", "http://127.0.0.1:1");
    let verifier = Verifier::builder().application(application).build()?;
    println!("{}", verifier.verify("token").await?.sub);
    Ok(())
}
"#;

#[rustfmt::skip]
const CHOICES: &[Choice] = &[
    Choice { name: "by-hand", dependencies: BY_HAND_NEEDS, main: by_hand!("
    let _ = rustls::crypto::ring::default_provider().install_default();") },
    Choice { name: "by-hand, plain",        dependencies: PLAIN_NEEDS, main: by_hand!("") },
    Choice { name: "management",            dependencies: authing!("management"), main: WITHOUT_TRANSPORT },
    Choice { name: "management-hyper",      dependencies: authing!("management", "password", "transport-hyper"), main: MANAGEMENT },
    Choice { name: "management-reqwest",    dependencies: authing!("management", "password", "transport-reqwest"), main: MANAGEMENT },
    Choice { name: "management-reqwest, no passwords", dependencies: authing!("management", "transport-reqwest"), main: MANAGEMENT },
    Choice { name: "authentication-hyper",  dependencies: authing!("authentication", "transport-hyper"), main: AUTHENTICATION },
    Choice { name: "verify-hyper",          dependencies: authing!("verify", "transport-hyper"), main: VERIFY },
    Choice { name: "default",               dependencies: "authing = { path = \"ROOT/crates/authing\" }", main: MANAGEMENT },
];

pub(crate) fn run(flags: &Weight) -> Result<()> {
    let sh = workspace::shell()?;
    if !flags.build {
        println!("| program | crates |");
        println!("|---|---:|");
        for choice in CHOICES {
            let folder = prepare(&sh, choice)?;
            println!("| {} | {} |", choice.name, count(&sh, &folder)?);
        }
        return Ok(());
    }
    println!(
        "| program | crates | clean release build, s | of by-hand | program, kB | of by-hand |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    let mut by_hand = None;
    for choice in CHOICES {
        let folder = prepare(&sh, choice)?;
        let crates = count(&sh, &folder)?;
        let (seconds, kilobytes) = build(&sh, &folder)?;
        let (as_seconds, as_kilobytes) = *by_hand.get_or_insert((seconds, kilobytes));
        println!(
            "| {} | {crates} | {seconds:.1} | {:.2} | {kilobytes:.0} | {:.2} |",
            choice.name,
            seconds / as_seconds,
            kilobytes / as_kilobytes,
        );
    }
    Ok(())
}

/// Writes the program down, and says where.
fn prepare(sh: &Shell, choice: &Choice) -> Result<String> {
    let folder = format!("target/weight/{}", choice.name.replace([',', ' '], "-"));
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
    sh.write_file(format!("{folder}/src/main.rs"), choice.main)?;
    sh.copy_file("Cargo.lock", format!("{folder}/Cargo.lock"))?;
    Ok(folder)
}

/// How many crates are in the tree, without the program itself.
fn count(sh: &Shell, folder: &str) -> Result<usize> {
    let _there = sh.push_dir(folder);
    let tree = cmd!(sh, "cargo tree --quiet --edges normal --prefix none")
        .quiet()
        .read()?;
    Ok(distinct(&tree).saturating_sub(1))
}

/// Builds it and all that it needs: for how long, and how large the program is
/// without its symbols.
#[allow(
    clippy::disallowed_methods,
    reason = "it measures how long a build takes"
)]
fn build(sh: &Shell, folder: &str) -> Result<(f64, f64)> {
    let _there = sh.push_dir(folder);
    // Else it would go where all of the workspace goes.
    let _target = sh.push_env("CARGO_TARGET_DIR", "target");
    let _strip = sh.push_env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
    cmd!(sh, "cargo fetch --quiet").quiet().run()?;
    sh.remove_path("target")?;
    let start = Instant::now();
    cmd!(sh, "cargo build --quiet --release").quiet().run()?;
    let seconds = start.elapsed().as_secs_f64();
    let program = sh.current_dir().join("target/release/program");
    let program = program.with_extension(std::env::consts::EXE_EXTENSION);
    let bytes = std::fs::metadata(&program)
        .context("there is no program")?
        .len();
    sh.remove_path("target")?;
    let kilobytes = u32::try_from(bytes / 1000)?;
    Ok((seconds, f64::from(kilobytes)))
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
