//! Requests to the place where webhooks arrive.

use authing::verify::Reason;
use authing::verify::webhook::{EventName, Webhook};

use super::{check, headers};

const SECRET: &str = "webhook-secret";

/// A line that does not matter, headers, an empty line and a body.
pub(super) fn webhook(input: &[u8]) {
    let request = headers::answer(input);
    let (headers, body) = (&request.headers, &request.body);
    let secrets: Vec<_> = ["x-authing-webhook-secret", "x-authing-token"]
        .into_iter()
        .flat_map(|name| headers.get_all(name))
        .collect();
    let is_ours = !secrets.is_empty() && secrets.iter().all(|secret| *secret == SECRET);
    let webhook = Webhook::new(SECRET);
    assert_eq!(webhook.verify(headers).is_ok(), is_ours);
    let read = Webhook::read(headers, body);
    let received = webhook.receive(headers, body);
    assert_eq!(received.is_ok(), is_ours && read.is_ok());
    match read {
        Ok(event) => {
            let shown = format!("{event:?}");
            check::proportion(&shown, input);
            if !check::names_hold_canary(body) && matches!(event.name, EventName::Login) {
                check::clean(&event);
            }
            if let Some(id) = event.data.user_id() {
                assert!(id.len() <= body.len());
            }
        }
        Err(error) => {
            assert!([Reason::Malformed, Reason::TooLong].contains(&error.reason()));
            assert!(!error.to_string().contains(char::is_control), "{error}");
            if !check::names_hold_canary(body) {
                check::clean(&error);
            }
        }
    }
}
