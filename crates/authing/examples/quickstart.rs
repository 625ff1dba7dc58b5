//! The main job of the SDK, end to end: list users, register, log in, update
//! the profile, do it again from a saved token, and meet an error.
//!
//! ```sh
//! cargo run --example quickstart
//! ```
//!
//! Without configuration it runs against a local Authing that it starts itself.
//! With `AUTHING_USERPOOL_ID` and `AUTHING_USERPOOL_SECRET` (and where needed
//! `AUTHING_HOST`, `AUTHING_APP_ID`, `AUTHING_PUBLIC_KEY`) it runs against that
//! deployment; the user it registers there is deleted at the end.

use std::error::Error;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};

use authing::v2::{AuthenticationClient, ManagementClient, UpdateProfileInput, User};
use authing_emulator::Emulator;

const PASSWORD: &str = "correct horse battery";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut out = Story::default();
    out.say("authing-rs quickstart")?;

    // Held until the end: dropping the emulator stops it.
    let (admin, client, _emulator) = match std::env::var_os("AUTHING_USERPOOL_ID") {
        Some(_) => {
            out.say("Running against the deployment that AUTHING_* name.")?;
            (
                ManagementClient::from_env()?,
                AuthenticationClient::from_env()?,
                None,
            )
        }
        None => {
            let emulator = Emulator::start()?;
            out.say(&format!(
                "AUTHING_USERPOOL_ID is not set: using a local Authing at {}.",
                emulator.url()
            ))?;
            let admin = ManagementClient::builder(emulator.user_pool_id(), emulator.secret())
                .host(emulator.url())
                .build()?;
            let client = AuthenticationClient::builder()
                .app_id(emulator.app_id())
                .host(emulator.url())
                .public_key(emulator.public_key())
                .build()?;
            (admin, client, Some(emulator))
        }
    };
    let username = format!(
        "quickstart-{:08x}",
        RandomState::new().build_hasher().finish() as u32
    );

    out.step("List the users of the pool, as the administrator")?;
    let page = admin.users().list().limit(5).await?;
    out.say(&format!(
        "{} of {} users",
        page.list.len(),
        page.total_count
    ))?;
    for user in &page.list {
        out.say(&describe(user))?;
    }

    out.step("Register a user")?;
    let registered = client.register_by_username(&username, PASSWORD).await?;
    out.say(&describe(&registered.user))?;

    out.step("Log in")?;
    let session = client.login_by_username(&username, PASSWORD).await?;
    out.say(&format!(
        "user id {}",
        session.user_id().unwrap_or_default()
    ))?;

    out.step("Update the profile")?;
    let updates = UpdateProfileInput::new()
        .nickname("Quick")
        .company("Start & Co");
    out.say(&describe(&session.update_profile(updates).await?))?;

    out.step("Do the same again from the saved access token")?;
    let token = session.token().expose().to_owned();
    let session = client.session(token);
    session
        .update_profile(UpdateProfileInput::new().nickname("Quicker"))
        .await?;
    out.say(&describe(&session.get_current_user().await?))?;

    out.step("Log out")?;
    session.logout().await?;
    let status = session.check_login_status().await?;
    out.say(&format!("logged in: {}", status.is_logged_in()))?;

    out.step("Delete the user, as the administrator")?;
    admin.users().delete(&registered.user.id).await?;
    let gone = admin.users().detail(&registered.user.id).await?.is_none();
    out.say(&format!("gone: {gone}"))?;

    out.step("Meet an error: log in as the user who is gone")?;
    match client.login_by_username(&username, PASSWORD).await {
        Ok(_) => return Err("the user should be gone".into()),
        Err(error) => {
            out.say(&format!(
                "code    {}",
                error.code().map_or(0, |code| code.number())
            ))?;
            out.say(&format!("message {}", error.message()))?;
            out.say(&format!("display {error}"))?;
        }
    }
    out.end()?;
    Ok(())
}

fn describe(user: &User) -> String {
    let text = |field: &Option<String>| field.clone().unwrap_or_else(|| "-".to_owned());
    format!(
        "{}  nickname {}  company {}",
        text(&user.username),
        text(&user.nickname),
        text(&user.company)
    )
}

/// Numbers the steps of the story on standard output.
#[derive(Default)]
struct Story {
    steps: u32,
}

impl Story {
    fn step(&mut self, title: &str) -> io::Result<()> {
        self.steps += 1;
        writeln!(io::stdout(), "\n{}. {title}", self.steps)
    }

    fn say(&self, line: &str) -> io::Result<()> {
        let indent = if self.steps == 0 { "" } else { "   " };
        writeln!(io::stdout(), "{indent}{line}")
    }

    fn end(&self) -> io::Result<()> {
        writeln!(io::stdout(), "\nAll {} steps went well.", self.steps)
    }
}
