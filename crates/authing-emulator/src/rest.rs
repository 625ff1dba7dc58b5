//! The REST routes: which function answers which path, and who may ask.
//!
//! A new route is a function and a row in the `routes` of its resource. The function's second parameter takes the
//! arguments: those of the path, of the query and of the JSON body together. A path's win over a body's.

use std::sync::Arc;

use axum::http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::graphql::Access;
use crate::refusal::Refusal;
use crate::wording;
use crate::work;

type Handler = Arc<dyn Fn(&mut Context<'_>, Value) -> Result<Value, Refusal> + Send + Sync>;

/// One path with one method.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// With its parameters in braces.
    pub(crate) path: &'static str,
    access: Access,
    message: &'static str,
    /// A field of the answer that stands beside `data` and not in it.
    beside: Option<&'static str>,
    handler: Handler,
}

/// All routes.
#[derive(Default)]
pub(crate) struct Routes {
    pub(crate) all: Vec<Route>,
}

impl Routes {
    pub(crate) fn of(resources: &[fn(&mut Self)]) -> Self {
        let mut routes = Self::default();
        for add in resources {
            add(&mut routes);
        }
        routes
    }

    /// A route whose answer says `message` beside its data.
    pub(crate) fn add<A, T>(
        &mut self,
        method: Method,
        path: &'static str,
        access: Access,
        message: &'static str,
        handler: fn(&mut Context<'_>, A) -> Result<T, Refusal>,
    ) where
        A: DeserializeOwned + 'static,
        T: Serialize + 'static,
    {
        let handler: Handler = Arc::new(move |context, arguments| {
            let arguments = serde_json::from_value(arguments)
                .map_err(|error| Refusal::about(&wording::ARGUMENTS_DO_NOT_FIT, &[&error]))?;
            let answer = handler(context, arguments)?;
            serde_json::to_value(answer)
                .map_err(|error| Refusal::about(&wording::BROKEN, &[&error.to_string()]))
        });
        self.all.push(Route {
            method,
            path,
            access,
            message,
            beside: None,
            handler,
        });
    }

    /// Puts a field of the last route's answer beside `data`.
    pub(crate) fn beside(&mut self, field: &'static str) {
        if let Some(route) = self.all.last_mut() {
            route.beside = Some(field);
        }
    }
}

impl Route {
    /// The envelope: `code`, `message` and `data` of a success, or the refusal.
    pub(crate) fn answer(&self, context: &mut Context<'_>, arguments: Value) -> Value {
        let answer = context
            .check_address()
            .and_then(|()| self.access.check(&context.caller))
            .and_then(|()| work::check_lists(&arguments, context.state))
            .and_then(|()| {
                let operation = format!("{} {}", self.method, self.path);
                let told = context.about_to(&operation, &arguments);
                let answer = (self.handler)(context, arguments);
                if let Some(told) = told {
                    context.tell(&told, answer.as_ref().ok());
                }
                answer
            });
        match answer {
            Ok(mut data) => {
                let fields = data.as_object_mut();
                let beside = self.beside.zip(fields);
                let beside = beside.and_then(|(field, fields)| fields.remove_entry(field));
                let mut answer = success(self.message, data);
                if let (Some((field, value)), Some(answer)) = (beside, answer.as_object_mut()) {
                    answer.insert(field, value);
                }
                answer
            }
            Err(refusal) => refusal.body(context.language),
        }
    }
}

pub(crate) fn success(message: &str, data: Value) -> Value {
    json!({"code": 200, "message": message, "data": data})
}

/// What a request says in its query, its body and its path, later ones winning.
pub(crate) fn arguments(
    query: impl IntoIterator<Item = (String, String)>,
    body: &[u8],
    path: impl IntoIterator<Item = (String, String)>,
) -> Result<Value, Refusal> {
    let mut all = Map::new();
    for (name, text) in query {
        add_text(&mut all, name, text);
    }
    if !body.is_empty() {
        let body: Map<String, Value> = serde_json::from_slice(body)
            .map_err(|error| Refusal::about(&wording::BODY_NOT_AN_OBJECT, &[&error]))?;
        all.extend(body);
    }
    for (name, text) in path {
        all.insert(name, text.into());
    }
    Ok(Value::Object(all))
}

/// A name that comes again, or ends in `[]`, has a list for its value.
fn add_text(all: &mut Map<String, Value>, name: String, text: String) {
    let (name, listed) = match name.strip_suffix("[]") {
        Some(name) => (name.to_owned(), true),
        None => (name, false),
    };
    let text = Value::from(text);
    match all.get_mut(&name) {
        Some(Value::Array(texts)) => texts.push(text),
        Some(first) => *first = Value::Array(vec![first.take(), text]),
        None if listed => drop(all.insert(name, Value::Array(vec![text]))),
        None => drop(all.insert(name, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::code;

    fn pair(name: &str, text: &str) -> [(String, String); 1] {
        [(name.to_owned(), text.to_owned())]
    }

    #[test]
    fn arguments_come_from_everywhere() {
        let body = br#"{"value": [1], "key": "body"}"#;
        assert_eq!(
            arguments(pair("page", "1"), body, pair("key", "path")).unwrap(),
            json!({"page": "1", "value": [1], "key": "path"})
        );
        assert_eq!(arguments([], b"", []).unwrap(), json!({}));
        let list = ["a", "a", "b[]"].map(|name| (name.to_owned(), "x".to_owned()));
        assert_eq!(
            arguments(list, b"", []).unwrap(),
            json!({"a": ["x", "x"], "b": ["x"]})
        );
        for body in [&b"{"[..], b"[]", b"\xff"] {
            let refusal = arguments([], body, []).unwrap_err();
            assert_eq!(refusal.code, code::BAD_ARGUMENT);
        }
    }
}
