//! The page at `/`, for people: what is in the emulator, and the buttons that tests press over the control API.
//!
//! It has no script and loads nothing. What it shows it asks of the emulator's own API, as an administrator would.

mod sections;
mod view;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::shared::Shared;
use view::View;

const STYLE: &str = include_str!("page.css");

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(show))
        .route("/_emulator/page", post(act))
}

/// What the address of the page says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    /// The pool to show; the first one unless named.
    pool: Option<String>,
    /// What users are looked for by.
    search: String,
    /// Which page of the users.
    page: Option<u32>,
    /// What was done just now.
    done: Option<Deed>,
}

/// What the buttons do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    Reset,
    Freeze,
    Unfreeze,
    Minute,
    Hour,
    Day,
    Forget,
}

impl Deed {
    /// What the page says afterwards.
    fn told(self) -> &'static str {
        match self {
            Self::Reset => "Everything is as it was at the start.",
            Self::Freeze => "The clock stands still.",
            Self::Unfreeze => "The clock goes on.",
            Self::Minute => "The clock is a minute ahead.",
            Self::Hour => "The clock is an hour ahead.",
            Self::Day => "The clock is a day ahead.",
            Self::Forget => "The requests are forgotten.",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Freeze => "freeze",
            Self::Unfreeze => "unfreeze",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Forget => "forget",
        }
    }
}

async fn show(State(shared): State<Arc<Shared>>, Query(wish): Query<Wish>) -> Response {
    page(&shared, &wish, None)
}

#[derive(Deserialize)]
struct Press {
    r#do: Deed,
    #[serde(default)]
    token: String,
    pool: Option<String>,
}

/// The token is typed into the form, so a form on another page of the web cannot press a button.
async fn act(State(shared): State<Arc<Shared>>, Form(press): Form<Press>) -> Response {
    let wish = Wish {
        pool: press.pool,
        ..Wish::default()
    };
    if !shared.control.accepts(&press.token) {
        let problem = "That is not the control token. The emulator prints it when it starts.";
        return page(&shared, &wish, Some(problem));
    }
    match press.r#do {
        Deed::Reset => {
            shared.reset();
            shared.door.open().await;
        }
        Deed::Freeze => shared.clock.freeze(),
        Deed::Unfreeze => shared.clock.unfreeze(),
        Deed::Minute => shared.clock.advance(Duration::from_secs(60)),
        Deed::Hour => shared.clock.advance(Duration::from_secs(3600)),
        Deed::Day => shared.clock.advance(Duration::from_secs(86_400)),
        Deed::Forget => shared.journal.clear(),
    }
    // So that going back or reloading does not do it once more.
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("done", press.r#do.name());
    if let Some(pool) = &wish.pool {
        query.append_pair("pool", pool);
    }
    Redirect::to(&format!("/?{}", query.finish())).into_response()
}

fn page(shared: &Shared, wish: &Wish, problem: Option<&str>) -> Response {
    let status = match problem {
        Some(_) => StatusCode::FORBIDDEN,
        None => StatusCode::OK,
    };
    let Some(view) = View::of(shared, wish) else {
        let back = Redirect::to("/");
        return back.into_response();
    };
    let html = sections::document(STYLE, &view, wish, problem).into_string();
    (status, headers(), Html(html)).into_response()
}

/// Nothing is loaded and nothing runs but the style sheet above.
fn headers() -> HeaderMap {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    let mut headers = HeaderMap::new();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
}
