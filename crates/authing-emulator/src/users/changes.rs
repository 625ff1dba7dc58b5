//! Creating, changing and deleting users.

use serde::Deserialize;
use serde_json::{Value, json};

use super::model::{Fields, NAMES, Origin, User, check_contacts, is_logout, tidy};
use crate::actions::Deed;
use crate::context::{Caller, Context};
use crate::ids;
use crate::passwords::Password;
use crate::refusal::{CommonMessage, Refusal, code};
use crate::wording;

/// What users may not change on their own record by `updateUser`. Administrators may change all of it.
const NOT_ONES_OWN: [&str; 13] = [
    // These have operations of their own.
    "email",
    "phone",
    "password",
    // What others say of the user.
    "emailVerified",
    "phoneVerified",
    "unionid",
    "openid",
    "blocked",
    "expiredAt",
    // What the server counts.
    "loginsCount",
    "lastLogin",
    "lastIP",
    "tokenExpiredAt",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Create {
    user_info: Fields,
    keep_password: Option<bool>,
    reset_password_on_first_login: Option<bool>,
    params: Option<String>,
    identity: Option<Fields>,
}

pub(super) fn create_user(context: &mut Context<'_>, args: Create) -> Result<Fields, Refusal> {
    let mut fields = args.user_info;
    let password = match fields.remove("password") {
        Some(Value::String(encrypted)) if args.keep_password == Some(true) => {
            Some(Password::Kept(context.key.decrypt(&encrypted)?))
        }
        Some(Value::String(encrypted)) => {
            let plain = context.key.decrypt_new(&encrypted)?;
            Some(Password::salted(&plain))
        }
        _ => None,
    };
    if let Some(identity) = &args.identity {
        context.state.users.check_free(identity, None)?;
    }
    let params = args.params.as_deref();
    let id = admit(context, fields, password, Origin::Administrator, params)?;
    let user = context.state.users.require_mut(&id)?;
    user.must_set_password = args.reset_password_on_first_login == Some(true);
    if let Some(mut identity) = args.identity {
        identity.insert("userId".to_owned(), json!(id));
        identity.insert("userPoolId".to_owned(), json!(context.pool.id));
        user.identities.push(Value::Object(identity));
    }
    Ok(context.show(context.state.users.require(&id)?))
}

/// Makes a new user of what a client sent, and answers its id. Nothing is stored when anything is wrong.
pub(crate) fn admit(
    context: &mut Context<'_>,
    fields: Fields,
    password: Option<Password>,
    origin: Origin,
    custom_data: Option<&str>,
) -> Result<String, Refusal> {
    admit_as(None, context, fields, password, origin, custom_data)
}

/// The same with an id that is given, or not.
pub(crate) fn admit_as(
    id: Option<&str>,
    context: &mut Context<'_>,
    fields: Fields,
    password: Option<Password>,
    origin: Origin,
    custom_data: Option<&str>,
) -> Result<String, Refusal> {
    let fields = tidy(fields)?;
    let is_given = |name: &&str| {
        fields
            .get(*name)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    if !NAMES.iter().any(is_given) {
        return Err(Refusal::new(&wording::NAME_MISSING));
    }
    if origin != Origin::Administrator {
        check_contacts(&fields)?;
        context.check_registration(&fields)?;
    }
    context.state.users.check_unique(&fields, None)?;
    let custom_data = context.state.custom_fields.read_params(custom_data)?;
    let id = id.map_or_else(ids::id, str::to_owned);
    if context.state.users.get(&id).is_some() {
        return Err(Refusal::about(&wording::NAME_TAKEN, &[&"id"]));
    }
    let mut user = User::with_id(id, fields, origin, context.pool, context.now);
    user.password = password;
    let id = user.id().to_owned();
    let ip = user.text("lastIP").map(str::to_owned);
    context.state.users.insert(user);
    if origin != Origin::Administrator {
        context.remember(Deed::Register, &id, ip.as_deref());
    }
    for (key, value) in custom_data {
        context.state.custom_fields.store("USER", &id, key, value);
    }
    Ok(id)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Update {
    id: Option<String>,
    input: Fields,
    email_token: Option<String>,
    phone_token: Option<String>,
}

pub(super) fn update_user(context: &mut Context<'_>, args: Update) -> Result<Fields, Refusal> {
    let id = context.whom(args.id, code::NOT_ONES_OWN)?;
    // Nothing in the emulator issues such tokens.
    if args.email_token.is_some() || args.phone_token.is_some() {
        return Err(Refusal::new(&wording::WRONG_TOKEN));
    }
    let mut user = context.state.users.require(&id)?.clone();
    let mut changes = tidy(args.input)?;
    if let Caller::User(_) = context.caller {
        check_own_changes(&user, &changes)?;
    }
    context.state.users.check_unique(&changes, Some(&id))?;
    match changes.remove("password") {
        Some(Value::String(encrypted)) => {
            let plain = context.key.decrypt_new(&encrypted)?;
            user.password = Some(Password::salted(&plain));
        }
        Some(_) => user.password = None,
        None => {}
    }
    user.apply(changes, context.now);
    if user.is("blocked") {
        context.state.end_logins(&id);
    }
    let shown = context.show(&user);
    context.state.users.replace(user);
    Ok(shown)
}

fn check_own_changes(user: &User, changes: &Fields) -> Result<(), Refusal> {
    for name in NOT_ONES_OWN {
        if let Some(value) = changes.get(name)
            && value != user.get(name)
            && !value.as_str().is_some_and(|text| is_logout(name, text))
        {
            return Err(match name {
                "email" => Refusal::new(&wording::EMAIL_FIXED),
                "phone" => Refusal::new(&wording::PHONE_FIXED),
                _ => Refusal::about(&wording::FIELD_FIXED, &[&name]),
            });
        }
    }
    Ok(())
}

#[derive(Deserialize)]
pub(super) struct Delete {
    id: String,
}

pub(super) fn delete_user(
    context: &mut Context<'_>,
    args: Delete,
) -> Result<CommonMessage, Refusal> {
    delete_users(context, DeleteMany { ids: vec![args.id] })
}

#[derive(Deserialize)]
pub(super) struct DeleteMany {
    ids: Vec<String>,
}

/// All of them, or none when one does not exist.
pub(super) fn delete_users(
    context: &mut Context<'_>,
    args: DeleteMany,
) -> Result<CommonMessage, Refusal> {
    let unknown = |id: &&String| context.state.users.get(id).is_none();
    if let Some(id) = args.ids.iter().find(unknown) {
        return Err(Refusal::about(&wording::NOT_DELETED, &[&id]));
    }
    for id in &args.ids {
        context.state.delete_user(id);
    }
    Ok(CommonMessage::DELETED)
}

/// Changes a user as the server itself decides. Nothing is stored when anything is wrong.
pub(crate) fn change(
    context: &mut Context<'_>,
    id: &str,
    changes: Fields,
) -> Result<Fields, Refusal> {
    let changes = tidy(changes)?;
    context.state.users.check_unique(&changes, Some(id))?;
    let now = context.now;
    context.state.users.apply(id, changes, now)?;
    let user = context.state.users.require(id)?;
    Ok(context.show(user))
}
