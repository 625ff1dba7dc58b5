//! The HTTP side of the server.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get, on, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::exchange::{Verdict, exchange};
use crate::journal::Outcome;
use crate::refusal::{Refusal, code};
use crate::rest::{self, Route, Routes};
use crate::shared::Shared;
use crate::wording::{self, Language, Wording};
use crate::world::Hint;
use crate::{control, cors, coverage, graphql, in_flight, oidc};

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let mut router = Router::new();
    let routes = Routes::of(crate::ROUTES);
    for (method, path) in coverage::refused_routes(&routes) {
        let refusal = Refusal::not_emulated(&format!("{method} {path}"));
        if let Ok(method) = MethodFilter::try_from(method) {
            let answer = async move |headers: HeaderMap| not_emulated(path, &refusal, &headers);
            router = router.route(path, on(method, answer));
        }
    }
    for route in routes.all {
        let method = MethodFilter::try_from(route.method.clone());
        let path = route.path;
        let answer = move |State(shared), headers, query, path, body| {
            serve(route.clone(), shared, headers, query, path, body)
        };
        if let Ok(method) = method {
            router = router.route(path, on(method, answer));
        }
    }
    router
        .route(graphql::PATH, post(graphql))
        .route("/api/v2/.well-known", get(well_known))
        .merge(oidc::routes())
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(from_fn_with_state(Arc::clone(&shared), exchange))
        .layer(cors::layer())
        // Beside what is asked of Authing: no fault strikes there, and no journal is kept.
        .merge(control::routes(&shared))
        .layer(from_fn_with_state(Arc::clone(&shared), in_flight::counted))
        .with_state(shared)
}

async fn graphql(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let request: graphql::Request = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => {
            let body =
                json!({"errors": [{"message": format!("the body is not a request: {error}")}]});
            return (StatusCode::BAD_REQUEST, Json(body)).into_response();
        }
    };
    let hint = Hint {
        body: &body,
        ..Hint::default()
    };
    let answer = shared.with_context(&headers, hint, |context| {
        shared.engine.answer(&request, context)
    });
    let status = if answer.executed {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let mut response = (status, Json(answer.body)).into_response();
    response.extensions_mut().insert(Verdict {
        operation: answer.operation,
        executed: answer.executed,
        outcome: answer.outcome,
    });
    response
}

async fn well_known(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let data = json!({"publicKey": shared.key.public_pem()});
    Json(rest::success("获取成功", data))
}

/// Answers one of the routes of the resources.
async fn serve(
    route: Route,
    shared: Arc<Shared>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
    Path(path): Path<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    match rest::arguments(query, &body, path) {
        Ok(arguments) => {
            let app = arguments.get("app_id").and_then(Value::as_str);
            let app = app.map(str::to_owned);
            let hint = Hint {
                app: app.as_deref(),
                body: &body,
                ..Hint::default()
            };
            let answer = shared.with_context(&headers, hint, |mut context| {
                route.answer(&mut context, arguments)
            });
            let code = answer.get("code").and_then(Value::as_i64);
            let status = match code {
                Some(code::BAD_ARGUMENT) => StatusCode::BAD_REQUEST,
                _ => StatusCode::OK,
            };
            let mut response = (status, Json(answer)).into_response();
            response.extensions_mut().insert(Verdict {
                operation: None,
                executed: true,
                outcome: match code {
                    None | Some(200) => Outcome::Success,
                    Some(code) => Outcome::Refused(code),
                },
            });
            response
        }
        Err(refusal) => {
            let refusal = refusal.body(Language::of(&headers));
            (StatusCode::BAD_REQUEST, Json(refusal)).into_response()
        }
    }
}

/// Answers what Authing knows and nothing here does. Outside of the API there is no envelope to tell it by.
fn not_emulated(path: &str, refusal: &Refusal, headers: &HeaderMap) -> Response {
    let outcome = Outcome::Refused(refusal.code);
    let status = if path.starts_with("/api/") {
        StatusCode::OK
    } else {
        StatusCode::NOT_IMPLEMENTED
    };
    let body = refusal.body(Language::of(headers));
    let mut response = (status, Json(body)).into_response();
    response.extensions_mut().insert(Verdict {
        operation: None,
        executed: false,
        outcome,
    });
    response
}

pub(crate) async fn not_found(headers: HeaderMap) -> (StatusCode, Json<Value>) {
    let language = Language::of(&headers);
    refuse(StatusCode::NOT_FOUND, &wording::NOTHING_AT_PATH, language)
}

async fn method_not_allowed(headers: HeaderMap) -> (StatusCode, Json<Value>) {
    let language = Language::of(&headers);
    refuse(
        StatusCode::METHOD_NOT_ALLOWED,
        &wording::OTHER_METHOD,
        language,
    )
}

/// In the shape of the REST API, for what has nothing to do with the operation that was asked for.
pub(crate) fn refuse(
    status: StatusCode,
    why: &'static Wording,
    language: Language,
) -> (StatusCode, Json<Value>) {
    (status, Json(Refusal::new(why).body(language)))
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = text(headers, header::AUTHORIZATION.as_str())?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

pub(crate) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
