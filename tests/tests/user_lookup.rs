//! Users by whatever names they have, with what newer servers tell of them,
//! against the emulator over real sockets and both transports.

use std::collections::BTreeMap;

use authing::management::v2::Call;
use authing::v2::users::{SearchUsers, UserIdType};
use authing::v2::{
    CreateUserIdentityInput, CreateUserInput, UdfValue, UpdateUserInput, User, UserStatus,
};
use authing::{ErrorCode, ErrorKind, Patch};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use serde_json::{Value, json};

both_transports!(
    users_are_found_by_external_id_and_identity,
    batches_by_other_names,
    custom_data_comes_when_asked_for,
    a_user_is_created_with_custom_data_or_not_at_all,
    values_as_maps,
    searches_are_limited,
    roles_are_checked,
);

const NOBODY: &str = "000000000000000000000000";

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

fn named(username: &str) -> CreateUserInput {
    CreateUserInput::new().username(username)
}

async fn create(clients: &Clients, username: &str) -> User {
    clients.admin.users().create(named(username)).await.unwrap()
}

async fn graphql(clients: &Clients, document: &str, variables: Value) {
    let _: Value = clients.admin.graphql(document, variables).await.unwrap();
}

async fn define(clients: &Clients, key: &str, data_type: &str) {
    let document = "mutation ($key: String!, $type: UDFDataType!) {
        setUdf(targetType: USER, key: $key, dataType: $type, label: $key) { key } }";
    graphql(clients, document, json!({"key": key, "type": data_type})).await;
}

async fn users_are_found_by_external_id_and_identity(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    let github = CreateUserIdentityInput::new("github", "4711").is_social(true);
    let bob = users
        .create(named("bob").external_id("hr-7"))
        .identity(github.clone())
        .await
        .unwrap();
    assert_eq!(bob.external_id.as_deref(), Some("hr-7"));
    let identity = &bob.identities.unwrap()[0];
    assert_eq!(identity.provider.as_deref(), Some("github"));
    assert_eq!(identity.user_id.as_deref(), Some(bob.id.as_str()));
    assert_eq!(identity.is_social, Some(true));

    for call in [
        users.find().external_id("hr-7"),
        users.find().identity("github", "4711"),
        users.find().username("bob").external_id("hr-7"),
        users.find().external_id("hr-7").with_custom_data(),
        users.find().identity("github", "4711").with_custom_data(),
    ] {
        assert_eq!(call.await.unwrap().unwrap().id, bob.id);
    }
    for call in [
        users.find().external_id("hr-8"),
        users.find().identity("github", "4712"),
        users.find().identity("gitlab", "4711"),
        users.find().username("alice").external_id("hr-7"),
    ] {
        assert!(call.await.unwrap().is_none());
    }
    assert!(users.exists().external_id("hr-7").await.unwrap());
    assert!(!users.exists().external_id("hr-8").await.unwrap());

    // Neither can belong to two users, and nothing is left of the attempt.
    let twin = users.create(named("alice").external_id("hr-7")).await;
    assert_eq!(twin.unwrap_err().code(), Some(ErrorCode::USER_EXISTS));
    let twin = users.create(named("alice")).identity(github).await;
    assert_eq!(twin.unwrap_err().kind(), ErrorKind::Api);
    assert!(!users.exists().username("alice").await.unwrap());
    let carol = create(&clients, "carol").await;
    let updates = UpdateUserInput::new().external_id("hr-7");
    let error = users.update(&carol.id, updates).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::USER_EXISTS));

    let updates = UpdateUserInput::new().external_id(Patch::Null);
    users.update(&bob.id, updates).await.unwrap();
    assert!(!users.exists().external_id("hr-7").await.unwrap());
}

async fn batches_by_other_names(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    let bob = users
        .create(named("bob").email("bob@example.com").external_id("hr-7"))
        .await
        .unwrap();
    create(&clients, "alice").await;
    for (field, name) in [
        (UserIdType::Id, bob.id.as_str()),
        (UserIdType::Username, "bob"),
        (UserIdType::Email, "Bob@Example.com"),
        (UserIdType::ExternalId, "hr-7"),
    ] {
        let found = users.batch([name, "nobody"]).query_field(field).await;
        let ids: Vec<_> = found.unwrap().into_iter().map(|user| user.id).collect();
        assert_eq!(ids, [bob.id.as_str()], "{name}");
    }
    let phone = users.batch(["bob"]).query_field(UserIdType::Phone).await;
    assert!(phone.unwrap().is_empty());
    let odd = UserIdType::from("shoeSize");
    let error = users.batch(["44"]).query_field(odd).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
}

async fn custom_data_comes_when_asked_for(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    define(&clients, "age", "NUMBER").await;
    define(&clients, "vip", "BOOLEAN").await;
    let bob = create(&clients, "bob").await;
    users.set_udv(&bob.id, "age", 34).await.unwrap();

    let plain = users.detail(&bob.id).await.unwrap().unwrap();
    assert!(plain.custom_data.is_none() && plain.status.is_none());

    let detail = users.detail(&bob.id).with_custom_data().await.unwrap();
    let find = users.find().username("bob").with_custom_data().await;
    let list = users.list().with_custom_data().await.unwrap();
    let search = users.search("bob").with_custom_data().await.unwrap();
    let batch = users.batch([&bob.id]).with_custom_data().await.unwrap();
    let mut stream = users.list().with_custom_data().limit(1).stream();
    let streamed = stream.next().await.unwrap().unwrap();
    for user in [
        detail.unwrap(),
        find.unwrap().unwrap(),
        list.list[0].clone(),
        search.list[0].clone(),
        batch[0].clone(),
        streamed,
    ] {
        assert_eq!(user.status, Some(UserStatus::Activated));
        let values = user.custom_data.unwrap();
        // Without the one that is not set.
        assert_eq!(values.len(), 1);
        assert_eq!(values[0].value, UdfValue::from(34));
        assert_eq!(values[0].label.as_deref(), Some("age"));
    }
}

async fn a_user_is_created_with_custom_data_or_not_at_all(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    define(&clients, "age", "NUMBER").await;
    define(&clients, "extra", "OBJECT").await;
    define(&clients, "school", "STRING").await;
    let extra = UdfValue::from(json!({"a": [1, null, "\"é\""]}));
    let values = [
        ("age", UdfValue::from(0)),
        ("extra", extra.clone()),
        ("school", UdfValue::from("")),
    ];
    let bob = users
        .create(named("bob").password("correct horse"))
        .custom_data(values.clone())
        .await
        .unwrap();
    assert_eq!(bob.custom_data.unwrap().len(), 3);
    let read = users.get_udf_value(&bob.id).await.unwrap();
    let written = values.map(|(key, value)| (key.to_owned(), value));
    assert_eq!(read, BTreeMap::from(written));

    for (key, value) in [("age", UdfValue::from("old")), ("none", UdfValue::from(1))] {
        let call = users.create(named("alice")).custom_data([(key, value)]);
        assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Api, "{key}");
        assert!(!users.exists().username("alice").await.unwrap());
    }

    users
        .create(named("carol").password("given once"))
        .reset_password_on_first_login(true)
        .await
        .unwrap();
    let login = clients.client.login_by_username("carol", "given once");
    assert_eq!(login.await.unwrap_err().code(), Some(ErrorCode::new(1639)));
}

async fn values_as_maps(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    define(&clients, "age", "NUMBER").await;
    define(&clients, "vip", "BOOLEAN").await;
    let bob = create(&clients, "bob").await.id;
    let alice = create(&clients, "alice").await.id;
    assert!(users.get_udf_value(&bob).await.unwrap().is_empty());

    let values = [("age", UdfValue::from(34)), ("vip", UdfValue::from(false))];
    let now = users.set_udf_value(&bob, values.clone()).await.unwrap();
    assert_eq!(now["age"], UdfValue::from(34));
    assert_eq!(now["vip"], UdfValue::from(false));
    assert_eq!(users.get_udf_value(&bob).await.unwrap(), now);

    // One that does not fit keeps the other from being set.
    let wrong = [("age", UdfValue::from(35)), ("vip", UdfValue::from("yes"))];
    assert!(users.set_udf_value(&bob, wrong).await.is_err());
    assert_eq!(users.get_udf_value(&bob).await.unwrap(), now);

    let batch = [(&bob, [("age", 36)]), (&alice, [("age", 29)])];
    users.set_udf_value_batch(batch).await.unwrap();
    let read = users.get_udf_value_batch([&bob, &alice]).await.unwrap();
    assert_eq!(read[&bob]["age"], UdfValue::from(36));
    assert_eq!(read[&bob]["vip"], UdfValue::from(false));
    assert_eq!(read[&alice].len(), 1);

    let batch = [(bob.as_str(), [("age", 37)]), (NOBODY, [("age", 1)])];
    let error = users.set_udf_value_batch(batch).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(
        users.get_udf_value(&bob).await.unwrap()["age"],
        UdfValue::from(36)
    );
}

async fn searches_are_limited(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    for code in ["editor", "reader"] {
        let document = "mutation ($code: String!) { createRole(code: $code) { code } }";
        graphql(&clients, document, json!({"code": code})).await;
    }
    let document = "mutation { createGroup(code: \"staff\", name: \"Staff\") { code } }";
    graphql(&clients, document, Value::Null).await;
    let bob = create(&clients, "bob").await.id;
    create(&clients, "bobby").await;
    users.add_roles(&bob, ["editor"]).await.unwrap();
    users.add_group(&bob, "staff").await.unwrap();

    let count = async |call: Call<SearchUsers>| call.await.unwrap().total_count;
    let search = || users.search("bob");
    assert_eq!(count(search()).await, 2);
    assert_eq!(count(search().in_group("staff")).await, 1);
    assert_eq!(count(search().with_role("editor", None)).await, 1);
    assert_eq!(
        count(search().with_role("editor", Some("default"))).await,
        1
    );
    assert_eq!(count(search().with_role("editor", Some("docs"))).await, 0);
    let either = search().with_role("reader", None).with_role("editor", None);
    assert_eq!(count(either).await, 1);
    let both = search().in_group("staff").with_role("reader", None);
    assert_eq!(count(both.with_custom_data()).await, 0);
    assert_eq!(count(search().in_department("d1", true)).await, 0);
}

async fn roles_are_checked(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    let document = "mutation ($code: String!, $namespace: String) {
        createRole(code: $code, namespace: $namespace) { code } }";
    graphql(&clients, document, json!({"code": "editor"})).await;
    graphql(&clients, document, json!({"code": "reader"})).await;
    let bob = create(&clients, "bob").await.id;
    users.add_roles(&bob, ["editor"]).await.unwrap();
    assert!(users.has_role(&bob, "editor").await.unwrap());
    assert!(!users.has_role(&bob, "reader").await.unwrap());
    assert!(!users.has_role(&bob, "edit").await.unwrap());
    assert!(
        users
            .has_role(&bob, "editor")
            .namespace("default")
            .await
            .unwrap()
    );
    assert!(
        !users
            .has_role(&bob, "editor")
            .namespace("docs")
            .await
            .unwrap()
    );
    let all = users.list_roles(&bob).namespace("default").await.unwrap();
    assert_eq!(all.total_count, 1);
    let none = users.list_roles(&bob).namespace("docs").await.unwrap();
    assert_eq!(none.total_count, 0);
}
