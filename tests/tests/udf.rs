//! Custom fields: their definitions and values, against the emulator over real
//! sockets and both transports.

use authing::v2::{CreateUserInput, UdfDataType, UdfTargetType, UdfValue, UserDefinedData};
use authing::{ErrorCode, ErrorKind, Timestamp};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use serde_json::json;

both_transports!(
    define_list_remove,
    every_type_of_value,
    many_targets_at_once,
    nothing_is_half_written,
    other_targets_than_users,
    mistakes_are_found_before_anything_is_sent,
);

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

async fn create(clients: &Clients, username: &str) -> String {
    let input = CreateUserInput::new().username(username);
    clients.admin.users().create(input).await.unwrap().id
}

async fn define(clients: &Clients, key: &str, data_type: UdfDataType) {
    let udf = clients.admin.udf();
    udf.set(UdfTargetType::User, key, data_type, key)
        .await
        .unwrap();
}

fn pairs(values: Vec<UserDefinedData>) -> Vec<(String, UdfValue)> {
    let values = values.into_iter();
    values.map(|field| (field.key, field.value)).collect()
}

async fn define_list_remove(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let udf = clients.admin.udf();
    let size = udf
        .set(UdfTargetType::User, "size", UdfDataType::Select, "尺寸")
        .options(r#"["S","L"]"#)
        .await
        .unwrap();
    assert_eq!(
        (size.data_type, size.label.as_deref()),
        (UdfDataType::Select, Some("尺寸"))
    );
    assert_eq!(size.options.as_deref(), Some(r#"["S","L"]"#));
    let again = udf
        .set(UdfTargetType::User, "size", UdfDataType::Select, "")
        .await
        .unwrap();
    assert_eq!((again.label.as_deref(), again.options), (Some(""), None));
    assert_eq!(udf.list(UdfTargetType::User).await.unwrap().len(), 1);
    assert!(udf.list(UdfTargetType::Role).await.unwrap().is_empty());

    udf.remove(UdfTargetType::User, "size").await.unwrap();
    assert!(udf.list(UdfTargetType::User).await.unwrap().is_empty());
    let error = udf.remove(UdfTargetType::User, "size").await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::new(500)));
}

async fn every_type_of_value(backend: Backend) {
    use UdfDataType::{Boolean, DateTime, Number, Object, String};

    let (_emulator, clients) = start(backend);
    let bob = create(&clients, "bob").await;
    let date = |text: &str| UdfValue::from(Timestamp::from(text));
    let mut values = Vec::new();
    for (key, data_type, value) in [
        ("text", String, UdfValue::from("a \"b\" 中\n")),
        ("digits", String, "18".into()),
        ("whole", Number, (-3).into()),
        ("part", Number, 1.75.into()),
        ("no", Boolean, false.into()),
        ("date", DateTime, date("2020-01-01T02:03:04.000Z")),
        ("day", DateTime, date("2020-01-01")),
        ("millis", DateTime, date("1580000000000")),
        ("object", Object, json!({"é": [1, true, null]}).into()),
        ("list", Object, json!([1.5, {}]).into()),
    ] {
        define(&clients, key, data_type).await;
        values.push((key.to_owned(), value));
    }
    let udf = clients.admin.udf();
    let set = udf.set_udv_batch(UdfTargetType::User, &bob, values.clone());
    assert_eq!(pairs(set.await.unwrap()), values);
    let read = udf.list_udv(UdfTargetType::User, &bob).await.unwrap();
    assert_eq!(read[0].label.as_deref(), Some("text"));
    assert_eq!(pairs(read), values);

    for (key, value) in [
        ("text", UdfValue::from(18)),
        ("whole", "18".into()),
        ("part", f64::NAN.into()),
        ("no", "false".into()),
        ("date", "soon".into()),
        ("object", 1.into()),
        ("unknown", 1.into()),
    ] {
        let set = udf.set_udv_batch(UdfTargetType::User, &bob, [(key, value)]);
        let error = set.await.unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::new(500)), "{key}");
    }
    let read = udf.list_udv(UdfTargetType::User, &bob).await.unwrap();
    assert_eq!(pairs(read), values);
}

async fn many_targets_at_once(backend: Backend) {
    let (_emulator, clients) = start(backend);
    define(&clients, "age", UdfDataType::Number).await;
    let (ann, bob) = (create(&clients, "ann").await, create(&clients, "bob").await);
    let udf = clients.admin.udf();
    let ages = [(&ann, "age", 0), (&bob, "age", 34)];
    udf.set_udf_value_batch(UdfTargetType::User, ages)
        .await
        .unwrap();
    let read = udf.list_udv_batch(UdfTargetType::User, [&bob, &ann]);
    let [of_bob, of_ann] = read.await.unwrap().try_into().unwrap();
    assert_eq!((of_bob.target_id, of_ann.target_id), (bob.clone(), ann));
    assert_eq!(pairs(of_bob.data), [("age".to_owned(), 34.into())]);
    assert_eq!(pairs(of_ann.data), [("age".to_owned(), 0.into())]);

    let read = udf.list_udv_batch(UdfTargetType::User, [bob.as_str(), "nobody"]);
    assert!(read.await.unwrap_err().is_not_found());
}

async fn nothing_is_half_written(backend: Backend) {
    let (_emulator, clients) = start(backend);
    define(&clients, "age", UdfDataType::Number).await;
    define(&clients, "vip", UdfDataType::Boolean).await;
    let bob = create(&clients, "bob").await;
    let udf = clients.admin.udf();
    let values: [(&str, UdfValue); 2] = [("age", 34.into()), ("vip", 1.into())];
    let one = udf.set_udv_batch(UdfTargetType::User, &bob, values);
    one.await.unwrap_err();
    for wrong in [
        (bob.as_str(), "vip", UdfValue::from(1)),
        (bob.as_str(), "unknown", 1.into()),
        ("nobody", "age", 1.into()),
    ] {
        let values = [(bob.as_str(), "age", UdfValue::from(34)), wrong];
        let many = udf.set_udf_value_batch(UdfTargetType::User, values);
        many.await.unwrap_err();
    }
    let read = udf.list_udv(UdfTargetType::User, &bob).await.unwrap();
    assert!(read.is_empty(), "{read:?}");
}

async fn other_targets_than_users(backend: Backend) {
    let (emulator, clients) = start(backend);
    let udf = clients.admin.udf();
    for (target_type, id) in [
        (UdfTargetType::UserPool, emulator.user_pool_id()),
        (UdfTargetType::Application, emulator.app_id()),
    ] {
        udf.set(target_type.clone(), "plan", UdfDataType::String, "Plan")
            .await
            .unwrap();
        let set = udf.set_udv_batch(target_type.clone(), id, [("plan", "free")]);
        assert_eq!(set.await.unwrap().len(), 1);
        let unknown = udf.list_udv(target_type, "nothing").await.unwrap_err();
        assert_eq!(unknown.code(), Some(ErrorCode::new(500)));
    }
    let odd = udf.list(UdfTargetType::from("PLANET")).await.unwrap_err();
    assert_eq!((odd.kind(), odd.code()), (ErrorKind::Api, None));
}

async fn mistakes_are_found_before_anything_is_sent(backend: Backend) {
    let (emulator, clients) = start(backend);
    let udf = clients.admin.udf();
    let user = || UdfTargetType::User;
    let none: [(&str, i32); 0] = [];
    for outcome in [
        udf.set(user(), "", UdfDataType::String, "").await.map(drop),
        udf.remove(user(), "").await.map(drop),
        udf.list_udv(user(), "").await.map(drop),
        udf.set_udv_batch(user(), "", [("age", 1)]).await.map(drop),
        udf.set_udv_batch(user(), "u1", none).await.map(drop),
        udf.set_udv_batch(user(), "u1", [("", 1)]).await.map(drop),
        udf.list_udv_batch(user(), [""; 0]).await.map(drop),
        udf.list_udv_batch(user(), ["u1", ""]).await.map(drop),
        udf.set_udf_value_batch(user(), [("", "age", 1)])
            .await
            .map(drop),
        udf.set_udf_value_batch(user(), [("u1", "", 1)])
            .await
            .map(drop),
    ] {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(emulator.requests(), []);
}
