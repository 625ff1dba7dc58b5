use std::time::Duration;

use authing_emulator::{Emulator, MessageKind};
use serde_json::{Value, json};

use crate::client::Client;

const SEND: &str = "mutation sendEmail($email: String!, $scene: EmailScene!) {
    sendEmail(email: $email, scene: $scene) { message code }
}";

fn reset(email: &str) -> Value {
    json!({"email": email, "scene": "RESET_PASSWORD"})
}

#[test]
fn mail_lands_in_the_outbox() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(emulator.outbox(), []);
    let nobody = Client::nobody(&emulator);
    let answer = nobody.ok(SEND, reset("Ann@Example.com"));
    assert_eq!(answer, json!({"message": "", "code": 200}));
    let [mail] = emulator.outbox().try_into().unwrap();
    assert_eq!(mail.to, "ann@example.com");
    assert_eq!(mail.kind, MessageKind::Email);
    assert_eq!(mail.scene, "RESET_PASSWORD");
    assert_eq!(mail.code.len(), 4);
}

#[test]
fn mail_is_sent_once_a_minute_and_to_addresses_only() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let login = json!({"email": "ann", "scene": "LOGIN_VERIFY_CODE"});
    assert_eq!(nobody.refused(SEND, login), 2204);
    nobody.ok(SEND, reset("ann@example.com"));
    assert_eq!(nobody.refused(SEND, reset("ann@example.com")), 2080);
    assert_eq!(emulator.outbox().len(), 1);
    emulator.advance(Duration::from_secs(60));
    nobody.ok(SEND, reset("ann@example.com"));
    assert_eq!(emulator.outbox().len(), 2);
}

#[test]
fn a_reset_takes_any_text_for_an_address() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    for scene in ["RESET_PASSWORD", "RESET_PASSWORD_VERIFY_CODE"] {
        nobody.ok(SEND, json!({"email": "Ann", "scene": scene}));
        let mail = emulator.outbox().pop().unwrap();
        assert_eq!((mail.to.as_str(), mail.scene.as_str()), ("ann", scene));
    }
}
