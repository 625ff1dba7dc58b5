//! What a document may ask for, so that no request takes all of the memory, the stack or the time.

use std::cell::Cell;
use std::collections::HashMap;

use apollo_compiler::ast::Document;
use apollo_compiler::executable::{Operation, Selection, SelectionSet};
use apollo_compiler::introspection;
use apollo_compiler::parser::Parser;
use apollo_compiler::validation::{Valid, WithErrors};
use apollo_compiler::{ExecutableDocument, Name};
use serde_json::Value;

use crate::work;

/// Words and signs of a document.
const TOKENS: usize = 20_000;
/// Brackets within brackets, as they are written.
const NESTING: usize = 50;
/// Fields within fields, with fragments put in their places.
const DEPTH: usize = 30;
/// Fields, with fragments put in their places.
const FIELDS: usize = 10_000;
/// How often a document may ask for the schema.
const SCHEMAS: usize = 4;
/// Values of an answer.
const VALUES: usize = 250_000;

/// Reads a document up to its limits.
pub(super) fn parse(text: &str) -> Result<Document, WithErrors<Document>> {
    Parser::new()
        .token_limit(TOKENS)
        .recursion_limit(NESTING)
        .parse_ast(text, "request.graphql")
}

/// What is too much about an operation.
pub(super) fn check(
    document: &Valid<ExecutableDocument>,
    operation: &Operation,
) -> Result<(), String> {
    let mut measure = Measure {
        document,
        fragments: HashMap::new(),
    };
    let size = measure.of(&operation.selection_set);
    for (what, size, limit) in [
        ("deep", size.depth, DEPTH),
        ("large", size.fields, FIELDS),
        ("curious about the schema", size.schemas, SCHEMAS),
    ] {
        if size > limit {
            return Err(format!("the document is too {what}: {size} of {limit}"));
        }
    }
    introspection::check_max_depth(document, operation).map_err(|error| error.message().to_string())
}

/// How much of a selection there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Size {
    depth: usize,
    fields: usize,
    schemas: usize,
}

impl Size {
    fn and(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            fields: self.fields.saturating_add(other.fields),
            schemas: self.schemas.saturating_add(other.schemas),
        }
    }

    fn within_a_field(self, name: &Name) -> Self {
        let is_schema = ["__schema", "__type"].contains(&name.as_str());
        Self {
            depth: self.depth.saturating_add(1),
            fields: self.fields.saturating_add(1),
            schemas: self.schemas.saturating_add(is_schema.into()),
        }
    }
}

struct Measure<'a> {
    document: &'a Valid<ExecutableDocument>,
    /// Each is measured once, however often it is used. None of them uses itself: the document is valid.
    fragments: HashMap<&'a Name, Size>,
}

impl<'a> Measure<'a> {
    fn of(&mut self, selections: &'a SelectionSet) -> Size {
        let mut size = Size::default();
        for selection in &selections.selections {
            size = size.and(match selection {
                Selection::Field(field) => {
                    self.of(&field.selection_set).within_a_field(&field.name)
                }
                Selection::InlineFragment(inline) => self.of(&inline.selection_set),
                Selection::FragmentSpread(spread) => self.of_fragment(&spread.fragment_name),
            });
        }
        size
    }

    fn of_fragment(&mut self, name: &'a Name) -> Size {
        if let Some(size) = self.fragments.get(name) {
            return *size;
        }
        let fragment = self.document.fragments.get(name);
        let size = fragment.map_or_else(Size::default, |it| self.of(&it.selection_set));
        self.fragments.insert(name, size);
        size
    }
}

/// Counts the values and bytes of an answer, which lists within lists make many.
#[derive(Debug, Default)]
pub(super) struct Budget {
    spent: Cell<usize>,
}

impl Budget {
    /// One more value.
    pub(super) fn spend(&self, value: &Value) {
        // With its quotes and a comma, and about as much for its name.
        work::spend_bytes(
            value
                .as_str()
                .map_or(10, |text| text.len().saturating_add(10)),
        );
        self.spent.set(self.spent.get().saturating_add(1));
    }

    pub(super) fn is_exceeded(&self) -> bool {
        self.spent.get() > VALUES || !work::has_bytes()
    }
}
