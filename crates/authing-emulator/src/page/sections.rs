//! The parts of the page. `html!` escapes all that is put into it.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::view::{SHOWN, View};
use super::{Deed, Wish};
use crate::dates::Moment;
use crate::journal::{Outcome, RecordedRequest};
use crate::outbox::MessageKind;
use crate::webhooks::Delivery;

pub(super) fn document(style: &str, view: &View, wish: &Wish, problem: Option<&str>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Authing emulator" }
                // Its digest is in the policy, so that this style counts and no other.
                style { (PreEscaped(style)) }
            }
            body {
                header.top {
                    div {
                        h1 { "Authing emulator" }
                        p.quiet { code { (view.host) } }
                    }
                    p.clock {
                        span.badge.(if view.is_frozen { "cold" } else { "good" }) {
                            (if view.is_frozen { "frozen" } else { "running" })
                        }
                        " " (moment(view.now))
                    }
                }
                main {
                    @if let Some(problem) = problem { p.note.bad role="alert" { (problem) } }
                    @else if let Some(done) = wish.done { p.note.good role="status" { (done.told()) } }
                    (controls(view))
                    (pool(view))
                    (users(view, wish))
                    div.pair { (outbox(view)) (requests(view)) }
                    div.three { (roles(view)) (groups(view)) (policies(view)) }
                    (webhooks(view))
                }
                footer { "A local Authing, for tests only. Times are in UTC. Tests do all this over the control API below /_emulator/." }
            }
        }
    }
}

fn controls(view: &View) -> Markup {
    let button = |deed: Deed, label: &str, class: &str| {
        html! { button class=(class) name="do" value=(deed.name()) { (label) } }
    };
    html! {
        form.card.controls method="post" action="/_emulator/page" {
            input type="hidden" name="pool" value=(view.pool.id);
            label {
                "Control token"
                input #token type="password" name="token" required autocomplete="current-password"
                    placeholder="printed at the start" spellcheck="false";
            }
            div.buttons {
                span.group {
                    @if view.is_frozen { (button(Deed::Unfreeze, "Let the clock run", "")) }
                    @else { (button(Deed::Freeze, "Freeze the clock", "")) }
                    (button(Deed::Minute, "+1 min", ""))
                    (button(Deed::Hour, "+1 hour", ""))
                    (button(Deed::Day, "+1 day", ""))
                }
                span.group {
                    (button(Deed::Forget, "Forget requests", ""))
                    (button(Deed::Reset, "Reset everything", "danger"))
                }
            }
        }
    }
}

fn pool(view: &View) -> Markup {
    html! {
        section.card #pool {
            h2 { "User pool" }
            @if view.pools.len() > 1 {
                nav.pools aria-label="User pools" {
                    @for pool in &view.pools {
                        a href={ "/?" (query(&[("pool", &pool.id)])) }
                            aria-current=[(pool.id == view.pool.id).then_some("page")] { (pool.id) }
                    }
                }
            }
            dl {
                div { dt { "Pool id" } dd { code { (view.pool.id) } } }
                @for app in &view.pool.apps {
                    div { dt { "App " (app.name) } dd { code { (app.id) } } }
                }
                div { dt { "GraphQL" } dd { code { (view.host) "/graphql/v2" } } }
                div { dt { "OpenID Connect" } dd { code { (view.host) "/oidc" } } }
            }
        }
    }
}

fn users(view: &View, wish: &Wish) -> Markup {
    let is_search = !wish.search.is_empty();
    let (list, count) = view.list(if is_search { "users" } else { "everybody" });
    let page = wish.page.unwrap_or(1).max(1);
    let limit = u64::try_from(SHOWN).unwrap_or(1);
    let link = |page: u32| {
        let number = page.to_string();
        let address = query(&[
            ("pool", &view.pool.id),
            ("search", &wish.search),
            ("page", &number),
        ]);
        format!("/?{address}#users")
    };
    html! {
        section.card #users {
            div.head {
                h2 { "Users " span.count { (count) } }
                form.search method="get" action="/" {
                    input type="hidden" name="pool" value=(view.pool.id);
                    input type="search" name="search" value=(wish.search) placeholder="Name, email or phone"
                        aria-label="Search users";
                    button { "Search" }
                }
            }
            @if list.is_empty() { (nothing(if is_search { "Nobody is found by these words." } else { "There are no users. A seed file could have some." })) }
            @else {
                div.scroll { table.cards {
                    thead { tr { th { "User" } th { "Email" } th { "Phone" } th { "Roles and groups" } th.number { "Logins" } th { "Last login" } } }
                    tbody { @for user in list { (user_row(user)) } }
                } }
            }
            @if count > limit {
                nav.pages aria-label="Pages" {
                    @if page > 1 { a href=(link(page - 1)) { "Newer" } }
                    span.quiet { "Page " (page) " of " (count.div_ceil(limit)) }
                    @if u64::from(page) * limit < count { a href=(link(page + 1)) { "Older" } }
                }
            }
        }
    }
}

fn user_row(user: &Value) -> Markup {
    let names = ["nickname", "name", "username", "email", "phone"];
    let name = names
        .iter()
        .map(|field| text(user, field))
        .find(|name| !name.is_empty());
    let has_codes = ["roles", "groups"]
        .iter()
        .any(|field| codes(user, field).next().is_some());
    html! {
        tr {
            td data-label="User" {
                strong { (name.unwrap_or("—")) }
                @if user.get("blocked") == Some(&Value::Bool(true)) { " " span.badge.bad { "locked" } }
                br;
                span.quiet { @if !text(user, "username").is_empty() { bdi { (text(user, "username")) } " · " } code { (text(user, "id")) } }
            }
            (cell("Email", "", text(user, "email")))
            (cell("Phone", "phone", text(user, "phone")))
            td.(if has_codes { "" } else { "empty" }) data-label="Roles and groups" {
                span.codes {
                    @for role in codes(user, "roles") { span.badge { (role) } }
                    @for group in codes(user, "groups") { span.badge.cold { (group) } }
                }
            }
            td.number data-label="Logins" { (user.get("loginsCount").and_then(Value::as_i64).unwrap_or_default()) }
            @match text(user, "lastLogin") {
                "" => (cell("Last login", "", "")),
                at => td data-label="Last login" { (time(at)) },
            }
        }
    }
}

fn outbox(view: &View) -> Markup {
    html! {
        section.card #outbox {
            h2 { "Outbox " span.count { (view.messages.len()) } }
            @if view.messages.is_empty() { (nothing("Nothing was sent. Mails and text messages land here, with their codes.")) }
            @else {
                ul.messages { @for (message, at, is_used) in &view.messages {
                    li {
                        span.badge { @match message.kind { MessageKind::Email => "mail", MessageKind::Sms => "sms" } }
                        span.grow {
                            strong { (message.to) } br;
                            span.quiet { (scene(&message.scene)) " · " (moment(*at)) @if *is_used { " · used" } }
                        }
                        code.code { (message.code) }
                    }
                } }
            }
        }
    }
}

/// A text message without one is good for everything.
fn scene(scene: &str) -> &str {
    match scene {
        "" => "any purpose",
        scene => scene,
    }
}

fn requests(view: &View) -> Markup {
    html! {
        section.card #requests {
            h2 { "Requests " span.count { (view.requests.len()) } }
            @if view.requests.is_empty() { (nothing("Nobody has asked for anything yet.")) }
            @else {
                ul.requests { @for request in &view.requests { (request_row(request)) } }
            }
        }
    }
}

fn request_row(request: &RecordedRequest) -> Markup {
    let refused = match request.outcome {
        Some(Outcome::Refused(code)) => Some(code),
        Some(Outcome::Success) | None => None,
    };
    let class = match (request.status, refused) {
        (200..400, None) => "good",
        (200..400, Some(_)) => "warn",
        _ => "bad",
    };
    html! {
        li {
            span.badge.(class) { @if request.status == 0 { "—" } @else { (request.status) } }
            span.grow {
                strong { (request.operation.as_deref().unwrap_or(&request.path)) }
                @if let Some(code) = refused { " " span.quiet { "refused with " (code) } }
                @if let Some(fault) = request.fault { " " span.badge.bad { (fault.to_string()) } }
                br;
                span.quiet { (request.method) " " (request.path) @if let Some(tag) = &request.tag { " · " (tag) } }
            }
            (time(&request.at))
        }
    }
}

fn roles(view: &View) -> Markup {
    let (list, count) = view.list("roles");
    html! {
        section.card #roles {
            h2 { "Roles " span.count { (count) } }
            @if list.is_empty() { (nothing("There are no roles.")) }
            @else { ul.plain { @for role in list {
                li {
                    span.grow { strong { (text(role, "code")) } " " span.quiet { (text(role, "namespace")) } (description(role)) }
                    (held_by(role))
                }
            } } }
        }
    }
}

fn groups(view: &View) -> Markup {
    let (list, count) = view.list("groups");
    html! {
        section.card #groups {
            h2 { "Groups " span.count { (count) } }
            @if list.is_empty() { (nothing("There are no groups.")) }
            @else { ul.plain { @for group in list {
                li {
                    span.grow { strong { (text(group, "name")) } " " span.quiet { (text(group, "code")) } (description(group)) }
                    (held_by(group))
                }
            } } }
        }
    }
}

fn policies(view: &View) -> Markup {
    let (list, count) = view.list("policies");
    html! {
        section.card #policies {
            h2 { "Policies " span.count { (count) } }
            ul.plain { @for policy in list {
                li { span.grow {
                    strong { (text(policy, "code")) } " " span.quiet { (text(policy, "namespace")) }
                    @for statement in policy.get("statements").and_then(Value::as_array).into_iter().flatten() {
                        (self::statement(statement))
                    }
                } }
            } }
        }
    }
}

fn statement(statement: &Value) -> Markup {
    let actions = statement.get("actions").and_then(Value::as_array);
    let actions = actions.into_iter().flatten().filter_map(Value::as_str);
    let class = if text(statement, "effect") == "DENY" {
        "bad"
    } else {
        "good"
    };
    html! {
        br;
        span.badge.(class) { (text(statement, "effect").to_lowercase()) } " "
        code { (actions.collect::<Vec<_>>().join(", ")) } " on " code { (text(statement, "resource")) }
    }
}

fn webhooks(view: &View) -> Markup {
    html! {
        section.card #webhooks {
            h2 { "Webhook deliveries " span.count { (view.deliveries.len()) } }
            @match &view.webhook {
                None => (nothing("Events go nowhere. PUT an address to /_emulator/webhooks, or name one in the seed.")),
                Some(webhook) => p.quiet { "to " code { (webhook.url) } },
            }
            ul.plain { @for delivery in &view.deliveries { (delivery_row(delivery)) } }
        }
    }
}

fn delivery_row(delivery: &Delivery) -> Markup {
    let (class, word) = match (delivery.delivered, delivery.next_attempt) {
        (true, _) => ("good", "delivered"),
        (false, Some(_)) => ("warn", "waiting"),
        (false, None) => ("bad", "given up"),
    };
    let last = delivery.attempts.last();
    let answer = last.map(|last| match (last.status, &last.error) {
        (Some(status), _) => format!("answered {status}"),
        (None, error) => error.clone().unwrap_or_default(),
    });
    html! {
        li {
            span.badge.(class) { (word) }
            span.grow {
                strong { (delivery.event) } br;
                span.quiet {
                    (delivery.attempts.len()) @if delivery.attempts.len() == 1 { " attempt" } @else { " attempts" }
                    @if let Some(answer) = answer { " · " (answer) }
                }
            }
            (time(&delivery.created_at))
        }
    }
}

fn description(of: &Value) -> Markup {
    html! { @match text(of, "description") { "" => {}, words => { br; span.quiet { (words) } } } }
}

fn held_by(of: &Value) -> Markup {
    let count = of.pointer("/users/totalCount").and_then(Value::as_u64);
    let count = count.unwrap_or_default();
    html! { span.quiet { (count) @if count == 1 { " user" } @else { " users" } } }
}

fn nothing(words: &str) -> Markup {
    html! { p.nothing { (words) } }
}

/// A cell that a narrow page leaves out when it is empty.
fn cell(label: &str, class: &str, text: &str) -> Markup {
    html! {
        @if text.is_empty() { td.empty data-label=(label) { span.quiet { "—" } } }
        @else { td class=(class) data-label=(label) { (text) } }
    }
}

fn text<'a>(of: &'a Value, field: &str) -> &'a str {
    of.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn codes<'a>(user: &'a Value, field: &str) -> impl Iterator<Item = &'a str> {
    let list = user.get(field).and_then(|of| of.get("list"));
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.map(|of| text(of, "code"))
}

fn moment(at: Moment) -> Markup {
    time(&at.iso())
}

/// `2030-01-01 12:00:00`, of ISO 8601 text.
fn time(at: &str) -> Markup {
    let shown = match at.split_once('T') {
        Some((day, rest)) => format!(
            "{day} {}",
            rest.split(['.', 'Z']).next().unwrap_or_default()
        ),
        None => at.to_owned(),
    };
    html! { time datetime=(at) { (shown) } }
}

fn query(fields: &[(&str, &str)]) -> String {
    let given = fields.iter().filter(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(given)
        .finish()
}
