//! Every operation of the SDK with fixed arguments and an answer.
//!
//! The wire snapshots and the failure tests go through this table, so a new
//! operation needs one entry here to be covered by both.

use std::sync::atomic::{AtomicBool, Ordering};

use authing::Error;
use authing::v2::EmailScene;
use authing_core::BoxFuture;
use serde_json::{Value, json};

use crate::clients::{Clients, USER_TOKEN};

macro_rules! case {
    // What an operation sends can depend on its arguments: the second case of
    // an operation has a name of its own.
    ($id:literal + $variant:literal, $($case:tt)+) => {
        crate::cases::Case {
            variant: Some($variant),
            ..case!($id, $($case)+)
        }
    };
    ($id:literal, $answer:expr, shows: $shows:literal, |$clients:ident| $call:expr) => {
        crate::cases::Case {
            id: $id,
            variant: None,
            answer: $answer,
            shows: $shows,
            send: |$clients| {
                Box::pin(async move { $call.await.map(|output| crate::cases::shown(&output)) })
            },
        }
    };
}

mod acl;
mod authentication;
mod groups;
mod mfa;
mod oidc;
mod policies;
mod roles;
mod udf;
mod userpool;
mod users;
mod verify;
mod whitelist;

/// One operation.
#[derive(Clone)]
#[non_exhaustive]
pub struct Case {
    /// The operation's full name.
    pub id: &'static str,
    /// Tells it from other cases of the same operation.
    pub variant: Option<&'static str>,
    /// What a server answers.
    pub answer: Value,
    /// What must be seen in the `Debug` of the output.
    pub shows: &'static str,
    /// Sends the operation; the output is given as its `Debug`.
    pub send: fn(Clients) -> BoxFuture<'static, Result<String, Error>>,
}

impl Case {
    /// The name of its snapshot: the operation's, and that of the variant.
    #[must_use]
    pub fn name(&self) -> String {
        match self.variant {
            Some(variant) => format!("{}+{variant}", self.id),
            None => self.id.to_owned(),
        }
    }

    /// Whether the operation speaks OAuth.
    #[must_use]
    pub fn is_oauth(&self) -> bool {
        self.id.starts_with("authentication.oidc.")
    }

    /// Whether an empty answer is a success.
    #[must_use]
    pub fn reads_nothing(&self) -> bool {
        self.id == "authentication.oidc.revoke_token"
    }

    /// Whether the operation is a GraphQL one.
    #[must_use]
    pub fn is_graphql(&self) -> bool {
        self.answer.get("data").is_some_and(Value::is_object) && self.answer.get("code").is_none()
    }
}

static SHOWS_OUTPUTS: AtomicBool = AtomicBool::new(true);

/// Gives the outputs as empty texts from now on, for who counts the memory that
/// a call takes.
pub fn show_no_outputs() {
    SHOWS_OUTPUTS.store(false, Ordering::SeqCst);
}

fn shown(output: &impl std::fmt::Debug) -> String {
    match SHOWS_OUTPUTS.load(Ordering::SeqCst) {
        true => format!("{output:?}"),
        false => String::new(),
    }
}

/// `{"data": {root: answer}}`.
fn data(root: &str, answer: Value) -> Value {
    let mut fields = serde_json::Map::new();
    fields.insert(root.to_owned(), answer);
    json!({ "data": fields })
}

fn user() -> Value {
    json!({
        "id": "u1",
        "username": "bob",
        "emailVerified": false,
        "loginsCount": 3,
        "createdAt": "2026-11-22T10:00:00.000Z",
        "lastLogin": 1_795_341_600_000_i64,
        "token": USER_TOKEN,
        "somethingNew": {"a": [1, null]},
    })
}

fn page(item: Value) -> Value {
    json!({"totalCount": 1, "list": [item]})
}

fn done() -> Value {
    json!({"code": 200, "message": "done"})
}

/// What a verifier asks. It goes by none of the clients' settings, such as how
/// often something is sent again, so these are apart from the clients' cases.
#[must_use]
pub fn of_a_verifier() -> Vec<Case> {
    verify::cases()
}

/// All operations of the clients.
#[must_use]
pub fn cases() -> Vec<Case> {
    [
        management(),
        acl::cases(),
        groups::cases(),
        policies::cases(),
        roles::cases(),
        udf::cases(),
        userpool::cases(),
        users::cases(),
        whitelist::cases(),
        authentication::cases(),
        mfa::cases(),
        oidc::cases(),
    ]
    .concat()
}

fn management() -> Vec<Case> {
    let status = json!({
        "code": 200, "message": "ok", "status": true, "exp": 1_209_600, "iat": 0,
        "data": {"id": "u1", "userPoolId": "pool-1", "arn": null},
    });
    vec![
        case!(
            "management.access_token",
            data("accessToken", json!({"accessToken": "admin-token", "exp": 1_296_000, "iat": 0})),
            shows: "",
            |c| c.admin.users().list()
        ),
        case!(
            "management.check_login_status",
            data("checkLoginStatus", status),
            shows: "status: Some(true)",
            |c| c.admin.check_login_status(USER_TOKEN)
        ),
        case!("management.send_email", data("sendEmail", done()), shows: "done", |c| {
            c.admin.send_email("bob@example.com", EmailScene::ResetPassword)
        }),
    ]
}
