//! What holds for every value, not only for those that somebody thought of.

use std::time::Duration;

use authing::authentication::v2::MfaPolicy;
use authing::v2::{
    UdfDataType, UdfTargetType, UdfValue, UpdateUserInput, UserDefinedData, UserStatus,
};
use authing::{ErrorKind, Secret};
use authing_core::{PasswordKey, Patch, Timestamp};
use authing_tests::clients::Clients;
use authing_tests::hostile::feed;
use authing_tests::hostile::server::{Answer, Server, run};
use http::StatusCode;
use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use serde_json::{Number, Value, json};

/// Any JSON.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any_number().prop_map(Value::Number),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            hash_map(".{0,6}", inner, 0..4).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

fn any_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("JSON has none such", Number::from_f64),
    ]
}

/// Text that no database would cut.
fn text(pattern: &'static str) -> impl Strategy<Value = String> {
    pattern.prop_filter("refused before it is sent", |text: &String| {
        !text.contains('\0')
    })
}

fn clients(server: &Server) -> Clients {
    Clients::at("https://a.example", server.clone(), Duration::from_secs(10)).unwrap()
}

/// From year 0 to the last day of year 9999 that all time zones have.
const DATES: std::ops::Range<i64> = -62_167_219_200_000..253_402_207_200_000;

/// No file of failures: the test says what it found.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn a_date_is_the_same_in_every_form(millis in DATES) {
        let number: Timestamp = serde_json::from_value(millis.into()).unwrap();
        let (chrono, jiff) = (number.to_chrono().unwrap(), number.to_jiff().unwrap());
        for date in [number, Timestamp::from(chrono), Timestamp::from(jiff)] {
            prop_assert_eq!(date.to_chrono().unwrap().timestamp_millis(), millis);
            prop_assert_eq!(date.to_jiff().unwrap().as_millisecond(), millis);
            let json = serde_json::to_string(&date).unwrap();
            prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), date);
        }
    }

    #[test]
    fn dates_keep_their_order(one in DATES, other in DATES) {
        let [one_date, other_date] = [one, other].map(|millis| Timestamp::from(millis.to_string()));
        let order = one.cmp(&other);
        let (chrono, other_chrono) = (one_date.to_chrono().unwrap(), other_date.to_chrono().unwrap());
        prop_assert_eq!(chrono.cmp(&other_chrono), order);
        prop_assert_eq!(one_date.to_jiff().cmp(&other_date.to_jiff()), order);
        // As it is written it sorts as text.
        let written = [chrono, other_chrono].map(Timestamp::from);
        prop_assert_eq!(written[0].as_str().cmp(written[1].as_str()), order);
    }

    #[test]
    fn any_text_is_kept_as_a_date(text in ".*") {
        let date = Timestamp::from(&text);
        prop_assert_eq!(date.as_str(), &text);
        let json = serde_json::to_string(&date).unwrap();
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), date);
        feed("timestamp", text.as_bytes());
    }

    #[test]
    fn a_custom_field_reads_back_as_it_was_written(
        number in any_number(),
        flag in any::<bool>(),
        object in hash_map(".{0,6}", any_json(), 0..4),
        text in ".*",
    ) {
        let object: Value = object.into_iter().collect();
        for (data_type, value) in [
            (UdfDataType::Number, UdfValue::Number(number)),
            (UdfDataType::Boolean, UdfValue::Bool(flag)),
            (UdfDataType::Object, UdfValue::Object(object)),
        ] {
            prop_assert_eq!(UdfValue::decode(&data_type, value.to_json()), value);
        }
        // Text is kept without its quotes.
        let sent: String = serde_json::from_str(&UdfValue::from(&text).to_json()).unwrap();
        prop_assert_eq!(&sent, &text);
        prop_assert_eq!(UdfValue::decode(&UdfDataType::String, sent), UdfValue::from(text));
    }

    #[test]
    fn no_value_of_a_custom_field_fails(data_type in "[A-Z]{0,9}", value in any_json()) {
        let data_types = ["STRING", "NUMBER", "DATETIME", "BOOLEAN", "OBJECT", "SELECT", &data_type];
        for data_type in data_types {
            let field = json!({"key": "k", "dataType": data_type, "value": value});
            let read: UserDefinedData = serde_json::from_value(field.clone()).unwrap();
            prop_assert_eq!(read.data_type.as_str(), data_type);
            feed("custom_field", field.to_string().as_bytes());
        }
    }

    #[test]
    fn unknown_names_are_kept(text in ".*") {
        prop_assert_eq!(UdfTargetType::from(&*text).to_string(), text.clone());
        prop_assert_eq!(MfaPolicy::from(&*text).to_string(), text.clone());
        let json = Value::from(text);
        let status: UserStatus = serde_json::from_value(json.clone()).unwrap();
        prop_assert_eq!(serde_json::to_value(status).unwrap(), json);
    }

    #[test]
    fn an_update_sends_what_was_set(
        nickname in prop_oneof![
            Just(Patch::Keep),
            Just(Patch::Null),
            ".*".prop_map(Patch::Set),
        ],
        blocked in prop_oneof![Just(Patch::Keep), any::<bool>().prop_map(Patch::Set)],
    ) {
        let update = UpdateUserInput::new().nickname(nickname.clone()).blocked(blocked);
        let sent = serde_json::to_value(&update).unwrap();
        let expected = match &nickname {
            Patch::Keep => None,
            Patch::Null => Some(Value::Null),
            Patch::Set(text) => Some(Value::from(&**text)),
        };
        prop_assert_eq!(sent.get("nickname"), expected.as_ref());
        let expected = match blocked {
            Patch::Set(flag) => Some(Value::Bool(flag)),
            _ => None,
        };
        prop_assert_eq!(sent.get("blocked"), expected.as_ref());
    }

    #[test]
    fn an_id_stays_one_segment_of_the_path(id in text(".{1,20}")) {
        let server = Server::answering([Answer::new(StatusCode::OK, br#"{"code":200,"data":[]}"#)]);
        let token = br#"{"data":{"accessToken":{"accessToken":"t","exp":1296000,"iat":0}}}"#;
        let answer = Answer::new(StatusCode::OK, br#"{"code":200,"data":[]}"#);
        server.now_answer([answer], Some(("management.users.list_orgs", token.to_vec().into())));
        let outcome = run(clients(&server).admin.users().list_orgs(&id).send());
        if [".", ".."].contains(&&*id) {
            prop_assert_eq!(outcome.unwrap_err().kind(), ErrorKind::InvalidInput);
            return Ok(());
        }
        outcome.unwrap();
        let asked = server.asked();
        let segments: Vec<_> = asked[0].path().split('/').collect();
        prop_assert_eq!(segments.len(), 6, "{}", asked[0]);
        let read = percent_encoding::percent_decode_str(segments[4]);
        prop_assert_eq!(read.decode_utf8().unwrap(), id);
    }

    #[test]
    fn a_form_reads_back_as_it_was_written(token in text(".{1,40}")) {
        let server = Server::default();
        let client = clients(&server).oidc;
        run(client.revoke_token(&token).send()).unwrap();
        let bodies = server.bodies();
        let fields: Vec<_> = form_urlencoded::parse(&bodies[0]).collect();
        prop_assert_eq!(fields.len(), 3, "{:?}", &fields);
        prop_assert!(fields.contains(&("token".into(), token.into())), "{:?}", &fields);
        prop_assert!(fields.contains(&("client_id".into(), "app-1".into())));
    }

    #[test]
    fn the_address_of_a_login_holds_what_was_asked_for(hint in ".*", uri in ".{1,40}") {
        let client = clients(&Server::default()).oidc;
        let begun = client.build_authorize_url(&uri).login_hint(&hint).build().unwrap();
        let url = url::Url::parse(&begun.url).unwrap();
        prop_assert_eq!(url.host_str(), Some("a.example"));
        let get = |name: &str| url.query_pairs().find(|(known, _)| known == name).unwrap().1;
        prop_assert_eq!(get("login_hint"), hint);
        prop_assert_eq!(get("redirect_uri"), uri);
        prop_assert_eq!(get("state"), begun.login.state());
    }

    #[test]
    fn a_password_is_encrypted_or_refused(length in 0_usize..300) {
        let key = PasswordKey::cloud().unwrap();
        match key.encrypt(&Secret::from("x".repeat(length))) {
            Ok(cipher) => {
                prop_assert!(length <= 117);
                prop_assert_eq!(cipher.len(), 172);
            }
            Err(error) => {
                prop_assert!(length > 117);
                prop_assert_eq!(error.kind(), ErrorKind::InvalidInput);
            }
        }
    }

    #[test]
    fn a_host_is_kept_whatever_the_path(
        host in "https://[a-z0-9.-]{1,12}(:[0-9]{1,5})?(/[a-z.%/@-]{0,8})?",
        path in "[/a-z0-9.%@:?#\\\\ é-]{0,16}|/(\\.|%2e|%2E|\\.\\.|/|\\\\|[a-z?#]){0,8}",
    ) {
        feed("host", format!("{host}\n{path}").as_bytes());
    }
}

proptest! {
    // Each makes several requests.
    #![proptest_config(config(128))]

    #[test]
    fn made_up_pages_come_to_an_end(
        pages in vec((any::<u64>(), vec("[ab]{0,2}", 0..5)), 0..8),
        more in any_json(),
    ) {
        let page = |(total, ids): (u64, Vec<String>)| {
            let users: Vec<_> = ids.into_iter().map(|id| json!({"id": id})).collect();
            json!({"totalCount": total, "list": users}).to_string()
        };
        let mut lines: Vec<_> = pages.into_iter().map(page).collect();
        feed("pages", lines.join("\n").as_bytes());
        lines.push(more.to_string());
        feed("pages", lines.join("\n").as_bytes());
    }

    #[test]
    fn an_honest_list_is_read_whole(count in 0_usize..60, limit in 1_u32..20) {
        let ids: Vec<_> = (0..count).map(|id| json!({"id": id.to_string()})).collect();
        let pages = ids.chunks(limit as usize).chain([&[][..]]).map(|users| {
            let page = json!({"data": {"users": {"totalCount": count, "list": users}}});
            Answer::new(StatusCode::OK, page.to_string().as_bytes())
        });
        let token = br#"{"data":{"accessToken":{"accessToken":"t","exp":1296000,"iat":0}}}"#;
        let server = Server::default();
        server.now_answer(pages, Some(("management.users.list", token.to_vec().into())));
        let admin = clients(&server).admin;
        let read = run(async {
            let mut users = admin.users().list().limit(limit).stream();
            let mut read = Vec::new();
            while let Some(user) = users.next().await {
                read.push(user.unwrap().id);
            }
            read
        });
        let all: Vec<_> = (0..count).map(|id| id.to_string()).collect();
        prop_assert_eq!(read, all);
        prop_assert!(server.asked().len() <= count / limit as usize + 1);
    }
}
