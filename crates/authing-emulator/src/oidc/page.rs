//! The pages that people see.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};

const STYLE: &str = include_str!("page.css");

/// The login page, with what was typed before and why it was not good enough.
pub(super) fn login(uid: &str, account: Option<&str>, problem: Option<&str>) -> Response {
    let account = escape(account.unwrap_or_default());
    let (uid, problem) = (escape(uid), problem.map(escape));
    let status = match problem {
        Some(_) => StatusCode::UNAUTHORIZED,
        None => StatusCode::OK,
    };
    let problem = problem.map_or(String::new(), |text| {
        format!("<p class=\"problem\" role=\"alert\">{text}</p>")
    });
    // The cursor waits where something is to be typed.
    let (first, second) = match account.is_empty() {
        true => (" autofocus", ""),
        false => ("", " autofocus"),
    };
    let body = format!(
        r#"<h1>Sign in</h1>
<p class="quiet">to continue to the application</p>
{problem}<form method="post" action="/interaction/oidc/{uid}/login">
<label for="account">Username, email or phone</label>
<input id="account" name="account" value="{account}" autocomplete="username" autocapitalize="none" spellcheck="false" required{first}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required{second}>
<button type="submit">Sign in</button>
</form>
<p class="under"><a id="cancel" href="/interaction/oidc/{uid}/abort">Cancel</a></p>"#
    );
    page(status, "Sign in", &body)
}

pub(super) fn failure(status: StatusCode, reason: &str) -> Response {
    let reason = escape(reason);
    let body =
        format!("<h1>That did not work</h1>\n<p class=\"problem\" role=\"alert\">{reason}</p>");
    page(status, "That did not work", &body)
}

pub(super) fn signed_out() -> Response {
    let body = "<h1>You are signed out</h1>\n<p class=\"quiet\">You can close this page now.</p>";
    page(StatusCode::OK, "You are signed out", body)
}

/// Posts the answer when the user says so: the pages have no scripts.
pub(super) fn form_post(action: &str, fields: &[(&str, &str)]) -> Response {
    let inputs: String = fields
        .iter()
        .map(|(name, value)| {
            let (name, value) = (escape(name), escape(value));
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n")
        })
        .collect();
    let body = format!(
        "<h1>Almost there</h1>\n<form method=\"post\" action=\"{}\">\n{inputs}<button type=\"submit\" autofocus>Continue</button>\n</form>",
        escape(action)
    );
    page(StatusCode::OK, "Continue", &body)
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{body}
</main>
<footer>A local Authing, for tests only</footer>
</body>
</html>
"#
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html)).into_response()
}

/// For text and for attributes in quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_place() {
        assert_eq!(
            escape(r#""><script>alert('&')</script>"#),
            "&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;"
        );
    }
}
