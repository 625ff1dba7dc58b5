//! Carries events to where they are wanted, one after the other.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use super::{Attempt, Webhook};
use crate::dates::Moment;
use crate::loopback;
use crate::shared::Shared;

/// Real time, in which an answer must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is sent, and when it is due.
struct Parcel {
    pool_id: String,
    id: String,
    webhook: Webhook,
    body: String,
    due: Moment,
}

/// For as long as the server runs.
pub(crate) async fn deliver(shared: Arc<Shared>) {
    loop {
        let news = shared.webhooks_waiting.notified();
        let Some(parcel) = shared.next_parcel() else {
            news.await;
            continue;
        };
        if shared.clock.now() < parcel.due {
            tokio::select! {
                () = news => {}
                () = shared.clock.wait_until(parcel.due) => {}
            }
            continue;
        }
        let at = shared.clock.now().iso();
        let answer = tokio::time::timeout(PATIENCE, send(&parcel)).await;
        let (status, error) = match answer {
            Ok(Ok(status)) => (Some(status), None),
            Ok(Err(error)) => (None, Some(error.to_string())),
            Err(_) => (None, Some("no answer in ten seconds".to_owned())),
        };
        let attempt = Attempt { at, status, error };
        shared.record_attempt(&parcel, attempt);
    }
}

impl Shared {
    fn next_parcel(&self) -> Option<Parcel> {
        let world = self.world();
        let waiting = world.tenants.iter().filter_map(|tenant| {
            let (webhook, delivery, due) = tenant.state.webhooks.next()?;
            Some((tenant, webhook, delivery, due))
        });
        let (tenant, webhook, delivery, due) = waiting.min_by_key(|(.., due)| *due)?;
        Some(Parcel {
            pool_id: tenant.apps.first.id.clone(),
            id: delivery.id.clone(),
            webhook: webhook.clone(),
            body: delivery.body.to_string(),
            due,
        })
    }

    fn record_attempt(&self, parcel: &Parcel, attempt: Attempt) {
        let now = self.clock.now();
        if let Some(tenant) = self.world().find(Some(&parcel.pool_id)) {
            tenant.state.webhooks.record(&parcel.id, attempt, now);
        }
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn send(parcel: &Parcel) -> Result<u16, Failure> {
    let uri: Uri = parcel.webhook.url.parse()?;
    let host = uri.host().unwrap_or_default();
    let port = uri.port_u16().unwrap_or(80);
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let secret = &parcel.webhook.secret;
    let request = Request::post(path)
        .header(header::HOST, authority)
        .header(header::USER_AGENT, "authing-webhook@2.0")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-authing-webhook-secret", secret)
        .header("x-authing-token", secret)
        .header("x-authing-userpool-id", &parcel.pool_id)
        .body(Body::from(parcel.body.clone()))?;
    let stream = loopback::connect(host, port).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut answer = pin!(sender.send_request(request));
    let answer = tokio::select! {
        answer = &mut answer => answer,
        // Whatever came before its end is there by now.
        _ = connection => answer.await,
    };
    Ok(answer?.status().as_u16())
}
