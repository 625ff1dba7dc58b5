//! Phone numbers and e-mail addresses of the caller, and the codes that change them.

use std::time::Duration;

use authing_emulator::{Emulator, MessageKind};
use serde_json::{Value, json};

use crate::client::{Client, encrypt};

const PHONE: &str = "13800000001";
const OTHER: &str = "13800000002";
const FIELDS: &str = "{ id username phone phoneVerified email emailVerified }";

fn register(emulator: &Emulator, name: &str) -> Value {
    let input = json!({
        "username": name, "password": encrypt(emulator, "123456"), "generateToken": true,
    });
    let query = "mutation registerByUsername($input: RegisterByUsernameInput!) {
        registerByUsername(input: $input) { id token }
    }";
    Client::nobody(emulator).ok(query, json!({"input": input}))
}

fn user<'a>(emulator: &'a Emulator, name: &str) -> Client<'a> {
    Client::with_token(emulator, &register(emulator, name)["token"])
}

/// Sends a text message, and answers its code.
fn text(emulator: &Emulator, phone: &str) -> String {
    let body = json!({"phone": phone}).to_string();
    let sent = Client::nobody(emulator).send("POST", "/api/v2/sms/send", &body);
    assert_eq!(sent.body["code"], 200);
    newest(emulator, phone, MessageKind::Sms)
}

/// Sends a mail, and answers its code.
fn mail(emulator: &Emulator, email: &str, scene: &str) -> String {
    let query = "mutation sendEmail($email: String!, $scene: EmailScene!) {
        sendEmail(email: $email, scene: $scene) { code }
    }";
    Client::nobody(emulator).ok(query, json!({"email": email, "scene": scene}));
    newest(emulator, email, MessageKind::Email)
}

fn newest(emulator: &Emulator, to: &str, kind: MessageKind) -> String {
    let sent = emulator.outbox().into_iter().rev();
    let mut sent = sent.filter(|message| message.to == to && message.kind == kind);
    sent.next().unwrap().code
}

/// A code of as many digits that is another one.
fn wrong(code: &str) -> String {
    let digit = if code.starts_with('0') { '1' } else { '0' };
    format!("{digit}{}", &code[1..])
}

fn bind_phone() -> String {
    format!(
        "mutation bindPhone($phone: String!, $code: String!) {{ bindPhone(phone: $phone, phoneCode: $code) {FIELDS} }}"
    )
}

fn update_phone() -> String {
    format!(
        "mutation updatePhone($phone: String!, $code: String!, $old: String, $oldCode: String) {{
            updatePhone(phone: $phone, phoneCode: $code, oldPhone: $old, oldPhoneCode: $oldCode) {FIELDS}
        }}"
    )
}

fn bind_email() -> String {
    format!(
        "mutation bindEmail($email: String!, $code: String!) {{ bindEmail(email: $email, emailCode: $code) {FIELDS} }}"
    )
}

fn update_email() -> String {
    format!(
        "mutation updateEmail($email: String!, $code: String!, $old: String, $oldCode: String) {{
            updateEmail(email: $email, emailCode: $code, oldEmail: $old, oldEmailCode: $oldCode) {FIELDS}
        }}"
    )
}

#[test]
fn a_number_is_bound_by_its_own_code() {
    let emulator = Emulator::start().unwrap();
    let ann = user(&emulator, "ann");
    let code = text(&emulator, PHONE);
    let query = bind_phone();
    let with = |phone: &str, code: &str| json!({"phone": phone, "code": code});
    assert_eq!(ann.refused(&query, with(PHONE, &wrong(&code))), 500);
    let malformed = ann.graphql(&query, with("no number", &code)).body;
    let refusal = &malformed["errors"][0]["message"];
    assert_eq!(
        (&refusal["code"], &refusal["message"]),
        (&json!(500), &json!("手机号格式不正确"))
    );
    // The code of one number is none of another.
    let other = text(&emulator, OTHER);
    assert_eq!(ann.refused(&query, with(OTHER, &wrong(&other))), 500);
    let bound = ann.ok(&query, with(PHONE, &code));
    assert_eq!(
        (&bound["phone"], &bound["phoneVerified"]),
        (&json!(PHONE), &json!(true))
    );
    let code = text(&emulator, OTHER);
    assert_eq!(ann.refused(&query, with(OTHER, &code)), 500, "there is one");

    // Somebody else cannot have it, whatever the code.
    let bob = user(&emulator, "bob");
    let code = text(&emulator, PHONE);
    assert_eq!(bob.refused(&query, with(PHONE, &code)), 500);
    // An old code is none.
    let code = text(&emulator, OTHER);
    emulator.advance(Duration::from_secs(300));
    assert_eq!(bob.refused(&query, with(OTHER, &code)), 500);
}

#[test]
fn a_number_is_changed_by_both_codes() {
    let emulator = Emulator::start().unwrap();
    let ann = user(&emulator, "ann");
    ann.ok(
        &bind_phone(),
        json!({"phone": PHONE, "code": text(&emulator, PHONE)}),
    );
    let (old, new) = (text(&emulator, PHONE), text(&emulator, OTHER));
    let query = update_phone();
    for (variables, code) in [
        (json!({"phone": OTHER, "code": new}), 500),
        (
            json!({"phone": OTHER, "code": new, "old": PHONE, "oldCode": wrong(&old)}),
            500,
        ),
        (
            json!({"phone": OTHER, "code": wrong(&new), "old": PHONE, "oldCode": old}),
            500,
        ),
        (
            json!({"phone": OTHER, "code": new, "old": "13800000003", "oldCode": old}),
            2038,
        ),
        (
            json!({"phone": PHONE, "code": old, "old": PHONE, "oldCode": old}),
            2230,
        ),
    ] {
        assert_eq!(ann.refused(&query, variables.clone()), code, "{variables}");
    }
    let right = json!({"phone": OTHER, "code": new, "old": PHONE, "oldCode": old});
    assert_eq!(ann.ok(&query, right)["phone"], OTHER);
    let gone = ann.ok(
        &format!("mutation unbindPhone {{ unbindPhone {FIELDS} }}"),
        json!({}),
    );
    assert_eq!(
        (&gone["phone"], &gone["phoneVerified"]),
        (&Value::Null, &json!(false))
    );
    let again = "mutation unbindPhone { unbindPhone { id } }";
    assert_eq!(ann.refused(again, json!({})), 500);
}

#[test]
fn an_address_is_bound_and_changed_by_codes() {
    let emulator = Emulator::start().unwrap();
    let ann = user(&emulator, "ann");
    let (first, second) = ("ann@example.com", "anna@example.com");
    let code = mail(&emulator, first, "EMAIL_BIND_VERIFY_CODE");
    let with = |email: &str, code: &str| json!({"email": email, "code": code});
    assert_eq!(ann.refused(&bind_email(), with(first, &wrong(&code))), 2001);
    assert_eq!(ann.refused(&bind_email(), with("no address", &code)), 2204);
    // One to reset a password binds nothing.
    let reset = mail(&emulator, second, "RESET_PASSWORD");
    assert_eq!(ann.refused(&bind_email(), with(second, &reset)), 2001);
    assert_eq!(ann.ok(&bind_email(), with(first, &code))["email"], first);
    let more = mail(&emulator, second, "EMAIL_BIND_VERIFY_CODE");
    assert_eq!(
        ann.refused(&bind_email(), with(second, &more)),
        2200,
        "there is one"
    );

    let bob = user(&emulator, "bob");
    let code = mail(&emulator, first, "VERIFY_CODE");
    assert_eq!(bob.refused(&bind_email(), with(first, &code)), 2200);

    let old = mail(&emulator, first, "CHANGE_EMAIL");
    let new = mail(&emulator, second, "CHANGE_EMAIL");
    for (variables, code) in [
        (json!({"email": second, "code": new}), 2227),
        (
            json!({"email": second, "code": new, "old": first, "oldCode": wrong(&old)}),
            2001,
        ),
        (
            json!({"email": second, "code": wrong(&new), "old": first, "oldCode": old}),
            2001,
        ),
        (
            json!({"email": second, "code": new, "old": "x@example.com", "oldCode": old}),
            2037,
        ),
        (
            json!({"email": "Ann@Example.com", "code": old, "old": first, "oldCode": old}),
            2229,
        ),
    ] {
        assert_eq!(
            ann.refused(&update_email(), variables.clone()),
            code,
            "{variables}"
        );
    }
    let right = json!({"email": second, "code": new, "old": "ANN@example.com", "oldCode": old});
    assert_eq!(ann.ok(&update_email(), right)["email"], second);
    let unbind = "mutation unbindEmail { unbindEmail { email } }";
    assert_eq!(ann.ok(unbind, json!({}))["email"], Value::Null);
    assert_eq!(ann.refused(unbind, json!({})), 2219);
}

#[test]
fn the_last_way_to_log_in_stays() {
    let emulator = Emulator::start().unwrap();
    let input = json!({"phone": PHONE, "code": text(&emulator, PHONE), "generateToken": true});
    let register = "mutation registerByPhoneCode($input: RegisterByPhoneCodeInput!) {
        registerByPhoneCode(input: $input) { token }
    }";
    let cas = Client::nobody(&emulator).ok(register, json!({"input": input}));
    let cas = Client::with_token(&emulator, &cas["token"]);
    let unbind = "mutation unbindPhone { unbindPhone { phone } }";
    assert_eq!(cas.refused(unbind, json!({})), 2217);
    let email = "cas@example.com";
    let code = mail(&emulator, email, "VERIFY_CODE");
    cas.ok(&bind_email(), json!({"email": email, "code": code}));
    assert_eq!(cas.ok(unbind, json!({}))["phone"], Value::Null);
    let unbind = "mutation unbindEmail { unbindEmail { email } }";
    assert_eq!(cas.refused(unbind, json!({})), 2217);
}

#[test]
fn a_password_is_changed_with_the_old_one() {
    let emulator = Emulator::start().unwrap();
    let ann = user(&emulator, "ann");
    let query = "mutation updatePassword($new: String!, $old: String) {
        updatePassword(newPassword: $new, oldPassword: $old) { id }
    }";
    let secret = |text: &str| encrypt(&emulator, text);
    for (variables, code) in [
        (json!({"new": secret("654321")}), 2201),
        (
            json!({"new": secret("654321"), "old": secret("123457")}),
            2203,
        ),
        (
            json!({"new": secret("12345"), "old": secret("123456")}),
            2029,
        ),
        (json!({"new": "654321", "old": secret("123456")}), 2016),
    ] {
        assert_eq!(ann.refused(query, variables), code);
    }
    let login = |password: &str| {
        let query = "mutation loginByUsername($input: LoginByUsernameInput!) {
            loginByUsername(input: $input) { id }
        }";
        let input = json!({"username": "ann", "password": secret(password)});
        Client::nobody(&emulator)
            .graphql(query, json!({"input": input}))
            .body
    };
    assert!(
        login("123456").get("errors").is_none(),
        "nothing has changed"
    );
    ann.ok(
        query,
        json!({"new": secret("654321"), "old": secret("123456")}),
    );
    assert_eq!(login("123456")["errors"][0]["message"]["code"], 2006);
    assert!(login("654321").get("errors").is_none());
}
