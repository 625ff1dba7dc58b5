use std::collections::BTreeMap;

use serde_json::Value;

use super::*;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Item {
    id: u8,
    names: Vec<String>,
    more: Option<Vec<Item>>,
    map: BTreeMap<String, u64>,
    pair: Option<(u8, bool)>,
    any: Value,
}

fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
    read(text, &Room::of_body(text.len())).map_err(|error| error.to_string())
}

#[test]
fn what_fits_is_read() {
    let item: Item = parse(
        r#"{"id":1,"names":["a"],"more":[{"id":2}],"map":{"a":7},"pair":[3,true],"any":[{}]}"#,
    )
    .unwrap();
    assert_eq!((item.id, item.names), (1, vec!["a".to_owned()]));
    assert_eq!(item.more.unwrap().pop().unwrap().id, 2);
    assert_eq!((item.map["a"], item.pair), (7, Some((3, true))));
    assert_eq!(item.any, serde_json::json!([{}]));
}

#[test]
fn null_is_an_empty_list() {
    let item: Item = parse(r#"{"names":null,"more":null,"pair":null}"#).unwrap();
    assert_eq!(item, Item::default());
    assert_eq!(parse::<Vec<u8>>("null"), Ok(vec![]));
    assert_eq!(
        parse::<Vec<Vec<u8>>>("[null,[1]]"),
        Ok(vec![vec![], vec![1]])
    );
    assert_eq!(parse::<Option<Vec<u8>>>("null"), Ok(None));
}

#[test]
fn an_array_is_no_struct() {
    let error = parse::<Item>("[1]").unwrap_err();
    assert!(error.starts_with("invalid type: sequence"), "{error}");
}

#[test]
fn a_text_in_the_wrong_place_is_not_quoted() {
    for text in [
        r#"{"id":"s3cret"}"#,
        r#"{"names":"s3cret"}"#,
        r#"{"map":"s3cret"}"#,
        r#"{"pair":"s3cret"}"#,
        r#"{"more":["s3cret"]}"#,
        r#""s3cret""#,
    ] {
        let error = parse::<Item>(text).unwrap_err();
        assert!(
            error.starts_with("invalid type: string, expected"),
            "{error}"
        );
    }
}

#[test]
fn a_long_list_may_be_about_as_large_as_its_text() {
    type Item = [u64; 16];
    #[derive(Debug, Deserialize)]
    struct Page {
        #[serde(deserialize_with = "long_list")]
        list: Vec<Item>,
    }
    let item = format!("[{}]", ["100000000"; 16].join(","));
    // One more than fits before a list that doubles would double.
    let count = (1 << 16) + 1;
    let list = format!("[{}]", vec![&*item; count].join(","));
    parse::<Vec<Item>>(&list).unwrap_err();
    let text = format!("{{\"list\":{list}}}");
    assert_eq!(parse::<Page>(&text).unwrap().list.len(), count);
    assert_eq!(
        serde_json::from_str::<Page>(&text).unwrap().list.len(),
        count
    );
    let null = r#"{"list":null}"#;
    assert!(parse::<Page>(null).unwrap().list.is_empty());
    assert!(serde_json::from_str::<Page>(null).unwrap().list.is_empty());
}

#[test]
fn lists_are_bounded_by_the_size_of_the_body() {
    let fill = |piece: &str| {
        let count = FLOOR / piece.len();
        format!("[{}{piece}]", format!("{piece},").repeat(count))
    };
    for text in [fill("{}"), fill("{\"more\":[{}]}")] {
        let room = Room::of_body(text.len());
        read::<Vec<Item>>(&text, &room).unwrap_err();
        assert!(room.is_full());
    }
    let map = format!("{{{}}}", vec![r#""a":1"#; FLOOR / 6].join(","));
    let room = Room::of_body(map.len());
    read::<BTreeMap<String, u64>>(&map, &room).unwrap_err();
    assert!(room.is_full());
    // Long items take no more memory than text.
    let text = fill(&format!("{{\"names\":[\"{}\"]}}", "a".repeat(1000)));
    let items: Vec<Item> = parse(&text).unwrap();
    assert!(items.len() > 4000);
    // Nor do unknown fields.
    let text = format!("{{\"new\":{}}}", fill("[{}]"));
    assert_eq!(parse::<Item>(&text), Ok(Item::default()));
}
