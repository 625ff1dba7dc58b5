//! The second factor: authenticator apps, codes by message, recovery codes.

mod apps;
mod challenge;
mod store;
mod totp;
mod verify;

use axum::http::Method;

use crate::graphql::Access;
use crate::rest::Routes;

pub(crate) use challenge::{Challenge, Verified};
pub(crate) use store::Mfa;
pub(crate) use verify::{Factor, Offers, Recipient};

const VERIFIED: &str = "二次验证成功";

/// Open to anyone, since the token of a login that is not finished is nobody's: each looks at the bearer on its own.
pub(crate) fn routes(routes: &mut Routes) {
    let open = Access::Anyone;
    let (get, post) = (Method::GET, Method::POST);
    let apps = "/api/v2/mfa/totp/associate";
    routes.add(
        get,
        "/api/v2/mfa/authenticator",
        open,
        "获取 MFA 认证器成功",
        apps::list,
    );
    routes.add(
        post.clone(),
        apps,
        open,
        "获取 MFA 密钥成功",
        apps::associate,
    );
    routes.add(
        Method::DELETE,
        apps,
        open,
        "TOTP MFA 解绑成功",
        apps::delete,
    );
    routes.add(
        post.clone(),
        "/api/v2/mfa/totp/associate/confirm",
        open,
        "TOTP MFA 绑定成功",
        apps::confirm,
    );
    routes.add(
        post.clone(),
        "/api/v2/mfa/totp/verify",
        open,
        VERIFIED,
        verify::totp,
    );
    routes.add(
        post.clone(),
        "/api/v2/mfa/totp/recovery",
        open,
        VERIFIED,
        verify::recovery,
    );
    routes.beside("recoveryCode");
    routes.add(
        post.clone(),
        "/api/v2/applications/mfa/sms/verify",
        open,
        VERIFIED,
        verify::sms,
    );
    routes.add(
        post.clone(),
        "/api/v2/applications/mfa/email/verify",
        open,
        VERIFIED,
        verify::email,
    );
    routes.add(
        post,
        "/api/v2/applications/mfa/check",
        open,
        "操作成功",
        verify::bindable,
    );
}
