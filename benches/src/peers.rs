//! What Authing's own clients ask beyond what this SDK asks.

use serde_json::{Value, json};

use crate::answers::{POOL_ID, http, user};
use crate::tokens;

/// The answers to that.
#[derive(Debug)]
pub(crate) struct ForPeers {
    token: Vec<u8>,
    detail: Vec<u8>,
    v3_token: Vec<u8>,
    v3_ten: Vec<u8>,
    v3_hundred: Vec<u8>,
    v3_detail: Vec<u8>,
    pub(crate) introspection: Vec<u8>,
}

impl ForPeers {
    pub(crate) fn new() -> Self {
        let v3 = |data: Value| {
            http(&json!({
                "statusCode": 200, "message": "ok", "apiCode": 20001, "data": data,
            }))
        };
        let users = |count| {
            let list: Vec<_> = (0..count).map(v3_user).collect();
            v3(json!({"totalCount": 1000, "list": list}))
        };
        let token = tokens::management_token(POOL_ID);
        Self {
            // They take `exp` for a time, and would ask again for a token of the past.
            token: http(&json!({"data": {"accessToken": {
                "accessToken": token, "exp": tokens::EXPIRES_AT, "iat": 0,
            }}})),
            detail: http(&json!({"code": 200, "message": "ok", "data": user(0)})),
            v3_token: v3(json!({"access_token": token, "expires_in": 7200})),
            v3_ten: users(10),
            v3_hundred: users(100),
            v3_detail: v3(v3_user(0)),
            // With this, they do without a schema.
            introspection: http(&json!({"data": null})),
        }
    }

    pub(crate) fn to_get(&self, request: &[u8]) -> Option<&Vec<u8>> {
        match () {
            () if request.starts_with(b"GET /api/v2/users/") => Some(&self.detail),
            () if request.starts_with(b"GET /api/v3/get-user?") => Some(&self.v3_detail),
            () => None,
        }
    }

    pub(crate) fn to_v3(&self, has: impl Fn(&str) -> bool) -> &Vec<u8> {
        match () {
            () if has("get-management-token") => &self.v3_token,
            () if has("\"limit\":100") || has("\"limit\": 100") => &self.v3_hundred,
            () => &self.v3_ten,
        }
    }

    pub(crate) fn to_v2(&self, has: impl Fn(&str) -> bool) -> Option<&Vec<u8>> {
        match () {
            () if has("IntrospectionQuery") => Some(&self.introspection),
            () if has("-version: python:") || has("-version: js:") => Some(&self.token),
            () => None,
        }
    }
}

/// The same user, with v3's names where they differ.
fn v3_user(number: u64) -> Value {
    let mut user = user(number);
    if let Some(fields) = user.as_object_mut() {
        for (v2, v3) in [("id", "userId"), ("lastIP", "lastIp")] {
            let value = fields.remove(v2).unwrap_or_default();
            fields.insert(v3.into(), value);
        }
    }
    user
}
