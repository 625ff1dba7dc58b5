//! Arguments that cannot be right: refused by every call, before anything is
//! sent.

use std::time::Duration;

use authing::v2::{ResourceType, UdfTargetType, UdfValue, acl, policies};
use authing::{Error, ErrorKind};
use authing_core::BoxFuture;
use authing_tests::cases::cases;
use authing_tests::clients::Clients;
use authing_tests::hostile::server::{Answer, Server};
use http::StatusCode;
use serde_json::json;

type Call = BoxFuture<'static, Result<(), Error>>;

macro_rules! calls {
    ($clients:ident: $($call:expr),+ $(,)?) => {
        vec![$({
            let c = $clients.clone();
            let call: Call = Box::pin(async move {
                let $clients = c;
                $call.await.map(drop)
            });
            (stringify!($call), call)
        }),+]
    };
}

async fn all_are_refused(calls: Vec<(&'static str, Call)>, server: &Server) {
    for (name, call) in calls {
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}: {error}");
        // Not even the administrator's token is asked for.
        assert_eq!(server.bodies().len(), 0, "{name} was sent");
    }
}

fn clients() -> (Clients, Server) {
    let server = Server::default();
    let token = cases().remove(0);
    let answer = Answer::new(StatusCode::OK, token.answer.to_string().as_bytes());
    server.now_answer([answer], None);
    let clients =
        Clients::at("https://a.example", server.clone(), Duration::from_secs(10)).unwrap();
    (clients, server)
}

#[tokio::test]
async fn an_empty_namespace_is_never_sent() {
    let (c, server) = clients();
    let target =
        || acl::AuthorizeResourceOpt::new(authing::v2::PolicyTargetType::Role, "r", ["read"]);
    let policy = || policies::PolicyStatement::allow("book:1", ["read"]);
    let calls = calls!(c:
        c.admin.roles().list().namespace(""),
        c.admin.roles().detail("r").namespace(""),
        c.admin.roles().create("r").namespace(""),
        c.admin.roles().update("r").namespace(""),
        c.admin.roles().delete("r").namespace(""),
        c.admin.roles().delete_many(["r"]).namespace(""),
        c.admin.roles().list_users("r").namespace(""),
        c.admin.roles().add_users("r", ["u"]).namespace(""),
        c.admin.roles().remove_users("r", ["u"]).namespace(""),
        c.admin.roles().list_policies("r").namespace(""),
        c.admin.roles().add_policies("r", ["p"]).namespace(""),
        c.admin.roles().remove_policies("r", ["p"]).namespace(""),
        c.admin.users().list_roles("u").namespace(""),
        c.admin.users().has_role("u", "r").namespace(""),
        c.admin.users().search("x").with_role("r", Some("")),
        c.admin.policies().list().namespace(""),
        c.admin.policies().detail("p").namespace(""),
        c.admin.policies().create("p", [policy()]).namespace(""),
        c.admin.policies().update("p").namespace(""),
        c.admin.policies().delete("p").namespace(""),
        c.admin.policies().delete_many(["p"]).namespace(""),
        c.admin.policies().list_assignments("p").namespace(""),
        c.admin.acl().authorize_resource("book:1", [target()]).namespace(""),
        c.admin.acl().get_authorized_targets("", ResourceType::Data, "book:1"),
        c.session.list_roles().namespace(""),
        c.session.has_role("r").namespace(""),
        c.session.list_authorized_resources(""),
    );
    all_are_refused(calls, &server).await;
}

#[tokio::test]
async fn a_nul_is_never_sent() {
    let (c, server) = clients();
    let deep = || UdfValue::from(json!({"a": ["b\0"]}));
    let calls = calls!(c:
        c.admin.users().set_udv("u", "k", "a\0b"),
        c.admin.users().set_udv("u", "k", deep()),
        c.admin.users().set_udf_value("u", [("k", deep())]),
        c.admin.users().set_udf_value_batch([("u", [("k", deep())])]),
        c.admin.udf().set_udv_batch(UdfTargetType::User, "u", [("k", deep())]),
        c.admin.userpool().add_env("k", "a\0b"),
        c.admin.userpool().remove_env("a\0b"),
        c.admin.users().list_orgs("a\0b"),
        c.admin.roles().create("a\0b"),
        c.session.set_udv("k", deep()),
        c.session.set_udf_value([("k", deep())]),
        c.client.login_by_email_code("a\0b", "1234"),
        c.client.login_by_username("bob", "secret").context(json!({"a": "b\0"})),
        c.client.login_by_username("bob", "secret").custom_data("k", "b\0"),
        c.client.send_sms_code("a\0b"),
        c.oidc.revoke_token("a\0b"),
        c.oidc.get_new_access_token_by_refresh_token("a\0b"),
    );
    all_are_refused(calls, &server).await;
}
