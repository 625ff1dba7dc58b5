//! Users.

mod changes;
mod identities;
mod model;
mod presence;
mod queries;
mod rest;
mod store;

use serde_json::json;

use crate::context::{Caller, Context};
use crate::graphql::{Access, Table};
use crate::work;

pub(crate) use changes::{admit, admit_as, change};
pub(crate) use model::{Fields, Origin, User, check_email, check_phone};
pub(crate) use rest::routes;
pub(crate) use store::Users;

pub(crate) fn operations(table: &mut Table) {
    table.query("user", Access::SignedIn, queries::user);
    table.query("userBatch", Access::Administrator, queries::user_batch);
    table.query("users", Access::Administrator, queries::users);
    table.query(
        "archivedUsers",
        Access::Administrator,
        queries::archived_users,
    );
    table.query("searchUser", Access::Administrator, queries::search_user);
    table.query("isUserExists", Access::Anyone, queries::is_user_exists);
    table.query("findUser", Access::Administrator, queries::find_user);
    table.mutation("createUser", Access::Administrator, changes::create_user);
    table.mutation("updateUser", Access::SignedIn, changes::update_user);
    table.mutation("deleteUser", Access::Administrator, changes::delete_user);
    table.mutation("deleteUsers", Access::Administrator, changes::delete_users);
    table.mutation(
        "sendFirstLoginVerifyEmail",
        Access::Administrator,
        presence::send_first_login_verify_email,
    );
    // Whoever may see a user may see where it works.
    table.nested("User", "departments", Access::Anyone, queries::departments);
}

impl Context<'_> {
    /// A user as the caller gets to see it: the caller's own token comes back with the caller's own record.
    pub(crate) fn show(&self, user: &User) -> Fields {
        work::spend(work::FIELD);
        let mut shown = user.shown();
        if let Caller::User(token) = &self.caller
            && token.user_id == user.id()
        {
            shown.insert("token".to_owned(), json!(token.text));
        }
        shown
    }
}
