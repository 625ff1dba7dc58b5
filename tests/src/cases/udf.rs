use authing::v2::{UdfDataType, UdfTargetType, UdfValue};
use serde_json::{Value, json};

use super::{Case, data, done};

fn field() -> Value {
    json!({
        "targetType": "USER", "dataType": "SELECT", "key": "size", "label": "Size",
        "options": "[\"S\",\"L\"]",
    })
}

fn values() -> Value {
    json!([
        {"key": "age", "dataType": "NUMBER", "value": "34", "label": "Age"},
        {"key": "born", "dataType": "DATETIME", "value": "1600000000000"},
    ])
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!("management.udf.list", data("udf", json!([field()])), shows: "data_type: Select", |c| {
            c.admin.udf().list(UdfTargetType::User)
        }),
        case!("management.udf.set", data("setUdf", field()), shows: "Some(\"Size\")", |c| {
            c.admin
                .udf()
                .set(UdfTargetType::User, "size", UdfDataType::Select, "Size")
                .options(r#"["S","L"]"#)
        }),
        case!("management.udf.remove", data("removeUdf", done()), shows: "done", |c| {
            c.admin.udf().remove(UdfTargetType::User, "size")
        }),
        case!("management.udf.list_udv", data("udv", values()), shows: "Number(34)", |c| {
            c.admin.udf().list_udv(UdfTargetType::Role, "r1")
        }),
        case!(
            "management.udf.set_udv_batch",
            data("setUdvBatch", values()),
            shows: "DateTime(Timestamp(\"1600000000000\"))",
            |c| {
                let values: [(&str, UdfValue); 5] = [
                    ("age", 34.into()),
                    ("school", "加州".into()),
                    ("height", 1.75.into()),
                    ("vip", false.into()),
                    ("tags", json!({"a": [1, null]}).into()),
                ];
                c.admin.udf().set_udv_batch(UdfTargetType::User, "u1", values)
            }
        ),
        case!(
            "management.udf.list_udv_batch",
            data("udfValueBatch", json!([{"targetId": "u1", "data": values()}])),
            shows: "target_id: \"u1\"",
            |c| c.admin.udf().list_udv_batch(UdfTargetType::User, ["u1", "u2"])
        ),
        case!(
            "management.udf.set_udf_value_batch",
            data("setUdfValueBatch", done()),
            shows: "done",
            |c| {
                let values = [("u1", "age", 34), ("u2", "age", 0)];
                c.admin.udf().set_udf_value_batch(UdfTargetType::User, values)
            }
        ),
    ]
}
