//! Dates and the values of custom fields.

use authing::v2::{UdfDataType, UdfValue, UserDefinedData};
use authing_core::Timestamp;
use serde_json::Value;

use super::check;

/// A date, as text and as JSON.
pub(super) fn timestamp(input: &[u8]) {
    date(&Timestamp::from(String::from_utf8_lossy(input).as_ref()));
    if let Ok(read) = serde_json::from_slice::<Timestamp>(input) {
        check::proportion(read.as_str(), input);
        date(&read);
    }
}

fn date(date: &Timestamp) {
    let json = serde_json::to_string(date).unwrap();
    assert_eq!(&serde_json::from_str::<Timestamp>(&json).unwrap(), date);
    let (chrono, jiff) = (date.to_chrono(), date.to_jiff());
    // The one takes a leap second for the next second, the other for the one before.
    if let (Some(chrono), Some(jiff)) = (chrono, jiff)
        && !date.as_str().contains("60")
    {
        // Not the milliseconds: before 1970, one rounds them down and the other up.
        let nanos = i128::from(chrono.timestamp()) * 1_000_000_000
            + i128::from(chrono.timestamp_subsec_nanos());
        assert_eq!(nanos, jiff.as_nanosecond(), "{date}");
    }
    if let Some(time) = jiff {
        let again = Timestamp::from(time).to_jiff().unwrap();
        // Milliseconds are kept, what is finer is not.
        let apart = again.as_nanosecond().abs_diff(time.as_nanosecond());
        assert!(apart <= 1_000_000, "{date}: {time} and {again}");
    }
    if let Some(time) = chrono
        // A leap second has no number.
        && !date.as_str().contains("60")
        // The text of RFC 3339 ends here.
        && time.to_rfc3339().len() < 40
        && !time.to_rfc3339().starts_with(['+', '-'])
    {
        let again = Timestamp::from(time).to_chrono().unwrap();
        assert_eq!(again.timestamp_millis(), time.timestamp_millis(), "{date}");
    }
}

/// A custom field with its value, as JSON.
pub(super) fn custom_field(input: &[u8]) {
    let Ok(field) = serde_json::from_slice::<UserDefinedData>(input) else {
        return;
    };
    check::proportion(&format!("{field:?}"), input);
    // Text in an object's place loses a pair of quotes each time.
    if matches!(&field.value, UdfValue::Object(Value::String(_))) {
        return;
    }
    // What is sent, and what the server answers for it next time.
    let stored = kept(&field.data_type, &field.value);
    let again = kept(&field.data_type, &stored);
    assert_eq!(stored, again, "it changes each time it is read");
    // What came in the form that servers give it in is sent in no other.
    let fields = check::fields(input).unwrap_or_default();
    if check::once(&fields, "value").is_some_and(Value::is_string) {
        assert_eq!(stored.to_json(), field.value.to_json(), "{field:?}");
    }
}

/// The value after the server has kept it: text as it is, all else as JSON.
fn kept(data_type: &UdfDataType, value: &UdfValue) -> UdfValue {
    let text = match serde_json::from_str(&value.to_json()).unwrap() {
        Value::String(text) => text,
        Value::Null => return UdfValue::Null,
        other => other.to_string(),
    };
    UdfValue::decode(data_type, text)
}
