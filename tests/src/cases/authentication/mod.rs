mod accounts;
mod codes;
mod session;

use super::{Case, data, done, page, user};

pub(super) fn cases() -> Vec<Case> {
    [accounts::cases(), codes::cases(), session::cases()].concat()
}
