//! The REST side: a path, who may ask, and a function, as for GraphQL.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Uri};
use axum::routing::{get, post};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::context::Context;
use crate::graphql::Access;
use crate::http::Shared;
use crate::refusal::{Refusal, code};

/// The paths of the REST API.
pub(crate) struct Routes(Router<Arc<Shared>>);

impl Routes {
    pub(crate) fn new(router: Router<Arc<Shared>>, resources: &[fn(&mut Self)]) -> Self {
        let mut routes = Self(router);
        for register in resources {
            register(&mut routes);
        }
        routes
    }

    pub(crate) fn into_router(self) -> Router<Arc<Shared>> {
        self.0
    }

    /// A `GET`. The function's second parameter takes the query.
    pub(crate) fn get<A, T>(
        &mut self,
        path: &'static str,
        access: Access,
        function: fn(&mut Context<'_>, A) -> Result<T, Refusal>,
    ) where
        A: DeserializeOwned + 'static,
        T: Serialize + 'static,
    {
        let handler = move |State(shared): State<Arc<Shared>>, headers: HeaderMap, uri: Uri| async move {
            let arguments = Query::try_from_uri(&uri).map(|Query(arguments)| arguments);
            answer(&shared, &headers, access, arguments.ok(), function)
        };
        self.route(path, get(handler));
    }

    /// A `POST`. The function's second parameter takes the JSON body.
    pub(crate) fn post<A, T>(
        &mut self,
        path: &'static str,
        access: Access,
        function: fn(&mut Context<'_>, A) -> Result<T, Refusal>,
    ) where
        A: DeserializeOwned + 'static,
        T: Serialize + 'static,
    {
        let handler = move |State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes| async move {
            let arguments = serde_json::from_slice(&body);
            answer(&shared, &headers, access, arguments.ok(), function)
        };
        self.route(path, post(handler));
    }

    fn route(&mut self, path: &'static str, method: axum::routing::MethodRouter<Arc<Shared>>) {
        self.0 = std::mem::take(&mut self.0).route(path, method);
    }
}

fn answer<A, T: Serialize>(
    shared: &Shared,
    headers: &HeaderMap,
    access: Access,
    arguments: Option<A>,
    function: fn(&mut Context<'_>, A) -> Result<T, Refusal>,
) -> Json<Value> {
    let result = shared.with_context(headers, |mut context| {
        context.check_address()?;
        access.check(&context.caller)?;
        let arguments = arguments
            .ok_or_else(|| Refusal::new(code::INCOMPLETE, "the parameters are incomplete"))?;
        let data = function(&mut context, arguments)?;
        serde_json::to_value(data).map_err(|error| Refusal::generic(error.to_string()))
    });
    match result {
        Ok(data) => Json(json!({"code": code::SUCCESS, "message": "操作成功", "data": data})),
        Err(refusal) => Json(json!(refusal)),
    }
}
