//! Custom fields: definitions (udf) and values (udv).

mod store;
mod value;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::context::{Caller, Context};
use crate::graphql::{Access, Table};
use crate::refusal::{CommonMessage, Refusal};
use crate::wording;

pub(crate) use store::CustomFields;
use store::{Definition, UserDefinedData};

pub(crate) fn operations(table: &mut Table) {
    table.query("udf", Access::Administrator, definitions);
    table.query("udv", Access::SignedIn, values);
    table.query("udfValueBatch", Access::Administrator, values_of_many);
    table.mutation("setUdf", Access::Administrator, define);
    table.mutation("removeUdf", Access::Administrator, remove_definition);
    table.mutation("setUdv", Access::SignedIn, set_value);
    table.mutation("setUdvBatch", Access::SignedIn, set_values);
    table.mutation(
        "setUdfValueBatch",
        Access::Administrator,
        set_values_of_many,
    );
    table.mutation("removeUdv", Access::SignedIn, remove_value);
    // Whoever may see a user may see its custom fields.
    table.nested("User", "customData", Access::Anyone, custom_data_of_user);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetType {
    target_type: String,
}

fn definitions(context: &mut Context<'_>, args: TargetType) -> Result<Vec<Definition>, Refusal> {
    let fields = &context.state.custom_fields;
    Ok(fields.definitions(&args.target_type).cloned().collect())
}

fn define(context: &mut Context<'_>, args: Definition) -> Result<Definition, Refusal> {
    if args.key.is_empty() {
        return Err(Refusal::new(&wording::FIELD_KEY_EMPTY));
    }
    context.state.custom_fields.define(args.clone());
    Ok(args)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WhichField {
    target_type: String,
    key: String,
}

fn remove_definition(
    context: &mut Context<'_>,
    args: WhichField,
) -> Result<CommonMessage, Refusal> {
    let fields = &mut context.state.custom_fields;
    fields.require(&args.target_type, &args.key)?;
    fields.undefine(&args.target_type, &args.key);
    Ok(CommonMessage::DELETED)
}

/// Refuses targets that do not exist, and to a user all but its own record.
fn check_target(context: &Context<'_>, target_type: &str, id: &str) -> Result<(), Refusal> {
    if let Caller::User(own) = &context.caller
        && (target_type != "USER" || own.user_id != id)
    {
        return Err(Refusal::new(&wording::NOT_OWN_VALUES));
    }
    let state = &context.state;
    let exists = match target_type {
        "USER" => return state.users.require(id).map(|_| ()),
        "ROLE" => state.roles.by_id(Some(&id.into())).is_some(),
        "USERPOOL" => context.pool.id == id,
        "APPLICATION" => context.pool.app_id == id,
        _ => false,
    };
    if exists {
        Ok(())
    } else {
        Err(Refusal::about(
            &wording::NO_SUCH_TARGET,
            &[&target_type, &id],
        ))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    target_type: String,
    target_id: String,
}

fn values(context: &mut Context<'_>, args: Target) -> Result<Vec<UserDefinedData>, Refusal> {
    check_target(context, &args.target_type, &args.target_id)?;
    let fields = &context.state.custom_fields;
    Ok(fields.values(&args.target_type, &args.target_id))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Targets {
    target_type: String,
    target_ids: Vec<Option<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ValuesOfTarget {
    target_id: String,
    data: Vec<UserDefinedData>,
}

fn values_of_many(
    context: &mut Context<'_>,
    args: Targets,
) -> Result<Vec<ValuesOfTarget>, Refusal> {
    let mut answer = Vec::new();
    for target_id in args.target_ids.into_iter().flatten() {
        check_target(context, &args.target_type, &target_id)?;
        answer.push(ValuesOfTarget {
            data: context
                .state
                .custom_fields
                .values(&args.target_type, &target_id),
            target_id,
        });
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Set {
    target_type: String,
    target_id: String,
    key: String,
    value: String,
}

fn set_value(context: &mut Context<'_>, args: Set) -> Result<Vec<UserDefinedData>, Refusal> {
    let batch = SetMany {
        target_type: args.target_type,
        target_id: args.target_id,
        udv_list: Some(vec![KeyAndValue {
            key: args.key,
            value: Some(args.value),
        }]),
    };
    set_values(context, batch)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SetMany {
    target_type: String,
    target_id: String,
    udv_list: Option<Vec<KeyAndValue>>,
}

#[derive(Deserialize)]
struct KeyAndValue {
    key: String,
    value: Option<String>,
}

/// All of them, or none when one does not fit its definition.
fn set_values(context: &mut Context<'_>, args: SetMany) -> Result<Vec<UserDefinedData>, Refusal> {
    check_target(context, &args.target_type, &args.target_id)?;
    let fields = &mut context.state.custom_fields;
    let mut checked = Vec::new();
    for item in args.udv_list.into_iter().flatten() {
        let json = item.value.as_deref().unwrap_or("null");
        let value = fields.read(&args.target_type, &item.key, json)?;
        checked.push((item.key, value));
    }
    for (key, value) in checked {
        fields.store(&args.target_type, &args.target_id, key, value);
    }
    Ok(fields.values(&args.target_type, &args.target_id))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SetBatch {
    target_type: String,
    input: Vec<SetBatchItem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SetBatchItem {
    target_id: String,
    key: String,
    value: String,
}

/// All of them, or none when one does not fit its definition.
fn set_values_of_many(context: &mut Context<'_>, args: SetBatch) -> Result<CommonMessage, Refusal> {
    let mut checked = Vec::new();
    for item in args.input {
        check_target(context, &args.target_type, &item.target_id)?;
        let fields = &context.state.custom_fields;
        let value = fields.read(&args.target_type, &item.key, &item.value)?;
        checked.push((item.target_id, item.key, value));
    }
    for (id, key, value) in checked {
        let fields = &mut context.state.custom_fields;
        fields.store(&args.target_type, &id, key, value);
    }
    Ok(CommonMessage::DONE)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WhichValue {
    target_type: String,
    target_id: String,
    key: String,
}

fn remove_value(
    context: &mut Context<'_>,
    args: WhichValue,
) -> Result<Vec<UserDefinedData>, Refusal> {
    check_target(context, &args.target_type, &args.target_id)?;
    let fields = &mut context.state.custom_fields;
    fields.require(&args.target_type, &args.key)?;
    fields.remove(&args.target_type, &args.target_id, &args.key);
    Ok(fields.values(&args.target_type, &args.target_id))
}

#[derive(Deserialize)]
struct Nothing {}

fn custom_data_of_user(
    context: &mut Context<'_>,
    user: &Value,
    _: Nothing,
) -> Result<Vec<UserDefinedData>, Refusal> {
    let id = user.get("id").and_then(Value::as_str).unwrap_or_default();
    Ok(context.state.custom_fields.values("USER", id))
}
