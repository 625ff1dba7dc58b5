//! Who may do what, against the emulator over real sockets and both
//! transports.

use authing::v2::acl::{AclTarget, AuthorizeResourceOpt};
use authing::v2::policies::PolicyStatement;
use authing::v2::{AuthorizedResource, CreateUserInput, PolicyTargetType, ResourceType};
use authing::{Error, ErrorCode, ErrorKind, Page};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use serde_json::{Value, json};

both_transports!(
    a_user_may_do_what_it_is_granted,
    wildcards,
    roles_pass_on_what_they_are_granted,
    denials_win,
    assignments_that_are_off_do_not_count,
    namespaces_are_apart,
    resources_are_listed,
    targets_are_listed,
    refusals_leave_nothing_behind,
    whoever_does_not_exist,
    mistakes_are_found_before_anything_is_sent,
);

const NOBODY: [&str; 0] = [];

fn start(backend: Backend) -> (Emulator, Clients) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    (emulator, clients)
}

async fn user(clients: &Clients, username: &str) -> String {
    let input = CreateUserInput::new().username(username);
    clients.admin.users().create(input).await.unwrap().id
}

/// Creates what this file's subject does not offer.
async fn graphql(clients: &Clients, query: &str) {
    let answer = clients.admin.graphql::<Value>(query, json!({})).await;
    answer.unwrap();
}

async fn role(clients: &Clients, code: &str, parent: Option<&str>) {
    let parent = parent.map_or_else(String::new, |parent| format!(", parent: {parent:?}"));
    let query = format!("mutation {{ createRole(code: {code:?}{parent}) {{ code }} }}");
    graphql(clients, &query).await;
}

async fn is_allowed(clients: &Clients, user: &str, resource: &str, action: &str) -> bool {
    let acl = clients.admin.acl();
    acl.is_allowed(user, resource, action).await.unwrap()
}

fn codes(page: &Page<AuthorizedResource>) -> Vec<&str> {
    assert_eq!(page.total_count, page.list.len() as u64);
    page.list.iter().map(|one| one.code.as_str()).collect()
}

async fn a_user_may_do_what_it_is_granted(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let acl = clients.admin.acl();
    let (ann, bob) = (user(&clients, "ann").await, user(&clients, "bob").await);
    assert!(!is_allowed(&clients, &ann, "book:1", "book:read").await);
    let allow = acl.allow("book:1", "book:read", AclTarget::user(&ann));
    assert_eq!(allow.clone().await.unwrap().code, Some(200));
    allow.await.unwrap();
    for (who, resource, action, expected) in [
        (&ann, "book:1", "book:read", true),
        (&ann, "book:1", "book:edit", false),
        (&ann, "book:2", "book:read", false),
        // The order matters: resource, then action.
        (&ann, "book:read", "book:1", false),
        (&bob, "book:1", "book:read", false),
    ] {
        let allowed = is_allowed(&clients, who, resource, action).await;
        assert_eq!(allowed, expected, "{resource} {action}");
        assert!(!acl.is_denied(who, resource, action).await.unwrap());
    }
    let both = AclTarget::users([&ann, &bob]);
    acl.allow("door:1", "open", both).await.unwrap();
    for who in [&ann, &bob] {
        assert!(is_allowed(&clients, who, "door:1", "open").await);
    }
}

async fn wildcards(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let acl = clients.admin.acl();
    let bare = user(&clients, "bare").await;
    let error = acl
        .allow("book", "book:edit", AclTarget::user(&bare))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    for (number, (granted, asked, expected)) in [
        (("book:*", "book:edit"), ("book:1", "book:edit"), true),
        (("book:1", "book:*"), ("book:1", "book:edit"), true),
        (("book:*", "edit"), ("book:1", "edit"), true),
        (("book:*", "book:edit"), ("book:*", "book:edit"), true),
        (("book:1", "book:edit"), ("book:*", "book:edit"), false),
        (("book:*", "book:edit"), ("shelf:1", "book:edit"), false),
        (("*", "*"), ("书:一", "读"), true),
    ]
    .into_iter()
    .enumerate()
    {
        let who = user(&clients, &format!("user-{number}")).await;
        let allow = acl.allow(granted.0, granted.1, AclTarget::user(&who));
        allow.await.unwrap();
        let allowed = is_allowed(&clients, &who, asked.0, asked.1).await;
        assert_eq!(allowed, expected, "{granted:?} {asked:?}");
    }
}

async fn roles_pass_on_what_they_are_granted(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let acl = clients.admin.acl();
    let ann = user(&clients, "ann").await;
    role(&clients, "being", None).await;
    role(&clients, "clerk", Some("being")).await;
    role(&clients, "guest", None).await;
    let users = clients.admin.users();
    users.add_roles(&ann, ["clerk"]).await.unwrap();
    let allow = |resource: &'static str, to| acl.allow(resource, "use", to);
    allow("own:1", AclTarget::role("clerk")).await.unwrap();
    allow("parent:1", AclTarget::role("being")).await.unwrap();
    let many = AclTarget::roles(["guest", "clerk"]);
    allow("many:1", many).await.unwrap();
    allow("other:1", AclTarget::role("guest")).await.unwrap();
    for (resource, expected) in [
        ("own:1", true),
        ("parent:1", true),
        ("many:1", true),
        ("other:1", false),
    ] {
        let allowed = is_allowed(&clients, &ann, resource, "use").await;
        assert_eq!(allowed, expected, "{resource}");
    }
    users.remove_roles(&ann, ["clerk"]).await.unwrap();
    assert!(!is_allowed(&clients, &ann, "own:1", "use").await);
}

async fn denials_win(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let (acl, policies) = (clients.admin.acl(), clients.admin.policies());
    let ann = user(&clients, "ann").await;
    let all = acl.allow("book:*", "book:*", AclTarget::user(&ann));
    all.await.unwrap();
    let statements = [PolicyStatement::deny("book:1", ["book:edit"])];
    policies.create("careful", statements).await.unwrap();
    let to = PolicyTargetType::User;
    let assign = policies.add_assignments(["careful"], to, [&ann]);
    assign.await.unwrap();
    for (resource, action, allowed) in [
        ("book:1", "book:edit", false),
        ("book:1", "book:read", true),
        ("book:2", "book:edit", true),
    ] {
        let found = is_allowed(&clients, &ann, resource, action).await;
        assert_eq!(found, allowed, "{resource} {action}");
        let denied = acl.is_denied(&ann, resource, action).await.unwrap();
        assert_eq!(denied, !allowed, "{resource} {action}");
    }
    policies.delete("careful").await.unwrap();
    assert!(is_allowed(&clients, &ann, "book:1", "book:edit").await);
}

async fn assignments_that_are_off_do_not_count(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let policies = clients.admin.policies();
    let ann = user(&clients, "ann").await;
    graphql(
        &clients,
        "mutation { createGroup(code: \"staff\", name: \"Staff\") { code } }",
    )
    .await;
    let users = clients.admin.users();
    users.add_group(&ann, "staff").await.unwrap();
    let statements = [PolicyStatement::allow("book:*", ["read"])];
    policies.create("reader", statements).await.unwrap();
    let to = || PolicyTargetType::Group;
    let assign = policies.add_assignments(["reader"], to(), ["staff"]);
    assign.await.unwrap();
    let may_read = || is_allowed(&clients, &ann, "book:1", "read");
    assert!(may_read().await);
    let off = policies.disable_assignment("reader", to(), "staff");
    off.await.unwrap();
    assert!(!may_read().await);
    let on = policies.enable_assignment("reader", to(), "staff");
    on.await.unwrap();
    assert!(may_read().await);
    users.remove_group(&ann, "staff").await.unwrap();
    assert!(!may_read().await);
}

async fn namespaces_are_apart(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let acl = clients.admin.acl();
    let ann = user(&clients, "ann").await;
    let allow = acl.allow("book:1", "read", AclTarget::user(&ann));
    allow.namespace("shop").await.unwrap();
    assert!(!is_allowed(&clients, &ann, "book:1", "read").await);
    let ask = |namespace: &str| acl.is_allowed(&ann, "book:1", "read").namespace(namespace);
    assert!(ask("shop").await.unwrap());
    assert!(!ask("default").await.unwrap());
}

async fn resources_are_listed(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let acl = clients.admin.acl();
    let ann = user(&clients, "ann").await;
    role(&clients, "clerk", None).await;
    graphql(
        &clients,
        "mutation { createGroup(code: \"staff\", name: \"Staff\") { code } }",
    )
    .await;
    let users = clients.admin.users();
    users.add_roles(&ann, ["clerk"]).await.unwrap();
    users.add_group(&ann, "staff").await.unwrap();
    assert!(codes(&users.list_authorized_resources(&ann).await.unwrap()).is_empty());

    let user_may = AuthorizeResourceOpt::new(PolicyTargetType::User, &ann, ["read", "edit"]);
    let role_may = AuthorizeResourceOpt::new(PolicyTargetType::Role, "clerk", ["edit", "sort"]);
    let group_may = AuthorizeResourceOpt::new(PolicyTargetType::Group, "staff", ["open"]);
    let both = [user_may.clone(), role_may];
    acl.authorize_resource("book:*", both).await.unwrap();
    acl.authorize_resource("door", [group_may])
        .resource_type(ResourceType::Button)
        .await
        .unwrap();
    acl.authorize_resource("book:7", [user_may])
        .namespace("shop")
        .await
        .unwrap();

    let all = users.list_authorized_resources(&ann).await.unwrap();
    assert_eq!(codes(&all), ["book:*", "door", "book:7"]);
    assert_eq!(all.list[0].actions, ["read", "edit", "sort"]);
    assert_eq!(all.list[0].resource_type, Some(ResourceType::Data));
    let of_target = acl.list_authorized_resources(PolicyTargetType::User, &ann);
    assert_eq!(codes(&of_target.clone().await.unwrap()), codes(&all));
    let in_shop = of_target.clone().namespace("shop").await.unwrap();
    assert_eq!(codes(&in_shop), ["book:7"]);
    let buttons = of_target.resource_type(ResourceType::Button);
    assert_eq!(codes(&buttons.await.unwrap()), ["door"]);
    let in_default = users.list_authorized_resources(&ann).namespace("default");
    let data = in_default.resource_type(ResourceType::Data).await.unwrap();
    assert_eq!(codes(&data), ["book:*"]);

    let roles = clients.admin.roles();
    let of_role = roles.list_authorized_resources("clerk").await.unwrap();
    assert_eq!(codes(&of_role), ["book:*"]);
    assert_eq!(of_role.list[0].actions, ["edit", "sort"]);
    let groups = clients.admin.groups();
    let of_group = groups.list_authorized_resources("staff").await.unwrap();
    assert_eq!(codes(&of_group), ["door"]);
    let none = groups.list_authorized_resources("staff").namespace("shop");
    assert!(codes(&none.await.unwrap()).is_empty());
}

async fn targets_are_listed(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let acl = clients.admin.acl();
    let ann = user(&clients, "ann").await;
    role(&clients, "clerk", None).await;
    let targets = [
        AuthorizeResourceOpt::new(PolicyTargetType::User, &ann, ["read", "edit"]),
        AuthorizeResourceOpt::new(PolicyTargetType::Role, "clerk", ["read"]),
    ];
    acl.authorize_resource("book:*", targets).await.unwrap();
    let list = || acl.get_authorized_targets("default", ResourceType::Data, "book:1");
    let all = list().await.unwrap();
    assert_eq!((all.total_count, all.list.len()), (2, 2));
    assert_eq!(all.list[0].target_type, Some(PolicyTargetType::User));
    assert_eq!(all.list[0].target_identifier.as_deref(), Some(ann.as_str()));
    assert_eq!(all.list[0].actions, ["read", "edit"]);
    let roles = list().target_type(PolicyTargetType::Role).await.unwrap();
    assert_eq!(roles.total_count, 1);
    let both = list().with_all_actions(["read", "edit"]).await.unwrap();
    assert_eq!(both.total_count, 1);
    let any = list().with_any_action(["read", "sort"]).await.unwrap();
    assert_eq!(any.total_count, 2);
    let apis = acl.get_authorized_targets("default", ResourceType::Api, "book:1");
    assert_eq!(apis.await.unwrap().total_count, 0);
}

async fn refusals_leave_nothing_behind(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let acl = clients.admin.acl();
    let ann = user(&clients, "ann").await;
    let users = AclTarget::users([ann.as_str(), "nobody"]);
    let error = acl.allow("book:1", "read", users).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::USER_NOT_FOUND));
    let role = acl.allow("book:1", "read", AclTarget::role("nobody")).await;
    assert_eq!(role.unwrap_err().kind(), ErrorKind::Api);
    let targets = [
        AuthorizeResourceOpt::new(PolicyTargetType::User, &ann, ["read"]),
        AuthorizeResourceOpt::new(PolicyTargetType::Group, "nobody", ["read"]),
    ];
    let error = acl.authorize_resource("book:1", targets).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert!(!is_allowed(&clients, &ann, "book:1", "read").await);
    let users = clients.admin.users();
    assert!(codes(&users.list_authorized_resources(&ann).await.unwrap()).is_empty());
}

async fn whoever_does_not_exist(backend: Backend) {
    let (_emulator, clients) = start(backend);
    let (admin, acl) = (&clients.admin, clients.admin.acl());
    let missing = |error: Error| assert!(error.is_not_found(), "{error}");
    missing(acl.is_allowed("nobody", "a:1", "b").await.unwrap_err());
    missing(acl.is_denied("nobody", "a:1", "b").await.unwrap_err());
    let of_user = admin.users().list_authorized_resources("nobody");
    missing(of_user.await.unwrap_err());
    let of_group = admin.groups().list_authorized_resources("nobody");
    missing(of_group.await.unwrap_err());
    let of_role = admin.roles().list_authorized_resources("nobody");
    missing(of_role.await.unwrap_err());
    let of_target = acl.list_authorized_resources(PolicyTargetType::User, "nobody");
    missing(of_target.await.unwrap_err());
}

async fn mistakes_are_found_before_anything_is_sent(backend: Backend) {
    let (emulator, clients) = start(backend);
    let (admin, acl) = (&clients.admin, clients.admin.acl());
    let mistaken = |error: Error| assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    let ann = || AclTarget::user("u1");
    mistaken(acl.allow("", "read", ann()).await.unwrap_err());
    mistaken(acl.allow("book:1", "", ann()).await.unwrap_err());
    for nobody in [
        AclTarget::user(""),
        AclTarget::users(NOBODY),
        AclTarget::users(["u1", ""]),
        AclTarget::role(""),
        AclTarget::roles(NOBODY),
    ] {
        mistaken(acl.allow("book:1", "read", nobody).await.unwrap_err());
    }
    mistaken(acl.is_allowed("", "book:1", "read").await.unwrap_err());
    mistaken(acl.is_allowed("u1", "", "read").await.unwrap_err());
    mistaken(acl.is_denied("u1", "book:1", "").await.unwrap_err());
    let user = || PolicyTargetType::User;
    mistaken(acl.list_authorized_resources(user(), "").await.unwrap_err());
    mistaken(acl.authorize_resource("book", []).await.unwrap_err());
    let idle = AuthorizeResourceOpt::new(user(), "u1", NOBODY);
    mistaken(acl.authorize_resource("book", [idle]).await.unwrap_err());
    let whoever = AuthorizeResourceOpt::new(user(), "", ["read"]);
    mistaken(acl.authorize_resource("book", [whoever]).await.unwrap_err());
    let targets = |namespace: &str, resource: &str| {
        acl.get_authorized_targets(namespace, ResourceType::Data, resource)
    };
    mistaken(targets("", "book").await.unwrap_err());
    mistaken(targets("default", "").await.unwrap_err());
    let no_action = targets("default", "book").with_any_action(NOBODY);
    mistaken(no_action.await.unwrap_err());
    mistaken(
        admin
            .users()
            .list_authorized_resources("")
            .await
            .unwrap_err(),
    );
    mistaken(
        admin
            .groups()
            .list_authorized_resources("")
            .await
            .unwrap_err(),
    );
    mistaken(
        admin
            .roles()
            .list_authorized_resources("")
            .await
            .unwrap_err(),
    );
    assert_eq!(emulator.requests().len(), 0);
}
