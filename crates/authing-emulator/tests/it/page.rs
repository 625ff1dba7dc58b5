//! The page for people.

use authing_emulator::Emulator;
use serde_json::json;

use crate::client::{Client, RawAnswer};

const FORM: &str = "application/x-www-form-urlencoded";
/// What somebody would choose as a name to break out of the page.
const HOSTILE: &str = "\"><script>alert(1)</script><b>'&amp;";

fn look(emulator: &Emulator, path: &str) -> RawAnswer {
    Client::nobody(emulator).send_raw("GET", path, "", "")
}

fn press(emulator: &Emulator, form: &str) -> RawAnswer {
    Client::nobody(emulator).send_raw("POST", "/_emulator/page", FORM, form)
}

#[test]
fn it_shows_what_is_there() {
    let seed = "
roles: [{code: editor, description: May edit}]
groups: [{code: staff, name: The staff}]
policies: [{code: readers, statements: [{resource: 'books:*', actions: ['books:read'], effect: DENY}]}]
users: [{username: ann, email: ann@example.com, roles: [editor], groups: [staff], blocked: true}]
";
    let emulator = Emulator::builder()
        .seed(seed.parse().unwrap())
        .start()
        .unwrap();
    let nobody = Client::nobody(&emulator);
    nobody.ok(
        "mutation sendEmail { sendEmail(email: \"ann@example.com\", scene: VERIFY_EMAIL) { code } }",
        json!({}),
    );
    let page = look(&emulator, "/");
    assert_eq!(page.status, 200);
    let code = emulator.outbox()[0].code.clone();
    for shown in [
        "ann@example.com",
        "locked",
        "editor",
        "May edit",
        "The staff",
        "readers",
        "books:read",
        "deny",
        "VERIFY_EMAIL",
        &code,
        "sendEmail",
        emulator.user_pool_id(),
        emulator.app_id(),
    ] {
        assert!(page.text.contains(shown), "{shown}");
    }
    for hidden in [
        emulator.secret(),
        emulator.app_secret(),
        emulator.control_token(),
    ] {
        assert!(!page.text.contains(hidden));
    }
    assert!(
        emulator
            .requests()
            .iter()
            .all(|request| request.path != "/")
    );
}

#[test]
fn what_users_typed_stays_text() {
    let emulator = Emulator::start().unwrap();
    let admin = Client::administrator(&emulator);
    admin.create(json!({"username": HOSTILE, "nickname": HOSTILE, "company": HOSTILE}));
    admin.ok(
        "mutation m($text: String!) { createGroup(code: $text, name: $text, description: $text) { code } }",
        json!({"text": HOSTILE}),
    );
    admin.ok(
        "mutation m($text: String!) { createPolicy(code: $text, statements: [{resource: $text, actions: [$text], effect: ALLOW}]) { code } }",
        json!({"text": HOSTILE}),
    );
    Client::nobody(&emulator)
        .header("x-emulator-tag", HOSTILE)
        .get("/%3Cscript%3E");
    let search = "/?search=%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for path in ["/", search] {
        let page = look(&emulator, path);
        assert!(page.text.contains("&lt;script&gt;"));
        assert!(!page.text.contains("<script"), "{path}");
        assert!(!page.text.contains("alert(1)</"), "{path}");
    }
}

/// Marks that turn the direction of writing around would turn what stands beside a name.
#[test]
fn names_do_not_reach_beyond_themselves() {
    let emulator = Emulator::start().unwrap();
    let name = "\u{202e}gpj.exe";
    Client::administrator(&emulator).create(json!({"username": name}));
    let page = look(&emulator, "/").text;
    assert!(page.contains(&format!("<bdi>{name}</bdi>")));
    assert!(page.contains("strong,code,td,.quiet,.badge{unicode-bidi:isolate}"));
}

#[test]
fn a_message_without_a_purpose_says_so() {
    let emulator = Emulator::start().unwrap();
    let body = json!({"phone": "13800000000"}).to_string();
    Client::nobody(&emulator).send("POST", "/api/v2/sms/send", &body);
    assert!(look(&emulator, "/").text.contains("any purpose · "));
}

#[test]
fn nothing_can_be_loaded_or_framed() {
    let emulator = Emulator::start().unwrap();
    let head = look(&emulator, "/").head;
    let policy = head
        .lines()
        .find_map(|line| line.strip_prefix("content-security-policy: "))
        .unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(policy.ends_with("form-action 'self'; frame-ancestors 'none'; base-uri 'none'"));
    assert!(!policy.contains("unsafe"));
    for line in [
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
    ] {
        assert!(head.contains(line), "{head}");
    }
}

#[test]
fn buttons_need_the_token() {
    let emulator = Emulator::start().unwrap();
    let admin = Client::administrator(&emulator);
    admin.create(json!({"username": "ann"}));
    for form in ["do=reset", "do=reset&token=", "do=reset&token=wrong"] {
        let refused = press(&emulator, form);
        assert_eq!(refused.status, 403, "{form}");
        assert!(refused.text.contains("not the control token"));
    }
    assert_eq!(emulator.request_count("createUser"), 1);
    let token = emulator.control_token();
    let done = |what: &str| {
        let pressed = press(&emulator, &format!("do={what}&token={token}"));
        assert_eq!(pressed.status, 303, "{what}");
        let to = format!("location: /?done={what}");
        assert!(pressed.head.contains(&to), "{}", pressed.head);
        look(&emulator, &format!("/?done={what}")).text
    };
    assert!(done("freeze").contains("frozen"));
    let before = emulator.now();
    for (what, seconds) in [("minute", 60), ("hour", 3600), ("day", 86_400)] {
        let from = emulator.now();
        done(what);
        assert_eq!(
            emulator.now().duration_since(from).unwrap().as_secs(),
            seconds
        );
    }
    assert!(emulator.now() > before);
    assert!(done("unfreeze").contains("running"));
    done("forget");
    assert!(emulator.requests().is_empty());
    done("reset");
    let users = Client::administrator(&emulator).ok("query u { users { totalCount } }", json!({}));
    assert_eq!(users["totalCount"], 0);
    assert_eq!(
        press(&emulator, &format!("do=nonsense&token={token}")).status,
        422
    );
}

#[test]
fn users_are_searched_and_paged_and_pools_are_chosen() {
    let seed = format!(
        "users: [{}]\npools: [{{pool: {{id: second}}, users: [{{username: zoe}}]}}]\n",
        (0..60)
            .map(|n| format!("{{username: user-{n:02}}}"))
            .collect::<Vec<_>>()
            .join(", ")
    );
    let emulator = Emulator::builder()
        .seed(seed.parse().unwrap())
        .start()
        .unwrap();
    let shows = |path: &str, name: &str| look(&emulator, path).text.contains(name);
    assert!(shows("/", "user-59") && !shows("/", "user-09") && shows("/", "Page 1 of 2"));
    assert!(shows("/?page=2", "user-09") && !shows("/?page=2", "user-59"));
    assert!(shows("/?search=user-07", "user-07") && !shows("/?search=user-07", "user-08"));
    assert!(shows("/?search=nobody", "Nobody is found"));
    assert!(!shows("/", "zoe") && shows("/?pool=second", "zoe"));
    assert_eq!(look(&emulator, "/?pool=nothing").status, 303);
    assert_eq!(
        Client::nobody(&emulator)
            .send_to("evil.example", "GET", "/")
            .status,
        421
    );
}
