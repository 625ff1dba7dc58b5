use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::Client;

const SET: &str =
    "mutation setUdv($type: UDFTargetType!, $id: String!, $key: String!, $value: String!) {
    setUdv(targetType: $type, targetId: $id, key: $key, value: $value) { key dataType value label }
}";
const LIST: &str = "query udv($id: String!) { udv(targetType: USER, targetId: $id) { key value } }";

fn define(administrator: &Client<'_>, key: &str, data_type: &str) -> Value {
    administrator.ok(
        "mutation setUdf($key: String!, $dataType: UDFDataType!) {
            setUdf(targetType: USER, key: $key, dataType: $dataType, label: \"L\") {
                targetType dataType key label options
            }
        }",
        json!({"key": key, "dataType": data_type}),
    )
}

fn set(id: &Value, key: &str, value: &str) -> Value {
    json!({"type": "USER", "id": id, "key": key, "value": value})
}

#[test]
fn values_are_checked_against_definitions() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    let ann = administrator.create(json!({"username": "ann"}));
    let id = &ann["id"];
    assert_eq!(
        define(&administrator, "school", "STRING"),
        json!({"targetType": "USER", "dataType": "STRING", "key": "school", "label": "L", "options": null})
    );
    define(&administrator, "age", "NUMBER");
    define(&administrator, "birthday", "DATETIME");

    assert_eq!(
        administrator.ok(SET, set(id, "school", "\"ucla\"")),
        json!([{"key": "school", "dataType": "STRING", "value": "ucla", "label": "L"}])
    );
    administrator.ok(SET, set(id, "age", "18"));
    administrator.ok(SET, set(id, "birthday", "\"2020-01-01T02:03:04\""));
    for (key, value) in [
        ("school", "18"),
        ("age", "\"18\""),
        ("birthday", "\"soon\""),
        ("unknown", "1"),
    ] {
        assert_eq!(administrator.refused(SET, set(id, key, value)), 500);
    }
    assert_eq!(
        administrator.refused(SET, set(&json!("nobody"), "age", "1")),
        2004
    );

    let remove = "mutation removeUdv($id: String!, $key: String!) {
        removeUdv(targetType: USER, targetId: $id, key: $key) { key value }
    }";
    assert_eq!(
        administrator.ok(remove, json!({"id": id, "key": "school"})),
        json!([{"key": "age", "value": "18"}, {"key": "birthday", "value": "2020-01-01T02:03:04"}])
    );
    let custom_data =
        "query user($id: String) { user(id: $id) { customData { key value dataType } } }";
    let shown = administrator.ok(custom_data, json!({"id": id}))["customData"].clone();
    // Without the one that has no value any more.
    assert_eq!(
        shown,
        json!([
            {"key": "age", "value": "18", "dataType": "NUMBER"},
            {"key": "birthday", "value": "2020-01-01T02:03:04", "dataType": "DATETIME"},
        ])
    );

    let undefine = "mutation removeUdf { removeUdf(targetType: USER, key: \"age\") { code } }";
    assert_eq!(administrator.ok(undefine, json!({}))["code"], 200);
    assert_eq!(administrator.refused(undefine, json!({})), 500);
    assert_eq!(
        administrator
            .ok(LIST, json!({"id": id}))
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let definitions = administrator.ok("query udf { udf(targetType: USER) { key } }", json!({}));
    assert_eq!(definitions, json!([{"key": "school"}, {"key": "birthday"}]));
}

#[test]
fn a_user_has_its_own_values_only() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    define(&administrator, "age", "NUMBER");
    let [ann, bob] =
        ["ann", "bob"].map(|name| administrator.create(json!({"username": name}))["id"].clone());
    let token = administrator.ok(
        "mutation refreshToken($id: String) { refreshToken(id: $id) { token } }",
        json!({"id": ann}),
    );
    let user = Client::with_token(&emulator, &token["token"]);
    user.ok(SET, set(&ann, "age", "18"));
    assert_eq!(
        user.ok(LIST, json!({"id": ann})),
        json!([{"key": "age", "value": "18"}])
    );
    assert_eq!(user.refused(LIST, json!({"id": bob})), 1001);
    assert_eq!(user.refused(SET, set(&bob, "age", "18")), 1001);
}

#[test]
fn many_values_are_set_together_or_not_at_all() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    define(&administrator, "age", "NUMBER");
    define(&administrator, "vip", "BOOLEAN");
    let ann = administrator.create(json!({"username": "ann"}))["id"].clone();
    let batch = "mutation setUdvBatch($id: String!, $list: [UserDefinedDataInput!]) {
        setUdvBatch(targetType: USER, targetId: $id, udvList: $list) { key value }
    }";
    let wrong =
        json!({"id": ann, "list": [{"key": "age", "value": "1"}, {"key": "vip", "value": "1"}]});
    assert_eq!(administrator.refused(batch, wrong), 500);
    assert_eq!(administrator.ok(LIST, json!({"id": ann})), json!([]));
    let right = json!({"id": ann, "list": [{"key": "age", "value": "1"}, {"key": "vip", "value": "false"}]});
    assert_eq!(
        administrator.ok(batch, right)[1],
        json!({"key": "vip", "value": "false"})
    );

    let of_many = "mutation setUdfValueBatch($input: [SetUdfValueBatchInput!]!) {
        setUdfValueBatch(targetType: USER, input: $input) { code }
    }";
    let input = json!({"input": [{"targetId": ann, "key": "age", "value": "2"}]});
    assert_eq!(administrator.ok(of_many, input)["code"], 200);
    let read = "query udfValueBatch($ids: [String!]!) {
        udfValueBatch(targetType: USER, targetIds: $ids) { targetId data { key value } }
    }";
    assert_eq!(
        administrator.ok(read, json!({"ids": [ann]})),
        json!([{"targetId": ann, "data": [{"key": "age", "value": "2"}, {"key": "vip", "value": "false"}]}])
    );
}

#[test]
fn custom_data_can_come_with_a_new_user() {
    let emulator = Emulator::start().unwrap();
    let administrator = Client::administrator(&emulator);
    define(&administrator, "school", "STRING");
    let create = "mutation createUserWithCustomData($info: CreateUserInput!, $params: String) {
        createUser(userInfo: $info, params: $params) { customData { key value label dataType } }
    }";
    let params = json!([{"key": "school", "value": "ucla"}]).to_string();
    let ann = administrator.ok(
        create,
        json!({"info": {"username": "ann"}, "params": params}),
    );
    assert_eq!(
        ann["customData"],
        json!([{"key": "school", "value": "ucla", "label": "L", "dataType": "STRING"}])
    );
    let wrong =
        json!({"info": {"username": "bob"}, "params": "[{\"key\":\"school\",\"value\":1}]"});
    assert_eq!(administrator.refused(create, wrong), 500);
    let users = administrator.ok("query users { users { totalCount } }", json!({}));
    assert_eq!(users["totalCount"], 1);
}
