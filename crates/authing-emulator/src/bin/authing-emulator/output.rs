//! What is printed.

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::time::Duration;

use authing_emulator::{Emulator, Outcome, RecordedRequest};
use serde_json::{Value, json};

/// For the programs under test.
fn environment(emulator: &Emulator) -> [(&'static str, String); 9] {
    // One line instead of PEM, so that a shell takes it as it is.
    let key = emulator.public_key().lines();
    let key = key.filter(|line| !line.starts_with('-')).collect();
    let text = str::to_owned;
    [
        ("AUTHING_HOST", text(emulator.url())),
        ("AUTHING_USERPOOL_ID", text(emulator.user_pool_id())),
        ("AUTHING_USERPOOL_SECRET", text(emulator.secret())),
        ("AUTHING_APP_ID", text(emulator.app_id())),
        ("AUTHING_APP_SECRET", text(emulator.app_secret())),
        ("AUTHING_APP_HOST", text(emulator.url())),
        ("AUTHING_PUBLIC_KEY", key),
        ("AUTHING_EMULATOR_URL", text(emulator.url())),
        (crate::TOKEN, text(emulator.control_token())),
    ]
}

pub(crate) fn introduce(emulator: &Emulator, kept: Option<&Path>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let url = emulator.url();
    writeln!(out, "A local Authing listens at {url}")?;
    writeln!(out)?;
    writeln!(out, "to look at        {url}/")?;
    writeln!(out, "user pool id      {}", emulator.user_pool_id())?;
    writeln!(out, "user pool secret  {}", emulator.secret())?;
    writeln!(out, "app id            {}", emulator.app_id())?;
    writeln!(out, "app secret        {}", emulator.app_secret())?;
    writeln!(out, "public key        {url}/api/v2/.well-known")?;
    writeln!(out, "openid connect    {url}/oidc")?;
    writeln!(out, "control token     {}", emulator.control_token())?;
    let others = emulator.pools();
    for pool in others.iter().skip(1) {
        writeln!(
            out,
            "another pool      {} (secret {})",
            pool.id, pool.secret
        )?;
    }
    writeln!(out)?;
    writeln!(out, "For the programs under test:")?;
    writeln!(out)?;
    for (name, value) in environment(emulator) {
        writeln!(out, "export {name}={}", quoted(&value))?;
    }
    writeln!(out)?;
    match kept {
        Some(file) => writeln!(
            out,
            "Ctrl-C stops it, and writes the state to {}.",
            file.display()
        )?,
        None => writeln!(out, "Ctrl-C stops it; nothing is kept.")?,
    }
    out.flush()
}

/// As a shell takes it for one word.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/:.+=_-".contains(c);
    match value.chars().all(plain) {
        true => value.to_owned(),
        false => format!("'{}'", value.replace('\'', r"'\''")),
    }
}

pub(crate) fn ready_as_json(emulator: &Emulator) -> io::Result<()> {
    let environment: serde_json::Map<String, Value> = environment(emulator)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    write_line(&json!({
        "event": "ready",
        "url": emulator.url(),
        "controlToken": emulator.control_token(),
        "pools": emulator.pools(),
        "env": environment,
    }))
}

pub(crate) fn request_as_json(request: &RecordedRequest) -> String {
    let mut line = json!(request);
    if let Some(fields) = line.as_object_mut() {
        fields.insert("event".to_owned(), json!("request"));
    }
    line.to_string()
}

fn write_line(line: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

pub(crate) fn request(request: &RecordedRequest) -> String {
    let mut line = format!(
        "{} {} {} {}",
        request.at, request.status, request.method, request.path
    );
    if let Some(operation) = &request.operation {
        line.push_str(&format!(" {operation}"));
    }
    if let Some(Outcome::Refused(code)) = request.outcome {
        line.push_str(&format!(" refused with {code}"));
    }
    if let Some(fault) = request.fault {
        line.push_str(&format!(" struck by {fault}"));
    }
    line
}

/// How many lines wait for somebody to read them.
const WAITING: usize = 10_000;

/// Real time at the end, for those that wait.
const PATIENCE: Duration = Duration::from_secs(1);

/// Writes lines on a thread of its own: when nobody reads them, the emulator goes on without them.
pub(crate) struct Log {
    lines: SyncSender<String>,
    lost: AtomicU64,
    is_json: bool,
}

/// To be waited for at the end.
pub(crate) struct Written(Receiver<()>);

impl Log {
    /// Lines of JSON are written to the standard output, others to the standard error.
    pub(crate) fn start(is_json: bool) -> io::Result<(Self, Written)> {
        let (lines, waiting) = sync_channel(WAITING);
        let (done, written) = channel();
        std::thread::Builder::new()
            .name("authing-emulator-log".to_owned())
            .spawn(move || {
                // Dropped at the end.
                let _done = done;
                match is_json {
                    true => write_all(&waiting, io::stdout()),
                    false => write_all(&waiting, io::stderr()),
                }
            })?;
        let log = Self {
            lines,
            lost: AtomicU64::new(0),
            is_json,
        };
        Ok((log, Written(written)))
    }

    pub(crate) fn tell(&self, told: &RecordedRequest) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 && !self.write(self.tell_lost(lost)) {
            self.lost.fetch_add(lost, Ordering::Relaxed);
        }
        let line = match self.is_json {
            true => request_as_json(told),
            false => request(told),
        };
        if !self.write(line) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn tell_lost(&self, lost: u64) -> String {
        match self.is_json {
            true => json!({"event": "lost", "requests": lost}).to_string(),
            false => format!("{lost} requests are not shown: nobody reads these lines"),
        }
    }

    /// False when too many lines wait. When the other side is gone, there is nobody to write for.
    fn write(&self, line: String) -> bool {
        !matches!(self.lines.try_send(line), Err(TrySendError::Full(_)))
    }
}

impl Written {
    /// Gives the last lines some time, when nobody can add any.
    pub(crate) fn wait(&self) {
        let _ = self.0.recv_timeout(PATIENCE);
    }
}

fn write_all(lines: &Receiver<String>, mut to: impl Write) {
    for line in lines {
        // Nobody may be reading any more, which is no reason to stop.
        let _ = writeln!(to, "{line}").and_then(|()| to.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn shells_read_back_what_is_quoted() {
        assert_eq!(quoted("http://127.0.0.1:1/a+b="), "http://127.0.0.1:1/a+b=");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }
}
