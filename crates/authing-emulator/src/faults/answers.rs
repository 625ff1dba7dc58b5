//! Answers that a fault makes, or makes worse.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

use super::wire::{Damage, Injury};
use super::{Fault, Line, RetryAfter};
use crate::clock::Clock;

/// Of any size: the emulator has made it.
const WHOLE: usize = usize::MAX;

/// The answer as the fault leaves it, where `response` is what there was to answer, and `is_head` whether only its
/// head is sent. What concerns the bytes of an answer is ordered of the connection.
pub(crate) async fn damaged(
    fault: &Fault,
    response: Response,
    is_head: bool,
    line: &Line,
    clock: &Clock,
) -> Response {
    let injury = match *fault {
        Fault::Latency { .. } | Fault::ExpiredToken => return response,
        Fault::TruncatedJson => return truncated(response).await,
        Fault::WrongContentType => return mislabelled(response),
        Fault::GatewayPage => return page(StatusCode::OK),
        Fault::TooManyRequests { retry_after } => {
            let body =
                json!({"statusCode": 429, "message": "您的请求已超过最大数量限制，请稍后重试"});
            let answer = (StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response();
            return later(answer, retry_after, clock);
        }
        Fault::ServerError {
            status,
            retry_after,
        } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return later(page(status), retry_after, clock);
        }
        Fault::HalfOpen => {
            line.stop_listening();
            return std::future::pending().await;
        }
        Fault::Refuse { .. } | Fault::Reset => Injury::Reset,
        Fault::ResetInBody => Injury::ResetInBody,
        Fault::CloseInBody => Injury::CloseInBody,
        Fault::SlowHead { bytes, pause } => Injury::SlowHead { bytes, pause },
        Fault::SlowBody { bytes, pause } => Injury::SlowBody { bytes, pause },
        Fault::Duplicate => Injury::Duplicate,
    };
    let (parts, body) = response.into_parts();
    let body = whole(body).await;
    line.order(Damage {
        injury,
        body: if is_head { 0 } else { body.len() },
    });
    Response::from_parts(parts, Body::from(body))
}

/// An answer of which nobody sees anything.
pub(crate) fn blank() -> Response {
    Response::default()
}

async fn whole(body: Body) -> Bytes {
    axum::body::to_bytes(body, WHOLE).await.unwrap_or_default()
}

/// Half of anything but nothing is no JSON object any more.
async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let mut body = whole(body).await;
    body.truncate(body.len() / 2);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

fn mislabelled(mut response: Response) -> Response {
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// What stands between the client and Authing has something to say of its own.
fn page(status: StatusCode) -> Response {
    let title = match status {
        StatusCode::OK => "Please wait".to_owned(),
        other => other.to_string(),
    };
    let html = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>gateway</center>\r\n</body>\r\n</html>\r\n"
    );
    (status, Html(html)).into_response()
}

fn later(mut response: Response, when: Option<RetryAfter>, clock: &Clock) -> Response {
    let text = when.and_then(|when| match when {
        RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
        RetryAfter::Date(wait) => {
            let almost = Duration::from_millis(999);
            clock.now().after(wait.saturating_add(almost)).http_date()
        }
    });
    if let Some(Ok(value)) = text.as_deref().map(HeaderValue::from_str) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}
