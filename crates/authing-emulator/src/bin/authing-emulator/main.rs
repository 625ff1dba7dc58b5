//! Runs the emulator until it is told to stop.

mod files;
mod flags;
mod health;
mod output;
mod signals;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use authing_emulator::{Emulator, Limits, Seed};

use files::Kept;
use signals::Signals;

use flags::{AuthingEmulatorCmd, Serve};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Where the control token may come from, and what it is printed as.
const TOKEN: &str = "AUTHING_EMULATOR_TOKEN";

/// Real time for clients to take their responses at the end. Containers are killed after ten seconds.
const PATIENCE: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    let flags = flags::AuthingEmulator::from_env_or_exit();
    let outcome = match flags.subcommand {
        AuthingEmulatorCmd::Serve(flags) if flags.version => print_version(),
        AuthingEmulatorCmd::Serve(flags) => serve(&flags),
        AuthingEmulatorCmd::Healthcheck(flags) => health::check(flags.port),
        AuthingEmulatorCmd::Schema(_) => print_schema(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&*error);
            ExitCode::FAILURE
        }
    }
}

fn complain(error: &dyn std::error::Error) {
    let mut message = format!("authing-emulator: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        message.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    let _ = writeln!(io::stderr(), "{message}");
}

fn print_schema() -> Outcome {
    writeln!(io::stdout(), "{}", Seed::json_schema())?;
    Ok(())
}

fn print_version() -> Outcome {
    writeln!(
        io::stdout(),
        "authing-emulator {}",
        env!("CARGO_PKG_VERSION")
    )?;
    Ok(())
}

fn serve(flags: &Serve) -> Outcome {
    let export = flags.export.as_ref();
    // One file is locked and written once.
    let export = export.filter(|file| Some(*file) != flags.state.as_ref());
    let kept = flags.state.iter().chain(export);
    // The state is read when nobody else writes it any more.
    let kept = kept
        .map(|file| Kept::open(file))
        .collect::<Result<Vec<_>, _>>()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Before the ready line, so that who reads it can stop this program properly.
    let mut signals = {
        let _inside = runtime.enter();
        Signals::listen()?
    };
    let (emulator, written) = start(flags)?;
    match flags.json {
        true => output::ready_as_json(&emulator)?,
        false => output::introduce(
            &emulator,
            flags.state.as_deref().or(flags.export.as_deref()),
        )?,
    }
    let is_told = runtime.block_on(async {
        let is_told = tokio::select! {
            () = signals.next() => true,
            () = emulator.closed() => false,
        };
        emulator.close();
        tokio::select! {
            () = emulator.closed() => {}
            // Who is told twice is in a hurry.
            () = signals.next() => {}
            () = tokio::time::sleep(PATIENCE) => {}
        }
        is_told
    });
    // Nothing is acknowledged from here on.
    let snapshot = emulator.finish();
    let mut outcome = match is_told {
        true => Ok(()),
        false => Err("the server has ended by itself".into()),
    };
    // One that cannot be written does not keep the other from it, and each is told of.
    for file in kept {
        if let Err(error) = file.save(&snapshot)
            && let Err(earlier) = std::mem::replace(&mut outcome, Err(error))
        {
            complain(&*earlier);
        }
    }
    if let Some(written) = written {
        written.wait();
    }
    outcome
}

fn limits(given: &[String]) -> Result<Limits, String> {
    let mut limits = Limits::default();
    for text in given {
        let named = text.split_once('=');
        let named = named.and_then(|(name, value)| Some((name, value.parse().ok()?)));
        if !named.is_some_and(|(name, value)| limits.set(name, value)) {
            return Err(format!("--limit {text}: this is not a limit and a number"));
        }
    }
    Ok(limits)
}

type Started = (Emulator, Option<output::Written>);

fn start(flags: &Serve) -> Result<Started, Box<dyn std::error::Error>> {
    let mut builder = Emulator::builder().port(flags.port.unwrap_or(0));
    if let Some(address) = flags.address {
        builder = builder.address(address);
    }
    if flags.public {
        builder = builder.public();
    }
    if let Some(url) = &flags.url {
        builder = builder.url(url.trim_end_matches('/'));
    }
    if let Some(number) = flags.random_seed {
        builder = builder.random_seed(number);
    }
    builder = builder.limits(limits(&flags.limit)?);
    if flags.webhooks_anywhere {
        builder = builder.webhooks_anywhere();
    }
    let token = flags.token.clone().or_else(|| std::env::var(TOKEN).ok());
    if let Some(token) = token.filter(|token| !token.is_empty()) {
        builder = builder.control_token(token);
    }
    for name in &flags.allow_host {
        builder = builder.control_host(name);
    }
    if let Some(file) = &flags.seed {
        builder = builder.seed(files::seed(file)?);
    }
    let state = flags.state.as_ref().filter(|file| file.exists());
    if let Some(file) = flags.import.as_ref().or(state) {
        builder = builder.snapshot(files::snapshot(file)?);
        if let Some(seed) = &flags.seed {
            // Who has changed the seed would look for the change in vain.
            let (seed, file) = (seed.display(), file.display());
            writeln!(
                io::stderr(),
                "authing-emulator: {seed} has no effect, as the state in {file} takes its place"
            )?;
        }
    }
    let mut written = None;
    if !flags.quiet {
        let (log, lines) = output::Log::start(flags.json)?;
        written = Some(lines);
        builder = builder.log(move |request| log.tell(request));
    }
    let emulator = builder.start().map_err(|error| match &flags.seed {
        Some(file) if matches!(error, authing_emulator::StartError::Seed(_)) => {
            files::within(file, error)
        }
        _ => error.into(),
    })?;
    Ok((emulator, written))
}
