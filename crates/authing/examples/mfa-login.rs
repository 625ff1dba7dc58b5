//! A login with a second factor, in the terminal: adds an authenticator app to
//! a new user, logs in with its code, and once more with the recovery code.
//!
//! ```sh
//! cargo run --example mfa-login
//! ```
//!
//! Scan the picture with an authenticator app on your phone, and type the codes
//! that it shows. With `-- --auto` the example computes them itself.
//!
//! It runs against a local Authing that it starts itself.

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::time::{Duration, UNIX_EPOCH};

use authing::ErrorKind;
use authing::v2::{AuthenticationClient, MfaChallenge, NextStep, Session};
use authing_emulator::Emulator;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use totp_rs::Totp;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USERNAME: &str = "bob";
const PASSWORD: &str = "correct horse battery";

#[tokio::main]
async fn main() -> Result<()> {
    let auto = std::env::args().any(|argument| argument == "--auto");
    run(auto, &mut io::stdin().lock(), &mut io::stdout()).await
}

/// The whole example, apart from where it reads and writes.
pub(crate) async fn run(auto: bool, input: &mut impl BufRead, out: &mut impl Write) -> Result<()> {
    let emulator = Emulator::start()?;
    writeln!(out, "A login with a second factor")?;
    writeln!(out, "Using a local Authing at {}.", emulator.url())?;
    let client = AuthenticationClient::builder()
        .app_id(emulator.app_id())
        .host(emulator.url())
        .public_key(emulator.public_key())
        .build()?;

    writeln!(
        out,
        "\n1. Register a user, and log in with the password alone"
    )?;
    client.register_by_username(USERNAME, PASSWORD).await?;
    let session = client.login_by_username(USERNAME, PASSWORD).await?;
    writeln!(out, "   {USERNAME} is logged in")?;

    writeln!(out, "\n2. Add an authenticator app")?;
    let key = session.mfa().associate_mfa_authenticator().await?;
    let uri = key.qrcode_uri.ok_or("the server gave no key")?;
    let recovery_code = key
        .recovery_code
        .ok_or("the server gave no recovery code")?;
    // Terminals are mostly dark, and a picture is dark on light.
    let picture = QrCode::new(uri.expose())?
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build();
    writeln!(out, "\n{picture}\n")?;
    writeln!(out, "   {}", uri.expose())?;
    writeln!(out, "   recovery code {}", recovery_code.expose())?;
    let mut app = App {
        // Only so that the example can play the phone's part.
        totp: auto.then(|| Totp::from_url(uri.expose())).transpose()?,
        emulator: &emulator,
        input,
        out,
    };
    app.confirm(&session).await?;

    app.say("\n3. Log in again: the password is not enough any more")?;
    let challenge = app.begin(&client).await?;
    let session = app.finish(&challenge).await?;
    let user = session.get_current_user().await?;
    app.say(&format!(
        "   logged in as {}",
        user.username.unwrap_or_default()
    ))?;

    app.say("\n4. The phone is lost: log in with the recovery code")?;
    let challenge = app.begin(&client).await?;
    let recovery = challenge.verify_totp_recovery_code(recovery_code).await?;
    app.say("   logged in; that code is used up")?;
    if let Some(fresh) = recovery.recovery_code {
        app.say(&format!("   the new recovery code is {}", fresh.expose()))?;
    }
    recovery.session.mfa().delete_mfa_authenticator().await?;
    client.login_by_username(USERNAME, PASSWORD).await?;
    app.say("   the app is removed, and the password is enough again")?;
    app.say("\nAll 4 steps went well.")
}

/// The authenticator app, in somebody's hand or in this program.
struct App<'a, R, W> {
    totp: Option<Totp>,
    emulator: &'a Emulator,
    input: &'a mut R,
    out: &'a mut W,
}

impl<R: BufRead, W: Write> App<'_, R, W> {
    fn say(&mut self, line: &str) -> Result<()> {
        Ok(writeln!(self.out, "{line}")?)
    }

    /// The code that the app shows now.
    fn code(&mut self) -> Result<String> {
        if let Some(totp) = &self.totp {
            // Each code is good once, so this one waits for the next.
            self.emulator.advance(Duration::from_secs(30));
            let now = self.emulator.now().duration_since(UNIX_EPOCH)?;
            let code = totp.generate(now.as_secs()).to_string();
            writeln!(self.out, "   the app shows {code}")?;
            return Ok(code);
        }
        write!(self.out, "   the code in your app: ")?;
        self.out.flush()?;
        let mut line = String::new();
        match self.input.read_line(&mut line)? {
            0 => Err("the input ended".into()),
            _ => Ok(line.trim().to_owned()),
        }
    }

    async fn confirm(&mut self, session: &Session) -> Result<()> {
        loop {
            let code = self.code()?;
            match session
                .mfa()
                .confirm_associate_mfa_authenticator(code)
                .await
            {
                Ok(()) => return self.say("   the app is added"),
                Err(error) => self.explain(error)?,
            }
        }
    }

    /// The first factor.
    async fn begin(&mut self, client: &AuthenticationClient) -> Result<MfaChallenge> {
        let error = match client.login_by_username(USERNAME, PASSWORD).await {
            Ok(_) => return Err("the second factor should be asked for".into()),
            Err(error) => error,
        };
        self.say(&format!("   {error}"))?;
        match client.next_step(&error) {
            Some(NextStep::Mfa(challenge)) => Ok(challenge),
            _ => Err(error.into()),
        }
    }

    /// The second factor.
    async fn finish(&mut self, challenge: &MfaChallenge) -> Result<Session> {
        loop {
            let code = self.code()?;
            match challenge.verify_totp_mfa(code).await {
                Ok(session) => return Ok(session),
                Err(error) => self.explain(error)?,
            }
        }
    }

    /// A wrong code can be tried again; anything else ends the example.
    fn explain(&mut self, error: authing::Error) -> Result<()> {
        let typed = matches!(error.kind(), ErrorKind::Api | ErrorKind::InvalidInput);
        if self.totp.is_some() || !typed || error.is_unauthenticated() {
            return Err(error.into());
        }
        self.say(&format!("   {}", error.message()))?;
        self.say("   Try the next one: each code is good once.")
    }
}
