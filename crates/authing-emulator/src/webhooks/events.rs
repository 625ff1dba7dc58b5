//! Which operation tells of which event.

use serde_json::{Value, json};

use crate::context::Context;

/// What an event tells.
#[derive(Debug, Clone, Copy)]
enum Data {
    /// The answer of the operation.
    Answer,
    /// What was asked for, without passwords and codes.
    Arguments,
    /// The user, and what was asked for.
    Updates,
    /// Whether a second factor of this kind was right.
    SecondFactor(&'static str),
}

/// When an event is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Done,
    /// Also when the operation was refused, as Authing has it for these events.
    Either,
}

use Data::{Answer, Arguments, SecondFactor, Updates};
use When::{Done, Either};

/// Operations by the names of their GraphQL fields or the paths of their routes.
const EVENTS: &[(&str, &str, When, Data)] = &[
    ("registerByUsername", "register", Done, Answer),
    ("registerByUsername", "user:created", Done, Answer),
    ("registerByEmail", "register", Done, Answer),
    ("registerByEmail", "user:created", Done, Answer),
    ("registerByPhoneCode", "register", Done, Answer),
    ("registerByPhoneCode", "user:created", Done, Answer),
    ("createUser", "user:created", Done, Answer),
    ("loginByUsername", "login", Either, Answer),
    ("loginByEmail", "login", Either, Answer),
    ("loginByPhonePassword", "login", Either, Answer),
    ("loginByPhoneCode", "login", Either, Answer),
    ("POST /api/v2/login/email-code", "login", Either, Answer),
    ("updateUser", "user:updated", Either, Updates),
    ("bindPhone", "user:updated", Either, Updates),
    ("unbindPhone", "user:updated", Either, Updates),
    ("updatePhone", "user:updated", Either, Updates),
    ("bindEmail", "user:updated", Either, Updates),
    ("unbindEmail", "user:updated", Either, Updates),
    ("updateEmail", "user:updated", Either, Updates),
    ("updatePassword", "user:password-changed", Either, Answer),
    ("resetPassword", "user:password-changed", Either, Arguments),
    (
        "resetPasswordByFirstLoginToken",
        "user:password-changed",
        Either,
        Arguments,
    ),
    (
        "resetPasswordByForceResetToken",
        "user:password-changed",
        Either,
        Arguments,
    ),
    ("deleteUser", "user:deleted", Done, Arguments),
    ("deleteUsers", "user:deleted", Done, Arguments),
    (
        "POST /api/v2/users/identity/link",
        "user:link-account",
        Done,
        Arguments,
    ),
    ("POST /api/v2/users/kick", "kick", Done, Arguments),
    (
        "POST /api/v2/mfa/totp/verify",
        "mfa:verified",
        Either,
        SecondFactor("OTP"),
    ),
    (
        "POST /api/v2/applications/mfa/sms/verify",
        "mfa:verified",
        Either,
        SecondFactor("SMS"),
    ),
    (
        "POST /api/v2/applications/mfa/email/verify",
        "mfa:verified",
        Either,
        SecondFactor("EMAIL"),
    ),
    ("createRole", "role:created", Done, Answer),
    ("updateRole", "role:updated", Done, Answer),
    ("deleteRole", "role:deleted", Done, Arguments),
    ("deleteRoles", "role:deleted", Done, Arguments),
    ("assignRole", "role:assigned", Done, Arguments),
    ("revokeRole", "role:unassigned", Done, Arguments),
    ("createGroup", "group:created", Done, Answer),
    ("updateGroup", "group:updated", Done, Answer),
    ("deleteGroups", "group:deleted", Done, Arguments),
    ("addUserToGroup", "group:member-added", Done, Arguments),
    (
        "removeUserFromGroup",
        "group:member-removed",
        Done,
        Arguments,
    ),
    ("addPolicyAssignments", "permission:add", Done, Arguments),
    (
        "removePolicyAssignments",
        "permission:revoke",
        Done,
        Arguments,
    ),
    ("allow", "permission:add", Done, Arguments),
    ("authorizeResource", "permission:add", Done, Arguments),
    ("setUdf", "user-pool:udf-added", Done, Answer),
    ("removeUdf", "user-pool:udf-deleted", Done, Arguments),
    (
        "addWhitelist",
        "user:register-whitelist-added",
        Done,
        Arguments,
    ),
    (
        "removeWhitelist",
        "user:register-whitelist-deleted",
        Done,
        Arguments,
    ),
    ("updateUserpool", "user-pool:updated", Done, Arguments),
    ("POST /api/v2/env", "user-pool:env-added", Done, Arguments),
    (
        "DELETE /api/v2/env/{key}",
        "user-pool:env-deleted",
        Done,
        Arguments,
    ),
];

/// Arguments that are nobody else's business.
const SECRET: [&str; 8] = [
    "password",
    "newPassword",
    "oldPassword",
    "code",
    "emailCode",
    "phoneCode",
    "token",
    "totp",
];

/// Operations that change custom fields, whose event depends on whose field it is.
const VALUES: [&str; 4] = ["setUdv", "setUdvBatch", "setUdfValueBatch", "removeUdv"];

impl Context<'_> {
    /// Whether [`tell`](Self::tell) has somebody to tell.
    pub(crate) fn is_listened_to(&self) -> bool {
        self.state.webhooks.target().is_some()
    }

    /// Tells of a login, whatever came of it.
    pub(crate) fn tell_of_login(&mut self, data: Value) {
        self.state.webhooks.add("login", data, self.now);
    }

    /// Tells of what an operation did, or did not.
    pub(crate) fn tell(&mut self, operation: &str, arguments: &Value, answer: Option<&Value>) {
        for (_, event, when, data) in EVENTS.iter().filter(|row| row.0 == operation) {
            if *when == Either || answer.is_some() {
                let data = data.of(arguments, answer);
                self.state.webhooks.add(event, data, self.now);
            }
        }
        let Some(answer) = answer else {
            return;
        };
        if VALUES.contains(&operation) {
            let event = match arguments.get("targetType").and_then(Value::as_str) {
                Some("USER") => "user:udv-changed",
                Some("ROLE") => "role:udv-changed",
                _ => return,
            };
            let data = without_secrets(arguments);
            self.state.webhooks.add(event, data, self.now);
        }
        if operation == "updateUser" {
            let event = match arguments.pointer("/input/blocked") {
                Some(Value::Bool(true)) => "user:blocked",
                Some(Value::Bool(false)) => "user:unblocked",
                _ => return,
            };
            self.state.webhooks.add(event, answer.clone(), self.now);
        }
    }
}

impl Data {
    fn of(self, arguments: &Value, answer: Option<&Value>) -> Value {
        match self {
            Answer => match answer {
                Some(answer) => answer.clone(),
                None => without_secrets(arguments),
            },
            Arguments => without_secrets(arguments),
            Updates => json!({
                "user": answer,
                "updates": without_secrets(arguments.get("input").unwrap_or(arguments)),
            }),
            SecondFactor(kind) => json!({
                "userId": answer.and_then(|user| user.get("id")),
                "isValid": answer.is_some(),
                "type": kind,
            }),
        }
    }
}

fn without_secrets(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !SECRET.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), without_secrets(value)))
            .collect(),
        Value::Array(list) => list.iter().map(without_secrets).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_here() {
        let arguments =
            json!({"input": [{"email": "a", "password": "x", "code": "1234"}], "totp": "1"});
        assert_eq!(
            without_secrets(&arguments),
            json!({"input": [{"email": "a"}]})
        );
    }
}
