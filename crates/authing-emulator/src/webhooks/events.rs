//! Which operation tells of which events, and what it tells.
//!
//! The bodies are those of Authing's page about webhooks. Where it has none for what happened, the operation's arguments
//! are told.

use serde_json::{Value, json};

use crate::context::Context;
use crate::outbox::MessageKind;
use crate::roles::Role;
use crate::users::{Fields, User};

/// An operation that somebody wants to hear of, as it was before it was carried out.
pub(crate) struct Told {
    /// The name of the GraphQL field, or the method and the path of the route.
    operation: String,
    arguments: Value,
    before: Before,
}

/// What cannot be found any more when the operation is over.
enum Before {
    Nothing,
    User(Option<User>),
    Users(Vec<Fields>),
    RoleIds(Vec<String>),
    /// A definition, a variable.
    Item(Value),
}

type Event = (&'static str, Value);

/// Arguments that are nobody else's business.
const SECRET: [&str; 13] = [
    "password",
    "newPassword",
    "oldPassword",
    "code",
    "emailCode",
    "phoneCode",
    "oldEmailCode",
    "oldPhoneCode",
    "token",
    "totp",
    "secret",
    "jwtSecret",
    // The credentials at a provider of text messages.
    "config",
];

impl Context<'_> {
    /// To be asked before an operation is carried out. Nothing when nobody listens.
    pub(crate) fn about_to(&self, operation: &str, arguments: &Value) -> Option<Told> {
        self.state.webhooks.target()?;
        Some(Told {
            operation: operation.to_owned(),
            arguments: arguments.clone(),
            before: self.before(operation, arguments),
        })
    }

    fn before(&self, operation: &str, arguments: &Value) -> Before {
        let state = &self.state;
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let user_by = |field: &str| {
            let user = text(field).and_then(|text| state.users.find(field, text));
            Before::User(user.cloned())
        };
        match operation {
            "updateUser" | "deleteUser" => match text("id").or_else(|| self.caller_id()) {
                Some(id) => Before::User(state.users.get(id).cloned()),
                None => Before::Nothing,
            },
            "deleteUsers" => Before::Users(self.users_told(arguments.get("ids"))),
            "resetPassword" if text("email").is_some() => user_by("email"),
            "resetPassword" => user_by("phone"),
            "POST /api/v2/login/email-code" => user_by("email"),
            "POST /api/v2/mfa/totp/verify"
            | "POST /api/v2/applications/mfa/sms/verify"
            | "POST /api/v2/applications/mfa/email/verify" => {
                let id = self.waiting_user();
                Before::User(id.and_then(|id| state.users.get(&id)).cloned())
            }
            "deleteRole" | "deleteRoles" => {
                let codes = texts(arguments.get("codeList")).chain(text("code"));
                let roles = codes.filter_map(|code| state.roles.find(text("namespace"), code));
                Before::RoleIds(roles.map(|role| role.id.clone()).collect())
            }
            "removeUdf" => {
                let names = text("targetType").zip(text("key"));
                let found = names.and_then(|(kind, key)| state.custom_fields.find(kind, key));
                found.map_or(Before::Nothing, |found| Before::Item(json!(found)))
            }
            "POST /api/v2/env" | "DELETE /api/v2/env/{key}" => {
                let found = text("key").and_then(|key| state.environment.find(key));
                found.map_or(Before::Nothing, |found| Before::Item(json!(found)))
            }
            _ => Before::Nothing,
        }
    }

    /// Tells of a login, whatever came of it.
    pub(crate) fn tell_of_login(&mut self, data: Value) {
        self.state.webhooks.add("login", data, self.now);
    }

    /// Tells of a password that a user has set on the login page.
    pub(crate) fn tell_of_new_password(&mut self, user: Value) {
        self.state
            .webhooks
            .add("user:password-changed", user, self.now);
    }

    /// Tells of a second factor on the login page: a message of a kind, or the code of an app.
    pub(crate) fn tell_of_second_factor(
        &mut self,
        user_id: &str,
        kind: Option<MessageKind>,
        is_valid: bool,
    ) {
        let kind = match kind {
            None => "OTP",
            Some(MessageKind::Sms) => "SMS",
            Some(MessageKind::Email) => "EMAIL",
        };
        let (event, data) = verified(Some(user_id), is_valid, kind);
        self.state.webhooks.add(event, data, self.now);
    }

    /// Tells of what an operation did, or did not.
    pub(crate) fn tell(&mut self, told: &Told, answer: Option<&Value>) {
        let answer = answer.map(|answer| self.without_kept_password(answer));
        let answer = answer.as_ref();
        let mut events = self.in_any_case(told, answer);
        let done = answer.map(|answer| self.when_done(told, answer));
        events.extend(done.into_iter().flatten());
        for (event, data) in events {
            self.state.webhooks.add(event, data, self.now);
        }
    }

    /// What Authing tells of whether it succeeded or not.
    fn in_any_case(&self, told: &Told, answer: Option<&Value>) -> Vec<Event> {
        let arguments = without_secrets(&told.arguments);
        let updates = arguments.get("input").unwrap_or(&arguments);
        let before = told.before.user().map(|user| json!(user.told()));
        match &*told.operation {
            "loginByUsername"
            | "loginByEmail"
            | "loginByPhonePassword"
            | "loginByPhoneCode"
            | "POST /api/v2/login/email-code" => {
                vec![("login", answer.unwrap_or(&arguments).clone())]
            }
            "updateUser" => {
                let user = answer.cloned().or(before).unwrap_or_default();
                let mut events = vec![("user:updated", json!({"user": user, "updates": updates}))];
                let password = told.arguments.pointer("/input/password");
                if password.is_some_and(is_given) {
                    events.push(("user:password-changed", user));
                }
                events
            }
            "bindPhone" | "unbindPhone" | "updatePhone" | "bindEmail" | "unbindEmail"
            | "updateEmail" => {
                vec![(
                    "user:updated",
                    json!({"user": answer.cloned().or_else(|| self.own_record()), "updates": updates}),
                )]
            }
            "updatePassword" => {
                let user = answer.cloned().or_else(|| self.own_record());
                vec![("user:password-changed", user.unwrap_or_default())]
            }
            "resetPassword" => {
                vec![("user:password-changed", before.unwrap_or(arguments))]
            }
            // Whose the token is, is not known any more when it is used up.
            "resetPasswordByFirstLoginToken" | "resetPasswordByForceResetToken" => {
                vec![("user:password-changed", arguments)]
            }
            "POST /api/v2/mfa/totp/verify" => {
                vec![verified(told.user_id(), answer.is_some(), "OTP")]
            }
            "POST /api/v2/applications/mfa/sms/verify" => {
                vec![verified(told.user_id(), answer.is_some(), "SMS")]
            }
            "POST /api/v2/applications/mfa/email/verify" => {
                vec![verified(told.user_id(), answer.is_some(), "EMAIL")]
            }
            _ => Vec::new(),
        }
    }

    fn when_done(&self, told: &Told, answer: &Value) -> Vec<Event> {
        let arguments = &told.arguments;
        let get = |name: &str| arguments.get(name).cloned().unwrap_or_default();
        let one = |event, data| vec![(event, data)];
        match &*told.operation {
            "createUser" | "registerByUsername" | "registerByEmail" | "registerByPhoneCode" => {
                newcomer(answer)
            }
            "loginByPhoneCode" | "POST /api/v2/login/email-code" => {
                let mut events = Vec::new();
                if answer.get("newlyCreated") == Some(&json!(true)) {
                    events.extend(newcomer(answer));
                }
                if told.operation.starts_with("POST") {
                    events.extend(email_verified(told, answer));
                }
                events
            }
            "POST /api/v2/applications/mfa/email/verify" => email_verified(told, answer),
            "bindEmail" | "updateEmail" => email_verified(told, answer),
            "updateUser" => {
                let mut events = email_verified(told, answer);
                let was_blocked = told.before.user().is_some_and(|user| user.is("blocked"));
                match answer.get("blocked").and_then(Value::as_bool) {
                    Some(true) if !was_blocked => {
                        events.push(("user:blocked", json!({"user": answer})))
                    }
                    Some(false) if was_blocked => {
                        events.push(("user:unblocked", json!({"user": answer})));
                    }
                    _ => {}
                }
                events
            }
            "deleteUser" | "deleteUsers" => {
                one("user:deleted", json!({"users": told.before.users()}))
            }
            "POST /api/v2/users/kick" => {
                let users = self.users_told(arguments.get("userIds"));
                one("kick", json!({"users": users, "application": null}))
            }
            "POST /api/v2/users/identity/link" => {
                let user = get("userId");
                let user = user.as_str().and_then(|id| self.state.users.get(id));
                let data = json!({
                    "primaryUser": user.map(User::told),
                    "secondaryUser": user.and_then(|user| user.identities.last()),
                });
                one("user:link-account", data)
            }
            "createRole" => one(
                "role:created",
                json!({"role": answer, "namespace": answer.get("namespace")}),
            ),
            "updateRole" => one(
                "role:updated",
                json!({"role": answer, "updates": updates(arguments)}),
            ),
            "deleteRole" | "deleteRoles" => {
                let ids = told.before.role_ids().iter();
                ids.map(|id| ("role:deleted", json!({"id": id}))).collect()
            }
            "assignRole" => one("role:assigned", holders(arguments)),
            "revokeRole" => one("role:unassigned", holders(arguments)),
            "createGroup" => one("group:created", json!({"group": answer})),
            "updateGroup" => one(
                "group:updated",
                json!({"group": answer, "updates": updates(arguments)}),
            ),
            // Groups have no ids here but their codes.
            "deleteGroups" => texts(arguments.get("codeList"))
                .map(|code| ("group:deleted", json!({"id": code})))
                .collect(),
            "addUserToGroup" => one("group:member-added", self.members(arguments)),
            "removeUserFromGroup" => one("group:member-removed", self.members(arguments)),
            "addPolicyAssignments" => one("permission:add", self.permission(arguments)),
            "removePolicyAssignments" => one("permission:revoke", self.permission(arguments)),
            "allow" | "authorizeResource" => one("permission:add", without_secrets(arguments)),
            "setUdf" => one("user-pool:udf-added", json!({"udf": answer})),
            "removeUdf" => one("user-pool:udf-deleted", json!({"udf": told.before.item()})),
            "setUdv" | "setUdvBatch" | "removeUdv" => {
                let target = get("targetId");
                self.values(arguments, target.as_str().into_iter())
            }
            "setUdfValueBatch" => {
                let list = get("input");
                let items = list.as_array().into_iter().flatten();
                let mut ids: Vec<&str> = items
                    .filter_map(|item| item.get("targetId")?.as_str())
                    .collect();
                ids.sort_unstable();
                ids.dedup();
                self.values(arguments, ids.into_iter())
            }
            "addWhitelist" => one("user:register-whitelist-added", listed(arguments)),
            "removeWhitelist" => one("user:register-whitelist-deleted", listed(arguments)),
            "updateUserpool" => one(
                "user-pool:updated",
                json!({"userPool": without_secrets(answer), "updates": without_secrets(&get("input"))}),
            ),
            "POST /api/v2/env" => {
                let event = match told.before {
                    Before::Item(_) => "user-pool:env-updated",
                    _ => "user-pool:env-added",
                };
                one(
                    event,
                    json!({"envInfo": {"key": get("key"), "value": get("value")}}),
                )
            }
            "DELETE /api/v2/env/{key}" => one(
                "user-pool:env-deleted",
                json!({"envsInfo": [told.before.item()]}),
            ),
            _ => Vec::new(),
        }
    }

    /// An answer that is a user tells what was asked for, which others need not know.
    fn without_kept_password(&self, answer: &Value) -> Value {
        let mut told = answer.clone();
        let id = answer.get("id").and_then(Value::as_str);
        let user = id.and_then(|id| self.state.users.get(id));
        if let Some(fields) = told.as_object_mut()
            && user.is_some_and(User::has_kept_password)
        {
            fields.remove("password");
        }
        told
    }

    fn own_record(&self) -> Option<Value> {
        let user = self.state.users.get(self.caller_id()?)?;
        Some(json!(user.told()))
    }

    fn users_told(&self, ids: Option<&Value>) -> Vec<Fields> {
        let users = texts(ids).filter_map(|id| self.state.users.get(id));
        users.map(User::told).collect()
    }

    fn members(&self, arguments: &Value) -> Value {
        let code = arguments.get("code").and_then(Value::as_str);
        let group = code.and_then(|code| self.state.groups.find(code));
        json!({"group": group, "users": self.users_told(arguments.get("userIds"))})
    }

    fn permission(&self, arguments: &Value) -> Value {
        json!({
            "policyCodes": arguments.get("policies"),
            "targetType": arguments.get("targetType"),
            "userPoolId": self.pool.id,
            "targetIdentifiers": arguments.get("targetIdentifiers"),
            "namespace": arguments.get("namespace").filter(|value| !value.is_null()).unwrap_or(&json!("default")),
        })
    }

    /// Custom fields of users and roles, one event for each of these.
    fn values<'a>(&self, arguments: &Value, ids: impl Iterator<Item = &'a str>) -> Vec<Event> {
        let state = &self.state;
        let target = arguments.get("targetType").and_then(Value::as_str);
        let data = |kind: &str, name: &str, id: &str, of: Value| {
            json!({
                name: of,
                "udv": state.custom_fields.values(kind, id),
                "udf": state.custom_fields.definitions(kind).collect::<Vec<_>>(),
            })
        };
        let event = |id: &'a str| match target {
            Some("USER") => {
                let user = state.users.get(id).map(User::told);
                Some(("user:udv-changed", data("USER", "user", id, json!(user))))
            }
            Some("ROLE") => {
                let role: Option<&Role> = state.roles.by_id(Some(&json!(id)));
                Some(("role:udv-changed", data("ROLE", "role", id, json!(role))))
            }
            _ => None,
        };
        ids.filter_map(event).collect()
    }
}

impl Told {
    /// The user whom the operation is about.
    fn user_id(&self) -> Option<&str> {
        self.before.user().map(User::id)
    }
}

impl Before {
    fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => user.as_ref(),
            _ => None,
        }
    }

    fn users(&self) -> Vec<Fields> {
        match self {
            Self::User(user) => user.iter().map(User::told).collect(),
            Self::Users(users) => users.clone(),
            _ => Vec::new(),
        }
    }

    fn role_ids(&self) -> &[String] {
        match self {
            Self::RoleIds(ids) => ids,
            _ => &[],
        }
    }

    fn item(&self) -> Option<&Value> {
        match self {
            Self::Item(item) => Some(item),
            _ => None,
        }
    }
}

/// Both are told of everybody who is new, also of whom an administrator creates.
fn newcomer(user: &Value) -> Vec<Event> {
    vec![("register", user.clone()), ("user:created", user.clone())]
}

fn verified(user_id: Option<&str>, is_valid: bool, kind: &str) -> Event {
    let data = json!({"userId": user_id, "isValid": is_valid, "type": kind});
    ("mfa:verified", data)
}

/// An address that is verified now and was not before, or is another one.
fn email_verified(told: &Told, answer: &Value) -> Vec<Event> {
    let is_verified = |user: &Value| user.get("emailVerified") == Some(&json!(true));
    let email = answer.get("email").cloned().unwrap_or_default();
    let before = told.before.user();
    let was_verified =
        before.is_some_and(|user| user.is("emailVerified") && *user.get("email") == email);
    match is_verified(answer) && !was_verified {
        true => vec![(
            "user:email-verified",
            json!({"userId": answer.get("id"), "email": email}),
        )],
        false => Vec::new(),
    }
}

/// What was changed of a role or a group, by the names that they have in its record.
fn updates(arguments: &Value) -> Value {
    let given = |name: &str| arguments.get(name).cloned();
    let fields = [
        ("code", given("newCode").filter(is_given)),
        ("name", given("name").filter(is_given)),
        ("description", given("description")),
    ];
    let fields = fields.into_iter();
    fields
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect::<Fields>()
        .into()
}

fn holders(arguments: &Value) -> Value {
    let list = |name: &str| texts(arguments.get(name)).collect::<Vec<_>>();
    json!({"userIds": list("userIds"), "groupIds": list("groupCodes"), "nodeIds": []})
}

fn listed(arguments: &Value) -> Value {
    let list = |kind: &str| match arguments.get("type").and_then(Value::as_str) == Some(kind) {
        true => texts(arguments.get("list")).collect(),
        false => Vec::new(),
    };
    json!({"phones": list("PHONE"), "emails": list("EMAIL"), "usernames": list("USERNAME")})
}

fn is_given(value: &Value) -> bool {
    !value.is_null()
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str)
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
