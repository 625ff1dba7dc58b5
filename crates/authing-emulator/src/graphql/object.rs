//! Objects of an answer, as the executor of queries walks through them.

use std::cell::RefCell;

use apollo_compiler::Name;
use apollo_compiler::ast::Type;
use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::JsonValue;
use serde_json::Value;

use super::dispatch::{Failure, Table};
use super::limits::Budget;
use crate::context::Context;
use crate::refusal::Refusal;
use crate::wording::Language;

/// Marks a refusal among field errors: the executor only carries strings.
const MARK: &str = "\u{1}refusal\u{1}";

/// What all objects of one answer have in common.
pub(super) struct Run<'a, 'c> {
    pub(super) table: &'a Table,
    pub(super) language: Language,
    pub(super) context: RefCell<Context<'c>>,
    pub(super) budget: Budget,
}

impl Run<'_, '_> {
    fn compute(
        &self,
        object: &str,
        parent: &Value,
        info: &ResolveInfo<'_>,
    ) -> Option<Result<Value, FieldError>> {
        let result = self.table.resolve(
            object,
            info.field_name(),
            &mut self.context.borrow_mut(),
            parent,
            || serde_json::to_value(info.arguments()),
        )?;
        Some(result.map_err(|failure| match failure {
            Failure::Refused(refusal) => self.refuse(&refusal),
            Failure::Broken(message) => FieldError { message },
        }))
    }

    fn refuse(&self, refusal: &Refusal) -> FieldError {
        FieldError {
            message: format!("{MARK}{}", refusal.body(self.language)),
        }
    }

    fn present<'a>(
        &'a self,
        value: Value,
        info: &'a ResolveInfo<'a>,
    ) -> Result<ResolvedValue<'a>, FieldError> {
        self.present_as(&info.field_definition().ty, value, info)
    }

    fn present_as<'a>(
        &'a self,
        ty: &'a Type,
        value: Value,
        info: &'a ResolveInfo<'a>,
    ) -> Result<ResolvedValue<'a>, FieldError> {
        self.budget.spend(&value);
        Ok(match value {
            Value::Array(items) if ty.is_list() => ResolvedValue::List(Box::new(
                items
                    .into_iter()
                    // The answer is thrown away then.
                    .take_while(|_| !self.budget.is_exceeded())
                    .map(move |item| self.present_as(ty.item_type(), item, info)),
            )),
            fields @ Value::Object(_)
                if info.schema().get_object(ty.inner_named_type()).is_some() =>
            {
                ResolvedValue::object(Object {
                    type_name: ty.inner_named_type().clone(),
                    run: self,
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
}

/// `Query` or `Mutation`: every field is computed.
pub(super) struct Root<'a, 'c> {
    pub(super) type_name: &'a Name,
    pub(super) run: &'a Run<'a, 'c>,
}

/// Any other object: most fields are there already.
struct Object<'a, 'c> {
    type_name: Name,
    run: &'a Run<'a, 'c>,
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
        let computed = self.run.compute(self.type_name, &Value::Null, info);
        let value = computed.unwrap_or_else(|| {
            let refusal = Refusal::not_emulated(info.field_name());
            Err(self.run.refuse(&refusal))
        })?;
        self.run.present(value, info)
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
        let value = match self.run.compute(&self.type_name, &self.fields, info) {
            Some(value) => value?,
            None => {
                let field = self.fields.get(info.field_name());
                field.cloned().unwrap_or_default()
            }
        };
        self.run.present(value, info)
    }
}

/// The refusal that a field error carries, if it does.
pub(super) fn refusal_in(message: &str) -> Option<Value> {
    let (_, refusal) = message.split_once(MARK)?;
    serde_json::from_str(refusal).ok()
}
