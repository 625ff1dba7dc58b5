//! Several user pools, and several applications of one.

use authing_emulator::{Emulator, PoolInfo};
use serde_json::{Value, json};

use crate::client::{Client, encrypt};

const LOGIN: &str =
    "mutation login($input: LoginByUsernameInput!) { loginByUsername(input: $input) { id token } }";
const USERS: &str = "query users { users { totalCount list { username } } }";

fn admin<'a>(emulator: &'a Emulator, pool: &PoolInfo) -> Client<'a> {
    Client::administrator_of(emulator, &pool.id, &pool.secret)
}

fn log_in(emulator: &Emulator, client: Client<'_>, name: &str) -> Value {
    let input = json!({"username": name, "password": encrypt(emulator, "correct horse")});
    client.ok(LOGIN, json!({"input": input}))["token"].clone()
}

#[test]
fn pools_see_nothing_of_each_other() {
    let emulator = Emulator::start().unwrap();
    let other = emulator.add_pool();
    let pools = emulator.pools();
    assert_eq!(pools.len(), 2);
    assert_eq!(pools[1], other);
    for (pool, company) in pools.iter().zip(["first", "second"]) {
        let password = encrypt(&emulator, "correct horse");
        admin(&emulator, pool)
            .create(json!({"username": "ann", "company": company, "password": password}));
    }
    let admins = pools.iter().map(|pool| admin(&emulator, pool));
    for (admin, pool) in admins.zip(&pools) {
        let users = admin.ok(USERS, json!({}));
        assert_eq!(users["totalCount"], 1, "by the token alone");
        let shown = admin.ok("query pool { userpool { id } }", json!({}));
        assert_eq!(shown["id"], pool.id);
    }

    // A user is told from the one of the same name by the headers, and by the token after that.
    for (pool, company) in pools.iter().zip(["first", "second"]) {
        for header in [
            ("x-authing-userpool-id", &pool.id),
            ("x-authing-app-id", &pool.apps[0].id),
        ] {
            let client = Client::nobody(&emulator).header(header.0, header.1);
            let token = log_in(&emulator, client, "ann");
            let me = Client::with_token(&emulator, &token).user(&json!(null));
            assert_eq!(me["company"], company);
        }
    }

    // What belongs to one pool is nobody's in the other.
    let token = log_in(&emulator, Client::nobody(&emulator), "ann");
    let stranger = Client::with_token(&emulator, &token).header("x-authing-userpool-id", &other.id);
    assert_eq!(
        stranger.refused("query me { user { id } }", json!({})),
        2020
    );
    let stranger = Client::administrator(&emulator).header("x-authing-userpool-id", &other.id);
    assert_eq!(stranger.refused(USERS, json!({})), 2020);
    let unknown = Client::administrator(&emulator).header("x-authing-userpool-id", "nothing");
    assert_eq!(unknown.refused(USERS, json!({})), 2224);
    let mixed = admin(&emulator, &other).header("x-authing-userpool-id", &other.id);
    let mixed = mixed.header("x-authing-app-id", emulator.app_id());
    assert_eq!(mixed.refused(USERS, json!({})), 2011);

    // The secret of one does not open the other.
    let wrong = Client::nobody(&emulator).refused(
        "query accessToken($pool: String!, $secret: String!) {
            accessToken(userPoolId: $pool, secret: $secret) { accessToken }
        }",
        json!({"pool": other.id, "secret": emulator.secret()}),
    );
    assert_eq!(wrong, 1001);
}

#[test]
fn messages_are_those_of_their_pool() {
    let emulator = Emulator::start().unwrap();
    let other = emulator.add_pool();
    let send =
        "mutation send { sendEmail(email: \"ann@example.com\", scene: VERIFY_EMAIL) { code } }";
    Client::nobody(&emulator)
        .header("x-authing-userpool-id", &other.id)
        .ok(send, json!({}));
    assert!(emulator.outbox().is_empty());
    let path = format!("/_emulator/outbox?pool={}", other.id);
    let shown = Client::nobody(&emulator).get(&path).body;
    assert_eq!(shown[0]["to"], "ann@example.com");
}

#[test]
fn an_application_has_tokens_of_its_own_and_shares_the_users() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(emulator.add_app("nothing"), None);
    let app = emulator.add_app(emulator.user_pool_id()).unwrap();
    let password = encrypt(&emulator, "correct horse");
    Client::administrator(&emulator).create(json!({"username": "ann", "password": password}));
    let by_app = || Client::nobody(&emulator).header("x-authing-app-id", &app.id);
    let token = log_in(&emulator, by_app(), "ann");
    assert_eq!(
        Client::with_token(&emulator, &token).user(&json!(null))["username"],
        "ann"
    );
    let elsewhere =
        Client::with_token(&emulator, &token).header("x-authing-app-id", emulator.app_id());
    assert_eq!(
        elsewhere.refused("query me { user { id } }", json!({})),
        2020
    );

    // Each is known to the token endpoint by its own secret only.
    let ask = |id: &str, secret: &str| {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let answer = Client::nobody(&emulator).send_raw(
            "POST",
            "/oidc/token",
            "application/x-www-form-urlencoded",
            &form,
        );
        let answer: Value = serde_json::from_str(&answer.text).unwrap();
        answer["access_token"].clone()
    };
    assert!(ask(&app.id, &app.secret).is_string());
    assert!(ask(emulator.app_id(), emulator.app_secret()).is_string());
    assert!(ask(&app.id, emulator.app_secret()).is_null());
}

#[test]
fn two_emulators_see_nothing_of_each_other() {
    let [one, two] = [(); 2].map(|()| Emulator::start().unwrap());
    assert_ne!(one.user_pool_id(), two.user_pool_id());
    Client::administrator(&one).create(json!({"username": "ann"}));
    assert_eq!(
        Client::administrator(&two).ok(USERS, json!({}))["totalCount"],
        0
    );
    let token = json!(Client::administrator(&one).bearer());
    assert_eq!(
        Client::with_token(&two, &token).refused(USERS, json!({})),
        2020
    );
    assert_eq!(two.request_count("createUser"), 0);
    one.advance(std::time::Duration::from_secs(3600));
    assert!(one.now() > two.now());
}
