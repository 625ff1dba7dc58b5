// What can be done with the npm package `authing-js-sdk` 4.23: all that the emulator has, but its known mistakes.

const { AuthenticationClient, ManagementClient } = require("authing-js-sdk");
const { Client, codeSentTo, reason, redirectOf, signIn, skip, tell, totp } = require("./steps.cjs");

const {
  AUTHING_HOST: host,
  AUTHING_USERPOOL_ID: userPoolId,
  AUTHING_USERPOOL_SECRET: poolSecret,
  AUTHING_APP_ID: appId,
  AUTHING_APP_SECRET: appSecret,
} = process.env;

const nobody = "0".repeat(24);
const ids = (users) => users.map((user) => user.id).join();

// Without a public key, so that both ask the server for it.
const management = (secret = poolSecret) =>
  new Client("management", new ManagementClient({ host, userPoolId, secret }));

const authentication = (options = {}) =>
  new Client("authentication", new AuthenticationClient({ appHost: host, appId, ...options }));

async function loggedIn(name, password = "secret-1") {
  const user = authentication();
  await user.call("loginByUsername", [name, password], (found) => found.token);
  return user;
}

async function users(admin) {
  await management("wrong").refused(1001, "users.list");
  await admin.call("udf.set", ["USER", "age", "NUMBER", "Age"], (field) => field.dataType === "NUMBER");
  await admin.call("udf.set", ["USER", "school", "STRING", "School"]);
  await admin.call("udf.set", ["ROLE", "floor", "NUMBER", "Floor"]);
  await admin.call("udf.list", ["USER"], (fields) => fields.length === 2);
  const ann = await admin.call(
    "users.create",
    [{ username: "ann", password: "secret-1" }],
    (ann) => ann.registerSource[0] === "import:manual",
  );
  const identity = { provider: "wechat", userIdInIdp: "w1", isSocial: true };
  const bob = await admin.call(
    "users.create",
    [{ email: "Bob@example.com" }, { identity }],
    (bob) => bob.email === "bob@example.com",
  );
  await admin.refused(2026, "users.create", [{ username: "ann" }]);
  await admin.refused(2231, "users.create", [{ nickname: "no name" }]);
  await admin.call("users.list", [1, 1], (page) => ids(page.list) === bob.id && page.totalCount === 2);
  await admin.call("users.list", [1, 10, { withCustomData: true }], (page) => page.list.length === 2);
  await admin.call("users.update", [ann.id, { nickname: "Annie" }], (ann) => ann.nickname === "Annie");
  await admin.refused(2004, "users.update", [nobody, { nickname: "Annie" }]);
  await admin.call("users.detail", [ann.id], (found) => found.nickname === "Annie");
  await admin.call("users.detail", [nobody], (found) => found === null);
  await admin.call("users.find", [{ username: "ann" }], (found) => found.id === ann.id);
  await admin.call("users.find", [{ identity: { provider: "wechat", userIdInIdp: "w1" } }], (found) => found.id === bob.id);
  await admin.call("users.find", [{ username: "nobody" }], (found) => found === null);
  await admin.call("users.search", ["ann"], (page) => ids(page.list) === ann.id);
  await admin.call("users.search", ["ann", { fields: ["email"] }], (page) => page.totalCount === 0);
  await admin.call("users.batch", [[ann.id, nobody]], (some) => ids(some) === ann.id);
  await admin.call("users.batch", [["bob@example.com"], { queryField: "email" }], (some) => ids(some) === bob.id);
  await admin.call("users.exists", [{ username: "ann" }], (yes) => yes === true);
  await admin.call("users.exists", [{ phone: "13900000000" }], (yes) => yes === false);
  await admin.call("users.listArchivedUsers", [1, 10], (page) => page.totalCount === 0);
  await admin.call("users.listOrgs", [ann.id], (trees) => trees.length === 0);
  await admin.call("users.listDepartment", [ann.id], (page) => page.totalCount === 0);
  await admin.call("users.setUdfValue", [ann.id, { age: 31, school: "Example" }]);
  await admin.refused(500, "users.setUdfValue", [ann.id, { age: "old" }]);
  await admin.call("users.getUdfValue", [ann.id], (values) => values.age === 31 && values.school === "Example");
  await admin.call("users.setUdfValueBatch", [[{ userId: bob.id, data: { age: 40 } }]]);
  await admin.call("users.getUdfValueBatch", [[ann.id, bob.id]], (all) => all[bob.id].age === 40);
  await admin.call("users.removeUdfValue", [ann.id, "age"]);
  await admin.call("udf.setUdvBatch", ["USER", ann.id, [{ key: "age", value: 32 }]]);
  await admin.call("udf.listUdv", ["USER", ann.id], (values) => values.length === 2);
  await admin.call("users.refreshToken", [ann.id], (fresh) => fresh.token);
  const account = { userId: ann.id, isSocial: true, identifier: "github", extIdpId: "i1", type: "oauth2" };
  await admin.call("users.linkIdentity", [{ ...account, userIdInIdp: "g1" }]);
  await admin.call("users.unlinkIdentity", [account]);
  await admin.call("users.unlinkIdentity", [account], (answer) => answer.code === 500);
  await admin.call("sendEmail", ["bob@example.com", "VERIFY_EMAIL"], (sent) => sent.code === 200);
  await admin.call("sendEmail", ["no-address", "RESET_PASSWORD"], (sent) => sent.code === 200);
  await admin.refused(2204, "sendEmail", ["no-address", "VERIFY_EMAIL"]);
  await admin.refused(500, "users.create", [{ username: "dee", lastLogin: String(Date.now()) }]);
  const dee = await admin.call("users.create", [{ email: "No-Address" }], (dee) => dee.email === "no-address");
  await admin.call("users.delete", [dee.id]);
  await admin.call("users.sendFirstLoginVerifyEmail", [{ userId: bob.id, appId }]);

  let user = await loggedIn("ann");
  const token = user.client.tokenProvider.getToken();
  await admin.call("checkLoginStatus", [token], (status) => status.id === ann.id);
  await admin.call("users.checkLoginStatus", [ann.id, appId], (status) => status.isLogin === true);
  await admin.call("users.listUserActions", [], (page) => page.totalCount > 0);
  await admin.call("users.kick", [[ann.id]]);
  await user.call("getCurrentUser", [], (gone) => gone === null);
  await user.call("checkLoginStatus", [token], (status) => status.code === 2206);
  user = await loggedIn("ann");
  await admin.call("users.logout", [{ userId: ann.id, appId }]);
  await admin.call("users.logout", [{ userId: nobody, appId }]);
  await user.call("getCurrentUser", [], (gone) => gone === null);
  await admin.call("users.delete", [bob.id], (done) => done.code === 200);
  await admin.refused(2210, "users.deleteMany", [[bob.id]]);
  await admin.refused(501, "users.filter");
  return ann;
}

async function rolesAndGroups(admin, ann) {
  const role = await admin.call("roles.create", ["clerk", "A clerk"], (role) => role.code === "clerk");
  await admin.call("roles.create", ["clerk", "Another", "shop"], (role) => role.namespace === "shop");
  await admin.call("roles.create", ["spare"]);
  await admin.refused(500, "roles.create", ["clerk"]);
  await admin.call("roles.list", [{ namespace: "shop" }], (page) => page.totalCount === 1);
  await admin.call("roles.detail", ["clerk"], (found) => found.id === role.id);
  await admin.call("roles.findByCode", ["unknown"], (found) => found === null);
  await admin.call("roles.update", ["clerk", { description: "The clerk" }], (found) => found.description === "The clerk");
  await admin.call("roles.addUsers", ["clerk", [ann.id]], (done) => done.code === 200);
  await admin.refused(2004, "roles.addUsers", ["clerk", [nobody]]);
  await admin.call("roles.listUsers", ["clerk"], (page) => ids(page.list) === ann.id);
  await admin.call("users.listRoles", [ann.id, "default"], (page) => page.totalCount === 1);
  await admin.call("users.hasRole", [ann.id, "clerk"], (yes) => yes === true);
  await admin.call("users.hasRole", [ann.id, "spare"], (yes) => yes === false);
  await admin.call("users.addRoles", [ann.id, ["spare"]]);
  await admin.call("users.removeRoles", [ann.id, ["spare"]]);
  await admin.call("roles.removeUsers", ["spare", [ann.id]]);
  await admin.call("roles.setUdfValue", [role.id, { floor: 3 }]);
  await admin.call("roles.getUdfValue", [role.id], (values) => values.floor === 3);
  await admin.call("roles.getSpecificUdfValue", [role.id, "floor"], (value) => value.floor === 3);
  await admin.call("roles.setUdfValueBatch", [[{ roleId: role.id, data: { floor: 4 } }]]);
  await admin.call("roles.getUdfValueBatch", [[role.id]], (all) => all[role.id].floor === 4);
  await admin.call("roles.removeUdfValue", [role.id, "floor"]);

  await admin.call("groups.create", ["staff", "Staff"], (group) => group.name === "Staff");
  await admin.refused(500, "groups.create", ["staff", "Staff"]);
  await admin.call("groups.list", [], (page) => page.totalCount === 1);
  await admin.call("groups.update", ["staff", { name: "All staff" }], (group) => group.name === "All staff");
  await admin.call("groups.detail", ["staff"], (group) => group.name === "All staff");
  await admin.call("groups.detail", ["unknown"], (group) => group === null);
  await admin.call("groups.addUsers", ["staff", [ann.id]]);
  await admin.refused(2004, "groups.addUsers", ["staff", [nobody]]);
  await admin.call("groups.listUsers", ["staff"], (page) => ids(page.list) === ann.id);
  await admin.call("users.listGroups", [ann.id], (page) => page.totalCount === 1);
  await admin.call("groups.removeUsers", ["staff", [ann.id]]);
  await admin.call("users.addGroup", [ann.id, "staff"]);
  await admin.call("users.removeGroup", [ann.id, "staff"]);
  await admin.call("groups.listAuthorizedResources", ["staff", "default"], (page) => page.totalCount === 0);
  await admin.refused(500, "groups.delete", ["unknown"]);
  await admin.call("groups.deleteMany", [["staff"]]);
}

async function policiesAndAccess(admin, ann) {
  const statements = [{ resource: "book:*", actions: ["book:read"], effect: "ALLOW" }];
  const may = (action, resource) => [ann.id, resource, action];
  await admin.call("policies.create", [{ code: "reader", statements }], (policy) => policy.code === "reader");
  await admin.refused(500, "policies.create", [{ code: "reader", statements }]);
  await admin.call("policies.list", [], (page) => page.totalCount === 2);
  await admin.call("policies.update", ["reader", { description: "Reads" }], (policy) => policy.description === "Reads");
  await admin.call("policies.detail", ["reader"], (policy) => policy.statements[0].resource === "book:*");
  await admin.call("policies.addAssignments", [["reader"], "USER", [ann.id]]);
  await admin.refused(2004, "policies.addAssignments", [["reader"], "USER", [nobody]]);
  await admin.call("policies.listAssignments", [{ code: "reader" }], (page) => page.totalCount === 1);
  await admin.call("acl.isAllowed", may("book:read", "book:1"), (yes) => yes === true);
  await admin.call("acl.isAllowed", may("book:edit", "book:1"), (yes) => yes === false);
  await admin.call("policies.disableAssignment", ["reader", "USER", ann.id]);
  await admin.call("acl.isAllowed", may("book:read", "book:1"), (yes) => yes === false);
  await admin.call("policies.enableAssignment", ["reader", "USER", ann.id]);
  await admin.call("acl.isAllowed", may("book:read", "book:1"), (yes) => yes === true);
  await admin.call("policies.removeAssignments", [["reader"], "USER", [ann.id]]);
  const clerk = await admin.call("roles.detail", ["clerk"]);
  await admin.call("policies.addAssignments", [["reader"], "ROLE", ["clerk"]]);
  await admin.call("policies.disableAssignment", ["reader", "ROLE", clerk.id]);
  await admin.call("policies.enableAssignment", ["reader", "ROLE", clerk.id]);
  await admin.call("policies.removeAssignments", [["reader"], "ROLE", [clerk.id]]);
  await admin.call("roles.listPolicies", ["clerk"], (page) => page.totalCount === 0);
  skip("management.roles.addPolicies", "this version names a user as the target");
  skip("management.roles.removePolicies", "this version names a user as the target");
  await admin.call("policies.delete", ["reader"]);
  await admin.refused(500, "policies.deleteMany", [["reader"]]);

  await admin.call("acl.allow", [ann.id, "shelf:1", "edit", "default"]);
  await admin.refused(500, "acl.allow", [ann.id, "shelf", "edit", "default"]);
  await admin.call("acl.isAllowed", may("edit", "shelf:1"), (yes) => yes === true);
  await admin.refused(2004, "acl.isAllowed", [nobody, "shelf:1", "edit"]);
  const opts = [{ targetType: "ROLE", targetIdentifier: "clerk", actions: ["desk:use"] }];
  await admin.call("acl.authorizeResource", [{ namespace: "default", resource: "desk:1", opts }]);
  await admin.call("acl.listAuthorizedResources", ["USER", ann.id, "default"], (page) => page.totalCount === 2);
  await admin.call("users.listAuthorizedResources", [ann.id, "default"], (page) => page.totalCount === 2);
  await admin.call("roles.listAuthorizedResources", ["clerk", "default"], (page) => page.totalCount === 1);
  await admin.call(
    "acl.getAuthorizedTargets",
    [{ namespace: "default", resourceType: "DATA", resource: "desk:1", targetType: "ROLE" }],
    (page) => page.list[0].targetIdentifier === "clerk",
  );
  await admin.call("roles.delete", ["clerk"]);
  await admin.call("roles.deleteMany", [["spare"]]);
  await admin.refused(501, "acl.listResources", [{ namespace: "default" }]);
  await admin.refused(501, "org.list");
  await admin.refused(501, "tenant.list");
}

async function pool(admin) {
  await admin.call("userpool.detail", [], (found) => found.id === userPoolId);
  await admin.call("userpool.update", [{ description: "Ours" }], (found) => found.description === "Ours");
  await admin.call("userpool.addEnv", ["key", "value"]);
  await admin.call("userpool.addEnv", ["newer", "value"]);
  await admin.call("userpool.listEnv", [], (all) => all.map((one) => one.key).join() === "newer,key");
  await admin.call("userpool.removeEnv", ["newer"], (all) => all.length === 1);
  await admin.call("userpool.removeEnv", ["key"], (all) => all.length === 0);
  await admin.call("whitelist.add", ["EMAIL", ["Dan@example.com"]], (values) => values[0].value === "dan@example.com");
  await admin.call("whitelist.list", ["EMAIL"], (values) => values.length === 1);
  await admin.call("whitelist.enable", ["EMAIL"]);
  await authentication().refused(500, "registerByEmail", ["eve@example.com", "secret-1"]);
  await authentication().call("registerByEmail", ["dan@example.com", "secret-1"], (dan) => dan.id);
  await admin.call("whitelist.disable", ["EMAIL"]);
  await admin.call("whitelist.remove", ["EMAIL", ["dan@example.com"]], (values) => values.length === 0);
}

async function endUser() {
  const user = authentication();
  const fay = await user.call(
    "registerByEmail",
    ["fay@example.com", "secret-1", { nickname: "Fay" }, { forceLogin: true, customData: { age: 20 } }],
    (fay) => fay.nickname === "Fay" && fay.token,
  );
  const visitor = authentication();
  await visitor.refused(2026, "registerByEmail", ["fay@example.com", "secret-1"]);
  await visitor.call("checkPasswordStrength", ["123"], (answer) => answer.valid === false);
  await visitor.refused(2006, "loginByEmail", ["fay@example.com", "wrong-1"]);
  for (const [lang, words] of [[undefined, "用户不存在"], ["en-US", "the user does not exist"]]) {
    const stranger = authentication({ lang });
    const error = await stranger.refused(2004, "loginByUsername", ["nobody", "secret-1"]);
    tell(error && error.message === words ? "ok" : "failed", `authentication.loginByUsername: ${words}`, reason(error));
  }
  await visitor.call("registerByUsername", ["gus", "secret-1"], (gus) => gus.username === "gus");
  await user.call("loginByEmail", ["fay@example.com", "secret-1"], (found) => found.token);
  await user.call("getCurrentUser", [], (now) => now.id === fay.id);
  await user.call("checkLoggedIn", [], (id) => id === fay.id);
  await user.call("checkLoginStatus", [], (status) => status.code === 200);
  await user.call("isUserExists", [{ email: "fay@example.com" }], (yes) => yes === true);
  await user.call("listOrgs", [], (trees) => trees.length === 0);
  await user.call("listDepartments", [], (page) => page.totalCount === 0);
  await user.call("listApplications", [], (page) => page.totalCount === 1);
  await user.call("getSecurityLevel", [], (level) => level.passwordSecurityLevel === 2 && level.mfa === false);
  await user.call("hasRole", ["clerk"], (yes) => yes === false);
  await user.call("listAuthorizedResources", ["default"], (page) => page.totalCount === 0);
  await user.call("setUdv", ["school", "Example"], (values) => values.length === 2);
  await user.call("listUdv", [], (values) => values.length === 2);
  await user.call("removeUdv", ["school"], (values) => values.length === 1);
  await user.call("setUdfValue", [{ age: 21 }]);
  await user.call("getUdfValue", [], (values) => values.age === 21);
  await user.call("removeUdfValue", ["age"]);
  await user.call("updateProfile", [{ nickname: "F" }], (now) => now.nickname === "F");
  await user.refused(2225, "updateProfile", [{ email: "other@example.com" }]);
  await user.refused(2018, "updateProfile", [{ unionid: "u-1" }]);
  await user.refused(2018, "updateProfile", [{ openid: "o-1" }]);
  await user.refused(2203, "updatePassword", ["secret-2", "wrong"]);
  await user.call("updatePassword", ["secret-2", "secret-1"], (now) => now.id === fay.id);
  await user.call("loginByEmail", ["fay@example.com", "secret-2"], (found) => found.token);

  await user.call("sendEmail", ["fay2@example.com", "CHANGE_EMAIL"]);
  await user.call("sendEmail", ["fay@example.com", "CHANGE_EMAIL"]);
  const [fresh, old] = [await codeSentTo("fay2@example.com"), await codeSentTo("fay@example.com")];
  await user.refused(2001, "updateEmail", ["fay2@example.com", "0", "fay@example.com", old]);
  await user.call("updateEmail", ["fay2@example.com", fresh, "fay@example.com", old], (now) => now.email === "fay2@example.com");
  const phone = "13800000001";
  const other = "13800000002";
  await user.call("sendSmsCode", [phone]);
  await user.refused(500, "bindPhone", [phone, "0"]);
  await user.call("bindPhone", [phone, await codeSentTo(phone)], (now) => now.phone === phone);
  await user.call("unbindEmail", [], (now) => now.email === null);
  await user.call("sendEmail", ["fay@example.com", "VERIFY_CODE"]);
  await user.call("bindEmail", ["fay@example.com", await codeSentTo("fay@example.com")], (now) => now.email);
  await user.call("sendSmsCode", [phone]);
  await user.call("sendSmsCode", [other]);
  await user.call("updatePhone", [other, await codeSentTo(other), phone, await codeSentTo(phone)], (now) => now.phone === other);
  await user.call("unbindPhone", [], (now) => now.phone === null);
  await user.call("refreshToken", [], (fresh) => fresh.token);
  const token = user.client.tokenProvider.getToken();
  await user.call("logout");
  const gone = authentication();
  await gone.call("setToken", [token]);
  await gone.call("checkLoginStatus", [], (status) => status.code === 2206);
  await gone.call("getCurrentUser", [], (found) => found === null);

  await visitor.call("sendEmail", ["fay@example.com", "RESET_PASSWORD"]);
  await visitor.refused(2001, "resetPasswordByEmailCode", ["fay@example.com", "0", "secret-3"]);
  await visitor.call("resetPasswordByEmailCode", ["fay@example.com", await codeSentTo("fay@example.com"), "secret-3"]);
  await visitor.call("loginByEmail", ["fay@example.com", "secret-3"], (found) => found.token);
  await visitor.call("sendEmail", ["fay@example.com", "LOGIN_VERIFY_CODE"]);
  await visitor.call("loginByEmailCode", ["fay@example.com", await codeSentTo("fay@example.com")], (found) => found.token);

  const third = "13800000003";
  const newcomer = authentication();
  await newcomer.call("sendSmsCode", [third]);
  await newcomer.refused(2001, "registerByPhoneCode", [third, "0"]);
  await newcomer.call("registerByPhoneCode", [third, await codeSentTo(third), "secret-1"], (now) => now.phone === third);
  await newcomer.call("sendSmsCode", [third]);
  await newcomer.refused(2001, "loginByPhoneCode", [third, "0"]);
  await newcomer.call("loginByPhoneCode", [third, await codeSentTo(third)], (now) => now.token);
  await newcomer.refused(2001, "loginByPhoneCode", [third, await codeSentTo(third)]);
  await newcomer.call("loginByPhonePassword", [third, "secret-1"], (now) => now.token);
  await newcomer.call("sendSmsCode", [third]);
  await newcomer.call("resetPasswordByPhoneCode", [third, await codeSentTo(third), "secret-2"]);
  await newcomer.refused(2006, "loginByPhonePassword", [third, "secret-1"]);
  await visitor.refused(501, "loginBySubAccount", ["fay", "secret-3"]);
  await visitor.refused(501, "registerByEmailCode", ["hal@example.com", "1234"]);
}

async function firstLogin(admin) {
  await admin.call("users.create", [{ username: "ivy", password: "secret-1" }, { resetPasswordOnFirstLogin: true }]);
  const user = authentication();
  const refusal = await user.refused(1639, "loginByUsername", ["ivy", "secret-1"]);
  await user.call("resetPasswordByFirstLoginToken", [{ token: refusal.data.token, password: "secret-2" }]);
  await user.call("loginByUsername", ["ivy", "secret-2"], (ivy) => ivy.token);
}

async function secondFactor() {
  const user = await loggedIn("ann");
  await user.call("mfa.getMfaAuthenticators", [], (apps) => apps.length === 0);
  const app = await user.call("mfa.assosicateMfaAuthenticator", [{ authenticatorType: "totp" }], (app) => app.secret);
  // A code is good once, and one of the step before is good too.
  const confirmation = { authenticatorType: "totp", totp: totp(app.secret, -1) };
  await user.call("mfa.confirmAssosicateMfaAuthenticator", [confirmation]);
  await user.call("mfa.getMfaAuthenticators", [{ type: "totp" }], (apps) => apps[0].enable === true);

  const half = authentication();
  const token = async () => (await half.refused(1635, "loginByUsername", ["ann", "secret-1"])).data.mfaToken;
  const mfaToken = await token();
  await half.refused(6001, "mfa.verifyTotpMfa", [{ totp: "000000", mfaToken }]);
  await half.call("mfa.phoneOrEmailBindable", [{ phone: "13900000009", mfaToken }], (free) => free === true);
  await half.call("mfa.verifyTotpMfa", [{ totp: totp(app.secret), mfaToken }], (ann) => ann.token);
  await half.refused(6002, "mfa.verifyTotpRecoveryCode", [{ recoveryCode: "wrong", mfaToken: await token() }]);
  const recovery = { recoveryCode: app.recovery_code, mfaToken: await token() };
  await half.call("mfa.verifyTotpRecoveryCode", [recovery], (ann) => ann.token);
  await user.call("mfa.deleteMfaAuthenticator");
  await loggedIn("ann");
}

/** An application that users log in to with OpenID Connect. */
const application = (options) => authentication({ redirectUri: "http://localhost:8080/back", ...options });

async function codeFor(app, options) {
  const url = await app.call("buildAuthorizeUrl", [options], (url) => url.startsWith(`${host}/oidc/auth?`));
  const back = await signIn(url, "ann", "secret-1");
  if (back.state !== options.state) tell("failed", "authentication.buildAuthorizeUrl", "another state came back");
  return back.code;
}

const isToken = (answer) => answer.access_token && answer.token_type === "Bearer";

async function openIdConnect(ann) {
  const app = application({ secret: appSecret });
  const code = await codeFor(app, { scope: "openid username offline_access", state: "s1", nonce: "n1" });
  const tokens = await app.call("getAccessTokenByCode", [code], (all) => isToken(all) && all.refresh_token);
  const { access_token: token, id_token: idToken } = tokens;
  const isAnn = (claims) => claims.sub === ann.id;
  await app.call("getUserInfoByAccessToken", [token], (claims) => claims.username === "ann");
  for (const options of [
    { method: "GET", tokenPlace: "header" },
    { method: "GET", tokenPlace: "query" },
    { method: "POST", tokenPlace: "header" },
    { method: "POST", tokenPlace: "query" },
    { method: "POST", tokenPlace: "body" },
  ]) {
    await app.call("getUserInfoByAccessToken", [token, options], isAnn);
  }
  await app.call("introspectToken", [token], (found) => found.active === true && isAnn(found));
  await app.call("validateToken", [{ accessToken: token }], isAnn);
  await app.call("validateToken", [{ idToken }], (claims) => isAnn(claims) && claims.nonce === "n1");
  const fresh = await app.call("getNewAccessTokenByRefreshToken", [tokens.refresh_token], isToken);
  await app.call("revokeToken", [fresh.access_token], (done) => done === true);
  await app.call("introspectToken", [fresh.access_token], (found) => found.active === false);
  await app.refused("invalid_token", "getUserInfoByAccessToken", [fresh.access_token]);
  await app.refused("invalid_grant", "getNewAccessTokenByRefreshToken", [tokens.refresh_token]);
  await app.refused("invalid_grant", "getAccessTokenByCode", [code]);
  const credentials = { accessKey: appId, accessSecret: appSecret };
  await app.call("getAccessTokenByClientCredentials", ["read", credentials], (all) => isToken(all) && all.scope === "read");
  const wrong = { accessKey: appId, accessSecret: "wrong" };
  await app.refused("invalid_client", "getAccessTokenByClientCredentials", ["read", wrong]);
  const out = "http://localhost:8080/out";
  const url = await app.call("buildLogoutUrl", [{ expert: true, redirectUri: out, idToken }], (url) => url);
  const { to } = await redirectOf(url);
  tell(to === out ? "ok" : "failed", "authentication.buildLogoutUrl: redirect", String(to));

  const byHeader = application({
    appId: "basic-app",
    secret: "basic-app-secret",
    tokenEndPointAuthMethod: "client_secret_basic",
    introspectionEndPointAuthMethod: "client_secret_basic",
    revocationEndPointAuthMethod: "client_secret_basic",
  });
  const second = await codeFor(byHeader, { scope: "openid offline_access", state: "s2" });
  const other = await byHeader.call("getAccessTokenByCode", [second], isToken);
  await byHeader.call("introspectToken", [other.access_token], (found) => found.client_id === "basic-app");
  const next = await byHeader.call("getNewAccessTokenByRefreshToken", [other.refresh_token], isToken);
  await byHeader.call("revokeToken", [next.refresh_token], (done) => done === true);
  await byHeader.call("introspectToken", [next.access_token], (found) => found.active === false);

  const open = application({
    appId: "public-app",
    tokenEndPointAuthMethod: "none",
    introspectionEndPointAuthMethod: "none",
    revocationEndPointAuthMethod: "none",
  });
  const codeVerifier = await open.call("generateCodeChallenge", [], (text) => text.length >= 43);
  const codeChallenge = await open.call("getCodeChallengeDigest", [{ codeChallenge: codeVerifier, method: "S256" }], (text) => text);
  const pkce = { scope: "openid offline_access", codeChallenge, codeChallengeMethod: "S256" };
  const third = await codeFor(open, { ...pkce, state: "s3" });
  await open.refused("invalid_grant", "getAccessTokenByCode", [third, { codeVerifier: "x".repeat(43) }]);
  const last = await open.call("getAccessTokenByCode", [third, { codeVerifier }], isToken);
  await open.call("introspectToken", [last.access_token], isAnn);
  const exchange = { redirectUri: "http://localhost/", idToken: last.id_token };
  await open.refused("unsupported_grant_type", "getAccessTokenByIdToken", [exchange]);
  const renewed = await open.call("getNewAccessTokenByRefreshToken", [last.refresh_token], isToken);
  await open.call("revokeToken", [renewed.access_token], (done) => done === true);
  await open.call("introspectToken", [renewed.access_token], (found) => found.active === false);
}

async function main() {
  const admin = management();
  const ann = await users(admin);
  await rolesAndGroups(admin, ann);
  await policiesAndAccess(admin, ann);
  await endUser();
  await firstLogin(admin);
  await secondFactor();
  await openIdConnect(ann);
  await pool(admin);
}

main().catch((error) => {
  tell("failed", "the scenario", (error && error.stack) || error);
  process.exitCode = 1;
});
