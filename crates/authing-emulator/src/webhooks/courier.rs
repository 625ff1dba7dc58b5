//! Carries events to where they are wanted: those of one pool one after the other.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::task::{AbortHandle, JoinSet};

use super::{Attempt, Webhook};
use crate::dates::Moment;
use crate::loopback;
use crate::shared::Shared;

/// Real time, in which an answer must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is sent.
struct Parcel {
    pool_id: String,
    id: String,
    webhook: Webhook,
    body: String,
}

/// A pool whose receiver has something and has not answered. Its next event waits, those of other pools do not.
struct Busy {
    parcel: Parcel,
    at: String,
    task: AbortHandle,
}

/// By the ids of the pools.
type BusyPools = HashMap<String, Busy>;

/// For as long as the server runs.
pub(crate) async fn deliver(shared: Arc<Shared>) {
    let mut busy = BusyPools::new();
    let mut under_way = JoinSet::new();
    loop {
        let news = shared.webhooks_waiting.notified();
        shared.give_up_what_changed(&mut busy);
        let (due, next) = shared.parcels(&busy);
        for parcel in due {
            let at = shared.clock.now().iso();
            let answer = send(&parcel);
            let task = under_way.spawn(answer);
            let pool_id = parcel.pool_id.clone();
            busy.insert(pool_id, Busy { parcel, at, task });
        }
        let next_is_due = async {
            match next {
                Some(due) => shared.clock.wait_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = news => {}
            () = next_is_due => {}
            Some(ended) = under_way.join_next_with_id() => {
                let (id, outcome) = match ended {
                    Ok((id, outcome)) => (id, outcome),
                    Err(error) => (error.id(), Err("the emulator is broken".to_owned())),
                };
                let pool = busy.iter().find(|(_, own)| own.task.id() == id);
                let pool = pool.map(|(pool, _)| pool.clone());
                if let Some(own) = pool.and_then(|pool| busy.remove(&pool)) {
                    shared.record_attempt(own, outcome);
                }
            }
        }
    }
}

impl Shared {
    /// What is due in pools that are not busy, one for each, and when the next one is.
    fn parcels(&self, busy: &BusyPools) -> (Vec<Parcel>, Option<Moment>) {
        let world = self.world();
        let now = self.clock.now();
        let mut due = Vec::new();
        let mut next: Option<Moment> = None;
        for tenant in world.tenants.iter() {
            let pool_id = &tenant.apps.first.id;
            let waiting = tenant.state.webhooks.next();
            let Some((webhook, delivery, at)) = waiting.filter(|_| !busy.contains_key(pool_id))
            else {
                continue;
            };
            if now < at {
                next = Some(next.map_or(at, |next| next.min(at)));
                continue;
            }
            due.push(Parcel {
                pool_id: pool_id.clone(),
                id: delivery.id.clone(),
                webhook: webhook.clone(),
                body: delivery.body.to_string(),
            });
        }
        (due, next)
    }

    /// Nobody waits for the receiver of a webhook that is another one now, or of an event that is gone.
    fn give_up_what_changed(&self, busy: &mut BusyPools) {
        let mut given_up = Vec::new();
        {
            let mut world = self.world();
            for (pool, own) in busy.iter() {
                let webhooks = world.find(Some(pool)).map(|tenant| &tenant.state.webhooks);
                let is_wanted = webhooks.is_some_and(|webhooks| {
                    let target = webhooks.target();
                    let is_same = target.is_some_and(|target| *target == own.parcel.webhook);
                    is_same
                        && webhooks
                            .deliveries()
                            .any(|delivery| delivery.id == own.parcel.id)
                });
                if !is_wanted {
                    given_up.push(pool.clone());
                }
            }
        }
        for pool in given_up {
            if let Some(own) = busy.remove(&pool) {
                own.task.abort();
                let outcome = Err("the webhook was changed meanwhile".to_owned());
                self.record_attempt(own, outcome);
            }
        }
    }

    fn record_attempt(&self, own: Busy, outcome: Result<u16, String>) {
        let now = self.clock.now();
        let attempt = Attempt {
            at: own.at,
            status: outcome.as_ref().ok().copied(),
            error: outcome.err(),
        };
        if let Some(tenant) = self.world().find(Some(&own.parcel.pool_id)) {
            tenant.state.webhooks.record(&own.parcel.id, attempt, now);
        }
    }
}

/// The status of the answer, or why there was none.
fn send(parcel: &Parcel) -> impl Future<Output = Result<u16, String>> + Send + 'static {
    let Parcel {
        pool_id,
        webhook,
        body,
        ..
    } = parcel;
    let (pool_id, webhook, body) = (pool_id.clone(), webhook.clone(), body.clone());
    async move {
        let exchange = exchange(&pool_id, &webhook, body);
        match tokio::time::timeout(PATIENCE, exchange).await {
            Ok(Ok(status)) => Ok(status),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer in ten seconds".to_owned()),
        }
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn exchange(pool_id: &str, webhook: &Webhook, body: String) -> Result<u16, Failure> {
    let uri: Uri = webhook.url.parse()?;
    let host = uri.host().unwrap_or_default();
    let port = uri.port_u16().unwrap_or(80);
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let secret = &webhook.secret;
    let request = Request::post(path)
        .header(header::HOST, authority)
        .header(header::USER_AGENT, "authing-webhook@2.0")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-authing-webhook-secret", secret)
        .header("x-authing-token", secret)
        .header("x-authing-userpool-id", pool_id)
        .body(Body::from(body))?;
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
