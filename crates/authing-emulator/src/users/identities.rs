//! Accounts at other providers.

use serde::Deserialize;
use serde_json::{Value, json};

use super::model::Fields;
use crate::context::Context;
use crate::refusal::Refusal;
use crate::wording;

/// A connection to a provider, by the words of the API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    is_social: bool,
    r#type: Option<String>,
    identifier: String,
    ext_idp_id: String,
}

impl Connection {
    fn holds(&self, identity: &Value) -> bool {
        let same = |field: &str, own: Value| identity.get(field) == Some(&own);
        same("extIdpId", json!(self.ext_idp_id))
            && same("identifier", json!(self.identifier))
            && same("isSocial", json!(self.is_social))
            && (self.r#type.is_none() || same("type", json!(self.r#type)))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Link {
    user_id: String,
    user_id_in_idp: String,
    #[serde(flatten)]
    connection: Connection,
}

/// A user has one account in a connection: another takes its place. The identifier of the connection stands for its
/// provider, as the emulator has no connections that could tell.
pub(super) fn link(context: &mut Context<'_>, args: Link) -> Result<(), Refusal> {
    let Link {
        user_id,
        user_id_in_idp,
        connection,
    } = args;
    context.state.users.require(&user_id)?;
    let mut identity = Fields::new();
    for (name, value) in [
        ("provider", json!(connection.identifier)),
        ("identifier", json!(connection.identifier)),
        ("extIdpId", json!(connection.ext_idp_id)),
        ("isSocial", json!(connection.is_social)),
        ("type", json!(connection.r#type)),
        ("userIdInIdp", json!(user_id_in_idp)),
        ("userId", json!(user_id)),
        ("userPoolId", json!(context.pool.id)),
    ] {
        identity.insert(name.to_owned(), value);
    }
    let users = &mut context.state.users;
    users.check_free(&identity, Some(&user_id))?;
    let user = users.require_mut(&user_id)?;
    user.identities.retain(|own| !connection.holds(own));
    user.identities.push(Value::Object(identity));
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Unlink {
    user_id: String,
    #[serde(flatten)]
    connection: Connection,
}

pub(super) fn unlink(context: &mut Context<'_>, args: Unlink) -> Result<(), Refusal> {
    let user = context.state.users.require_mut(&args.user_id)?;
    let before = user.identities.len();
    user.identities.retain(|own| !args.connection.holds(own));
    if user.identities.len() == before {
        return Err(Refusal::about(
            &wording::NO_SUCH_IDENTITY,
            &[&args.connection.identifier],
        ));
    }
    Ok(())
}
