//! `peers`: Authing's own clients, run against the emulator as they are.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use xshell::{Shell, cmd};

use crate::flags::Peers;
use crate::workspace;

/// An official client, and what of it is called.
pub(crate) struct Peer {
    pub(crate) package: &'static str,
    pub(crate) version: &'static str,
    pub(crate) kind: Kind,
    /// What it imports and does not ask for.
    pub(crate) also: &'static [&'static str],
    /// In `xtask/peers`, or in `benches/peers` where it is measured.
    pub(crate) script: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Python,
    Node,
}

const PEERS: [Peer; 3] = [
    Peer {
        package: "authing",
        version: "4.2.0",
        kind: Kind::Python,
        also: &[],
        script: "python42.py",
    },
    Peer {
        package: "authing",
        version: "4.5.18",
        kind: Kind::Python,
        also: &[],
        script: "python45.py",
    },
    Peer {
        package: "authing-js-sdk",
        version: "4.23.55",
        kind: Kind::Node,
        also: &[],
        script: "js.cjs",
    },
];

/// How the calls of one client went.
#[derive(Debug, Default)]
struct Calls {
    /// Each method with how often it did as it should.
    passed: BTreeMap<String, usize>,
    failed: Vec<String>,
    skipped: Vec<String>,
}

impl Calls {
    fn add_line(&mut self, line: &str) {
        let mut words = line.splitn(3, '\t');
        let outcome = words.next().unwrap_or_default();
        let name = words.next().unwrap_or_default();
        let why = words.next().unwrap_or_default();
        match outcome {
            "ok" => *self.passed.entry(name.to_owned()).or_default() += 1,
            "skipped" => self.skipped.push(format!("{name}: {why}")),
            _ => self.failed.push(format!("{name}: {why}")),
        }
    }

    fn count(&self) -> usize {
        self.passed.values().sum()
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let passed = self.count();
        let ran = passed + self.failed.len();
        write!(f, "{ran} calls ran, {passed} passed")?;
        if !self.skipped.is_empty() {
            write!(f, ", {} skipped", self.skipped.len())?;
        }
        Ok(())
    }
}

pub(crate) fn run(flags: &Peers) -> Result<()> {
    let summary = all(flags.list)?;
    println!("\n{}", summary.join("\n"));
    Ok(())
}

/// For machines that may lack Python, Node or the network: what is missing is said, and counted as skipped.
pub(crate) fn where_possible() -> Result<Vec<String>> {
    let sh = workspace::shell()?;
    let mut summary = Vec::new();
    let mut possible = Vec::new();
    for peer in &PEERS {
        match install_where_possible(&sh, peer) {
            Ok(()) => possible.push(peer),
            Err(error) => {
                let line = format!("{peer}: skipped, {error:#}");
                println!("{line}");
                summary.push(line);
            }
        }
    }
    if !possible.is_empty() {
        summary.extend(call(&sh, &possible, false)?);
    }
    Ok(summary)
}

pub(crate) fn install_where_possible(sh: &Shell, peer: &Peer) -> Result<()> {
    match missing(sh, peer.kind) {
        None => install(sh, peer),
        Some(what) => bail!(what),
    }
}

fn all(list: bool) -> Result<Vec<String>> {
    let sh = workspace::shell()?;
    for peer in &PEERS {
        if let Some(what) = missing(&sh, peer.kind) {
            bail!("{peer} cannot be run: {what}");
        }
        install(&sh, peer).with_context(|| format!("{peer} cannot be installed"))?;
    }
    call(&sh, &PEERS.iter().collect::<Vec<_>>(), list)
}

fn call(sh: &Shell, peers: &[&Peer], list: bool) -> Result<Vec<String>> {
    Emulator::build(sh)?;
    let mut summary = Vec::new();
    let mut failed = 0;
    for peer in peers {
        let calls = scenario(peer)?;
        tell(peer, &calls, list);
        failed += calls.failed.len();
        summary.push(format!("{peer}: {calls}"));
    }
    match failed {
        0 => Ok(summary),
        _ => bail!("{failed} calls failed, see above"),
    }
}

/// One emulator of its own for each client, so that none finds what another has left.
fn scenario(peer: &Peer) -> Result<Calls> {
    let emulator = Emulator::start()?;
    let scripts = workspace::root().join("xtask/peers");
    let mut command = peer.interpreter();
    let mut child = command
        .arg(scripts.join(peer.script))
        .envs(&emulator.settings)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{peer} cannot be started"))?;
    let mut calls = Calls::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            calls.add_line(&line?);
        }
    }
    if !child.wait()?.success() {
        calls
            .failed
            .push("the scenario did not come to its end".to_owned());
    }
    Ok(calls)
}

fn tell(peer: &Peer, calls: &Calls, list: bool) {
    println!("\n{peer}: {calls}");
    if list {
        for (name, times) in &calls.passed {
            println!("  passed   {name} ({times})");
        }
    } else {
        let names: Vec<_> = calls.passed.keys().map(String::as_str).collect();
        println!("  passed   {}", names.join(", "));
    }
    for line in &calls.skipped {
        println!("  skipped  {line}");
    }
    for line in &calls.failed {
        println!("  FAILED   {line}");
    }
}

/// What this machine does not have.
fn missing(sh: &Shell, kind: Kind) -> Option<String> {
    let wanted: &[(&str, &[&str])] = match kind {
        Kind::Python => &[("python3", &["-c", "import venv, ensurepip"])],
        Kind::Node => &[("node", &["--version"]), ("npm", &["--version"])],
    };
    wanted.iter().find_map(|&(program, words)| {
        let works = cmd!(sh, "{program} {words...}")
            .quiet()
            .ignore_stderr()
            .ignore_stdout()
            .run()
            .is_ok();
        (!works).then(|| format!("`{program} {}` does not work here", words.join(" ")))
    })
}

/// Once; what was installed stays in the target folder.
fn install(sh: &Shell, peer: &Peer) -> Result<()> {
    let folder = peer.folder();
    let done = folder.join("installed");
    if done.is_file() {
        return Ok(());
    }
    println!("installing {peer}");
    sh.remove_path(&folder)?;
    sh.create_dir(&folder)?;
    let wanted = match peer.kind {
        Kind::Python => format!("{}=={}", peer.package, peer.version),
        Kind::Node => format!("{}@{}", peer.package, peer.version),
    };
    let also = peer.also;
    match peer.kind {
        Kind::Python => {
            cmd!(sh, "python3 -m venv {folder}").quiet().run()?;
            let python = peer.python();
            cmd!(sh, "{python} -m pip install --quiet {wanted} {also...}").run()?;
        }
        Kind::Node => {
            let options = [
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--loglevel",
                "error",
            ];
            cmd!(
                sh,
                "npm install --prefix {folder} {options...} {wanted} {also...}"
            )
            .run()?;
        }
    }
    sh.write_file(done, "")?;
    Ok(())
}

impl Peer {
    fn folder(&self) -> PathBuf {
        let name = format!("{}-{}", self.package, self.version);
        workspace::target().join("peers").join(name)
    }

    fn python(&self) -> PathBuf {
        let folder = self.folder();
        if cfg!(windows) {
            folder.join("Scripts").join("python.exe")
        } else {
            folder.join("bin").join("python")
        }
    }

    pub(crate) fn interpreter(&self) -> Command {
        match self.kind {
            Kind::Python => Command::new(self.python()),
            Kind::Node => {
                let mut node = Command::new("node");
                node.env("NODE_PATH", self.folder().join("node_modules"));
                node
            }
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.package, self.version)
    }
}

/// The emulator's binary, and what it says to whom it serves.
pub(crate) struct Emulator {
    process: Child,
    pub(crate) settings: BTreeMap<String, String>,
    /// Kept open: it stops when it cannot say what it has to say.
    _output: BufReader<ChildStdout>,
}

impl Emulator {
    pub(crate) fn build(sh: &Shell) -> Result<()> {
        cmd!(sh, "cargo build --quiet --package authing-emulator").run()?;
        Ok(())
    }

    pub(crate) fn start() -> Result<Self> {
        let binary = workspace::target().join("debug").join("authing-emulator");
        let mut process =
            Command::new(Path::new(&binary).with_extension(std::env::consts::EXE_EXTENSION))
                .args(["--port", "0", "--seed"])
                .arg(workspace::root().join("xtask/peers/seed.yaml"))
                .stdout(Stdio::piped())
                .spawn()
                .context("the emulator cannot be started")?;
        let output = process.stdout.take();
        let mut output = BufReader::new(output.context("the emulator has no output")?);
        let mut settings = BTreeMap::new();
        for line in output.by_ref().lines() {
            let line = line?;
            if let Some((name, value)) = line
                .strip_prefix("export ")
                .and_then(|it| it.split_once('='))
            {
                settings.insert(name.to_owned(), value.to_owned());
            } else if !settings.is_empty() {
                break;
            }
        }
        let emulator = Self {
            process,
            settings,
            _output: output,
        };
        match emulator.settings.contains_key("AUTHING_HOST") {
            true => Ok(emulator),
            false => bail!("the emulator did not say where it is"),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted() {
        let mut calls = Calls::default();
        for line in [
            "ok\tusers.list",
            "ok\tusers.list",
            "skipped\tusers.find\tit has a mistake",
            "failed\tusers.create\tanswered null",
            "Traceback",
        ] {
            calls.add_line(line);
        }
        assert_eq!(calls.to_string(), "4 calls ran, 2 passed, 1 skipped");
        assert_eq!(calls.passed.get("users.list"), Some(&2));
        assert_eq!(calls.skipped, ["users.find: it has a mistake"]);
        assert_eq!(calls.failed[0], "users.create: answered null");
    }

    #[test]
    fn every_peer_has_its_script() {
        for peer in &PEERS {
            let script = workspace::root().join("xtask/peers").join(peer.script);
            assert!(script.is_file(), "{}", script.display());
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let sh = workspace::shell().unwrap();
        sh.set_var("PATH", "");
        let missing = |kind| missing(&sh, kind).unwrap_or_default();
        assert!(missing(Kind::Python).contains("python3"));
        assert!(missing(Kind::Node).contains("node"));
    }
}
