//! The administrator's calls over users, against the emulator over real
//! sockets and both transports.

use authing::v2::users::SortBy;
use authing::v2::{CreateUserInput, UdfValue, UpdateUserInput};
use authing::{ErrorCode, ErrorKind, Patch, Secret, Timestamp};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use serde_json::{Value, json};

both_transports!(
    create_read_update_delete,
    duplicates_are_refused,
    a_password_reaches_the_server,
    lists_are_paged_and_ordered,
    search_and_find,
    batch_and_delete_many,
    roles,
    groups,
    policies,
    custom_fields,
    refresh_token,
    missing_users,
    mistakes_are_found_before_anything_is_sent,
    any_graphql,
);

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

fn named(username: &str) -> CreateUserInput {
    CreateUserInput::new().username(username)
}

async fn create(clients: &Clients, username: &str) -> String {
    clients
        .admin
        .users()
        .create(named(username))
        .await
        .unwrap()
        .id
}

async fn create_read_update_delete(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    let input = named("bob")
        .email("Bob@Example.com")
        .nickname("老王")
        .company("Start & Co")
        .email_verified(true)
        .logins_count(3);
    let bob = users.create(input).await.unwrap();
    assert_eq!(bob.email.as_deref(), Some("bob@example.com"));
    assert_eq!(
        (bob.email_verified, bob.logins_count),
        (Some(true), Some(3))
    );
    assert!(bob.created_at.is_some() && bob.token.is_none());

    let updates = UpdateUserInput::new()
        .nickname("")
        .company(Patch::Null)
        .email_verified(false)
        .logins_count(0)
        .last_login(Timestamp::from("2026-11-22T10:00:00.000Z"));
    let updated = users.update(&bob.id, updates).await.unwrap();
    let read = users.detail(&bob.id).await.unwrap().unwrap();
    for user in [updated, read] {
        assert_eq!(user.nickname.as_deref(), Some(""));
        assert_eq!(user.company, None);
        assert_eq!(
            (user.email_verified, user.logins_count),
            (Some(false), Some(0))
        );
        assert_eq!(user.username.as_deref(), Some("bob"));
    }

    let message = users.delete(&bob.id).await.unwrap();
    assert_eq!(message.code, Some(200));
    assert!(users.detail(&bob.id).await.unwrap().is_none());
    let again = users.delete(&bob.id).await.unwrap_err();
    assert_eq!(again.code(), Some(ErrorCode::DELETE_FAILED));
}

async fn duplicates_are_refused(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    users
        .create(named("bob").email("bob@example.com").phone("13800000000"))
        .await
        .unwrap();
    for twin in [
        named("bob"),
        named("bobby").email("BOB@example.com"),
        named("robert").phone("13800000000"),
    ] {
        let error = users.create(twin).await.unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::USER_EXISTS), "{error}");
        assert_eq!(error.operation(), Some("management.users.create"));
        assert!(error.request_id().is_some());
    }
    assert_eq!(users.list().await.unwrap().total_count, 1);
}

async fn a_password_reaches_the_server(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let input = named("bob").password("correct horse");
    // The caller's own value is not changed by sending it.
    let bob = clients.admin.users().create(input.clone()).await.unwrap();
    clients
        .client
        .login_by_username("bob", "correct horse")
        .await
        .unwrap();
    let bobby = clients
        .admin
        .users()
        .create(input.username("bobby"))
        .await
        .unwrap();
    clients
        .client
        .login_by_username("bobby", "correct horse")
        .await
        .unwrap();
    assert_ne!(bob.id, bobby.id);

    let updates = UpdateUserInput::new().password("another horse");
    clients
        .admin
        .users()
        .update(&bob.id, updates)
        .await
        .unwrap();
    clients
        .client
        .login_by_username("bob", "another horse")
        .await
        .unwrap();
    let error = clients
        .client
        .login_by_username("bob", "correct horse")
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::WRONG_PASSWORD));

    let updates = UpdateUserInput::new().password(Patch::Null);
    clients
        .admin
        .users()
        .update(&bob.id, updates)
        .await
        .unwrap();
    let error = clients
        .client
        .login_by_username("bob", "another horse")
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::WRONG_PASSWORD));

    // A client that has another key than the server.
    let emulator = Emulator::start().unwrap();
    let cloud_key =
        authing::v2::ManagementClient::builder(emulator.user_pool_id(), emulator.secret())
            .host(emulator.url())
            .transport(backend.transport().unwrap())
            .build()
            .unwrap();
    let error = cloud_key
        .users()
        .create(named("bob").password("correct horse"))
        .await;
    assert_eq!(
        error.unwrap_err().code(),
        Some(ErrorCode::PASSWORD_NOT_DECRYPTED)
    );
}

async fn lists_are_paged_and_ordered(backend: Backend) {
    let (_emulator, clients) = start(backend);
    for number in 0..23 {
        create(&clients, &format!("user-{number:02}")).await;
    }
    let users = clients.admin.users();
    let page = users.list().page(3).limit(10).await.unwrap();
    assert_eq!((page.total_count, page.list.len()), (23, 3));
    assert_eq!(users.list().await.unwrap().list.len(), 10);

    let mut names = Vec::new();
    let mut stream = users
        .list()
        .limit(10)
        .sort_by(SortBy::CreatedAtAsc)
        .stream();
    while let Some(user) = stream.next().await {
        names.push(user.unwrap().username.unwrap());
    }
    let expected: Vec<_> = (0..23).map(|number| format!("user-{number:02}")).collect();
    assert_eq!(names, expected);
}

async fn search_and_find(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    users
        .create(named("bob").email("bob@example.com").phone("13800000000"))
        .await
        .unwrap();
    users
        .create(named("alice").nickname("Bobbie"))
        .await
        .unwrap();
    users.create(named("carol")).await.unwrap();

    assert_eq!(users.search("BOB").await.unwrap().total_count, 2);
    let by_name = users.search("bob").fields(["username"]).await.unwrap();
    assert_eq!(by_name.total_count, 1);
    assert_eq!(users.search("nobody").await.unwrap().total_count, 0);
    let mut found = users.search("bob").limit(1).stream();
    let mut count = 0;
    while let Some(user) = found.next().await {
        user.unwrap();
        count += 1;
    }
    assert_eq!(count, 2);

    for call in [
        users.find().username("bob"),
        users.find().email("bob@example.com"),
        users.find().phone("13800000000"),
    ] {
        assert_eq!(
            call.await.unwrap().unwrap().username.as_deref(),
            Some("bob")
        );
    }
    assert!(users.find().username("nobody").await.unwrap().is_none());
    assert!(users.exists().email("bob@example.com").await.unwrap());
    assert!(!users.exists().username("nobody").await.unwrap());
}

async fn batch_and_delete_many(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    let ids = [create(&clients, "a").await, create(&clients, "b").await];
    let other = create(&clients, "c").await;
    let found = users
        .batch(
            ids.iter()
                .chain(["000000000000000000000000".to_owned()].iter()),
        )
        .await;
    assert_eq!(found.unwrap().len(), 2);
    users.delete_many(&ids).await.unwrap();
    assert!(users.batch(&ids).await.unwrap().is_empty());
    assert!(users.detail(other).await.unwrap().is_some());
}

async fn roles(backend: Backend) {
    let (_emulator, clients) = start(backend);
    for code in ["reader", "editor"] {
        let document = "mutation ($code: String!) { createRole(code: $code) { code } }";
        let _: Value = clients
            .admin
            .graphql(document, json!({"code": code}))
            .await
            .unwrap();
    }
    let bob = create(&clients, "bob").await;
    let users = clients.admin.users();
    users.add_roles(&bob, ["reader", "editor"]).await.unwrap();
    let roles = users.list_roles(&bob).await.unwrap();
    let mut codes: Vec<_> = roles.into_iter().map(|role| role.code).collect();
    codes.sort();
    assert_eq!(codes, ["editor", "reader"]);
    users.remove_roles(&bob, ["editor"]).await.unwrap();
    assert_eq!(users.list_roles(&bob).await.unwrap().total_count, 1);
    let error = users.add_roles(&bob, ["no-such-role"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
}

async fn groups(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let document = "mutation { createGroup(code: \"staff\", name: \"The staff\") { code } }";
    let _: Value = clients.admin.graphql(document, Value::Null).await.unwrap();
    let bob = create(&clients, "bob").await;
    let users = clients.admin.users();
    users.add_group(&bob, "staff").await.unwrap();
    let groups = users.list_groups(&bob).await.unwrap();
    assert_eq!(groups.list[0].name.as_deref(), Some("The staff"));
    users.remove_group(&bob, "staff").await.unwrap();
    assert_eq!(users.list_groups(&bob).await.unwrap().total_count, 0);
    assert!(users.add_group(&bob, "no-such-group").await.is_err());
}

async fn policies(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let document = "mutation ($code: String!, $statements: [PolicyStatementInput!]!) {
        createPolicy(code: $code, statements: $statements) { code } }";
    let statements = json!([{"resource": "books:*", "actions": ["books:read"], "effect": "ALLOW"}]);
    for code in ["p1", "p2", "p3"] {
        let variables = json!({"code": code, "statements": statements});
        let _: Value = clients.admin.graphql(document, variables).await.unwrap();
    }
    let bob = create(&clients, "bob").await;
    let users = clients.admin.users();
    users.add_policies(&bob, ["p1", "p2", "p3"]).await.unwrap();
    let mut assigned = users.list_policies(&bob).limit(2).stream();
    let mut codes = Vec::new();
    while let Some(assignment) = assigned.next().await {
        let assignment = assignment.unwrap();
        assert_eq!(assignment.target_identifier, bob);
        codes.push(assignment.code);
    }
    codes.sort();
    assert_eq!(codes, ["p1", "p2", "p3"]);
    users.remove_policies(&bob, ["p1", "p2"]).await.unwrap();
    assert_eq!(users.list_policies(&bob).await.unwrap().total_count, 1);
    assert!(users.add_policies(&bob, ["no-such-policy"]).await.is_err());
}

async fn custom_fields(backend: Backend) {
    let (_emulator, clients) = start(backend);
    for (key, data_type) in [
        ("school", "STRING"),
        ("age", "NUMBER"),
        ("vip", "BOOLEAN"),
        ("born", "DATETIME"),
        ("extra", "OBJECT"),
    ] {
        let document = "mutation ($key: String!, $type: UDFDataType!) {
            setUdf(targetType: USER, key: $key, dataType: $type, label: $key) { key } }";
        let variables = json!({"key": key, "type": data_type});
        let _: Value = clients.admin.graphql(document, variables).await.unwrap();
    }
    let bob = create(&clients, "bob").await;
    let users = clients.admin.users();
    assert!(users.list_udv(&bob).await.unwrap().is_empty());
    let written = [
        ("school", UdfValue::from("清华")),
        ("age", UdfValue::from(0)),
        ("vip", UdfValue::from(false)),
        (
            "born",
            UdfValue::from(Timestamp::from("2000-01-02T03:04:05.000Z")),
        ),
        ("extra", UdfValue::from(json!({"a": [1, true, null]}))),
    ];
    for (key, value) in &written {
        users.set_udv(&bob, *key, value.clone()).await.unwrap();
    }
    let read = users.list_udv(&bob).await.unwrap();
    assert_eq!(read.len(), written.len());
    for (key, value) in &written {
        let field = read.iter().find(|field| field.key == *key).unwrap();
        assert_eq!(&field.value, value, "{key}");
    }
    let left = users.remove_udv(&bob, "age").await.unwrap();
    assert!(left.len() == 4 && left.iter().all(|field| field.key != "age"));
    for (key, value) in [("age", UdfValue::from("18")), ("none", UdfValue::from(1))] {
        let error = users.set_udv(&bob, key, value).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api, "{key}");
    }
}

async fn refresh_token(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let bob = create(&clients, "bob").await;
    let issued = clients.admin.users().refresh_token(&bob).await.unwrap();
    assert!(issued.exp.unwrap() > issued.iat.unwrap());
    let token: Secret = issued.token.unwrap();
    let session = clients.client.session(token);
    assert_eq!(session.user_id().as_deref(), Some(bob.as_str()));
    assert_eq!(session.get_current_user().await.unwrap().id, bob);
}

async fn missing_users(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let users = clients.admin.users();
    let nobody = "000000000000000000000000";
    assert!(users.detail(nobody).await.unwrap().is_none());
    for error in [
        users.list_roles(nobody).await.unwrap_err(),
        users.list_groups(nobody).await.unwrap_err(),
        users
            .update(nobody, UpdateUserInput::new().nickname("x"))
            .await
            .unwrap_err(),
    ] {
        assert!(error.is_not_found(), "{error}");
    }
}

async fn mistakes_are_found_before_anything_is_sent(backend: Backend) {
    let (emulator, clients) = start(backend);
    let users = clients.admin.users();
    let long = "x".repeat(118);
    for error in [
        users
            .create(named("bob").password(long.as_str()))
            .await
            .unwrap_err(),
        users
            .update("u1", UpdateUserInput::new().password(long.as_str()))
            .await
            .unwrap_err(),
        users
            .update("", UpdateUserInput::new().nickname("x"))
            .await
            .unwrap_err(),
        users.detail("").await.unwrap_err(),
        users.delete("").await.unwrap_err(),
        users.refresh_token("").await.unwrap_err(),
        users.add_roles("", ["reader"]).await.unwrap_err(),
        users.list_policies("").await.unwrap_err(),
        users.list_udv("").await.unwrap_err(),
        users.find().await.unwrap_err(),
        users.find().username("bob").email("").await.unwrap_err(),
        users.exists().phone("").await.unwrap_err(),
        users.batch(["u1", ""]).await.unwrap_err(),
        users.delete_many(["u1", ""]).await.unwrap_err(),
        users.add_group("", "staff").await.unwrap_err(),
        users.add_group("u1", "").await.unwrap_err(),
        users.remove_group("u1", "").await.unwrap_err(),
        users.list_groups("").await.unwrap_err(),
        users.list_roles("").await.unwrap_err(),
        users.add_policies("", ["p1"]).await.unwrap_err(),
        users.remove_policies("", ["p1"]).await.unwrap_err(),
        users.remove_roles("", ["reader"]).await.unwrap_err(),
        users.add_roles("u1", ["reader", ""]).await.unwrap_err(),
        users.remove_policies("u1", [""]).await.unwrap_err(),
        users.set_udv("u1", "", 1).await.unwrap_err(),
        users.remove_udv("u1", "").await.unwrap_err(),
        users.set_udv("", "age", 1).await.unwrap_err(),
        users.remove_udv("", "age").await.unwrap_err(),
        users.exists().await.unwrap_err(),
        users.list().header("x y", "z").await.unwrap_err(),
        users.list().page(0).await.unwrap_err(),
        users.list().limit(0).await.unwrap_err(),
        users.create(named("bob\0")).await.unwrap_err(),
        users.batch(vec!["u1"; 81]).await.unwrap_err(),
        clients
            .client
            .register_by_username("bob", long.as_str())
            .await
            .unwrap_err(),
        clients
            .client
            .login_by_username("bob", long.as_str())
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert!(emulator.requests().is_empty());
}

async fn any_graphql(backend: Backend) {
    let (emulator, clients) = start(backend);
    create(&clients, "bob").await;
    let document = "query ($limit: Int) { users(limit: $limit) { totalCount list { username } } }";
    let data: Value = clients
        .admin
        .graphql(document, json!({"limit": 5}))
        .await
        .unwrap();
    assert_eq!(data["users"]["list"][0]["username"], "bob");
    #[derive(serde::Serialize)]
    struct Variables {
        limit: u32,
    }
    let data: Value = clients
        .admin
        .graphql(document, Variables { limit: 1 })
        .await
        .unwrap();
    assert_eq!(data["users"]["totalCount"], 1);
    let error = clients
        .admin
        .graphql::<Value>("query { nothing }", Value::Null)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Api, None),
        "{error}"
    );
    let count = emulator.requests().len();
    let error = clients
        .admin
        .graphql::<Value>("query { users }", json!([1]))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(emulator.requests().len(), count);
}
