//! From a seed to a world, by the same rules that hold for requests of an administrator.

use serde_json::{Value, json};

use super::model::{File, Group, Policy, Role, User};
use super::{Seed, SeedError};
use crate::context::{Address, Caller, Context};
use crate::dates::Moment;
use crate::graphql::Engine;
use crate::ids::{self, Source};
use crate::passwords::{Password, PasswordKey};
use crate::pool::{App, Pool};
use crate::users::{Fields, Origin, admit_as};
use crate::webhooks;
use crate::wording::Language;
use crate::world::{Several, Tenant, World};

/// Mistakes in a seed are told to whoever starts the emulator, as all that it says itself.
const LANGUAGE: Language = Language::English;

/// What stays the same for all pools.
#[derive(Clone, Copy)]
struct Tools<'a> {
    engine: &'a Engine,
    key: &'a PasswordKey,
    now: Moment,
    webhooks_anywhere: bool,
}

/// Which part of the seed it was, and what is wrong with it.
type Problem = (String, String);

impl Seed {
    /// Puts everything into the first pool of a world, and adds the others.
    pub(crate) fn apply(
        &self,
        world: &mut World,
        ids: &mut Source,
        engine: &Engine,
        key: &PasswordKey,
        now: Moment,
        webhooks_anywhere: bool,
    ) -> Result<(), SeedError> {
        let tools = Tools {
            engine,
            key,
            now,
            webhooks_anywhere,
        };
        let located = |(path, message)| SeedError::at(&self.text, path, message);
        fill(&mut world.tenants.first, &self.file, tools).map_err(located)?;
        for (index, file) in self.file.pools.iter().enumerate() {
            let mut tenant = Tenant::new(ids.split());
            fill(&mut tenant, file, tools)
                .map_err(|(path, message)| located((format!("pools[{index}].{path}"), message)))?;
            world.tenants.others.push(tenant);
        }
        world.check_names().map_err(|message| SeedError {
            line: None,
            path: String::new(),
            message,
        })
    }
}

fn fill(tenant: &mut Tenant, file: &File, tools: Tools<'_>) -> Result<(), Problem> {
    set_names(tenant, file);
    let Tenant { apps, state, ids } = tenant;
    let Several { first: pool, .. } = &*apps;
    ids::drawing_from(ids, || {
        let mut filling = Filling {
            tools,
            context: Context {
                pool,
                // No token is issued here.
                issuer: String::new(),
                key: tools.key,
                state,
                now: tools.now,
                caller: Caller::Administrator,
                bearer: None,
                address: Address::default(),
                language: LANGUAGE,
            },
        };
        filling.all(file)
    })
}

fn set_names(tenant: &mut Tenant, file: &File) {
    let pool = &mut tenant.apps.first;
    if let Some(id) = &file.pool.id {
        pool.id.clone_from(id);
    }
    if let Some(secret) = &file.pool.secret {
        pool.secret.clone_from(secret);
    }
    let pool = pool.clone();
    let ids = &mut tenant.ids;
    let views = file.apps.iter().enumerate().map(|(index, given)| {
        let mut app = match index {
            // The pool has one application already.
            0 => App {
                id: pool.app_id.clone(),
                secret: pool.app_secret.clone(),
                name: pool.app_name.clone(),
                oidc: pool.oidc.clone(),
            },
            _ => ids::drawing_from(ids, App::default),
        };
        given.clone().change(&mut app);
        pool.with_app(app)
    });
    let views: Vec<Pool> = views.collect();
    if let Ok(apps) = Several::try_from(views) {
        tenant.apps = apps;
    }
}

impl super::model::App {
    fn change(self, app: &mut App) {
        let oidc = &mut app.oidc;
        if let Some(method) = self.client_authentication {
            oidc.authentication = method;
        }
        if self.redirect_uris.is_some() {
            oidc.redirect_uris = self.redirect_uris;
        }
        if self.logout_redirect_uris.is_some() {
            oidc.logout_redirect_uris = self.logout_redirect_uris;
        }
        oidc.rs256_id_tokens |= self.rs256_id_tokens;
        if let Some(seconds) = self.access_token_life {
            oidc.access_token_life = std::time::Duration::from_secs(seconds);
        }
        app.id = self.id.unwrap_or_else(|| std::mem::take(&mut app.id));
        app.secret = self
            .secret
            .unwrap_or_else(|| std::mem::take(&mut app.secret));
        app.name = self.name.unwrap_or_else(|| std::mem::take(&mut app.name));
    }
}

/// Carries out a seed in one pool.
struct Filling<'a> {
    tools: Tools<'a>,
    context: Context<'a>,
}

impl Filling<'_> {
    /// What others refer to comes first.
    fn all(&mut self, file: &File) -> Result<(), Problem> {
        if !file.settings.is_empty() {
            let document = "mutation settings($input: UpdateUserpoolInput!) { updateUserpool(input: $input) { id } }";
            self.run("settings", document, json!({"input": file.settings}))?;
        }
        for (index, field) in file.custom_fields.iter().enumerate() {
            let label = field.label.as_ref().unwrap_or(&field.key);
            let document = "mutation setUdf($targetType: UDFTargetType!, $key: String!, $dataType: UDFDataType!, $label: String!) {
                setUdf(targetType: $targetType, key: $key, dataType: $dataType, label: $label) { key }
            }";
            let variables = json!({
                "targetType": format!("{:?}", field.target_type).to_uppercase(),
                "key": field.key,
                "dataType": format!("{:?}", field.data_type).to_uppercase(),
                "label": label,
            });
            self.run(&format!("customFields[{index}]"), document, variables)?;
        }
        for (kind, values) in [
            ("USERNAME", &file.whitelist.usernames),
            ("EMAIL", &file.whitelist.emails),
            ("PHONE", &file.whitelist.phones),
        ] {
            let document = "mutation whitelist($type: WhitelistType!, $list: [String!]!) {
                addWhitelist(type: $type, list: $list) { value }
            }";
            if !values.is_empty() {
                let variables = json!({"type": kind, "list": values});
                self.run("whitelist", document, variables)?;
            }
        }
        for (index, policy) in file.policies.iter().enumerate() {
            self.policy(&format!("policies[{index}]"), policy)?;
        }
        for (index, role) in file.roles.iter().enumerate() {
            self.role(&format!("roles[{index}]"), role)?;
        }
        for (index, group) in file.groups.iter().enumerate() {
            self.group(&format!("groups[{index}]"), group)?;
        }
        for (index, user) in file.users.iter().enumerate() {
            let path = || format!("users[{index}]");
            self.user(user).map_err(|message| (path(), message))?;
        }
        if let Some(webhook) = &file.webhook {
            webhooks::check(webhook, self.tools.webhooks_anywhere)
                .map_err(|error| ("webhook".to_owned(), error.to_string()))?;
            self.context.state.webhooks.set(Some(webhook.clone()));
        }
        Ok(())
    }

    fn policy(&mut self, path: &str, policy: &Policy) -> Result<(), Problem> {
        let statements: Vec<_> = policy
            .statements
            .iter()
            .map(|own| {
                json!({
                    "resource": own.resource,
                    "actions": own.actions,
                    "effect": format!("{:?}", own.effect).to_uppercase(),
                })
            })
            .collect();
        let document = "mutation policy($namespace: String, $code: String!, $description: String, $statements: [PolicyStatementInput!]!) {
            createPolicy(namespace: $namespace, code: $code, description: $description, statements: $statements) { code }
        }";
        let variables = json!({
            "namespace": policy.namespace,
            "code": policy.code,
            "description": policy.description,
            "statements": statements,
        });
        self.run(path, document, variables)
    }

    fn role(&mut self, path: &str, role: &Role) -> Result<(), Problem> {
        let document = "mutation role($namespace: String, $code: String!, $description: String, $parent: String) {
            createRole(namespace: $namespace, code: $code, description: $description, parent: $parent) { id }
        }";
        let variables = json!({
            "namespace": role.namespace,
            "code": role.code,
            "description": role.description,
            "parent": role.parent,
        });
        self.run(path, document, variables)?;
        let namespace = role.namespace.as_deref();
        self.assign_policies(&role.policies, namespace, "ROLE", &role.code)
            .map_err(|message| (path.to_owned(), message))
    }

    fn group(&mut self, path: &str, group: &Group) -> Result<(), Problem> {
        let document = "mutation group($code: String!, $name: String!, $description: String) {
            createGroup(code: $code, name: $name, description: $description) { code }
        }";
        let variables = json!({
            "code": group.code,
            "name": group.name.as_ref().unwrap_or(&group.code),
            "description": group.description,
        });
        self.run(path, document, variables)?;
        self.assign_roles(&group.roles, "groupCodes", &group.code)
            .map_err(|message| (path.to_owned(), message))
    }

    fn user(&mut self, user: &User) -> Result<(), String> {
        let mut fields: Fields = user
            .texts()
            .map(|(name, text)| (camel_case(name), json!(text)))
            .collect();
        for (name, value) in [
            ("blocked", user.blocked),
            ("emailVerified", user.email_verified),
            ("phoneVerified", user.phone_verified),
        ] {
            fields.insert(name.to_owned(), json!(value));
        }
        let data = user.custom_data.iter();
        let data: Vec<_> = data
            .map(|(key, value)| json!({"key": key, "value": value}))
            .collect();
        let password = user.password.as_deref().map(Password::salted);
        let given = user.id.as_deref();
        let data = json!(data).to_string();
        let id = admit_as(
            given,
            &mut self.context,
            fields,
            password,
            Origin::Administrator,
            Some(&data),
        )
        .map_err(|refusal| refusal.message(LANGUAGE))?;
        if user.reset_password_on_first_login {
            let user = self.context.state.users.require_mut(&id);
            user.map_err(|refusal| refusal.message(LANGUAGE))?
                .must_set_password = true;
        }
        self.assign_roles(&user.roles, "userIds", &id)?;
        self.assign_policies(&user.policies, None, "USER", &id)?;
        for code in &user.groups {
            let document = "mutation join($ids: [String!]!, $code: String) {
                addUserToGroup(userIds: $ids, code: $code) { code }
            }";
            self.ask(document, json!({"ids": [id], "code": code}))?;
        }
        Ok(())
    }

    fn assign_roles(&mut self, codes: &[String], to: &str, id: &str) -> Result<(), String> {
        if codes.is_empty() {
            return Ok(());
        }
        let document =
            "mutation assign($codes: [String], $userIds: [String!], $groupCodes: [String!]) {
            assignRole(roleCodes: $codes, userIds: $userIds, groupCodes: $groupCodes) { code }
        }";
        self.ask(document, json!({"codes": codes, to: [id]}))
    }

    fn assign_policies(
        &mut self,
        codes: &[String],
        namespace: Option<&str>,
        kind: &str,
        id: &str,
    ) -> Result<(), String> {
        if codes.is_empty() {
            return Ok(());
        }
        let document = "mutation assign($policies: [String!]!, $kind: PolicyAssignmentTargetType!, $ids: [String!], $namespace: String) {
            addPolicyAssignments(policies: $policies, targetType: $kind, targetIdentifiers: $ids, namespace: $namespace) { code }
        }";
        let variables =
            json!({"policies": codes, "kind": kind, "ids": [id], "namespace": namespace});
        self.ask(document, variables)
    }

    fn run(&mut self, path: &str, document: &str, variables: Value) -> Result<(), Problem> {
        self.ask(document, variables)
            .map_err(|message| (path.to_owned(), message))
    }

    /// Carries out a mutation as the administrator; what it answers if it is refused.
    fn ask(&mut self, document: &str, variables: Value) -> Result<(), String> {
        let context = Context {
            pool: self.context.pool,
            // No token is issued here.
            issuer: String::new(),
            key: self.context.key,
            state: self.context.state,
            now: self.context.now,
            caller: Caller::Administrator,
            bearer: None,
            address: Address::default(),
            language: LANGUAGE,
        };
        let body = self.tools.engine.run(document, variables, context);
        let message = body.pointer("/errors/0/message");
        match message.map(|message| message.get("message").unwrap_or(message)) {
            None => Ok(()),
            Some(Value::String(text)) => Err(text.clone()),
            Some(other) => Err(other.to_string()),
        }
    }
}

/// `phone_country_code` is `phoneCountryCode` in the API.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_become_those_of_the_api() {
        for (name, own) in [
            ("email", "email"),
            ("phone_country_code", "phoneCountryCode"),
        ] {
            assert_eq!(super::camel_case(name), own);
        }
    }
}
