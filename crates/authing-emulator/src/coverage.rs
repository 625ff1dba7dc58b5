//! What of Authing's v2 API is emulated, what is refused, and what is not known.

use std::collections::BTreeSet;

use axum::http::Method;

use crate::graphql::Engine;
use crate::oidc;
use crate::rest::Routes;

const OPERATIONS: &str = include_str!("../operations.txt");

/// An operation of the v2 API.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// As the SDKs call it, in Python's spelling: `management.users.list`.
    pub name: String,
    /// What the SDKs send for it: all of them, or each another one.
    pub requests: Vec<OperationRequest>,
    /// What it is instead of a request, if it sends none: `local`, `websocket` or `any`.
    pub without_request: Option<String>,
}

/// A request by which an SDK asks for an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationRequest {
    /// A field of GraphQL's `Query` or `Mutation`, or a method and a path with its parameters in braces.
    pub name: String,
    /// False when it is refused with code 501.
    pub emulated: bool,
}

/// All 379 operations, in the order of their names' areas.
///
/// # Errors
///
/// A description of what is wrong with the emulator's own list.
pub fn operations() -> Result<Vec<Operation>, String> {
    let emulated = emulated()?;
    let mut all = Vec::new();
    for (name, what) in listed() {
        let (what, without_request) = match resolved(&what)? {
            what if matches!(what.as_str(), "local" | "websocket" | "any") => {
                (String::new(), Some(what))
            }
            what => (what, None),
        };
        let requests = names(&what).map(|name| {
            let (name, lacking) = match name.strip_prefix('~') {
                Some(name) => (name, true),
                None => (name, false),
            };
            OperationRequest {
                name: name.to_owned(),
                emulated: !lacking && emulated.contains(name),
            }
        });
        all.push(Operation {
            name,
            requests: requests.collect(),
            without_request,
        });
    }
    Ok(all)
}

/// The paths that an SDK may ask for and nothing here answers.
pub(crate) fn refused_routes(routes: &Routes) -> BTreeSet<(Method, &'static str)> {
    let emulated = emulated_routes(routes);
    OPERATIONS
        .lines()
        .filter_map(entry)
        .flat_map(|(_, what)| names(what))
        .filter(|name| !name.starts_with('~') && !emulated.contains(*name))
        .filter_map(|name| {
            let (method, path) = name.split_once(' ')?;
            Some((method.parse().ok()?, path))
        })
        .filter(|(_, path): &(Method, _)| path.starts_with('/'))
        .collect()
}

fn emulated() -> Result<BTreeSet<String>, String> {
    let mut all = emulated_routes(&Routes::of(crate::ROUTES));
    all.extend(Engine::shared()?.emulated_fields());
    Ok(all)
}

fn emulated_routes(routes: &Routes) -> BTreeSet<String> {
    let routes = routes.all.iter();
    let routes = routes.map(|route| format!("{} {}", route.method, route.path));
    let others = oidc::ROUTES.into_iter().chain(["GET /api/v2/.well-known"]);
    routes.chain(others.map(str::to_owned)).collect()
}

/// The names with their areas, and what is said of them.
fn listed() -> impl Iterator<Item = (String, String)> {
    let mut area = "";
    OPERATIONS.lines().filter_map(move |line| {
        if let Some(name) = line.strip_prefix('[') {
            area = name.trim_end_matches(']');
            return None;
        }
        let (name, what) = entry(line)?;
        Some((format!("{area}.{name}"), what.to_owned()))
    })
}

fn entry(line: &'static str) -> Option<(&'static str, &'static str)> {
    if line.starts_with(['#', '[']) {
        return None;
    }
    let (name, what) = line.split_once(' ')?;
    Some((name, what.trim()))
}

/// What the operation sends that it hands its work to.
fn resolved(what: &str) -> Result<String, String> {
    let Some(other) = what.strip_prefix("= ") else {
        return Ok(what.to_owned());
    };
    listed()
        .find(|(name, _)| name == other)
        .map(|(_, what)| what)
        .ok_or_else(|| format!("there is no operation `{other}`"))
}

fn names(what: &str) -> impl Iterator<Item = &str> {
    what.split('|')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_listed_once_and_says_what_it_sends() {
        let operations = operations().unwrap();
        assert_eq!(operations.len(), 379);
        let names: BTreeSet<_> = operations.iter().map(|operation| &operation.name).collect();
        assert_eq!(names.len(), operations.len());
        for operation in &operations {
            assert_ne!(
                operation.requests.is_empty(),
                operation.without_request.is_none(),
                "{operation:?}"
            );
        }
    }

    #[test]
    fn every_field_and_path_of_the_list_exists() {
        let engine = Engine::shared().unwrap();
        let fields = engine.root_fields();
        for operation in operations().unwrap() {
            for request in operation.requests {
                let known = fields.contains(&request.name) || request.name.contains(" /");
                assert!(known, "{}: {}", operation.name, request.name);
            }
        }
    }

    #[test]
    fn what_is_emulated_is_not_refused() {
        let routes = Routes::of(crate::ROUTES);
        let refused = refused_routes(&routes);
        assert!(refused.contains(&(Method::GET, "/api/v2/orgs")));
        for route in &routes.all {
            assert!(!refused.contains(&(route.method.clone(), route.path)));
        }
    }
}
