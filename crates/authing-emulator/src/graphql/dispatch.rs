//! Which function answers which field, and who may ask for it.
//!
//! A new operation is a line of SDL, a function and a row in the `operations` of its resource.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;

use crate::context::{Caller, Context};
use crate::paging;
use crate::refusal::Refusal;
use crate::wording;
use crate::work;

/// Who may ask for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Also those without a token, or with a stale one.
    Anyone,
    /// A user or an administrator.
    SignedIn,
    Administrator,
}

impl Access {
    pub(crate) fn check(self, caller: &Caller) -> Result<(), Refusal> {
        match (self, caller) {
            (Self::Anyone, _) | (Self::SignedIn, Caller::User(_)) | (_, Caller::Administrator) => {
                Ok(())
            }
            (_, Caller::Nobody) => Err(Refusal::not_logged_in()),
            (Self::Administrator, Caller::User(_)) => {
                Err(Refusal::new(&wording::ADMINISTRATORS_ONLY))
            }
        }
    }
}

/// Why a field has no value.
#[derive(Debug)]
pub(super) enum Failure {
    Refused(Refusal),
    /// The emulator and its own schema disagree.
    Broken(String),
}

type Resolver =
    Box<dyn Fn(&mut Context<'_>, &Value, Value) -> Result<Value, Failure> + Send + Sync>;

struct Row {
    access: Access,
    resolver: Resolver,
}

/// The fields that are computed. All others are read from the object they belong to.
pub(crate) struct Table {
    rows: HashMap<(&'static str, &'static str), Row>,
}

impl Table {
    pub(super) fn new(resources: &[fn(&mut Self)]) -> Self {
        let mut table = Self {
            rows: HashMap::new(),
        };
        for operations in resources {
            operations(&mut table);
        }
        table
    }

    /// A field of `Query`. The function's second parameter takes the arguments.
    pub(crate) fn query<A, T>(
        &mut self,
        field: &'static str,
        access: Access,
        resolver: fn(&mut Context<'_>, A) -> Result<T, Refusal>,
    ) where
        A: DeserializeOwned + 'static,
        T: Serialize + 'static,
    {
        self.add("Query", field, access, move |context, _, arguments| {
            resolver(context, arguments)
        });
    }

    /// A field of `Mutation`.
    pub(crate) fn mutation<A, T>(
        &mut self,
        field: &'static str,
        access: Access,
        resolver: fn(&mut Context<'_>, A) -> Result<T, Refusal>,
    ) where
        A: DeserializeOwned + 'static,
        T: Serialize + 'static,
    {
        self.add("Mutation", field, access, move |context, _, arguments| {
            resolver(context, arguments)
        });
    }

    /// A field of another object, which the function gets as it was answered.
    pub(crate) fn nested<A, T>(
        &mut self,
        object: &'static str,
        field: &'static str,
        access: Access,
        resolver: fn(&mut Context<'_>, &Value, A) -> Result<T, Refusal>,
    ) where
        A: DeserializeOwned + 'static,
        T: Serialize + 'static,
    {
        self.add(object, field, access, resolver);
    }

    fn add<A, T>(
        &mut self,
        object: &'static str,
        field: &'static str,
        access: Access,
        resolver: impl Fn(&mut Context<'_>, &Value, A) -> Result<T, Refusal> + Send + Sync + 'static,
    ) where
        A: DeserializeOwned,
        T: Serialize,
    {
        let resolver: Resolver = Box::new(move |context, parent, arguments| {
            let arguments = serde_json::from_value(arguments).map_err(broken)?;
            let value = resolver(context, parent, arguments).map_err(Failure::Refused)?;
            serde_json::to_value(value).map_err(broken)
        });
        self.rows.insert((object, field), Row { access, resolver });
    }

    /// The value of a computed field; nothing when the field is not one.
    pub(super) fn resolve(
        &self,
        object: &str,
        field: &str,
        context: &mut Context<'_>,
        parent: &Value,
        arguments: impl FnOnce() -> Result<Value, serde_json::Error>,
    ) -> Option<Result<Value, Failure>> {
        let row = self.rows.get(&(object, field))?;
        Some(
            context
                .check_address()
                .and_then(|()| row.access.check(&context.caller))
                .and_then(|()| work::check())
                .map_err(Failure::Refused)
                .and_then(|()| arguments().map_err(broken))
                .and_then(|arguments| {
                    work::spend(work::FIELD);
                    paging::check(&arguments).map_err(Failure::Refused)?;
                    work::check_lists(&arguments, context.state).map_err(Failure::Refused)?;
                    let told = (object == "Mutation").then(|| context.about_to(field, &arguments));
                    let answer = (row.resolver)(context, parent, arguments);
                    if let Some(told) = told.flatten() {
                        context.tell(&told, answer.as_ref().ok());
                    }
                    answer
                }),
        )
    }

    /// Every computed field, with the type that has it.
    pub(super) fn fields(&self) -> BTreeSet<(&'static str, &'static str)> {
        self.rows.keys().copied().collect()
    }
}

/// Reads an argument whose null means something else than its absence: add `default`, and get nothing, a null or a
/// value.
pub(crate) fn maybe_null<'de, T, D>(argument: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(argument).map(Some)
}

fn broken(error: serde_json::Error) -> Failure {
    Failure::Broken(format!("the emulator's schema and code disagree: {error}"))
}
