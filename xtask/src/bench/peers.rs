//! `bench --peers`: what the same calls take with Authing's own clients.
//!
//! Their runtimes compile and collect garbage as they go, so that instructions
//! say little: the CPU that a process says it had is taken, and the median of a
//! few runs, in which all take turns. All are on the processor of the server: to
//! wake another one would cost us as much as the call.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use xshell::{Shell, cmd};

use super::grouped;
use crate::peers::{Emulator, Kind, Peer, install_where_possible};
use crate::workspace;

const ROUNDS: u32 = 5;

/// Whose schema is asked for with the client's own question.
const ASKS_FOR_SCHEMA: &Peer = &Peer {
    package: "authing",
    version: "4.2.0",
    kind: Kind::Python,
    also: &[],
    script: "python42.py",
};

/// One that makes the calls.
struct Client {
    words: &'static str,
    /// `None` is this SDK.
    peer: Option<&'static Peer>,
    /// Further arguments of the script.
    how: &'static [&'static str],
    /// How often it lists ten users: about a second, and until JavaScript is compiled.
    calls: u32,
}

const OURS: &Client = &Client {
    words: "this SDK over hyper",
    peer: None,
    how: &[],
    calls: 2000,
};

const CLIENTS: &[Client] = &[
    Client {
        words: "Python 4.2.0, v2",
        peer: Some(ASKS_FOR_SCHEMA),
        how: &[],
        calls: 64,
    },
    Client {
        words: "Python 4.2.0, its introspection taken out",
        peer: Some(ASKS_FOR_SCHEMA),
        how: &["without-introspection"],
        calls: 96,
    },
    Client {
        words: "Python 4.5.18, v2",
        peer: Some(&Peer {
            package: "authing",
            version: "4.5.18",
            kind: Kind::Python,
            also: &[],
            script: "python45.py",
        }),
        how: &[],
        calls: 64,
    },
    Client {
        words: "Python 5.1.0, v3",
        peer: Some(&Peer {
            package: "authing",
            version: "5.1.0",
            kind: Kind::Python,
            also: &["websockets==17.4"],
            script: "python5.py",
        }),
        how: &[],
        calls: 400,
    },
    Client {
        words: "JavaScript 4.23.55, v2",
        peer: Some(&Peer {
            package: "authing-js-sdk",
            version: "4.23.55",
            kind: Kind::Node,
            also: &[],
            script: "js.cjs",
        }),
        how: &[],
        calls: 1000,
    },
    Client {
        words: "Node 4.0.1, v3",
        peer: Some(&Peer {
            package: "authing-node-sdk",
            version: "4.0.1",
            kind: Kind::Node,
            also: &[],
            script: "node.cjs",
        }),
        how: &[],
        calls: 1000,
    },
];

/// What is called, with its heading, and how many times more seldom than lists of ten.
struct Mode {
    name: &'static str,
    words: &'static str,
    seldom: u32,
}

#[rustfmt::skip]
const MODES: &[Mode] = &[
    Mode { name: "list-10",  words: "W1",                seldom: 1 },
    Mode { name: "list-100", words: "W2",                seldom: 2 },
    Mode { name: "detail",   words: "W3",                seldom: 1 },
    // Of 32 calls each.
    Mode { name: "at-once",  words: "W1, 32 at once",    seldom: 16 },
    Mode { name: COLD,       words: "a process, one W1", seldom: u32::MAX },
];

const COLD: &str = "cold";

/// How many times ours the others must take at least.
struct Target {
    words: &'static str,
    /// What their `words` start with.
    of: &'static [&'static str],
    modes: &'static [&'static str],
    least: f64,
}

const EACH: &[&str] = &[""];

#[rustfmt::skip]
const TARGETS: &[Target] = &[
    Target { words: "lists and 32 at once", of: EACH, modes: &["list-10", "list-100", "at-once"], least: 3.0 },
    Target { words: "detail", of: EACH, modes: &["detail"], least: 1.3 },
    Target { words: "a process, JavaScript and Node", of: &["JavaScript", "Node"], modes: &[COLD], least: 8.0 },
    Target { words: "a process, Python v3", of: &["Python 5"], modes: &[COLD], least: 10.0 },
    Target { words: "W1, Python 4.2.0", of: &["Python 4.2.0, v2"], modes: &["list-10"], least: 150.0 },
    Target { words: "W1, its introspection taken out", of: &["Python 4.2.0, its"], modes: &["list-10"], least: 40.0 },
];

/// Of one call, in microseconds.
#[derive(Clone, Copy)]
struct Figure {
    cpu: f64,
    clock: f64,
}

/// What a client's calls took, by mode.
struct Row {
    words: &'static str,
    figures: BTreeMap<&'static str, Figure>,
}

pub(super) fn run() -> Result<()> {
    let sh = workspace::shell()?;
    let mut clients = vec![OURS];
    let mut skipped = Vec::new();
    for client in CLIENTS {
        match client
            .peer
            .map_or(Ok(()), |peer| install_where_possible(&sh, peer))
        {
            Ok(()) => clients.push(client),
            Err(error) => skipped.push(format!("{}: skipped, {error:#}", client.words)),
        }
    }
    super::build(&sh)?;
    let schema = introspection(&sh, &clients)?;
    let server = Server::start(&schema)?;
    let rows = measure(&server.url, &clients, &mut skipped)?;
    drop(server);

    print!("{}", report(&rows));
    for line in &skipped {
        println!("\n{line}");
    }
    for program in ["python3", "node"] {
        if let Ok(version) = cmd!(sh, "{program} --version")
            .quiet()
            .ignore_stderr()
            .read()
        {
            println!("\n{program}: {version}");
        }
    }
    Ok(())
}

/// A file with what the emulator answers to the question that Python's v2
/// clients put before each call.
fn introspection(sh: &Shell, clients: &[&Client]) -> Result<PathBuf> {
    let file = workspace::target().join("peers").join("introspection.json");
    let asks = |client: &&Client| {
        client
            .peer
            .is_some_and(|it| it.script == ASKS_FOR_SCHEMA.script)
    };
    if !clients.iter().any(asks) {
        sh.write_file(&file, r#"{"data":null}"#)?;
        return Ok(file);
    }
    Emulator::build(sh)?;
    let emulator = Emulator::start()?;
    let host = emulator.settings.get("AUTHING_HOST");
    let output = ASKS_FOR_SCHEMA
        .interpreter()
        .arg(scripts().join("introspection.py"))
        .arg(host.context("the emulator did not say where it is")?)
        .output()?;
    let answer = String::from_utf8_lossy(&output.stdout);
    anyhow::ensure!(
        answer.contains("__schema"),
        "the emulator does not tell its schema: {answer}"
    );
    sh.write_file(&file, answer.as_bytes())?;
    Ok(file)
}

/// In turns, so that what disturbs the machine disturbs all.
fn measure(url: &str, clients: &[&Client], skipped: &mut Vec<String>) -> Result<Vec<Row>> {
    let mut clients = clients.to_vec();
    let mut runs: BTreeMap<(&str, &str), Vec<Figure>> = BTreeMap::new();
    for round in 1..=ROUNDS {
        println!("round {round} of {ROUNDS}");
        let mut failed = Vec::new();
        for mode in MODES {
            for client in &clients {
                if failed.contains(&client.words) {
                    continue;
                }
                match client.measure(url, mode) {
                    Ok(figure) => runs
                        .entry((client.words, mode.name))
                        .or_default()
                        .push(figure),
                    Err(error) if client.peer.is_some() => {
                        skipped.push(format!("{}, {}: {error:#}", client.words, mode.name));
                        failed.push(client.words);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        clients.retain(|client| !failed.contains(&client.words));
    }
    let row = |client: &&Client| Row {
        words: client.words,
        figures: MODES
            .iter()
            .filter_map(|mode| Some((mode.name, middle(runs.get(&(client.words, mode.name))?))))
            .collect(),
    };
    Ok(clients.iter().map(row).collect())
}

impl Client {
    fn measure(&self, url: &str, mode: &Mode) -> Result<Figure> {
        let count = (self.calls / mode.seldom).max(1).to_string();
        let program = match self.peer {
            None => Command::new(ours()),
            Some(peer) => {
                let mut command = peer.interpreter();
                command.arg(scripts().join(peer.script));
                command
            }
        };
        let mut command = Command::new(ours());
        command.arg("beside-it").arg(program.get_program());
        command.args(program.get_args());
        command.envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let output = command
            .args([url, mode.name, &count])
            .args(self.how)
            // Or the sources would get a folder of what is compiled.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // The calls are to go to this machine.
            .env("NO_PROXY", "127.0.0.1")
            .env("no_proxy", "127.0.0.1")
            .output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        let last = errors.lines().rfind(|line| !line.trim().is_empty());
        if !output.status.success() {
            bail!("it failed: {}", last.unwrap_or("and did not say why"));
        }
        Figure::read(&String::from_utf8_lossy(&output.stdout))
    }
}

impl Figure {
    fn read(line: &str) -> Result<Self> {
        let numbers: Option<(f64, f64)> = line
            .trim()
            .split_once(' ')
            .and_then(|(cpu, clock)| Some((cpu.parse().ok()?, clock.parse().ok()?)));
        let (cpu, clock) = numbers.with_context(|| format!("no two numbers: {line}"))?;
        Ok(Self { cpu, clock })
    }
}

/// The median of each.
fn middle(figures: &[Figure]) -> Figure {
    let of = |number: fn(&Figure) -> f64| {
        let mut numbers: Vec<_> = figures.iter().map(number).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.get(numbers.len() / 2).copied().unwrap_or_default()
    };
    Figure {
        cpu: of(|figure| figure.cpu),
        clock: of(|figure| figure.clock),
    }
}

fn report(rows: &[Row]) -> String {
    let Some((ours, _)) = rows.split_first() else {
        return String::new();
    };
    let mut text = String::from("\nCPU of one call, in µs; of the process, in ms:\n\n");
    text += &table(rows, MODES, |figure| figure.cpu);
    text += "\nTime that passed, in µs:\n\n";
    let calls: Vec<_> = MODES.iter().filter(|mode| mode.name != COLD).collect();
    text += &table(rows, calls, |figure| figure.clock);
    text += "\n| at least as many times our CPU | target | least | | |\n|---|---:|---:|---|---|\n";
    for target in TARGETS {
        text += &target.row(ours, rows);
    }
    text
}

fn table<'a>(
    rows: &[Row],
    modes: impl IntoIterator<Item = &'a Mode>,
    number: fn(&Figure) -> f64,
) -> String {
    let modes: Vec<_> = modes.into_iter().collect();
    let headings: Vec<_> = modes.iter().map(|mode| mode.words).collect();
    let mut text = format!(
        "| client | {} |\n|---|{}\n",
        headings.join(" | "),
        "---:|".repeat(modes.len())
    );
    for (place, row) in rows.iter().enumerate() {
        text += &format!("| {} |", row.words);
        for mode in &modes {
            let Some(found) = row.figures.get(mode.name).map(number) else {
                text += " |";
                continue;
            };
            let ours = rows.first().and_then(|ours| ours.figures.get(mode.name));
            text += &match mode.name {
                COLD => format!(" {:.1}", found / 1000.0),
                _ => format!(" {}", whole(found)),
            };
            text += &match ours.map(number) {
                Some(ours) if place > 0 => format!(" ({:.1}x) |", found / ours),
                _ => " |".to_owned(),
            };
        }
        text += "\n";
    }
    text
}

impl Target {
    /// What is nearest to it, or below.
    fn row(&self, ours: &Row, rows: &[Row]) -> String {
        let theirs = rows.iter().skip(1);
        let wanted = theirs.filter(|row| self.of.iter().any(|words| row.words.starts_with(words)));
        let found = wanted.flat_map(|row| {
            self.modes.iter().filter_map(move |mode| {
                let ratio = row.figures.get(mode)?.cpu / ours.figures.get(mode)?.cpu;
                Some((ratio, row.words, *mode))
            })
        });
        let Self { words, least, .. } = self;
        match found.min_by(|a, b| a.0.total_cmp(&b.0)) {
            None => format!("| {words} | {least} | | | not measured |\n"),
            Some((ratio, who, mode)) => {
                let outcome = match ratio >= *least {
                    true => "met",
                    false => "**missed**",
                };
                format!("| {words} | {least} | {ratio:.1} | {who}, {mode} | {outcome} |\n")
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number of microseconds"
)]
fn whole(number: f64) -> String {
    grouped(number.round() as u64)
}

fn scripts() -> PathBuf {
    workspace::root().join("benches/peers")
}

fn ours() -> PathBuf {
    super::measure::program("ours")
}

/// One for all clients, in a process of its own.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(introspection: &std::path::Path) -> Result<Self> {
        let mut process = Command::new(ours())
            .arg("serve")
            .arg(introspection)
            // It ends with this.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server cannot be started")?;
        let output = process.stdout.take().context("the server has no output")?;
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        let url = url.trim().to_owned();
        let server = Self { process, url };
        anyhow::ensure!(
            server.url.starts_with("http://"),
            "the server gave no address"
        );
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(words: &'static str, cpu: f64) -> Row {
        let figure = Figure { cpu, clock: cpu };
        Row {
            words,
            figures: MODES.iter().map(|mode| (mode.name, figure)).collect(),
        }
    }

    #[test]
    fn every_client_has_its_script() {
        let scripts = CLIENTS
            .iter()
            .filter_map(|client| Some(client.peer?.script));
        for script in scripts.chain(["introspection.py"]) {
            let file = super::scripts().join(script);
            assert!(file.is_file(), "{}", file.display());
        }
    }

    #[test]
    fn lines_are_read_and_the_middle_is_taken() {
        let lines = ["3.5 9\n", "1.0 8\n", "2.5 1000\n"];
        let figures = lines.map(|line| Figure::read(line).unwrap());
        let found = middle(&figures);
        assert_eq!((found.cpu, found.clock), (2.5, 9.0));
        assert!(Figure::read("Traceback").is_err());
    }

    #[test]
    fn multiples_and_targets_are_told() {
        let rows = [
            row(OURS.words, 1000.0),
            row("Node 4.0.1, v3", 7900.0),
            row("Python 4.2.0, v2", 150_000.0),
        ];
        let text = report(&rows);
        for line in [
            "| this SDK over hyper | 1,000 | 1,000 | 1,000 | 1,000 | 1.0 |",
            "| Node 4.0.1, v3 | 7,900 (7.9x) | 7,900 (7.9x) | 7,900 (7.9x) | 7,900 (7.9x) | 7.9 (7.9x) |",
            "| lists and 32 at once | 3 | 7.9 | Node 4.0.1, v3, list-10 | met |",
            "| a process, JavaScript and Node | 8 | 7.9 | Node 4.0.1, v3, cold | **missed** |",
            "| W1, Python 4.2.0 | 150 | 150.0 | Python 4.2.0, v2, list-10 | met |",
            "| a process, Python v3 | 10 | | | not measured |",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
    }

    #[test]
    fn every_target_is_of_someone() {
        for target in TARGETS {
            for words in target.of {
                let mut clients = CLIENTS.iter();
                assert!(clients.any(|client| client.words.starts_with(words)));
            }
            for mode in target.modes {
                assert!(MODES.iter().any(|known| known.name == *mode), "{mode}");
            }
        }
    }
}
