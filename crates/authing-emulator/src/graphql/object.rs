//! Objects of an answer, as the executor of queries walks through them.

use std::cell::RefCell;

use apollo_compiler::Name;
use apollo_compiler::ast::Type;
use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::JsonValue;
use serde_json::Value;

use super::dispatch::{Failure, Table};
use crate::context::Context;
use crate::refusal::Refusal;

/// Marks a refusal among field errors: the executor only carries strings.
const MARK: &str = "\u{1}refusal\u{1}";

/// `Query` or `Mutation`: every field is computed.
pub(super) struct Root<'a, 'c> {
    pub(super) type_name: &'a Name,
    pub(super) table: &'a Table,
    pub(super) context: &'a RefCell<Context<'c>>,
}

/// Any other object: most fields are there already.
struct Object<'a, 'c> {
    type_name: Name,
    table: &'a Table,
    context: &'a RefCell<Context<'c>>,
    fields: Value,
}

impl ObjectValue for Root<'_, '_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(
        &'a self,
        info: &'a ResolveInfo<'a>,
    ) -> Result<ResolvedValue<'a>, FieldError> {
        let value = compute(self.table, self.context, self.type_name, &Value::Null, info)
            .unwrap_or_else(|| Err(Refusal::not_emulated(info.field_name()).into_field_error()))?;
        present(self.table, self.context, value, info)
    }
}

impl ObjectValue for Object<'_, '_> {
    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn resolve_field<'a>(
        &'a self,
        info: &'a ResolveInfo<'a>,
    ) -> Result<ResolvedValue<'a>, FieldError> {
        let computed = compute(
            self.table,
            self.context,
            &self.type_name,
            &self.fields,
            info,
        );
        let value = match computed {
            Some(value) => value?,
            None => self
                .fields
                .get(info.field_name())
                .cloned()
                .unwrap_or_default(),
        };
        present(self.table, self.context, value, info)
    }
}

fn compute(
    table: &Table,
    context: &RefCell<Context<'_>>,
    object: &str,
    parent: &Value,
    info: &ResolveInfo<'_>,
) -> Option<Result<Value, FieldError>> {
    let result = table.resolve(
        object,
        info.field_name(),
        &mut context.borrow_mut(),
        parent,
        || serde_json::to_value(info.arguments()),
    )?;
    Some(result.map_err(|failure| match failure {
        Failure::Refused(refusal) => refusal.into_field_error(),
        Failure::Broken(message) => FieldError { message },
    }))
}

fn present<'a, 'c: 'a>(
    table: &'a Table,
    context: &'a RefCell<Context<'c>>,
    value: Value,
    info: &'a ResolveInfo<'a>,
) -> Result<ResolvedValue<'a>, FieldError> {
    present_as(&info.field_definition().ty, table, context, value, info)
}

fn present_as<'a, 'c: 'a>(
    ty: &'a Type,
    table: &'a Table,
    context: &'a RefCell<Context<'c>>,
    value: Value,
    info: &'a ResolveInfo<'a>,
) -> Result<ResolvedValue<'a>, FieldError> {
    Ok(match value {
        Value::Array(items) if ty.is_list() => ResolvedValue::List(Box::new(
            items
                .into_iter()
                .map(move |item| present_as(ty.item_type(), table, context, item, info)),
        )),
        fields @ Value::Object(_) if info.schema().get_object(ty.inner_named_type()).is_some() => {
            ResolvedValue::object(Object {
                type_name: ty.inner_named_type().clone(),
                table,
                context,
                fields,
            })
        }
        leaf => {
            ResolvedValue::Leaf(serde_json::from_value::<JsonValue>(leaf).map_err(|error| {
                FieldError {
                    message: error.to_string(),
                }
            })?)
        }
    })
}

impl Refusal {
    fn into_field_error(self) -> FieldError {
        FieldError {
            message: format!("{MARK}{}", serde_json::json!(self)),
        }
    }

    /// The refusal that a field error carries, if it does.
    pub(super) fn from_field_error(message: &str) -> Option<Self> {
        let (_, refusal) = message.split_once(MARK)?;
        serde_json::from_str(refusal).ok()
    }
}
