//! What the server says, by code and language. Every refusal is a row here, whichever way it was asked for.

use axum::http::HeaderMap;

use crate::http::text;
use crate::refusal::code::{
    APP_MFA_REQUIRED, BAD_ARGUMENT, BODY_TIMEOUT, CAPTCHA_REQUIRED, CLOSING, CODE_EXPIRED,
    CODE_SENT_RECENTLY, DELETE_FAILED, EMAIL_NOT_CHANGEABLE, EMAIL_TAKEN, FIELD_NOT_CHANGEABLE,
    FIRST_LOGIN_RESET, FORCED_RESET, GENERIC, INCOMPLETE, INVALID_RECIPIENT, LAST_LOGIN_METHOD,
    LOGIN_EXPIRED, LOGIN_INVALID, MALFORMED_EMAIL, METHOD_NOT_ALLOWED, MFA_REQUIRED, NO_EMAIL,
    NO_SUCH_APPLICATION, NO_SUCH_PATH, NO_SUCH_POOL, NO_SUCH_USER, NOT_EMULATED, NOT_LOGGED_IN,
    NOT_ONES_OWN, NOT_PERMITTED, OLD_EMAIL_DIFFERS, OLD_EMAIL_NOT_VERIFIED, OLD_PASSWORD_MISSING,
    OLD_PHONE_DIFFERS, PASSWORD_TOO_SHORT, PHONE_NOT_CHANGEABLE, REGISTRATION_DISABLED, SAME_EMAIL,
    SAME_PHONE, SUCCESS, TOO_MANY_USERS, UNDECIPHERABLE_PASSWORD, USER_EXISTS, USER_LOCKED,
    WRONG_OLD_PASSWORD, WRONG_PASSWORD, WRONG_RECOVERY_CODE, WRONG_TOTP, WRONG_VERIFICATION_CODE,
};

/// A language that the server speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    Chinese,
    English,
}

impl Language {
    /// The one that a request asks for.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        text(headers, "x-authing-lang").map_or(Self::default(), |tag| Self::of_tag(&tag))
    }

    /// `en` and `en-US` are English; all that is not known is Chinese.
    fn of_tag(tag: &str) -> Self {
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        match language.trim().eq_ignore_ascii_case("en") {
            true => Self::English,
            false => Self::default(),
        }
    }
}

/// One sentence with its number. Each `{}` is a gap for a detail, such as a name.
#[derive(Debug)]
pub(crate) struct Wording {
    pub(crate) code: i64,
    chinese: &'static str,
    english: &'static str,
}

impl Wording {
    /// The sentence with its gaps as they are.
    pub(crate) fn text(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.chinese,
            Language::English => self.english,
        }
    }

    /// The sentence with these details in its gaps.
    pub(crate) fn fill(&self, language: Language, details: &[String]) -> String {
        let mut details = details.iter();
        let mut parts = self.text(language).split("{}");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |mut text, part| {
            text.extend(details.next().map(String::as_str));
            text + part
        })
    }
}

macro_rules! wordings {
    ($($name:ident = $code:expr, $chinese:literal, $english:literal;)*) => {
        $(
            pub(crate) const $name: Wording = Wording {
                code: $code,
                chinese: $chinese,
                english: $english,
            };
        )*

        #[cfg(test)]
        const ALL: &[Wording] = &[$($name),*];
    };
}

wordings! {
    LOGGED_IN = SUCCESS, "已登录", "logged in";
    PASSWORD_FINE = SUCCESS, "密码验证成功", "the password is fine";

    ARGUMENTS_DO_NOT_FIT = BAD_ARGUMENT, "参数不正确：{}", "the arguments do not fit: {}";
    BODY_NOT_AN_OBJECT = BAD_ARGUMENT, "请求体不是 JSON 对象：{}", "the body is not a JSON object: {}";
    NOT_A_NUMBER = BAD_ARGUMENT, "`{}` 不是数字", "`{}` is not a number";
    APP_NOT_CONFIRMED = BAD_ARGUMENT, "动态口令不正确", "the code is wrong";
    ID_TOKEN_INVALID = BAD_ARGUMENT, "id_token 不合法", "the id_token is not valid";
    ACCESS_TOKEN_INVALID = BAD_ARGUMENT, "access_token 不合法", "the access_token is not valid";
    NO_TOKEN_GIVEN = BAD_ARGUMENT, "缺少 id_token 或 access_token", "neither an id_token nor an access_token is given";
    NOTHING_AT_PATH = NO_SUCH_PATH, "该路径不存在", "there is nothing at this path";
    OTHER_METHOD = METHOD_NOT_ALLOWED, "该路径不支持此请求方法", "this path has another method";
    BODY_MISSING = BODY_TIMEOUT, "请求体未按时到达", "the body did not come";
    ENDING = CLOSING, "模拟器正在关闭", "the emulator is ending";

    BROKEN = GENERIC, "模拟器出错：{}", "the emulator is broken: {}";
    PANICKED = GENERIC, "模拟器出错", "the emulator is broken";
    TOO_MUCH_WORK = GENERIC, "请求的计算量过大，请减少单次查询的内容", "the request is too much work: ask for less at once";
    LIST_TOO_LONG = GENERIC, "列表过长，请分批发送", "the list is too long for so many records: send it in parts";
    ANSWER_TOO_LARGE = GENERIC, "返回内容过大", "the answer would be too large";
    PAGE_TOO_LOW = GENERIC, "页码从 1 开始", "pages count from 1";
    LIMIT_OUT_OF_RANGE = GENERIC, "每页数量必须在 1 到 {} 之间", "the limit of a page is from 1 to {}";
    NO_SUCH_ROLE = GENERIC, "角色 `{}` 不存在", "the role `{}` does not exist";
    ROLE_EXISTS = GENERIC, "角色 `{}` 已存在", "the role `{}` exists already";
    ROLE_CODE_MALFORMED = GENERIC, "角色 code 只能包含字母、数字、`_` 和 `-`", "a role's code is made of letters, digits, `_` and `-`";
    NAMESPACE_EMPTY = GENERIC, "权限分组不能为空", "the namespace is empty";
    NO_ROLE_NAMED = GENERIC, "没有指定角色", "no role is named";
    NO_SUCH_GROUP = GENERIC, "分组 `{}` 不存在", "the group `{}` does not exist";
    GROUP_EXISTS = GENERIC, "分组 `{}` 已存在", "the group `{}` exists already";
    GROUP_CODE_EMPTY = GENERIC, "分组 code 不能为空", "the group's code is empty";
    NO_SUCH_POLICY = GENERIC, "策略 `{}` 不存在", "the policy `{}` does not exist";
    POLICY_EXISTS = GENERIC, "策略 `{}` 已存在", "the policy `{}` exists already";
    POLICY_CODE_EMPTY = GENERIC, "策略 code 不能为空", "the policy's code is empty";
    SYSTEM_POLICY = GENERIC, "策略 `{}` 为系统策略，不能修改", "the policy `{}` belongs to the system";
    NO_SUCH_ASSIGNMENT = GENERIC, "该策略没有授权给 `{}`", "the assignment to `{}` does not exist";
    NO_SUCH_TARGET = GENERIC, "{} `{}` 不存在", "{} `{}` does not exist";
    NO_SUCH_NODE = GENERIC, "部门 `{}` 不存在", "the node `{}` does not exist";
    RESOURCE_MALFORMED = GENERIC, "资源格式应为 `kind:id`", "the resource must be like `kind:id`";
    ACTION_EMPTY = GENERIC, "操作不能为空", "the action is empty";
    NO_SUCH_FIELD = GENERIC, "自定义字段 `{}` 不存在", "the custom field `{}` does not exist";
    FIELD_KEY_EMPTY = GENERIC, "自定义字段的 key 不能为空", "the key of the custom field is empty";
    FIELD_VALUE_MALFORMED = GENERIC, "`{}` 的值不是 {} 类型的 JSON 文本", "the value of `{}` is not the JSON text of a {}";
    PARAMS_MALFORMED = GENERIC, "params 不是 key 和 value 的列表", "params is not a list of key and value";
    CONTEXT_MALFORMED = GENERIC, "context 不是 JSON 对象", "context is not the JSON text of an object";
    NO_SUCH_VARIABLE = GENERIC, "环境变量 `{}` 不存在", "the variable `{}` does not exist";
    VARIABLE_KEY_EMPTY = GENERIC, "环境变量的 key 不能为空", "the key of the variable is empty";
    SETTING_NEEDS_VALUE = GENERIC, "{} 不能为空", "{} needs a value";
    SETTING_OUT_OF_RANGE = GENERIC, "{} 不能为 {}", "{} cannot be {}";
    NOT_ON_WHITELIST = GENERIC, "{} 不在白名单中", "the {} is not on the whitelist";
    WHITELIST_VALUE_EMPTY = GENERIC, "白名单的值不能为空", "a value for the whitelist is empty";
    NO_SUCH_SCENE = GENERIC, "场景 `{}` 不存在", "there is no scene `{}`";
    NO_SUCH_QUERY_FIELD = GENERIC, "不能按 `{}` 查询用户", "users cannot be queried by `{}`";
    NO_SUCH_AUTHENTICATOR = GENERIC, "不支持 `{}` 类型的认证器", "`{}` is no kind of authenticator";
    NOT_A_DATE = GENERIC, "{} 不是日期", "{} is not a date";
    IDENTITY_TAKEN = GENERIC, "该身份源账号已属于其他用户", "the account at the provider belongs to another user";
    NO_SUCH_IDENTITY = GENERIC, "身份源连接 `{}` 中没有该账号", "the account in the connection `{}` does not exist";
    PHONE_TAKEN = GENERIC, "该手机号已被绑定", "somebody has this phone number already";
    PHONE_BOUND = GENERIC, "用户已绑定手机号", "the user has a phone number already";
    OLD_PHONE_NOT_VERIFIED = GENERIC, "更换手机号前需要先验证旧手机号", "the old phone number must be verified";
    NO_PHONE = GENERIC, "用户没有绑定手机号", "the user has no phone number";
    SAME_PASSWORD = GENERIC, "新密码不能与旧密码相同", "the new password is the old one";

    OPERATION_NOT_EMULATED = NOT_EMULATED, "模拟器不支持 `{}`", "`{}` is not emulated";

    ADMINISTRATORS_ONLY = NOT_PERMITTED, "无权限，仅管理员可操作", "only an administrator may do this";
    USERS_ONLY = NOT_PERMITTED, "无权限，仅用户本人可操作", "only users do this, for themselves";
    WRONG_POOL_SECRET = NOT_PERMITTED, "用户池密钥不正确", "the secret of the user pool is wrong";
    NOT_OWN_VALUES = NOT_PERMITTED, "无权访问他人的自定义数据", "these are not the caller's own values";
    USE_AUTHENTICATOR = NOT_PERMITTED, "请使用认证器进行验证", "use your authenticator";
    NOT_USERS_ADDRESS = NOT_PERMITTED, "这不是该用户接收验证码的地址", "this is not where the user gets messages";
    APP_IN_FORCE = NOT_PERMITTED, "请先通过认证器登录再更换", "log in with your authenticator to replace it";

    USER_NEEDS_APP = MFA_REQUIRED, "请输入认证器中的动态口令", "enter the code of your authenticator";
    APPLICATION_NEEDS_FACTOR = APP_MFA_REQUIRED, "应用要求二次认证", "the application asks for a second factor";
    FIRST_PASSWORD_NEEDED = FIRST_LOGIN_RESET, "首次登录请先设置密码", "set a password of your own before the first login";
    NEW_PASSWORD_NEEDED = FORCED_RESET, "请先修改密码再登录", "change your password before you log in";
    CAPTCHA_NEEDED = CAPTCHA_REQUIRED, "密码错误次数过多，请输入图形验证码", "too many wrong passwords: type what the picture shows";
    WRONG_CODE = WRONG_VERIFICATION_CODE, "验证码不正确", "the verification code is wrong";
    WRONG_TOKEN = WRONG_VERIFICATION_CODE, "验证 token 不正确", "the verification token is wrong";
    WRONG_RESET_TOKEN = WRONG_VERIFICATION_CODE, "token 不正确或已使用", "the token is wrong or used";
    USER_MISSING = NO_SUCH_USER, "用户不存在", "the user does not exist";
    LOCKED = USER_LOCKED, "用户已锁定", "the user is locked";
    PASSWORD_WRONG = WRONG_PASSWORD, "密码错误", "the password is wrong";
    APPLICATION_MISSING = NO_SUCH_APPLICATION, "应用不存在", "the application does not exist";
    PASSWORD_UNREADABLE = UNDECIPHERABLE_PASSWORD, "密码解密失败", "the password cannot be decrypted";
    FIELD_FIXED = FIELD_NOT_CHANGEABLE, "无权修改 {}", "{} cannot be changed by updateUser";
    LOGIN_NEEDED = NOT_LOGGED_IN, "尚未登录，无访问权限", "not logged in";
    NAME_TAKEN = USER_EXISTS, "用户已存在，{} 重复", "a user with this {} exists already";
    NOT_A_PHONE = INVALID_RECIPIENT, "手机号格式不正确", "this is not a phone number";
    TOO_SHORT = PASSWORD_TOO_SHORT, "密码长度不能少于 6 位", "the password is shorter than 6 characters";
    TOO_MANY_AT_ONCE = TOO_MANY_USERS, "一次最多查询 80 个用户", "no more than 80 users at once";
    REGISTRATION_OFF = REGISTRATION_DISABLED, "已禁止注册", "registration is disabled";
    OTHER_OLD_EMAIL = OLD_EMAIL_DIFFERS, "旧邮箱不正确", "the old email address is another one";
    OTHER_OLD_PHONE = OLD_PHONE_DIFFERS, "旧手机号不正确", "the old phone number is another one";
    SENT_RECENTLY = CODE_SENT_RECENTLY, "验证码已发送，请一分钟后再试", "a code was sent within the last minute";
    EMAIL_OF_ANOTHER = EMAIL_TAKEN, "该邮箱已被绑定", "somebody has this email address already";
    EMAIL_BOUND = EMAIL_TAKEN, "用户已绑定邮箱", "the user has an email address already";
    OLD_PASSWORD_NEEDED = OLD_PASSWORD_MISSING, "请输入原密码", "the old password is needed";
    ANOTHER_USER = NOT_ONES_OWN, "无权操作他人的信息", "this is somebody else's record";
    OLD_PASSWORD_WRONG = WRONG_OLD_PASSWORD, "原密码错误", "the old password is wrong";
    NOT_AN_EMAIL = MALFORMED_EMAIL, "邮箱格式不正确", "the email address is malformed";
    SESSION_OVER = LOGIN_EXPIRED, "登录信息已过期", "the login has expired";
    SESSION_INVALID = LOGIN_INVALID, "登录信息有误", "the login is not valid";
    MFA_TOKEN_INVALID = LOGIN_INVALID, "MFA token 已失效，请重新登录", "log in again: the MFA token is not good";
    NOT_DELETED = DELETE_FAILED, "删除失败，用户 {} 不存在", "the user {} does not exist";
    ONLY_WAY_LEFT = LAST_LOGIN_METHOD, "不能解绑唯一的登录方式", "this is the only way left to log in";
    NOTHING_TO_UNBIND = NO_EMAIL, "用户没有绑定邮箱", "the user has no email address";
    POOL_MISSING = NO_SUCH_POOL, "用户池不存在", "the user pool does not exist";
    EMAIL_FIXED = EMAIL_NOT_CHANGEABLE, "不能通过 updateUser 修改邮箱", "email cannot be changed by updateUser";
    PHONE_FIXED = PHONE_NOT_CHANGEABLE, "不能通过 updateUser 修改手机号", "phone cannot be changed by updateUser";
    OLD_EMAIL_NEEDED = OLD_EMAIL_NOT_VERIFIED, "更换邮箱前需要先验证旧邮箱", "the old email address must be verified";
    EMAIL_UNCHANGED = SAME_EMAIL, "新邮箱与旧邮箱相同", "this is the email address already";
    PHONE_UNCHANGED = SAME_PHONE, "新手机号与旧手机号相同", "this is the number already";
    NAME_MISSING = INCOMPLETE, "用户名、邮箱和手机号至少需要一个", "one of username, email and phone is needed";
    USER_ID_MISSING = INCOMPLETE, "缺少用户 ID", "the user's id is missing";
    RECIPIENT_MISSING = INCOMPLETE, "缺少手机号或邮箱", "a phone number or an email address is missing";
    USER_HAS_NO_EMAIL = INCOMPLETE, "用户没有绑定邮箱", "the user has no email address";
    GROUP_CODE_MISSING = INCOMPLETE, "缺少分组 code", "the group's code is missing";
    HOLDERS_MISSING = INCOMPLETE, "没有指定用户或角色", "neither a user nor a role is named";
    ACTIONS_MISSING = INCOMPLETE, "缺少操作", "the actions are missing";
    TARGETS_MISSING = INCOMPLETE, "缺少授权对象", "the targets are missing";
    ARGUMENT_MISSING = INCOMPLETE, "缺少 {}", "{} is missing";
    PASSWORD_MISSING = INCOMPLETE, "请输入密码", "a password is needed";
    CODE_TOO_OLD = CODE_EXPIRED, "验证码已过期", "the verification code has expired";
    TOTP_WRONG = WRONG_TOTP, "动态口令不正确", "the code is wrong";
    RECOVERY_CODE_WRONG = WRONG_RECOVERY_CODE, "恢复代码不正确", "the recovery code is wrong";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_languages() {
        for tag in ["en", "en-US", "EN_us", " en "] {
            assert_eq!(Language::of_tag(tag), Language::English, "{tag}");
        }
        for tag in ["", "zh-CN", "zh-TW", "ja-JP", "english"] {
            assert_eq!(Language::of_tag(tag), Language::Chinese, "{tag}");
        }
    }

    #[test]
    fn details_fill_the_gaps_in_their_order() {
        let details = ["ROLE {}".to_owned(), "clerk".to_owned()];
        let fill = |language| NO_SUCH_TARGET.fill(language, &details);
        assert_eq!(fill(Language::English), "ROLE {} `clerk` does not exist");
        assert_eq!(fill(Language::Chinese), "ROLE {} `clerk` 不存在");
    }

    #[test]
    fn the_languages_agree() {
        let gaps = |text: &str| text.matches("{}").count();
        for row in ALL {
            let [chinese, english] = [row.chinese, row.english];
            assert!(!chinese.is_ascii() && english.is_ascii(), "{row:?}");
            assert_eq!(gaps(chinese), gaps(english), "{row:?}");
        }
    }
}
