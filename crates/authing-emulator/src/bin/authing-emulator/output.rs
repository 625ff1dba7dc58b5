//! What is printed.

use std::io::{self, Write as _};
use std::path::Path;

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

/// Nobody may be reading any more, which is no reason to stop.
pub(crate) fn request_as_json(request: &RecordedRequest) {
    let mut line = json!(request);
    if let Some(fields) = line.as_object_mut() {
        fields.insert("event".to_owned(), json!("request"));
    }
    let _ = write_line(&line);
}

fn write_line(line: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

pub(crate) fn request(request: &RecordedRequest) {
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
    let _ = writeln!(io::stderr(), "{line}");
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
