use serde_json::json;

use super::*;

#[derive(Debug, Default)]
struct All {
    id: String,
    azp: Option<String>,
    aud: Vec<String>,
    text: Option<String>,
    flag: Option<bool>,
    end: Option<i64>,
    life: Option<u64>,
    date: Option<Timestamp>,
    scope: Option<String>,
    list: Vec<String>,
    part: Option<Part>,
    rest: Map<String, Value>,
}

#[derive(Debug, Default)]
struct Part {
    name: Option<String>,
}

impl Record for All {
    fn name(&self) -> &'static str {
        "All"
    }

    fn required(&self) -> &'static [&'static str] {
        &["id"]
    }

    fn slot(&mut self, member: &str) -> Slot<'_> {
        match member {
            "id" => Slot::required_text(&mut self.id),
            "azp" => Slot::text(&mut self.azp).strict(),
            "aud" => Slot::texts(&mut self.aud).strict(),
            "text" => Slot::text(&mut self.text),
            "flag" => Slot::flag(&mut self.flag),
            "end" => Slot::seconds(&mut self.end),
            "life" => Slot::span(&mut self.life),
            "date" => Slot::date(&mut self.date),
            "scope" => Slot::words(&mut self.scope),
            "list" => Slot::texts(&mut self.list),
            "part" => Slot::record(&mut self.part),
            _ => Slot::rest(&mut self.rest),
        }
    }
}

impl Record for Part {
    fn name(&self) -> &'static str {
        "Part"
    }

    fn slot(&mut self, member: &str) -> Slot<'_> {
        match member {
            "name" => Slot::text(&mut self.name),
            _ => Slot::nothing(),
        }
    }

    fn take_text(&mut self, text: &str) -> bool {
        self.name = Some(text.to_owned());
        !text.is_empty()
    }
}

crate::read_as_record!(All, Part);

fn with(member: &str, value: &Value) -> Result<All, String> {
    let text = format!(r#"{{"id":"u1",{}:{value},"new":[1]}}"#, json!(member));
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

fn read(member: &str, value: Value) -> All {
    let all = with(member, &value).unwrap_or_else(|why| panic!("{member} {value}: {why}"));
    assert_eq!((&*all.id, &all.rest["new"]), ("u1", &json!([1])));
    all
}

#[test]
fn what_converts_without_loss_is_read() {
    for (value, text) in [
        (json!("a"), Some("a")),
        (json!(7), Some("7")),
        (json!(u64::MAX), Some("18446744073709551615")),
        (json!(1.5), Some("1.5")),
        (json!(true), Some("true")),
        (json!({"a": 1}), None),
        (json!([]), None),
        (json!(null), None),
    ] {
        assert_eq!(read("text", value).text.as_deref(), text);
    }
    for (value, flag) in [
        (json!(true), Some(true)),
        (json!("true"), Some(true)),
        (json!("False"), Some(false)),
        (json!(1), Some(true)),
        (json!("0"), Some(false)),
        (json!(2), None),
        (json!("yes"), None),
        (json!([true]), None),
    ] {
        assert_eq!(read("flag", value).flag, flag);
    }
    for (value, seconds) in [
        (json!(3600), Some(3600)),
        (json!(3600.5), Some(3600)),
        (json!(3600e3), Some(3_600_000)),
        (json!("3600"), Some(3600)),
        (json!("3600.0"), Some(3600)),
        (json!(-1.5), Some(-2)),
        (json!(""), None),
        (json!("inf"), None),
        (json!("soon"), None),
        (json!(1e300), None),
        (json!(u64::MAX), None),
        (json!(true), None),
    ] {
        assert_eq!(read("end", value.clone()).end, seconds, "{value}");
        let span = seconds.and_then(|seconds| u64::try_from(seconds).ok());
        assert_eq!(read("life", value.clone()).life, span, "{value}");
    }
    assert_eq!(read("date", json!("soon")).date, Some("soon".into()));
    assert_eq!(read("date", json!(7)).date, Some("7".into()));
    assert_eq!(read("date", json!(false)).date, None);
    assert_eq!(
        read("scope", json!(["a", 1, null, []])).scope.as_deref(),
        Some("a 1")
    );
    assert_eq!(read("scope", json!({})).scope, None);
    assert_eq!(read("list", json!(["a", {}, "b"])).list, ["a", "b"]);
    assert_eq!(read("list", json!("a")).list, ["a"]);
    assert!(read("list", json!(null)).list.is_empty());
    let name = |value| read("part", value).part.map(|part| part.name);
    assert_eq!(
        name(json!({"name": 7, "new": {}})),
        Some(Some("7".to_owned()))
    );
    assert_eq!(name(json!({})), Some(None));
    assert_eq!(name(json!("a")), Some(Some("a".to_owned())));
    for value in [json!(""), json!(1), json!([]), json!(null)] {
        assert_eq!(name(value), None);
    }
}

#[test]
fn what_decides_is_taken_as_it_should_be() {
    for (member, value) in [
        ("azp", json!(7)),
        ("azp", json!({})),
        ("azp", json!([])),
        ("aud", json!(7)),
        ("aud", json!(["a", 7])),
        ("aud", json!({})),
        ("id", json!("u2")),
    ] {
        with(member, &value).unwrap_err();
    }
    assert_eq!(read("azp", json!(null)).azp, None);
    assert_eq!(read("aud", json!("a")).aud, ["a"]);
    assert_eq!(read("aud", json!(["a", "b"])).aud, ["a", "b"]);
    for text in [
        "{}",
        r#"{"id":null}"#,
        r#"{"id":7}"#,
        r#"{"id":"a","azp":"a","azp":"a"}"#,
        r#"{"id":"a","aud":"a","aud":"a"}"#,
        "[]",
        "7",
    ] {
        serde_json::from_str::<All>(text).unwrap_err();
    }
    let error = serde_json::from_str::<All>("{}").unwrap_err();
    assert!(
        error.to_string().starts_with("missing field `id`"),
        "{error}"
    );
}

#[test]
fn the_last_of_two_optional_values_counts() {
    let all: All = serde_json::from_str(r#"{"id":"a","text":"b","text":"c"}"#).unwrap();
    assert_eq!(all.text.as_deref(), Some("c"));
}
