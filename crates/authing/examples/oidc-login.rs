//! A small web application that logs its users in with OpenID Connect.
//!
//! ```sh
//! cargo run --example oidc-login
//! ```
//!
//! Then open the address that it prints. Without configuration it runs against
//! a local Authing that it starts itself, with a user to log in as. With
//! `AUTHING_APP_HOST` (such as `https://my-app.authing.cn`), `AUTHING_APP_ID`
//! and `AUTHING_APP_SECRET` it runs against that deployment: there,
//! `http://127.0.0.1:3000/callback` must be among the application's login
//! callbacks, and `http://127.0.0.1:3000/` among its logout callbacks.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use authing::Secret;
use authing::oidc::{OidcClient, PendingLogin, UserInfo};
use authing::v2::{CreateUserInput, ManagementClient};
use authing_emulator::Emulator;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;

const USERNAME: &str = "alice";
const PASSWORD: &str = "correct horse battery";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    let own_url = format!("http://{}", listener.local_addr()?);
    let mut out = io::stdout();

    // Held until the end: dropping the emulator stops it.
    let (client, _emulator) = match std::env::var_os("AUTHING_APP_HOST") {
        Some(_) => (OidcClient::from_env()?, None),
        None => {
            let emulator = Emulator::start()?;
            let admin = ManagementClient::builder(emulator.user_pool_id(), emulator.secret())
                .host(emulator.url())
                .public_key(emulator.public_key())
                .build()?;
            let alice = CreateUserInput::new()
                .username(USERNAME)
                .password(PASSWORD)
                .name("Alice Liddell")
                .nickname("Alice")
                .email("alice@example.com")
                .locale("en-GB");
            admin.users().create(alice).await?;
            let client = OidcClient::builder(emulator.app_id())
                .secret(emulator.app_secret())
                .host(emulator.url())
                .build()?;
            writeln!(out, "AUTHING_APP_HOST is not set: using a local Authing.")?;
            writeln!(out, "Log in as {USERNAME} with the password: {PASSWORD}")?;
            (client, Some(emulator))
        }
    };
    writeln!(out, "Open {own_url} in a browser. Ctrl-C ends it.")?;
    axum::serve(listener, app(client, own_url)).await?;
    Ok(())
}

/// The web application, which browsers find at `own_url`.
pub fn app(client: OidcClient, own_url: String) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .route("/logout", post(logout))
        .with_state(Arc::new(App {
            client,
            own_url,
            sessions: Mutex::default(),
        }))
}

struct App {
    client: OidcClient,
    own_url: String,
    /// By the cookie. A real application keeps them in a database, lets them
    /// expire, and sends the cookie over TLS only.
    sessions: Mutex<HashMap<String, Session>>,
}

/// What is known about a browser.
#[derive(Clone)]
enum Session {
    /// It is at Authing's login page, or was.
    LoggingIn(PendingLogin),
    LoggedIn(Box<User>),
}

#[derive(Clone)]
struct User {
    info: UserInfo,
    /// For the logout.
    id_token: Option<Secret>,
}

async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    match app.session(&headers) {
        Some(Session::LoggedIn(user)) => profile(&user.info).into_response(),
        _ => welcome().into_response(),
    }
}

async fn login(State(app): State<Arc<App>>) -> Response {
    let redirect_uri = format!("{}/callback", app.own_url);
    let begun = app
        .client
        .build_authorize_url(redirect_uri)
        .scope("openid profile username email phone")
        .build();
    match begun {
        Ok(begun) => {
            let cookie = app.remember(Session::LoggingIn(begun.login));
            (cookie, Redirect::to(&begun.url)).into_response()
        }
        Err(error) => problem("The login could not begin", &error),
    }
}

async fn callback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    // Taken out, because a login ends once.
    let Some(Session::LoggingIn(login)) = app.forget(&headers) else {
        return Redirect::to("/").into_response();
    };
    match finish(&app.client, &login, &query.unwrap_or_default()).await {
        // A new cookie for a new user: nobody else can know it.
        Ok(user) => {
            let cookie = app.remember(Session::LoggedIn(Box::new(user)));
            (cookie, Redirect::to("/")).into_response()
        }
        Err(error) if error.oauth_error() == Some("access_denied") => {
            Redirect::to("/").into_response()
        }
        Err(error) => problem("You were not signed in", &error),
    }
}

async fn finish(
    client: &OidcClient,
    login: &PendingLogin,
    query: &str,
) -> Result<User, authing::Error> {
    let code = client.callback(login, query)?;
    let tokens = client.get_access_token_by_code(code).await?;
    let info = client.get_user_info_by_access_token(&tokens.access_token);
    let info = match &tokens.claims {
        Some(claims) => info.subject(&claims.sub).await?,
        None => info.await?,
    };
    Ok(User {
        info,
        id_token: tokens.id_token,
    })
}

/// A `POST`, so that no link or picture on another site can log users out.
async fn logout(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let Some(Session::LoggedIn(user)) = app.forget(&headers) else {
        return Redirect::to("/").into_response();
    };
    let mut url = app.client.build_logout_url();
    if let Some(id_token) = &user.id_token {
        url = url
            .id_token_hint(id_token)
            .post_logout_redirect_uri(format!("{}/", app.own_url));
    }
    match url.build() {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(error) => problem("You are signed out here, but not at Authing", &error),
    }
}

impl App {
    fn session(&self, headers: &HeaderMap) -> Option<Session> {
        self.sessions().get(cookie(headers)?).cloned()
    }

    fn forget(&self, headers: &HeaderMap) -> Option<Session> {
        self.sessions().remove(cookie(headers)?)
    }

    /// The header that gives the browser its cookie.
    fn remember(&self, session: Session) -> [(header::HeaderName, String); 1] {
        let mut bytes = [0; 16];
        // Only a broken system has no random numbers, and then nobody logs in.
        let id = match getrandom::fill(&mut bytes) {
            Ok(()) => bytes.map(|byte| format!("{byte:02x}")).concat(),
            Err(_) => return [(header::SET_COOKIE, String::new())],
        };
        let cookie = format!("app_session={id}; Path=/; HttpOnly; SameSite=Lax");
        self.sessions().insert(id, session);
        [(header::SET_COOKIE, cookie)]
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<String, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies
        .split(';')
        .find_map(|cookie| cookie.trim().strip_prefix("app_session="))
}

fn welcome() -> Html<String> {
    page(
        "Welcome",
        r#"<h1>Wonderland</h1>
<p class="quiet">A small application that lets Authing find out who you are.</p>
<a class="button" id="login" href="/login">Sign in</a>"#,
    )
}

fn profile(info: &UserInfo) -> Html<String> {
    let claims = &info.claims;
    let name = [&claims.name, &claims.nickname, &claims.username]
        .into_iter()
        .find_map(|name| name.as_deref())
        .unwrap_or(&info.sub);
    let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
    let rows: String = [
        ("Username", claims.username.as_deref()),
        ("Nickname", claims.nickname.as_deref()),
        ("Email", claims.email.as_deref()),
        ("Phone", claims.phone_number.as_deref()),
        ("Language", claims.locale.as_deref()),
        ("Id", Some(&*info.sub)),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((label, value?)))
    .map(|(label, value)| format!("<dt>{label}</dt><dd>{}</dd>\n", escape(value)))
    .collect();
    let body = format!(
        r#"<div class="avatar" aria-hidden="true">{}</div>
<h1 id="name">{}</h1>
<p class="quiet">You are signed in.</p>
<dl>
{rows}</dl>
<form method="post" action="/logout"><button class="button plain" id="logout">Sign out</button></form>"#,
        escape(&initial),
        escape(name),
    );
    page("Your profile", &body)
}

fn problem(what: &str, error: &authing::Error) -> Response {
    let body = format!(
        r#"<h1>{what}</h1>
<p class="quiet">Nothing has changed. The SDK says:</p>
<p class="reason" id="problem">{}</p>
<a class="button" href="/">Back</a>"#,
        escape(error.message()),
    );
    (StatusCode::BAD_REQUEST, page("Something went wrong", &body)).into_response()
}

fn page(title: &str, body: &str) -> Html<String> {
    Html(format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Wonderland</title>
<style>{STYLE}</style>
</head>
<body><main>{body}</main></body>
</html>
"#
    ))
}

/// For text in a page: users may call themselves what they like.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

const STYLE: &str = "
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:linear-gradient(160deg,#fdf3e7,#f3e9f7 55%,#e6effa);color:#2a2233;font:17px/1.55 system-ui,sans-serif}
main{width:100%;max-width:27rem;padding:2.75rem 2.25rem;text-align:center;background:#fff;border-radius:20px;box-shadow:0 20px 50px rgba(70,40,90,.14)}
h1{margin:0;font-size:1.75rem;line-height:1.25;letter-spacing:-.01em;text-wrap:balance;overflow-wrap:anywhere}
.quiet{margin:.5rem 0 0;color:#6b6177;text-wrap:balance}
.reason{margin:1rem 0 0;padding:.7rem 1rem;border-radius:12px;background:#f7f2fb;color:#573199;font-size:.9375rem}
.button{display:inline-block;margin:1.75rem 0 0;padding:.7rem 1.9rem;border:0;border-radius:999px;background:#6a3fb5;color:#fff;font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
.button:hover{background:#573199}
.button:focus-visible{outline:3px solid #c3a9ee;outline-offset:2px}
.plain{background:#f0eaf8;color:#573199}
.plain:hover{background:#e3d8f3}
.avatar{width:5rem;height:5rem;margin:0 auto 1.1rem;border-radius:50%;display:grid;place-items:center;background:#6a3fb5;color:#fff;font-size:2.1rem;font-weight:650}
dl{margin:1.75rem 0 0;font-size:.9375rem;display:grid;grid-template-columns:auto 1fr;text-align:left;border-top:1px solid #eee7f4}
dt,dd{margin:0;padding:.6rem 0;border-bottom:1px solid #eee7f4}
dt{padding-right:1.5rem;color:#6b6177}
dd{overflow-wrap:anywhere}
";
