//! Reading users.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;

use super::model::{Fields, User};
use crate::context::Context;
use crate::paging::{Page, Paging, SortBy};
use crate::refusal::{Refusal, code};
use crate::wording;
use crate::work;

const MOST_AT_ONCE: usize = 80;
const SEARCHED: [&str; 5] = ["username", "nickname", "email", "phone", "name"];

#[derive(Deserialize)]
pub(super) struct ById {
    id: Option<String>,
}

pub(super) fn user(context: &mut Context<'_>, args: ById) -> Result<Option<Fields>, Refusal> {
    let id = context.whom(args.id, code::NOT_PERMITTED)?;
    Ok(context.state.users.get(&id).map(|user| context.show(user)))
}

#[derive(Deserialize)]
pub(super) struct Batch {
    pub(super) ids: Vec<String>,
    pub(super) r#type: Option<String>,
}

pub(super) fn user_batch(context: &mut Context<'_>, args: Batch) -> Result<Vec<Fields>, Refusal> {
    if args.ids.len() > MOST_AT_ONCE {
        return Err(Refusal::new(&wording::TOO_MANY_AT_ONCE));
    }
    let field = match args.r#type.as_deref() {
        None | Some("id") => "id",
        Some("username") => "username",
        Some("email") => "email",
        Some("phone") => "phone",
        Some("externalId") => "externalId",
        Some(other) => {
            return Err(Refusal::about(&wording::NO_SUCH_QUERY_FIELD, &[&other]));
        }
    };
    let users = &context.state.users;
    Ok(args
        .ids
        .iter()
        .filter_map(|id| users.find(field, id))
        .map(|user| context.show(user))
        .collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    #[serde(flatten)]
    paging: Paging,
    sort_by: Option<SortBy>,
}

pub(super) fn users(context: &mut Context<'_>, args: List) -> Result<Page<Fields>, Refusal> {
    let users = &context.state.users;
    let (total, paging) = (users.count(), args.paging);
    let page = match args.sort_by.unwrap_or_default() {
        SortBy::CreatedDescending => paging.cut_from(total, users.iter().rev()),
        SortBy::CreatedAscending => paging.cut_from(total, users.iter()),
        SortBy::UpdatedDescending => paging.cut_from(total, users.by_update().rev()),
        SortBy::UpdatedAscending => paging.cut_from(total, users.by_update()),
    };
    Ok(page.map(|user| context.show(user)))
}

pub(super) fn archived_users(
    context: &mut Context<'_>,
    paging: Paging,
) -> Result<Page<Fields>, Refusal> {
    let all = context.state.users.archived().collect();
    Ok(paging.cut(all).map(User::shown))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InOrg {
    #[serde(rename = "orgId")]
    _org_id: Option<String>,
}

pub(super) fn departments(
    _: &mut Context<'_>,
    _: &Value,
    _: InOrg,
) -> Result<Page<Value>, Refusal> {
    Ok(Page::whole(Vec::new()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Search {
    query: String,
    fields: Option<Vec<Option<String>>>,
    #[serde(flatten)]
    paging: Paging,
    department_opts: Option<Vec<Option<Value>>>,
    group_opts: Option<Vec<Option<InGroup>>>,
    role_opts: Option<Vec<Option<WithRole>>>,
}

#[derive(Deserialize)]
struct InGroup {
    code: Option<String>,
}

#[derive(Deserialize)]
struct WithRole {
    namespace: Option<String>,
    code: String,
}

pub(super) fn search_user(
    context: &mut Context<'_>,
    args: Search,
) -> Result<Page<Fields>, Refusal> {
    let wanted = args.query.to_lowercase();
    let fields: HashSet<&str> = match &args.fields {
        Some(fields) => fields.iter().flatten().map(String::as_str).collect(),
        None => HashSet::from(SEARCHED),
    };
    // Also those that no user has.
    work::spend_on(fields.len().saturating_mul(context.state.users.count()) / 10);
    work::check()?;
    let state = &context.state;
    // Looked up once, and not for each user.
    let in_a_group = wanted_of(&args.group_opts).map(|groups| -> HashSet<&str> {
        let codes = groups.filter_map(|group| group.code.as_deref());
        codes.flat_map(|code| state.groups.members(code)).collect()
    });
    let with_a_role = wanted_of(&args.role_opts).map(|roles| -> HashSet<&str> {
        let roles =
            roles.filter_map(|role| state.roles.find(role.namespace.as_deref(), &role.code));
        roles
            .flat_map(|role| state.roles.holders(&role.id, &state.groups))
            .collect()
    });
    let is_in = |ids: &Option<HashSet<&str>>, user: &User| {
        ids.as_ref().is_none_or(|ids| ids.contains(user.id()))
    };
    let found: Vec<&User> = state
        .users
        .iter()
        .rev()
        .filter(|user| is_in(&in_a_group, user))
        .filter(|user| is_in(&with_a_role, user))
        .filter(|user| {
            fields.iter().any(|field| {
                user.text(field).is_some_and(|text| {
                    work::spend_on(1 + text.len() / 100);
                    text.to_lowercase().contains(&wanted)
                })
            })
        })
        // Nobody is in a department here.
        .filter(|_| args.department_opts.as_ref().is_none_or(Vec::is_empty))
        .collect();
    Ok(args.paging.cut(found).map(|user| context.show(user)))
}

/// An empty list of options wants nothing.
fn wanted_of<T>(options: &Option<Vec<Option<T>>>) -> Option<impl Iterator<Item = &T>> {
    let options = options.as_deref().filter(|options| !options.is_empty())?;
    Some(options.iter().flatten())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identifiers {
    email: Option<String>,
    phone: Option<String>,
    username: Option<String>,
    external_id: Option<String>,
}

impl Identifiers {
    fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("email", &self.email),
            ("phone", &self.phone),
            ("username", &self.username),
            ("externalId", &self.external_id),
        ]
        .into_iter()
        .filter_map(|(field, text)| Some((field, text.as_deref()?)))
    }
}

pub(super) fn is_user_exists(
    context: &mut Context<'_>,
    args: Identifiers,
) -> Result<bool, Refusal> {
    let users = &context.state.users;
    Ok(args
        .given()
        .any(|(field, text)| users.find(field, text).is_some()))
}

#[derive(Deserialize)]
pub(super) struct Find {
    #[serde(flatten)]
    identifiers: Identifiers,
    identity: Option<Identity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    identifier: Option<String>,
    user_id_in_idp: Option<String>,
    is_social: Option<bool>,
    provider: Option<String>,
}

impl Identity {
    fn matches(&self, identity: &Value) -> bool {
        let same = |field: &str, wanted: Option<&str>| {
            wanted.is_none_or(|wanted| identity.get(field).is_some_and(|own| own == wanted))
        };
        same("userIdInIdp", self.user_id_in_idp.as_deref())
            && same("provider", self.provider.as_deref())
            && same("identifier", self.identifier.as_deref())
            && self
                .is_social
                .is_none_or(|wanted| identity.get("isSocial").is_some_and(|own| *own == wanted))
    }
}

pub(super) fn find_user(context: &mut Context<'_>, args: Find) -> Result<Option<Fields>, Refusal> {
    let wanted: Vec<_> = args.identifiers.given().collect();
    if wanted.is_empty() && args.identity.is_none() {
        return Ok(None);
    }
    let found = context.state.users.iter().find(|user| {
        wanted.iter().all(|(field, text)| user.has(field, text))
            && args
                .identity
                .as_ref()
                .is_none_or(|identity| user.identities.iter().any(|own| identity.matches(own)))
    });
    Ok(found.map(|user| context.show(user)))
}
