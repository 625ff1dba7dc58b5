//! GraphQL: a request in, an answer out.

mod dispatch;
mod limits;
mod object;
mod schema;

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use apollo_compiler::ast::{Definition, Document};
use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::{GraphQLError, JsonMap};
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{ExecutableDocument, Schema};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::journal::Outcome;
use crate::refusal::{Refusal, code};
use crate::wording;
use crate::work;

pub(crate) use dispatch::{Access, Table, maybe_null};
use limits::Budget;
use object::{Root, Run};

/// Where requests are posted.
pub(crate) const PATH: &str = "/graphql/v2";

/// How many mistakes of a document are told.
const MOST_ERRORS: usize = 20;
/// How much of each.
const LONGEST_ERROR: usize = 500;

/// The body of a request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    query: String,
    #[serde(default)]
    variables: Option<JsonMap>,
    #[serde(default)]
    operation_name: Option<String>,
}

/// The body of an answer, and what the journal wants to know about it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Value,
    /// False when the request could not even be executed.
    pub(crate) executed: bool,
    pub(crate) outcome: Outcome,
    pub(crate) operation: Option<String>,
}

/// The schema, and a function for each of its fields that needs one.
pub(crate) struct Engine {
    schema: Valid<Schema>,
    table: Table,
}

impl Engine {
    /// Built once for all emulators of the process: it says what there is to ask, and knows nothing of the answers.
    pub(crate) fn shared() -> Result<Arc<Self>, String> {
        static SHARED: OnceLock<Result<Arc<Engine>, String>> = OnceLock::new();
        SHARED.get_or_init(|| Self::load().map(Arc::new)).clone()
    }

    fn load() -> Result<Self, String> {
        Ok(Self {
            schema: schema::load()?,
            table: Table::new(crate::OPERATIONS),
        })
    }

    /// The root fields that have a resolver.
    pub(crate) fn emulated_fields(&self) -> impl Iterator<Item = String> {
        let fields = self.table.fields().into_iter();
        fields
            .filter(|(object, _)| ["Query", "Mutation"].contains(object))
            .map(|(_, field)| field.to_owned())
    }

    /// All root fields.
    #[cfg(test)]
    pub(crate) fn root_fields(&self) -> std::collections::BTreeSet<String> {
        ["Query", "Mutation"]
            .into_iter()
            .flat_map(|root| self.schema.get_object(root).unwrap().fields.keys())
            .map(ToString::to_string)
            .collect()
    }

    pub(crate) fn answer(&self, request: &Request, context: Context<'_>) -> Answer {
        let document = limits::parse(&request.query);
        let operation = match &document {
            Ok(document) => operation_name(document, request.operation_name.as_deref()),
            Err(_) => None,
        };
        let result = match document {
            Err(invalid) => Err(invalid_document(&invalid.errors, "GRAPHQL_PARSE_FAILED")),
            Ok(document) => document
                .to_executable_validate(&self.schema)
                .map_err(|invalid| invalid_document(&invalid.errors, "GRAPHQL_VALIDATION_FAILED"))
                .and_then(|document| self.execute(&document, request, context)),
        };
        let executed = result.is_ok();
        let (Ok(body) | Err(body)) = result;
        let outcome = match body.pointer("/errors/0") {
            None => Outcome::Success,
            Some(error) => {
                let code = error.pointer("/message/code").and_then(Value::as_i64);
                Outcome::Refused(code.unwrap_or(code::BAD_ARGUMENT))
            }
        };
        Answer {
            body,
            executed,
            outcome,
            operation,
        }
    }

    /// The answer to a document that the emulator itself asks.
    pub(crate) fn run(&self, query: &str, variables: Value, context: Context<'_>) -> Value {
        let variables = serde_json::from_value(variables).ok();
        let request = Request {
            query: query.to_owned(),
            variables,
            operation_name: None,
        };
        self.answer(&request, context).body
    }

    fn execute(
        &self,
        document: &Valid<ExecutableDocument>,
        request: &Request,
        context: Context<'_>,
    ) -> Result<Value, Value> {
        let no_variables = JsonMap::new();
        let unfit = |error: apollo_compiler::request::RequestError| {
            let error = error.to_graphql_error(&document.sources);
            json!({"errors": [plain_error(&error, "BAD_USER_INPUT")]})
        };
        let operation = document
            .operations
            .get(request.operation_name.as_deref())
            .map_err(unfit)?;
        limits::check(document, operation).map_err(too_much)?;
        let language = context.language;
        let run = Run {
            table: &self.table,
            language,
            context: RefCell::new(context),
            budget: Budget::default(),
        };
        let root = Root {
            type_name: operation.object_type(),
            run: &run,
        };
        let response = Execution::new(&self.schema, document)
            .operation(operation)
            .raw_variable_values(request.variables.as_ref().unwrap_or(&no_variables))
            .enable_schema_introspection(true)
            .execute_sync(&root)
            .map_err(unfit)?;
        if run.budget.is_exceeded() {
            let refusal = Refusal::new(&wording::ANSWER_TOO_LARGE);
            let message = refusal.body(language);
            return Ok(json!({"errors": [{"message": message}], "data": null}));
        }
        if work::is_used_up() && operation.is_query() {
            return Ok(
                json!({"errors": [{"message": work::refusal().body(language)}], "data": null}),
            );
        }
        let errors: Vec<Value> = response.errors.iter().map(error_object).collect();
        Ok(if errors.is_empty() {
            json!({"data": response.data})
        } else {
            json!({"errors": errors, "data": response.data})
        })
    }
}

/// The name of the operation in the body of a request, as [`Engine::answer`] tells it.
pub(crate) fn name(body: &[u8]) -> Option<String> {
    let request: Request = serde_json::from_slice(body).ok()?;
    let document = limits::parse(&request.query).ok()?;
    operation_name(&document, request.operation_name.as_deref())
}

fn operation_name(document: &Document, wanted: Option<&str>) -> Option<String> {
    document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            Definition::OperationDefinition(operation) => operation.name.as_ref(),
            _ => None,
        })
        .find(|name| wanted.is_none_or(|wanted| name.as_str() == wanted))
        .map(ToString::to_string)
}

fn invalid_document(errors: &DiagnosticList, kind: &str) -> Value {
    let errors: Vec<Value> = errors
        .iter()
        .take(MOST_ERRORS)
        .map(|error| plain_error(&error.to_json(), kind))
        .collect();
    json!({"errors": errors})
}

fn too_much(message: String) -> Value {
    json!({"errors": [{"message": message, "extensions": {"code": "BAD_USER_INPUT"}}]})
}

/// An error of the protocol: its message is a string.
fn plain_error(error: &GraphQLError, kind: &str) -> Value {
    let message: String = error.message.chars().take(LONGEST_ERROR).collect();
    json!({
        "message": message,
        "locations": error.locations,
        "extensions": {"code": kind},
    })
}

/// An error of a field. The message of a refusal is an object.
fn error_object(error: &GraphQLError) -> Value {
    let message = object::refusal_in(&error.message).unwrap_or_else(|| json!(error.message));
    json!({
        "message": message,
        "locations": error.locations,
        "path": error.path,
        "extensions": {"code": "INTERNAL_SERVER_ERROR"},
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_field_of_the_schema_has_its_resolver_and_no_more() {
        let engine = Engine::load().unwrap();
        let resolved = engine.table.fields();
        let resolved: BTreeSet<_> = resolved
            .into_iter()
            .map(|(object, field)| (object.to_owned(), field.to_owned()))
            .collect();
        assert_eq!(schema::fields_that_need_a_resolver(), resolved);
    }
}
