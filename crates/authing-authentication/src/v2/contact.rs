//! The user's phone number and e-mail address: bound, changed and unbound.

use authing_core::__private::require;
use authing_core::{Result, Secret, operation};
use authing_types::v2::{USER_FIELDS, User};
use serde::Serialize;

use super::client::Call;
use super::session::Session;

impl Session {
    /// Gives a phone number to a user who has none, with the code that
    /// [`send_sms_code`](super::AuthenticationClient::send_sms_code) sent to
    /// it.
    pub fn bind_phone(&self, phone: impl Into<String>, code: impl Into<Secret>) -> Call<BindPhone> {
        self.call(BindPhone {
            phone: phone.into(),
            phone_country_code: None,
            code: code.into(),
        })
    }

    /// Takes the phone number from the user. Servers refuse it where it is the
    /// only way left to log in.
    pub fn unbind_phone(&self) -> Call<UnbindPhone> {
        self.call(UnbindPhone {})
    }

    /// Changes the phone number, with the code that was sent to the new one.
    /// A user who has a number needs [`old`](Call::old) as well.
    ///
    /// ```no_run
    /// # use authing_authentication::v2::Session;
    /// # async fn example(session: Session, new: &str, old: &str) -> Result<(), authing_authentication::Error> {
    /// session.update_phone("13900000000", new).old("13800000000", old).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_phone(
        &self,
        phone: impl Into<String>,
        code: impl Into<Secret>,
    ) -> Call<UpdatePhone> {
        self.call(UpdatePhone {
            phone: phone.into(),
            phone_country_code: None,
            code: code.into(),
            old: None,
            old_phone_country_code: None,
        })
    }

    /// Gives an e-mail address to a user who has none, with the code that
    /// [`send_email`](super::AuthenticationClient::send_email) sent to it for
    /// [`EmailScene::EmailBindVerifyCode`](super::EmailScene::EmailBindVerifyCode).
    pub fn bind_email(&self, email: impl Into<String>, code: impl Into<Secret>) -> Call<BindEmail> {
        self.call(BindEmail {
            email: email.into(),
            code: code.into(),
        })
    }

    /// Takes the e-mail address from the user. Servers refuse it where it is
    /// the only way left to log in.
    pub fn unbind_email(&self) -> Call<UnbindEmail> {
        self.call(UnbindEmail {})
    }

    /// Changes the e-mail address, with the code that was sent to the new one
    /// for [`EmailScene::ChangeEmail`](super::EmailScene::ChangeEmail). A user
    /// who has an address needs [`old`](Call::old) as well.
    pub fn update_email(
        &self,
        email: impl Into<String>,
        code: impl Into<Secret>,
    ) -> Call<UpdateEmail> {
        self.call(UpdateEmail {
            email: email.into(),
            code: code.into(),
            old: None,
        })
    }
}

const CODE: &str = "the verification code";
const PHONE: &str = "the phone number";
const EMAIL: &str = "the e-mail address";

/// An address, and the code that was sent to it.
type Proof = (String, Secret);

fn check<'p>(what: &str, proof: &'p Option<Proof>) -> Result<Option<(&'p str, &'p str)>> {
    match proof {
        Some((address, code)) => Ok(Some((
            require(what, address)?,
            require(CODE, code.expose())?,
        ))),
        None => Ok(None),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhoneVariables<'a> {
    phone: &'a str,
    phone_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_country_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_phone_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_phone_country_code: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EmailVariables<'a> {
    email: &'a str,
    email_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_email_code: Option<&'a str>,
}

/// [`Session::bind_phone`].
#[derive(Debug, Clone)]
pub struct BindPhone {
    phone: String,
    phone_country_code: Option<String>,
    code: Secret,
}

operation! {
    BindPhone => User,
    id: "authentication.bind_phone",
    repeat: Never,
    graphql: [include_str!("documents/bind_phone.graphql"), USER_FIELDS] => "bindPhone",
    newer: |bind| bind.phone_country_code.is_some()
        => [include_str!("documents/with_country_code/bind_phone.graphql"), USER_FIELDS],
    variables: |bind, _| Ok(PhoneVariables {
        phone: require(PHONE, &bind.phone)?,
        phone_code: require(CODE, bind.code.expose())?,
        phone_country_code: bind.phone_country_code.as_deref(),
        old_phone: None,
        old_phone_code: None,
        old_phone_country_code: None,
    }),
}

impl Call<BindPhone> {
    /// The calling code of the phone number's country, such as `+86`, for a
    /// number that does not have it in itself.
    pub fn phone_country_code(mut self, code: impl Into<String>) -> Self {
        self.0.operation.phone_country_code = Some(code.into());
        self
    }
}

/// [`Session::unbind_phone`].
#[derive(Debug, Clone, Serialize)]
pub struct UnbindPhone {}

operation! {
    UnbindPhone => User,
    id: "authentication.unbind_phone",
    repeat: Never,
    graphql: [include_str!("documents/unbind_phone.graphql"), USER_FIELDS] => "unbindPhone",
}

/// [`Session::update_phone`].
#[derive(Debug, Clone)]
pub struct UpdatePhone {
    phone: String,
    phone_country_code: Option<String>,
    code: Secret,
    old: Option<Proof>,
    old_phone_country_code: Option<String>,
}

impl UpdatePhone {
    fn variables(&self) -> Result<PhoneVariables<'_>> {
        let old = check("the old phone number", &self.old)?;
        Ok(PhoneVariables {
            phone: require(PHONE, &self.phone)?,
            phone_code: require(CODE, self.code.expose())?,
            phone_country_code: self.phone_country_code.as_deref(),
            old_phone: old.map(|(phone, _)| phone),
            old_phone_code: old.map(|(_, code)| code),
            old_phone_country_code: self.old_phone_country_code.as_deref(),
        })
    }
}

operation! {
    UpdatePhone => User,
    id: "authentication.update_phone",
    repeat: Never,
    graphql: [include_str!("documents/update_phone.graphql"), USER_FIELDS] => "updatePhone",
    newer: |update| update.phone_country_code.is_some() || update.old_phone_country_code.is_some()
        => [include_str!("documents/with_country_code/update_phone.graphql"), USER_FIELDS],
    variables: |update, _| update.variables(),
}

impl Call<UpdatePhone> {
    /// The number until now, and the code that was sent to it.
    pub fn old(mut self, phone: impl Into<String>, code: impl Into<Secret>) -> Self {
        self.0.operation.old = Some((phone.into(), code.into()));
        self
    }

    /// The calling code of the new number's country, such as `+86`, for a
    /// number that does not have it in itself.
    pub fn phone_country_code(mut self, code: impl Into<String>) -> Self {
        self.0.operation.phone_country_code = Some(code.into());
        self
    }

    /// The calling code of the old number's country.
    pub fn old_phone_country_code(mut self, code: impl Into<String>) -> Self {
        self.0.operation.old_phone_country_code = Some(code.into());
        self
    }
}

/// [`Session::bind_email`].
#[derive(Debug, Clone)]
pub struct BindEmail {
    email: String,
    code: Secret,
}

operation! {
    BindEmail => User,
    id: "authentication.bind_email",
    repeat: Never,
    graphql: [include_str!("documents/bind_email.graphql"), USER_FIELDS] => "bindEmail",
    variables: |bind, _| Ok(EmailVariables {
        email: require(EMAIL, &bind.email)?,
        email_code: require(CODE, bind.code.expose())?,
        old_email: None,
        old_email_code: None,
    }),
}

/// [`Session::unbind_email`].
#[derive(Debug, Clone, Serialize)]
pub struct UnbindEmail {}

operation! {
    UnbindEmail => User,
    id: "authentication.unbind_email",
    repeat: Never,
    graphql: [include_str!("documents/unbind_email.graphql"), USER_FIELDS] => "unbindEmail",
}

/// [`Session::update_email`].
#[derive(Debug, Clone)]
pub struct UpdateEmail {
    email: String,
    code: Secret,
    old: Option<Proof>,
}

operation! {
    UpdateEmail => User,
    id: "authentication.update_email",
    repeat: Never,
    graphql: [include_str!("documents/update_email.graphql"), USER_FIELDS] => "updateEmail",
    variables: |update, _| {
        let old = check("the old e-mail address", &update.old)?;
        Ok(EmailVariables {
            email: require(EMAIL, &update.email)?,
            email_code: require(CODE, update.code.expose())?,
            old_email: old.map(|(email, _)| email),
            old_email_code: old.map(|(_, code)| code),
        })
    },
}

impl Call<UpdateEmail> {
    /// The address until now, and the code that was sent to it for
    /// [`EmailScene::ChangeEmail`](super::EmailScene::ChangeEmail).
    pub fn old(mut self, email: impl Into<String>, code: impl Into<Secret>) -> Self {
        self.0.operation.old = Some((email.into(), code.into()));
        self
    }
}
