//! The pages that people see. They work without scripts.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::mfa::{Offers, Recipient};
use crate::outbox::MessageKind;
use crate::session::ResetKind;

const STYLE: &str = include_str!("page.css");

/// What the first step shows.
#[derive(Default)]
pub(super) struct Login<'a> {
    /// What was typed before.
    pub(super) account: Option<&'a str>,
    /// Why that was not good enough.
    pub(super) problem: Option<&'a str>,
    pub(super) note: Option<&'a str>,
    /// What the picture shows, where one has to be read.
    pub(super) picture: Option<&'a str>,
}

impl<'a> Login<'a> {
    pub(super) fn of(account: Option<&'a str>) -> Self {
        Self {
            account,
            ..Self::default()
        }
    }
}

/// A message that is under way.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) kind: MessageKind,
    pub(super) to: &'a str,
}

pub(super) fn login(uid: &str, login: Login<'_>) -> Response {
    let account = login.account.unwrap_or_default();
    // The cursor waits where something is to be typed.
    let is_known = !account.is_empty();
    let body = html! {
        h1 { "Sign in" }
        p.quiet { "to continue to the application" }
        (note(login.note))
        (problem(login.problem))
        form method="post" action={"/interaction/oidc/" (uid) "/login"} {
            label for="account" { "Username, email or phone" }
            input #account name="account" value=(account) autocomplete="username" autocapitalize="none"
                spellcheck="false" required autofocus[!is_known];
            label for="password" { "Password" }
            input #password name="password" type="password" autocomplete="current-password" required
                autofocus[is_known];
            @if let Some(text) = login.picture {
                (picture(text))
                label for="captcha" { "What the picture shows" }
                input #captcha name="captcha" inputmode="numeric" autocomplete="off" required;
            }
            button type="submit" { "Sign in" }
        }
        (cancel(uid))
    };
    page(status(login.problem), "Sign in", &body)
}

/// Digits that a person can read.
fn picture(text: &str) -> Markup {
    html! {
        svg #picture viewBox="0 0 160 48" width="160" height="48" role="img" aria-label="Picture" {
            rect width="160" height="48" rx="8" fill="#d9e2f5" {}
            path d="M0 34 Q40 8 80 26 T160 12" fill="none" stroke="#8ea6d8" stroke-width="3" {}
            text x="80" y="34" text-anchor="middle" font-size="28" letter-spacing="8"
                font-family="monospace" fill="#1d2433" { (text) }
        }
    }
}

pub(super) fn new_password(uid: &str, kind: ResetKind, reason: Option<&str>) -> Response {
    let why = match kind {
        ResetKind::FirstLogin => "Choose a password of your own before your first login.",
        ResetKind::Forced => "Your password has to be changed before you sign in.",
    };
    let body = html! {
        h1 { "New password" }
        p.quiet { (why) }
        (problem(reason))
        form method="post" action={"/interaction/oidc/" (uid) "/password"} {
            label for="password" { "New password" }
            input #password name="password" type="password" autocomplete="new-password" required autofocus;
            label for="repeated" { "The same again" }
            input #repeated name="repeated" type="password" autocomplete="new-password" required;
            button type="submit" { "Change password" }
        }
        (start_over(uid))
        (cancel(uid))
    };
    page(status(reason), "New password", &body)
}

pub(super) fn second_factor(
    uid: &str,
    offers: &Offers,
    sent: Option<Sent<'_>>,
    reason: Option<&str>,
) -> Response {
    let action = format!("/interaction/oidc/{uid}/second-factor");
    let body = html! {
        h1 { "One more step" }
        p.quiet { "Your password was right. Show that it is you." }
        (problem(reason))
        @if let Some(sent) = sent {
            (code_of_message(&action, sent))
        } @else if offers.app {
            form method="post" action=(action) {
                input type="hidden" name="factor" value="totp";
                label for="code" { "Code of your authenticator" }
                (code_field("code"))
                button type="submit" { "Continue" }
            }
        }
        @for kind in [MessageKind::Sms, MessageKind::Email] {
            @if let Some(to) = offers.to(kind) {
                (send_form(&action, kind, to))
            }
        }
        @if offers.app {
            details {
                summary { "Use a recovery code" }
                form method="post" action=(action) {
                    input type="hidden" name="factor" value="recovery";
                    label for="recovery" { "Recovery code" }
                    input #recovery name="code" autocomplete="off" spellcheck="false" required;
                    button type="submit" { "Continue" }
                }
            }
        }
        (start_over(uid))
        (cancel(uid))
    };
    page(status(reason), "One more step", &body)
}

fn name(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Sms => "sms",
        MessageKind::Email => "email",
    }
}

fn code_field(id: &str) -> Markup {
    html! {
        input id=(id) name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus;
    }
}

fn code_of_message(action: &str, sent: Sent<'_>) -> Markup {
    html! {
        p.note role="status" { "A code was sent to " strong { (sent.to) } "." }
        form method="post" action=(action) {
            input type="hidden" name="factor" value=(name(sent.kind));
            input type="hidden" name="to" value=(sent.to);
            label for="code" { "Code of the message" }
            (code_field("code"))
            button type="submit" { "Continue" }
        }
    }
}

fn send_form(action: &str, kind: MessageKind, to: &Recipient) -> Markup {
    let name = name(kind);
    let (label, input) = match kind {
        MessageKind::Sms => ("Phone number", "tel"),
        MessageKind::Email => ("E-mail address", "email"),
    };
    let id = format!("send-{name}");
    html! {
        form.send method="post" action=(action) {
            input type="hidden" name="factor" value=(name);
            @match to {
                Recipient::Own(own) => {
                    button.second id=(id) type="submit" name="send" value="1" { "Send a code to " (own) }
                }
                Recipient::New => {
                    label for={"to-" (name)} { (label) }
                    input id={"to-" (name)} name="to" type=(input) required;
                    button.second id=(id) type="submit" name="send" value="1" { "Send a code" }
                }
            }
        }
    }
}

/// Shows the code that takes the place of one that was used, before it goes on.
pub(super) fn recovery_code(code: &str, next: &Markup) -> Response {
    let body = html! {
        h1 { "Keep your new recovery code" }
        p.quiet { "The one that you used is of no use any more." }
        p { code #recovery-code { (code) } }
        (next)
    };
    page(StatusCode::OK, "Your new recovery code", &body)
}

pub(super) fn failure(status: StatusCode, reason: &str) -> Response {
    let body = html! {
        h1 { "That did not work" }
        (problem(Some(reason)))
    };
    page(status, "That did not work", &body)
}

pub(super) fn signed_out() -> Response {
    let body = html! {
        h1 { "You are signed out" }
        p.quiet { "You can close this page now." }
    };
    page(StatusCode::OK, "You are signed out", &body)
}

/// Posts the answer when the user says so.
pub(super) fn form_post(action: &str, fields: &[(&str, &str)]) -> Response {
    let body = html! {
        h1 { "Almost there" }
        (answer_form(action, fields))
    };
    page(StatusCode::OK, "Continue", &body)
}

pub(super) fn answer_form(action: &str, fields: &[(&str, &str)]) -> Markup {
    html! {
        form method="post" action=(action) {
            @for (name, value) in fields {
                input type="hidden" name=(name) value=(value);
            }
            button type="submit" autofocus { "Continue" }
        }
    }
}

pub(super) fn answer_link(address: &str) -> Markup {
    html! { p.under { a #continue href=(address) { "Continue" } } }
}

fn status(problem: Option<&str>) -> StatusCode {
    match problem {
        Some(_) => StatusCode::UNAUTHORIZED,
        None => StatusCode::OK,
    }
}

fn problem(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { p.problem role="alert" { (text) } } }
}

fn note(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { p.note role="status" { (text) } } }
}

fn start_over(uid: &str) -> Markup {
    let first = format!("/interaction/oidc/{uid}/login");
    html! { p.under { a #start-over href=(first) { "Sign in as somebody else" } } }
}

fn cancel(uid: &str) -> Markup {
    html! { p.under { a #cancel href={"/interaction/oidc/" (uid) "/abort"} { "Cancel" } } }
}

fn page(status: StatusCode, title: &str, body: &Markup) -> Response {
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (body) }
                footer { "A local Authing, for tests only" }
            }
        }
    };
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html.into_string())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn text_cannot_leave_its_place() {
        let evil = r#""><script>alert('&')</script>"#;
        let login = Login {
            problem: Some(evil),
            ..Login::of(Some(evil))
        };
        let sent = Sent {
            kind: MessageKind::Email,
            to: evil,
        };
        let offers = Offers {
            app: false,
            sms: None,
            email: Some(Recipient::Own(evil.to_owned())),
        };
        for response in [
            super::login(evil, login),
            second_factor(evil, &offers, Some(sent), Some(evil)),
            form_post(evil, &[(evil, evil)]),
            recovery_code(evil, &answer_link(evil)),
            failure(StatusCode::OK, evil),
        ] {
            let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
            let text = String::from_utf8(body.unwrap().to_vec()).unwrap();
            assert!(
                !text.contains("<script") && text.contains("&lt;script"),
                "{text}"
            );
            assert!(!text.contains(r#""">"#), "{text}");
        }
    }
}
