//! In which language refusals speak.

use authing_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::Client;

fn asking<'a>(emulator: &'a Emulator, language: &str) -> Client<'a> {
    Client::administrator(emulator).header("x-authing-lang", language)
}

/// The words of refusals over GraphQL, REST, and what of OpenID Connect is Authing's own.
fn words(client: &Client<'_>) -> Vec<Value> {
    let query = "mutation u { updateUser(id: \"unknown\", input: {}) { id } }";
    let graphql = client.graphql(query, json!({})).body;
    let mut words = vec![graphql["errors"][0]["message"]["message"].clone()];
    for (method, path, body) in [
        ("GET", "/api/v2/users/unknown/orgs", ""),
        ("GET", "/api/v2/oidc/validate_token?id_token=x", ""),
        ("DELETE", "/api/v2/env/none", ""),
        ("GET", "/api/v2/nothing", ""),
        ("PUT", "/api/v2/env", ""),
        ("POST", "/api/v3/signin", ""),
    ] {
        words.push(client.send(method, path, body).body["message"].clone());
    }
    words
}

#[test]
fn refusals_are_chinese_unless_english_is_asked_for() {
    let emulator = Emulator::start().unwrap();
    let chinese = [
        "用户不存在",
        "用户不存在",
        "id_token 不合法",
        "环境变量 `none` 不存在",
        "该路径不存在",
        "该路径不支持此请求方法",
        "模拟器不支持 `POST /api/v3/signin`",
    ];
    assert_eq!(words(&Client::administrator(&emulator)), chinese);
    for language in ["", "zh-CN", "zh-TW", "ja-JP"] {
        assert_eq!(words(&asking(&emulator, language)), chinese, "{language}");
    }
    for language in ["en-US", "en"] {
        assert_eq!(
            words(&asking(&emulator, language)),
            [
                "the user does not exist",
                "the user does not exist",
                "the id_token is not valid",
                "the variable `none` does not exist",
                "there is nothing at this path",
                "this path has another method",
                "`POST /api/v3/signin` is not emulated",
            ],
            "{language}"
        );
    }
}

#[test]
fn a_body_that_is_no_object_is_refused_in_words() {
    let emulator = Emulator::start().unwrap();
    for (language, start) in [("", "请求体"), ("en-US", "the body")] {
        let answer = asking(&emulator, language).send("POST", "/api/v2/env", "[]");
        let words = answer.body["message"].as_str().unwrap();
        assert!(words.starts_with(start), "{words}");
    }
}

#[test]
fn answers_that_tell_of_a_refusal_are_in_its_language() {
    let emulator = Emulator::start().unwrap();
    let query = "query q($password: String!) {
        checkPasswordStrength(password: $password) { message }
        checkLoginStatus(token: \"x\") { message }
    }";
    let told = |language: &str, password: &str| {
        let client = asking(&emulator, language);
        let data = client.graphql(query, json!({"password": password})).body["data"].clone();
        ["checkPasswordStrength", "checkLoginStatus"].map(|field| data[field]["message"].clone())
    };
    let invalid = "登录信息有误";
    assert_eq!(told("zh-CN", ""), ["请输入密码", invalid]);
    assert_eq!(told("zh-CN", "12345"), ["密码长度不能少于 6 位", invalid]);
    assert_eq!(told("zh-CN", "123456"), ["密码验证成功", invalid]);
    assert_eq!(
        told("en-US", "12345"),
        [
            "the password is shorter than 6 characters",
            "the login is not valid"
        ]
    );
}
