//! A small API that serves only whom Authing knows.
//!
//! ```sh
//! cargo run --example protected-api --features verify-axum
//! ```
//!
//! Then try the commands that it prints. Without configuration it runs against
//! a local Authing that it starts itself. With `AUTHING_APP_HOST` (such as
//! `https://my-app.authing.cn`) and `AUTHING_APP_ID` it accepts the access
//! tokens of that application; the role `editor` must then be in the tokens'
//! claim `roles`, where the scope `roles` of a login puts it.

use std::error::Error;
use std::io::{self, Write};

use authing::oidc::OidcClient;
use authing::v2::{CreateUserInput, ManagementClient};
use authing::verify::axum::OptionalClaims;
use authing::verify::tower::{Guard, GuardLayer, VerifyLayer};
use authing::verify::{Application, Claims, OtherClaims, Verifier};
use authing::{HttpTransport, ReqwestTransport};
use authing_emulator::Emulator;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, put};
use tokio::net::TcpListener;

const PASSWORD: &str = "correct horse battery";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:3001").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let mut out = io::stdout();

    // Held until the end: dropping the emulator stops it.
    let (application, _emulator) = match std::env::var_os("AUTHING_APP_HOST") {
        Some(_) => (Application::from_env()?, None),
        None => {
            writeln!(out, "AUTHING_APP_HOST is not set: using a local Authing.")?;
            let emulator = Emulator::start()?;
            let transport = ReqwestTransport::builder().no_proxy().build()?;
            people(&emulator).await?;
            writeln!(out, "\ncurl -i {url}/me")?;
            for name in ["alice", "bob"] {
                let token = log_in(&emulator, &transport, name).await?;
                let header = format!("-H 'Authorization: Bearer {token}'");
                writeln!(out, "\n# As {name}:\ncurl -i {url}/me {header}")?;
                writeln!(out, "curl -i -X PUT {url}/pages/rabbits {header}")?;
            }
            let application = Application::new(emulator.app_id(), emulator.url());
            (application, Some(emulator))
        }
    };
    let verifier = Verifier::builder().application(application).build()?;
    // Not needed, but then the first request does not wait.
    verifier.preload().await?;
    writeln!(out, "\nListening at {url}. Ctrl-C ends it.")?;
    axum::serve(listener, app(verifier)).await?;
    Ok(())
}

/// The API: open to all at `/`, to whoever has a token at `/me`, and to editors
/// at `/pages`.
pub fn app(verifier: Verifier) -> Router {
    let required = VerifyLayer::new(verifier.clone())
        .realm("pages")
        .on_rejection(|rejection| eprintln!("refused: {rejection}"));
    let optional = VerifyLayer::new(verifier).realm("pages").optional();
    let editors = GuardLayer::new(Guard::role("editor"));

    let closed = Router::new()
        .route("/me", get(me))
        .route("/pages/{name}", put(write).layer(editors))
        .layer(required);
    let open = Router::new().route("/", get(home)).layer(optional);
    open.merge(closed)
}

async fn home(OptionalClaims(claims): OptionalClaims<OtherClaims>) -> String {
    match claims {
        Some(claims) => format!("Welcome back, {}.\n", claims.sub),
        None => "Welcome. Who are you?\n".to_owned(),
    }
}

async fn me(claims: Claims) -> String {
    let roles: Vec<_> = claims.roles().collect();
    format!("You are {}, with the roles {roles:?}.\n", claims.sub)
}

async fn write(Path(name): Path<String>, claims: Claims) -> String {
    format!("{} has written the page {name}.\n", claims.sub)
}

/// Alice, who is an editor, and Bob, who is not.
async fn people(emulator: &Emulator) -> Result<(), Box<dyn Error>> {
    let admin = ManagementClient::builder(emulator.user_pool_id(), emulator.secret())
        .host(emulator.url())
        .public_key(emulator.public_key())
        .build()?;
    admin.roles().create("editor").await?;
    for name in ["alice", "bob"] {
        let user = CreateUserInput::new().username(name).password(PASSWORD);
        let user = admin.users().create(user).await?;
        if name == "alice" {
            admin.roles().add_users("editor", [&user.id]).await?;
        }
    }
    Ok(())
}

/// What a browser does at Authing's login page, and the application behind it.
async fn log_in(
    emulator: &Emulator,
    browser: &ReqwestTransport,
    name: &str,
) -> Result<String, Box<dyn Error>> {
    let client = OidcClient::builder(emulator.app_id())
        .secret(emulator.app_secret())
        .host(emulator.url())
        .build()?;
    let begun = client
        .build_authorize_url("http://127.0.0.1:3000/callback")
        .scope("openid profile roles")
        .build()?;
    let page = browser
        .send(http::Request::get(&begun.url).body("".into())?)
        .await?;
    let page = String::from_utf8(page.into_body().to_vec())?;
    let action = page
        .split("action=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let action = format!("{}{}", emulator.url(), action.unwrap_or_default());
    let form = format!("account={name}&password={}", PASSWORD.replace(' ', "+"));
    let answer = http::Request::post(action)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into())?;
    let answer = browser.send(answer).await?;
    let location = answer.headers().get("location").ok_or("no way back")?;
    let (_, query) = location.to_str()?.split_once('?').ok_or("no code")?;
    let code = client.callback(&begun.login, query)?;
    let tokens = client.get_access_token_by_code(code).await?;
    Ok(tokens.access_token.expose().to_owned())
}
