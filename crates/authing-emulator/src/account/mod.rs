//! What users do with their own account: passwords, phone and e-mail, and what they may see of themselves.

mod contact;
mod me;
mod password;

use axum::http::Method;

use crate::context::{Caller, Context};
use crate::graphql::{Access, Table};
use crate::refusal::Refusal;
use crate::rest::Routes;
use crate::wording;

pub(crate) fn operations(table: &mut Table) {
    table.query(
        "checkPasswordStrength",
        Access::Anyone,
        password::check_strength,
    );
    table.mutation("resetPassword", Access::Anyone, password::reset);
    table.mutation("updatePassword", Access::SignedIn, password::update);
    table.mutation("bindPhone", Access::SignedIn, contact::bind_phone);
    table.mutation("unbindPhone", Access::SignedIn, contact::unbind_phone);
    table.mutation("updatePhone", Access::SignedIn, contact::update_phone);
    table.mutation("bindEmail", Access::SignedIn, contact::bind_email);
    table.mutation("unbindEmail", Access::SignedIn, contact::unbind_email);
    table.mutation("updateEmail", Access::SignedIn, contact::update_email);
}

pub(crate) fn routes(routes: &mut Routes) {
    let (get, access) = (Method::GET, Access::SignedIn);
    let path = "/api/v2/users/me/orgs";
    routes.add(
        get.clone(),
        path,
        access,
        "获取用户组织机构列表成功",
        me::orgs,
    );
    let path = "/api/v2/users/me/applications/allowed";
    routes.add(get.clone(), path, access, "获取成功", me::applications);
    let path = "/api/v2/users/me/security-level";
    routes.add(get, path, access, "获取成功", me::security_level);
}

impl Context<'_> {
    /// The caller's own id. Administrators are no users of the pool.
    fn own_id(&self) -> Result<String, Refusal> {
        match &self.caller {
            Caller::User(own) => Ok(own.user_id.clone()),
            Caller::Administrator => Err(Refusal::new(&wording::USERS_ONLY)),
            Caller::Nobody => Err(Refusal::not_logged_in()),
        }
    }
}
