//! What errors say, and what they do not.

use super::*;

#[test]
fn display_is_one_line_with_the_servers_words() {
    let error = Error::api(Some(ErrorCode::USER_NOT_FOUND), "用户不存在")
        .with_operation("authentication.login_by_username")
        .with_operation("ignored")
        .with_status(StatusCode::OK)
        .with_request_id(Some("r-1"));
    assert_eq!(
        error.to_string(),
        "authentication.login_by_username failed: 用户不存在 (code 2004, request id r-1)"
    );
    assert!(error.is_not_found() && !error.is_retryable());
}

#[test]
fn display_stays_one_line_whatever_the_server_says() {
    let words = "first\r\nsecond\u{1b}[31m\u{2028}third\t";
    let error = Error::api(None, words).with_request_id(Some("r\t1"));
    assert_eq!(error.message(), words);
    assert_eq!(
        error.to_string(),
        "first second [31m third (request id r 1)"
    );
    let refusal = Error::oauth("a\u{2029}b", Some("no\u{7}"));
    assert_eq!(refusal.to_string(), "no (a b)");
}

#[test]
fn a_refusal_without_words_says_what_its_code_means() {
    let says = |code, message| Error::api(Some(ErrorCode::new(code)), message).to_string();
    assert_eq!(says(2004, ""), "the user does not exist (code 2004)");
    assert_eq!(says(2004, "no such user"), "no such user (code 2004)");
    assert_eq!(says(500, " "), "the server gave no reason (code 500)");
    assert_eq!(says(200, ""), "the server gave no reason (code 200)");
    assert_eq!(says(-7, ""), "the server gave no reason (code -7)");
    let nothing = Error::api(None, "");
    assert_eq!(nothing.to_string(), "the server gave no reason");
    assert_eq!(nothing.advice(), None);
    let locked = Error::api(Some(ErrorCode::USER_LOCKED), "");
    assert_eq!(locked.advice(), ErrorCode::USER_LOCKED.advice());
    assert!(locked.advice().is_some());
}

#[test]
fn only_what_was_asked_for_is_not_found() {
    let is_not_found = |code| Error::api(Some(code), "no").is_not_found();
    assert!(is_not_found(ErrorCode::UPDATED_NAMESPACE_NOT_FOUND));
    assert!(!is_not_found(ErrorCode::USER_POOL_NOT_FOUND));
    assert!(!is_not_found(ErrorCode::APPLICATION_NOT_FOUND));
}

#[test]
fn a_gateways_page_is_cut_to_a_line() {
    let page = format!("<html>\n  <body>{}</body>", "é".repeat(500));
    let error = Error::http(StatusCode::BAD_GATEWAY, &page).with_status(StatusCode::BAD_GATEWAY);
    let line = error.to_string();
    assert!(
        line.starts_with("the server answered: <html> <body>é"),
        "{line}"
    );
    assert!(
        line.ends_with("(HTTP 502)") && line.chars().count() < 260,
        "{line}"
    );
    assert!(error.is_retryable());
}

#[test]
fn json_with_a_wrong_status_is_not_quoted() {
    for body in [
        r#" {"access_token":"s3cret"}"#,
        r#"["s3cret"]"#,
        r#""s3cret""#,
    ] {
        let error = Error::http(StatusCode::BAD_GATEWAY, body);
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}

#[test]
fn debug_hides_the_data() {
    let error = Error::api(None, "mfa").with_data(Some(r#"{"mfaToken":"s3cret"}"#.into()));
    assert!(!format!("{error:?}").contains("s3cret"));
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Data {
        mfa_token: String,
    }
    assert_eq!(error.data::<Data>().unwrap().mfa_token, "s3cret");
}

fn reply_of<'a>(headers: &'a http::HeaderMap, text: &'a str) -> Reply<'a> {
    Reply {
        status: StatusCode::OK,
        headers,
        text,
    }
}

/// What is said of an answer of status 200 that is no JSON.
fn no_json(kind: &'static str, text: &str) -> String {
    let mut headers = http::HeaderMap::new();
    headers.insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static(kind),
    );
    let room = Room::of_body(text.len());
    let cause = serde_json::from_str::<()>(text).unwrap_err();
    Error::unfit(&reply_of(&headers, text), Some(&cause), &room).to_string()
}

#[test]
fn a_page_in_the_place_of_json_is_shown() {
    let page = format!(
        "\n<html>\r\n <body>Please log in{}</body>",
        " é".repeat(500)
    );
    let line = no_json("text/html; charset=utf-8", &page);
    assert!(
        line.starts_with(
            "the server answered HTTP 200 with text/html and not with JSON: <html> <body>Please log in é"
        ),
        "{line}"
    );
    assert!(line.chars().count() < 300, "{line}");
}

#[test]
fn what_may_be_a_token_is_not_shown() {
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1MSJ9-s3cret.s3cret0123456789s3cret";
    let line = no_json("text/plain", &format!("token: {token} end"));
    assert!(!line.contains("s3cret"), "{line}");
    assert!(line.ends_with("token: ….….… end"), "{line}");
    let secret = "0123456789abcdef0123456789abcdef";
    let error = Error::http(StatusCode::BAD_GATEWAY, secret);
    assert_eq!(error.message(), "the server answered: …");
}

#[test]
fn a_long_text_in_the_wrong_place_is_not_copied() {
    let text = format!("\"{}\"", "\u{200b}".repeat(100_000));
    let cause = serde_json::from_str::<u8>(&text).unwrap_err();
    let misfit = Misfit::of(&cause);
    assert!(misfit.text.starts_with("expected u8"), "{}", misfit.text);
    let cause = serde_json::from_str::<u8>("[1]").unwrap_err();
    assert!(Misfit::of(&cause).is_list);
}
