//! A browser at the login page, and the application that waits for it.

use authing_emulator::{Builder, Emulator};
use serde_json::{Value, json};

use crate::client::{Client, RawAnswer, encrypt};

pub(crate) const BACK: &str = "http%3A%2F%2Flocalhost%3A1%2Fcb";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A browser. It keeps the cookie of its login, and follows no redirect.
pub(crate) struct Browser<'a> {
    emulator: &'a Emulator,
    cookie: Option<String>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(emulator: &'a Emulator) -> Self {
        Self {
            emulator,
            cookie: None,
        }
    }

    /// Comes from the first application.
    pub(crate) fn open(&mut self, query: &str) -> RawAnswer {
        self.open_for(self.emulator.app_id(), query)
    }

    pub(crate) fn open_for(&mut self, app: &str, query: &str) -> RawAnswer {
        let path =
            format!("/oidc/auth?client_id={app}&redirect_uri={BACK}&response_type=code&{query}");
        self.send("GET", &path, "")
    }

    /// Sends the form of a page whose address ends so, with these fields.
    pub(crate) fn submit(&mut self, page: &RawAnswer, form: &str, fields: &str) -> RawAnswer {
        let mut actions = page.text.split("action=\"").skip(1);
        let action =
            actions.find_map(|rest| rest.split('"').next().filter(|path| path.ends_with(form)));
        assert!(action.is_some(), "no form {form}: {}", page.text);
        let action = action.unwrap();
        self.send("POST", action, fields)
    }

    pub(crate) fn log_in(&mut self, page: &RawAnswer, account: &str, password: &str) -> RawAnswer {
        let fields = format!("account={account}&password={password}");
        self.submit(page, "/login", &fields)
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> RawAnswer {
        let mut client = Client::nobody(self.emulator);
        if let Some(cookie) = &self.cookie {
            client = client.header("cookie", cookie);
        }
        let answer = client.send_raw(method, path, FORM, body);
        let mut lines = answer.head.lines();
        if let Some(cookie) = lines.find_map(|line| line.strip_prefix("set-cookie: ")) {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        answer
    }
}

/// The code that an answer sends to the application.
pub(crate) fn code_in(answer: &RawAnswer) -> Option<String> {
    let (_, rest) = answer.head.split_once("/cb?code=")?;
    rest.split(['&', '\r', '\n']).next().map(str::to_owned)
}

pub(crate) fn start(builder: Builder) -> Emulator {
    let emulator = builder.start().unwrap();
    let administrator = Client::administrator(&emulator);
    administrator.create(json!({"username": "ann", "password": encrypt(&emulator, "123456")}));
    emulator
}

/// Logs Ann in on the page, and answers the code that the application gets.
pub(crate) fn code(emulator: &Emulator, query: &str) -> String {
    let mut browser = Browser::new(emulator);
    let page = browser.open(query);
    code_in(&browser.log_in(&page, "ann", "123456")).unwrap()
}

/// Asks the token endpoint, with the application's secret in the form.
pub(crate) fn token(emulator: &Emulator, form: &str) -> (u16, Value) {
    let form = format!(
        "client_id={}&client_secret={}&{form}",
        emulator.app_id(),
        emulator.app_secret()
    );
    let answer = Client::nobody(emulator).send_raw("POST", "/oidc/token", FORM, &form);
    (answer.status, serde_json::from_str(&answer.text).unwrap())
}

pub(crate) fn by_code(code: &str) -> String {
    format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}")
}

pub(crate) fn refused(answer: (u16, Value), error: &str) {
    assert_eq!((answer.0, &answer.1["error"]), (400, &json!(error)));
}

pub(crate) fn me(emulator: &Emulator, token: &Value) -> u16 {
    Client::with_token(emulator, token).get("/oidc/me").status
}

/// What the call for the claims of a token answers.
pub(crate) fn validate(emulator: &Emulator, name: &str, token: &Value) -> (u16, Value) {
    let path = format!(
        "/api/v2/oidc/validate_token?{name}={}",
        token.as_str().unwrap()
    );
    let answer = Client::nobody(emulator).get(&path);
    (answer.status, answer.body)
}
