use authing::v2::acl::{AclTarget, AuthorizeResourceOpt};
use authing::v2::{PolicyTargetType, ResourceType};
use serde_json::{Value, json};

use super::{Case, data, done, page};

pub(super) fn cases() -> Vec<Case> {
    [acl(), of_others()].concat()
}

fn resources() -> Value {
    page(json!({"code": "book:*", "type": "DATA", "actions": ["book:read", "edit"]}))
}

fn acl() -> Vec<Case> {
    let target = json!({"targetType": "USER", "targetIdentifier": "u1", "actions": ["book:read"]});
    vec![
        case!("management.acl.allow", data("allow", done()), shows: "done", |c| {
            let staff = AclTarget::roles(["staff", "guests"]);
            c.admin.acl().allow("book:*", "book:read", staff).namespace("shop")
        }),
        case!("management.acl.is_allowed", data("isActionAllowed", json!(true)), shows: "true", |c| {
            c.admin.acl().is_allowed("u1", "book:1", "book:read").namespace("shop")
        }),
        case!("management.acl.is_denied", data("isActionDenied", json!(false)), shows: "false", |c| {
            c.admin.acl().is_denied("u1", "book:1", "book:read")
        }),
        case!(
            "management.acl.list_authorized_resources",
            data("authorizedResources", resources()),
            shows: "book:*",
            |c| {
                c.admin
                    .acl()
                    .list_authorized_resources(PolicyTargetType::Role, "staff")
                    .namespace("shop")
                    .resource_type(ResourceType::Data)
            }
        ),
        case!(
            "management.acl.authorize_resource",
            data("authorizeResource", done()),
            shows: "done",
            |c| {
                let targets = [
                    AuthorizeResourceOpt::new(PolicyTargetType::User, "u1", ["book:read", "edit"]),
                    AuthorizeResourceOpt::new(PolicyTargetType::Group, "g1", ["book:*"]),
                ];
                c.admin
                    .acl()
                    .authorize_resource("book:1", targets)
                    .namespace("shop")
                    .resource_type(ResourceType::Button)
            }
        ),
        case!(
            "management.acl.get_authorized_targets",
            data("authorizedTargets", page(target)),
            shows: "u1",
            |c| {
                c.admin
                    .acl()
                    .get_authorized_targets("shop", ResourceType::Api, "book")
                    .target_type(PolicyTargetType::User)
                    .with_all_actions(["book:read", "edit"])
            }
        ),
    ]
}

fn of_others() -> Vec<Case> {
    let holder = || json!({"authorizedResources": resources()});
    vec![
        case!(
            "management.users.list_authorized_resources",
            data("user", holder()),
            shows: "book:*",
            |c| {
                c.admin
                    .users()
                    .list_authorized_resources("u1")
                    .namespace("shop")
                    .resource_type(ResourceType::Menu)
            }
        ),
        case!(
            "management.groups.list_authorized_resources",
            data("group", holder()),
            shows: "book:*",
            |c| {
                c.admin
                    .groups()
                    .list_authorized_resources("g1")
                    .namespace("shop")
                    .resource_type(ResourceType::Ui)
            }
        ),
        case!(
            "management.roles.list_authorized_resources",
            data("role", holder()),
            shows: "book:*",
            |c| {
                c.admin
                    .roles()
                    .list_authorized_resources("staff")
                    .namespace("shop")
                    .resource_type(ResourceType::Api)
            }
        ),
    ]
}
