//! The verifier and the crate `jsonwebtoken` look at the same tokens, made by
//! chance. What passes here passes there, with the same claims; what passes
//! only there is refused for a reason that `jsonwebtoken` does not look at.
//! Signatures, algorithms, times, issuers and audiences are judged alike.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use authing::verify::{Application, Reason, TokenKind, Verifier};
use authing::{Clock, SystemClock};
use authing_tests::jwt::{KeyServer, SERVER, STRANGER, encode, hs256_text};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const ISSUER: &str = "https://a.example/oidc";

/// What is checked here and not there.
const STRICTER: [Reason; 12] = [
    Reason::TooLong,
    Reason::Malformed,
    Reason::Encrypted,
    Reason::Header,
    Reason::KeyId,
    Reason::UnknownKey,
    Reason::UnusableKey,
    Reason::Kind,
    Reason::Subject,
    Reason::AuthorizedParty,
    Reason::IssuedAt,
    Reason::UserPool,
];

/// Both verifiers of one algorithm.
struct Pair {
    ours: Verifier,
    key: DecodingKey,
    theirs: Validation,
}

impl Pair {
    async fn rs256() -> Self {
        let application = Application::new("app-1", "https://a.example");
        let ours = Verifier::builder()
            .application(application)
            .transport(KeyServer::with(&[SERVER.jwk()]))
            .clock(SystemClock::default())
            .build()
            .unwrap();
        ours.preload().await.unwrap();
        let jwk = SERVER.jwk();
        let part = |name: &str| jwk[name].as_str().unwrap().to_owned();
        let key = DecodingKey::from_rsa_components(&part("n"), &part("e")).unwrap();
        Self::new(ours, key, Algorithm::RS256)
    }

    fn hs256() -> Self {
        let ours = Verifier::builder()
            .application(Application::new("app-1", "https://a.example").secret(SECRET))
            .kind(TokenKind::Id)
            .clock(SystemClock::default())
            .build()
            .unwrap();
        let key = DecodingKey::from_secret(SECRET.as_bytes());
        Self::new(ours, key, Algorithm::HS256)
    }

    fn new(ours: Verifier, key: DecodingKey, algorithm: Algorithm) -> Self {
        let mut theirs = Validation::new(algorithm);
        theirs.set_audience(&["app-1"]);
        theirs.set_issuer(&[ISSUER]);
        theirs.set_required_spec_claims(&["exp", "iss", "aud"]);
        theirs.validate_nbf = true;
        Self { ours, key, theirs }
    }

    /// How the two judge, in a word; fails where they must not differ.
    fn compare(&self, token: &str) -> Result<&'static str, TestCaseError> {
        let ours = self.ours.verify_now::<Map<String, Value>>(token);
        let theirs = decode::<Map<String, Value>>(token, &self.key, &self.theirs);
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => {
                prop_assert_eq!(ours.own, theirs.claims);
                Ok("both accept")
            }
            (Err(_), Err(_)) => Ok("both refuse"),
            (Ok(ours), Err(error)) => {
                let why = format!("only we accept: {ours:?}, {error}: {token}");
                Err(TestCaseError::fail(why))
            }
            (Err(rejection), Ok(_)) => {
                let is_known = STRICTER.contains(&rejection.reason());
                prop_assert!(is_known, "only they accept: {}: {}", rejection, token);
                Ok("only we refuse")
            }
        }
    }

    /// Compares so many tokens, and says how often the two judged how.
    fn run(
        &self,
        cases: u32,
        tokens: impl Strategy<Value = String>,
    ) -> BTreeMap<&'static str, u32> {
        let counts = RefCell::new(BTreeMap::new());
        let config = Config {
            cases,
            failure_persistence: None,
            ..Config::default()
        };
        TestRunner::new(config)
            .run(&tokens, |token| {
                let outcome = self.compare(&token)?;
                *counts.borrow_mut().entry(outcome).or_default() += 1;
                Ok(())
            })
            .unwrap();
        counts.into_inner()
    }
}

/// Seconds since 1970, so far from now that no test is too slow for it.
fn moment() -> impl Strategy<Value = Value> {
    let now = SystemClock::default()
        .now()
        .duration_since(SystemTime::UNIX_EPOCH);
    let now = i64::try_from(now.unwrap_or(Duration::ZERO).as_secs()).unwrap();
    prop_oneof![
        8 => Just(json!(now + 3600)),
        8 => Just(json!(now - 3600)),
        1 => Just(json!(0)),
        1 => Just(json!(-1)),
        1 => Just(json!(now as f64 + 3600.5)),
        1 => Just(json!(now.to_string())),
        1 => Just(json!(null)),
        1 => Just(json!(u64::MAX)),
        1 => Just(json!([now])),
    ]
}

fn text(honest: &'static str) -> impl Strategy<Value = Value> {
    prop_oneof![
        60 => Just(json!(honest)),
        2 => Just(json!([honest])),
        1 => Just(json!(["other", honest])),
        1 => Just(json!([])),
        1 => Just(json!("")),
        1 => Just(json!(null)),
        1 => Just(json!(7)),
        1 => Just(json!({honest: honest})),
        1 => Just(json!(format!("{honest}/"))),
        1 => "[a-z]{1,8}".prop_map(|text| json!(text)),
    ]
}

/// Claims as text: each there or not, honest or not, some of them twice.
fn claims() -> impl Strategy<Value = String> {
    let member = |name: &'static str, value: BoxedStrategy<Value>| {
        prop::option::weighted(0.95, value)
            .prop_map(move |value| value.map(|value| (name, value)))
            .boxed()
    };
    let now = SystemClock::default()
        .now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let mostly = move |ahead: i64| {
        let good = i64::try_from(now.as_secs()).unwrap() + ahead;
        prop_oneof![19 => Just(json!(good)), 1 => moment()].boxed()
    };
    let rarely =
        |value: BoxedStrategy<Value>| prop_oneof![9 => Just(json!(null)), 1 => value].boxed();
    let members = (
        member("iss", text(ISSUER).boxed()),
        member("aud", text("app-1").boxed()),
        member("sub", text("user-1").boxed()),
        member("exp", mostly(3600)),
        member("iat", mostly(-60)),
        member("nbf", mostly(-60)),
        member("azp", rarely(text("app-1").boxed())),
        member("own", any::<String>().prop_map(|text| json!(text)).boxed()),
    );
    let kind = prop_oneof![
        8 => Just(None),
        8 => Just(Some(("scope", json!("openid")))),
        1 => Just(Some(("nonce", json!("n")))),
        1 => Just(Some(("data", json!({"type": "user"})))),
    ];
    (members, kind, prop::option::weighted(0.1, 0..8usize)).prop_map(|(members, kind, twice)| {
        let (a, b, c, d, e, f, g, h) = members;
        let mut all: Vec<_> = [a, b, c, d, e, f, g, h, kind]
            .into_iter()
            .flatten()
            .collect();
        if let Some(again) = twice.and_then(|at| all.get(at).cloned()) {
            all.push(again);
        }
        let all: Vec<_> = all
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", all.join(","))
    })
}

fn header(algorithm: &'static str) -> impl Strategy<Value = String> {
    let honest = move || {
        Just(format!(
            r#"{{"alg":"{algorithm}","typ":"JWT","kid":"server"}}"#
        ))
    };
    let changed = prop::sample::select(vec![
        r#"{"alg":"none","kid":"server"}"#,
        r#"{"alg":"HS256","kid":"server"}"#,
        r#"{"alg":"RS256","kid":"server"}"#,
        r#"{"alg":"RS512","kid":"server"}"#,
        r#"{"alg":"RS256"}"#,
        r#"{"alg":"RS256","kid":"other"}"#,
        r#"{"alg":"HS256","kid":7}"#,
        r#"{"alg":"HS256","crit":["x"],"x":1}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        r#"{"alg":"HS256","jku":"https://evil.example"}"#,
        r#" { "alg" : "HS256" } "#,
        "{}",
        "[]",
        "",
    ]);
    prop_oneof![8 => honest(), 1 => changed.prop_map(str::to_owned)]
}

/// What happens to a token on its way.
#[derive(Debug, Clone)]
enum Change {
    Nothing,
    Letter(prop::sample::Index, char),
    Cut(prop::sample::Index),
    Insert(prop::sample::Index, String),
    Signature(Vec<u8>),
}

impl Change {
    fn any() -> impl Strategy<Value = Self> {
        let at = || any::<prop::sample::Index>();
        prop_oneof![
            6 => Just(Self::Nothing),
            2 => (at(), "[A-Za-z0-9_.=+/ -]").prop_map(|(at, letter)| Self::Letter(at, letter.chars().next().unwrap_or('A'))),
            1 => at().prop_map(Self::Cut),
            1 => (at(), "[A-Za-z0-9_.=-]{1,3}").prop_map(|(at, text)| Self::Insert(at, text)),
            1 => prop::collection::vec(any::<u8>(), 0..300).prop_map(Self::Signature),
        ]
    }

    fn apply(self, token: String) -> String {
        let mut letters: Vec<char> = token.chars().collect();
        match self {
            Self::Nothing => return token,
            Self::Letter(at, letter) => {
                let at = at.index(letters.len());
                letters[at] = letter;
            }
            Self::Cut(at) => letters.truncate(at.index(letters.len())),
            Self::Insert(at, text) => {
                let at = at.index(letters.len());
                letters.splice(at..at, text.chars());
            }
            Self::Signature(bytes) => {
                let (signed, _) = token.rsplit_once('.').unwrap();
                return format!("{signed}.{}", encode(bytes));
            }
        }
        letters.into_iter().collect()
    }
}

fn each_judgement_occurs(counts: &BTreeMap<&'static str, u32>) {
    for outcome in ["both accept", "both refuse", "only we refuse"] {
        assert!(counts.contains_key(outcome), "{outcome}: {counts:?}");
    }
}

#[test]
fn hs256_is_judged_alike() {
    let tokens = (
        header("HS256"),
        claims(),
        Change::any(),
        prop::bool::weighted(0.95),
    )
        .prop_map(|(header, claims, change, is_ours)| {
            let secret = if is_ours { SECRET } else { "another secret" };
            change.apply(hs256_text(secret, &header, &claims))
        });
    each_judgement_occurs(&Pair::hs256().run(4000, tokens));
}

#[tokio::test]
async fn rs256_is_judged_alike() {
    let pem = SERVER.public_pem();
    let tokens = (header("RS256"), claims(), Change::any(), 0..20).prop_map(
        move |(header, claims, change, signer)| {
            change.apply(match signer {
                0 => STRANGER.sign_text(&header, &claims),
                1 => hs256_text(&pem, &header, &claims),
                _ => SERVER.sign_text(&header, &claims),
            })
        },
    );
    each_judgement_occurs(&Pair::rs256().await.run(400, tokens));
}

#[tokio::test]
async fn any_text_is_refused_by_both() {
    let pair = Pair::rs256().await;
    let counts = pair.run(
        2000,
        "\\PC{0,200}|[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}",
    );
    assert_eq!(counts.get("both refuse"), Some(&2000));
}
