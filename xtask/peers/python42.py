"""What can be done with the Python package `authing` 4.2.0: all but its known mistakes."""

import datetime

from authing.v2.authentication import AuthenticationClient, AuthenticationClientOptions
from authing.v2.management import ManagementClient, ManagementClientOptions
from steps import APP, HOST, KEY, POOL, SECRET, Client, code_sent_to, skip


def management(secret=SECRET):
    options = ManagementClientOptions(POOL, secret, host=HOST, enc_public_key=KEY)
    # The client reads this before each call and sets it nowhere.
    options.app_id = None
    return Client("management", ManagementClient(options))


def authentication(token=None):
    return Client(
        "authentication",
        AuthenticationClient(
            AuthenticationClientOptions(
                app_id=APP, user_pool_id=POOL, host=HOST, enc_public_key=KEY, access_token=token
            )
        ),
    )


def ids(users):
    return [user["id"] for user in users]


def registration_and_login():
    user = authentication()
    ann = user.call(
        "register_by_username",
        "ann",
        "secret-1",
        profile={"nickname": "Ann"},
        force_login=True,
        check=lambda ann: ann["nickname"] == "Ann" and ann["token"],
    )
    user.refused(2026, "register_by_username", "ann", "secret-1")
    user.call("get_current_user", check=lambda now: now["id"] == ann["id"])
    user.call("check_login_status", check=lambda status: status["code"] == 200)
    user.call("update_profile", {"nickname": "Annie"}, check=lambda now: now["nickname"] == "Annie")
    user.refused(2225, "update_profile", {"email": "ann@example.com"})
    user.refused(2203, "update_password", "secret-2", "wrong")
    user.call("update_password", "secret-2", "secret-1", check=lambda now: now["id"] == ann["id"])

    user = authentication()
    user.refused(2006, "login_by_username", "ann", "secret-1")
    user.refused(2004, "login_by_username", "nobody", "secret-1")
    ann = user.call("login_by_username", "ann", "secret-2", check=lambda ann: ann["loginsCount"] == 2)
    user.call("refresh_token", check=lambda new: new["exp"] - new["iat"] == 14 * 86400)
    token = ann["token"]
    user.call("logout")
    # It tells the server that the token has expired, and forgets it; the server does not take it back.
    user.call("check_login_status", token, check=lambda status: status["status"] is True)
    user.refused(2020, "get_current_user")
    user.refused(2020, "get_current_user", token="made.up.token")

    user = authentication()
    user.call("register_by_email", "Bob@Example.com", "secret-1", check=lambda bob: bob["email"] == "bob@example.com")
    user.refused(2204, "register_by_email", "no-address", "secret-1")
    user.refused(2006, "login_by_email", "bob@example.com", "wrong")
    user.call("login_by_email", "bob@example.com", "secret-1", check=lambda bob: bob["token"])
    user.call("login_by_username", "new", "secret-1", auto_register=True, check=lambda new: new["username"] == "new")


def codes():
    user = authentication()
    phone, other = "13800000001", "13800000002"
    user.call("send_sms_code", phone, check=lambda sent: sent["code"] == 200)
    user.refused(2001, "register_by_phone_code", phone, "0")
    user.call(
        "register_by_phone_code",
        phone,
        code_sent_to(phone),
        password="secret-1",
        check=lambda new: new["phone"] == phone,
    )
    user.call("send_sms_code", phone)
    user.call("login_by_phone_code", phone, code_sent_to(phone), check=lambda cas: cas["token"])
    # A code is good once.
    user.refused(2001, "login_by_phone_code", phone, code_sent_to(phone))
    user.call("login_by_phone_password", phone, "secret-1", check=lambda cas: cas["token"])
    user.call("send_sms_code", phone)
    user.refused(2001, "reset_password_by_phone_code", phone, "0", "secret-2")
    user.call("reset_password_by_phone_code", phone, code_sent_to(phone), "secret-2", check=lambda done: done["code"] == 200)
    user.call("login_by_phone_password", phone, "secret-2", check=lambda cas: cas["token"])

    user.call("send_sms_code", phone)
    user.call("send_sms_code", other)
    user.refused(500, "update_phone", other, code_sent_to(other))
    user.call(
        "update_phone",
        other,
        code_sent_to(other),
        phone,
        code_sent_to(phone),
        check=lambda cas: cas["phone"] == other,
    )
    user.refused(2217, "unbind_phone")
    skip("authentication.update_email", "this version sends the document of updatePhone")

    user = authentication()
    user.call("login_by_username", "ann", "secret-2")
    user.call("send_sms_code", phone)
    user.refused(500, "bind_phone", phone, "0")
    user.call("bind_phone", phone, code_sent_to(phone), check=lambda ann: ann["phone"] == phone)
    user.call("unbind_phone", check=lambda ann: ann["phone"] is None)

    user.call("send_email", "bob@example.com", "RESET_PASSWORD", check=lambda sent: sent["code"] == 200)
    user.refused(2080, "send_email", "bob@example.com", "RESET_PASSWORD")
    code = code_sent_to("bob@example.com")
    user.refused(2001, "reset_password_by_email_code", "bob@example.com", "0", "secret-2")
    user.call("reset_password_by_email_code", "bob@example.com", code, "secret-2")
    user.call("login_by_email", "bob@example.com", "secret-2", check=lambda bob: bob["token"])


def users():
    admin = management()
    management("wrong").refused(1001, "users.list")
    ann = admin.call(
        "users.create",
        {"username": "zoe", "password": "secret-1", "company": "Acme"},
        check=lambda zoe: zoe["company"] == "Acme" and zoe["registerSource"] == ["import:manual"],
    )
    bob = admin.call("users.create", {"email": "yan@example.com"}, check=lambda yan: yan["password"] is None)
    admin.refused(2026, "users.create", {"username": "zoe"})
    admin.refused(2231, "users.create", {"nickname": "nobody"})
    admin.call("users.list", 1, 2, check=lambda page: len(page["list"]) == 2 and page["totalCount"] > 2)
    admin.call("users.list", 900, 10, check=lambda page: page["list"] == [])
    admin.call("users.update", ann["id"], {"nickname": "Z"}, check=lambda zoe: zoe["nickname"] == "Z")
    admin.refused(2004, "users.update", "0" * 24, {"nickname": "Z"})
    admin.call("users.detail", ann["id"], check=lambda zoe: zoe["nickname"] == "Z")
    admin.call("users.detail", "0" * 24, check=lambda nobody: nobody is None)
    admin.call("users.find", username="zoe", check=lambda zoe: zoe["id"] == ann["id"])
    admin.call("users.find", email="nobody@example.com", check=lambda nobody: nobody is None)
    admin.call("users.search", "yan@", check=lambda page: ids(page["list"]) == [bob["id"]])
    admin.call("users.batch", [bob["id"], "0" * 24], check=lambda some: ids(some) == [bob["id"]])
    admin.call("users.refresh_token", ann["id"], check=lambda new: new["token"])
    new = admin.call("users.refresh_token", ann["id"])
    admin.call("check_login_status", new["token"], check=lambda status: status["data"]["id"] == ann["id"])
    admin.call("_get_userpool_detail", check=lambda pool: pool["id"] == POOL and pool["secret"] == SECRET)
    user = authentication(new["token"])
    user.call("get_current_user", check=lambda zoe: zoe["id"] == ann["id"])
    admin.call("users.delete", ann["id"], check=lambda done: done["code"] == 200)
    user.refused(2020, "get_current_user", token=new["token"])
    admin.call("users.delete_many", [bob["id"]])
    admin.refused(2210, "users.delete", bob["id"])
    return admin


def roles_and_groups(admin):
    ann = admin.call("users.find", username="ann")
    admin.call("roles.create", "clerk", "A clerk", check=lambda role: role["code"] == "clerk")
    admin.call("roles.create", "chief", check=lambda role: role["description"] is None)
    admin.refused(500, "roles.create", "clerk")
    admin.refused(500, "roles.create", "not a code")
    skip("management.roles.create: parent", "this version sends it under another name than its document has")
    admin.call("roles.list", check=lambda page: page["totalCount"] == 2)
    admin.call("roles.detail", "clerk", check=lambda role: role["description"] == "A clerk")
    admin.call("roles.update", "chief", "The chief", "boss", check=lambda role: role["code"] == "boss")
    admin.call("roles.detail", "chief", check=lambda role: role is None)
    admin.call("roles.add_users", "clerk", [ann["id"]], check=lambda done: done["code"] == 200)
    admin.refused(2004, "roles.add_users", "clerk", ["0" * 24])
    admin.call("roles.list_users", "clerk", check=lambda page: ids(page["list"]) == [ann["id"]])
    admin.call("users.list_roles", ann["id"], check=lambda page: page["list"][0]["code"] == "clerk")
    admin.call("users.remove_roles", ann["id"], ["clerk"])
    admin.call("users.add_roles", ann["id"], ["clerk", "boss"])
    admin.call("users.list_roles", ann["id"], check=lambda page: page["totalCount"] == 2)
    admin.call("roles.remove_users", "boss", [ann["id"]])
    admin.call("roles.list_users", "boss", check=lambda page: page["totalCount"] == 0)

    # Groups cannot be made with this version.
    admin.call("users.list_groups", ann["id"], check=lambda page: page["list"] == [])
    admin.refused(500, "users.add_group", ann["id"], "nowhere")
    admin.refused(500, "users.remove_group", ann["id"], "nowhere")
    return ann


def policies_and_access(admin, ann):
    statements = [{"resource": "book:*", "actions": ["book:read"], "effect": "ALLOW"}]
    denial = [{"resource": "book:9", "actions": ["*"], "effect": "DENY"}]
    admin.call("policies.create", "reader", statements, check=lambda policy: policy["code"] == "reader")
    admin.call("policies.create", "spare", statements, "To be deleted")
    admin.refused(500, "policies.create", "reader", statements)
    admin.call("policies.list", check=lambda page: page["totalCount"] == 3)
    admin.call("policies.detail", "reader", check=lambda policy: policy["statements"][0]["resource"] == "book:*")
    admin.call("policies.update", "reader", statements + denial, check=lambda policy: len(policy["statements"]) == 2)
    admin.call("acl.is_allowed", ann["id"], "book:read", "book:1", check=lambda yes: yes is False)
    admin.call("policies.add_assignments", ["reader"], "USER", [ann["id"]])
    admin.call("acl.is_allowed", ann["id"], "book:read", "book:1", check=lambda yes: yes is True)
    admin.call("acl.is_allowed", ann["id"], "book:read", "book:9", check=lambda yes: yes is False)
    admin.call("policies.list_assignments", "reader", check=lambda page: page["totalCount"] == 1)
    admin.call("users.list_policies", ann["id"], check=lambda page: page["list"][0]["code"] == "reader")
    admin.call("policies.remove_assignments", ["reader"], "USER", [ann["id"]])
    admin.call("users.add_policies", ann["id"], ["spare"])
    admin.call("users.remove_policies", ann["id"], ["spare"])
    admin.call("roles.add_policies", "clerk", ["reader"])
    admin.call("roles.list_policies", "clerk", check=lambda page: page["totalCount"] == 1)
    admin.call("acl.is_allowed", ann["id"], "book:read", "book:1", check=lambda yes: yes is True)
    admin.call("roles.remove_policies", "clerk", ["reader"])
    admin.call("policies.delete", "spare")
    admin.call("policies.detail", "spare", check=lambda policy: policy is None)
    admin.call("policies.delete_many", ["reader"])
    admin.refused(500, "policies.delete", "reader")

    admin.call("acl.allow", "shelf:1", "edit", userId=ann["id"], check=lambda done: done["code"] == 200)
    admin.call("acl.is_allowed", ann["id"], "edit", "shelf:1", check=lambda yes: yes is True)
    admin.refused(500, "acl.allow", "shelf", "edit", userId=ann["id"])
    admin.call("acl.allow", "shelf:*", "dust", role="clerk")
    admin.call("acl.is_allowed", ann["id"], "dust", "shelf:7", check=lambda yes: yes is True)
    admin.refused(2004, "acl.is_allowed", "0" * 24, "edit", "shelf:1")
    admin.call("roles.delete", "clerk")
    admin.call("roles.delete_many", ["boss"])
    admin.refused(500, "roles.delete", "clerk")
    admin.call("acl.is_allowed", ann["id"], "dust", "shelf:7", check=lambda yes: yes is False)


def custom_fields(admin, ann):
    for key, kind in [("age", "NUMBER"), ("vip", "BOOLEAN"), ("born", "DATETIME"), ("school", "STRING")]:
        admin.call("udf.set", "USER", key, kind, key.title(), check=lambda field: field["key"] == key)
    admin.call("udf.list", "USER", check=lambda fields: len(fields) == 4)
    born = datetime.datetime(1999, 5, 1, 12, 30)
    admin.call("users.set_udv", ann["id"], "age", 30)
    admin.call("users.set_udv", ann["id"], "vip", False)
    admin.refused(500, "users.set_udv", ann["id"], "unknown", 1)
    admin.refused(500, "users.set_udv", ann["id"], "age", "thirty")

    def values(listed):
        return {value["key"]: value["value"] for value in listed}

    admin.call("users.list_udv", ann["id"], check=lambda all: values(all) == {"age": 30, "vip": False})
    admin.call("users.remove_udv", ann["id"], "vip")
    user = authentication()
    user.call("login_by_username", "ann", "secret-2")
    user.call("set_udv", "born", born, check=lambda all: values(all)["born"] == born)
    user.call("set_udv", "school", "Example", check=lambda all: values(all)["school"] == "Example")
    user.call("list_udv", check=lambda all: values(all) == {"age": 30, "born": born, "school": "Example"})
    user.call("remove_udv", "age", check=lambda all: "age" not in values(all))
    admin.call("udf.remove", "USER", "age")
    admin.refused(500, "udf.remove", "USER", "age")


registration_and_login()
codes()
ADMIN = users()
ANN = roles_and_groups(ADMIN)
policies_and_access(ADMIN, ANN)
custom_fields(ADMIN, ANN)
