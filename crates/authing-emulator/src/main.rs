//! Runs the emulator until it is told to stop.

use std::io::{self, Write as _};
use std::process::ExitCode;

use authing_emulator::Emulator;

mod flags {
    xflags::xflags! {
        /// A local Authing to test against.
        ///
        /// It listens on the loopback interface only, keeps everything in memory, and makes up a new user pool with
        /// new credentials at each start. It prints them as environment variables for the programs under test.
        cmd authing-emulator {
            /// Listen on this port, instead of any free one.
            optional --port port: u16
        }
    }
}

fn main() -> ExitCode {
    let flags = flags::AuthingEmulator::from_env_or_exit();
    match run(flags.port.unwrap_or(0)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut message = format!("authing-emulator: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                message.push_str(&format!(": {cause}"));
                source = cause.source();
            }
            let _ = writeln!(io::stderr(), "{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(port: u16) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let emulator = Emulator::builder().port(port).start()?;
    introduce(&emulator)?;
    runtime.block_on(told_to_stop())?;
    Ok(())
}

fn introduce(emulator: &Emulator) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let (url, pool, app) = (emulator.url(), emulator.user_pool_id(), emulator.app_id());
    let secret = emulator.secret();
    writeln!(out, "A local Authing listens at {url}")?;
    writeln!(out)?;
    writeln!(out, "user pool id      {pool}")?;
    writeln!(out, "user pool secret  {secret}")?;
    writeln!(out, "app id            {app}")?;
    writeln!(out, "app secret        {}", emulator.app_secret())?;
    writeln!(out, "public key        {url}/api/v2/.well-known")?;
    writeln!(out, "openid connect    {url}/oidc")?;
    writeln!(out)?;
    writeln!(out, "For the programs under test:")?;
    writeln!(out)?;
    writeln!(out, "export AUTHING_HOST={url}")?;
    writeln!(out, "export AUTHING_USERPOOL_ID={pool}")?;
    writeln!(out, "export AUTHING_USERPOOL_SECRET={secret}")?;
    writeln!(out, "export AUTHING_APP_ID={app}")?;
    writeln!(out, "export AUTHING_APP_SECRET={}", emulator.app_secret())?;
    writeln!(out, "export AUTHING_APP_HOST={url}")?;
    // One line instead of PEM, so that a shell takes it as it is.
    let key: String = emulator
        .public_key()
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    writeln!(out, "export AUTHING_PUBLIC_KEY={key}")?;
    writeln!(out)?;
    writeln!(out, "Ctrl-C stops it; nothing is kept.")?;
    out.flush()
}

#[cfg(unix)]
async fn told_to_stop() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn told_to_stop() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
