use authing_core::__private::{encode_path, require};
use authing_core::{Payload, Secret, Timestamp, operation};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{Mfa, TotpSource};
use crate::v2::Call;

/// The only kind of authenticator that the API knows.
const TOTP: &str = "totp";

impl Mfa {
    /// Lists the user's authenticator apps; also one that waits for
    /// [`confirm_associate_mfa_authenticator`](Self::confirm_associate_mfa_authenticator).
    pub fn get_mfa_authenticators(&self) -> Call<GetMfaAuthenticators> {
        self.call(GetMfaAuthenticators {
            source: self.source.clone(),
        })
    }

    /// Begins to add an authenticator app: gives the key for it. Nothing
    /// changes for the user before
    /// [`confirm_associate_mfa_authenticator`](Self::confirm_associate_mfa_authenticator).
    #[doc(alias = "assosicate_mfa_authenticator")]
    pub fn associate_mfa_authenticator(&self) -> Call<AssociateMfaAuthenticator> {
        self.call(AssociateMfaAuthenticator {
            source: self.source.clone(),
        })
    }

    /// Adds the authenticator app with the first code that it shows. From then
    /// on the user needs it to log in.
    #[doc(alias = "confirm_assosicate_mfa_authenticator")]
    pub fn confirm_associate_mfa_authenticator(
        &self,
        totp: impl Into<Secret>,
    ) -> Call<ConfirmAssociateMfaAuthenticator> {
        self.call(ConfirmAssociateMfaAuthenticator {
            totp: totp.into(),
            source: self.source.clone(),
        })
    }

    /// Removes the user's authenticator app. Needs a [`Session`]: the token of
    /// a login that is not finished is refused.
    ///
    /// [`Session`]: crate::v2::Session
    pub fn delete_mfa_authenticator(&self) -> Call<DeleteMfaAuthenticator> {
        self.call(DeleteMfaAuthenticator(()))
    }
}

/// An authenticator app of a user.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MfaAuthenticator {
    /// Its id.
    pub id: Option<String>,
    /// Whose it is.
    pub user_id: Option<String>,
    /// Whether it was confirmed, and so is asked for.
    pub enable: Option<bool>,
    /// `totp`.
    pub authenticator_type: Option<String>,
    /// Its key in base 32.
    pub secret: Option<Secret>,
    /// The code that takes its place once.
    pub recovery_code: Option<Secret>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// The key for an authenticator app, in the three ways that apps take it.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct MfaAssociation {
    /// `totp`.
    pub authenticator_type: Option<String>,
    /// The key in base 32, to be typed.
    pub secret: Option<Secret>,
    /// The key as an `otpauth:` URI.
    pub qrcode_uri: Option<Secret>,
    /// The URI as a picture: a `data:` URL for an `<img>`.
    pub qrcode_data_url: Option<Secret>,
    /// What lets the user in once when the app is lost, to be kept by the user.
    pub recovery_code: Option<Secret>,
}

/// [`Mfa::get_mfa_authenticators`].
#[derive(Debug, Clone)]
pub struct GetMfaAuthenticators {
    source: Option<TotpSource>,
}

operation! {
    GetMfaAuthenticators => Vec<MfaAuthenticator>,
    id: "authentication.mfa.get_mfa_authenticators",
    repeat: Safe,
    rest: GET |get, _| {
        let mut path = format!("/api/v2/mfa/authenticator?type={TOTP}");
        if let Some(source) = &get.source {
            path.push_str("&source=");
            path.push_str(&encode_path(source.as_str()));
        }
        Ok(Payload::new(path, None))
    },
    read: |_, list: Option<Vec<MfaAuthenticator>>| Ok(list.unwrap_or_default()),
}

impl Call<GetMfaAuthenticators> {
    /// Only those that are for this.
    pub fn source(mut self, source: TotpSource) -> Self {
        self.0.operation.source = Some(source);
        self
    }
}

/// What goes into the body of both steps of an association.
#[derive(Serialize)]
struct Association<'a> {
    authenticator_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    totp: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a TotpSource>,
}

/// [`Mfa::associate_mfa_authenticator`].
#[derive(Debug, Clone)]
pub struct AssociateMfaAuthenticator {
    source: Option<TotpSource>,
}

operation! {
    AssociateMfaAuthenticator => MfaAssociation,
    id: "authentication.mfa.associate_mfa_authenticator",
    // Each time another key.
    repeat: Never,
    rest: POST |associate, _| Payload::json("/api/v2/mfa/totp/associate", &Association {
        authenticator_type: TOTP,
        totp: None,
        source: associate.source.as_ref(),
    }),
}

impl Call<AssociateMfaAuthenticator> {
    /// What the app is for; give the same at the confirmation.
    pub fn source(mut self, source: TotpSource) -> Self {
        self.0.operation.source = Some(source);
        self
    }
}

/// [`Mfa::confirm_associate_mfa_authenticator`].
#[derive(Debug, Clone)]
pub struct ConfirmAssociateMfaAuthenticator {
    totp: Secret,
    source: Option<TotpSource>,
}

operation! {
    ConfirmAssociateMfaAuthenticator => (),
    id: "authentication.mfa.confirm_associate_mfa_authenticator",
    repeat: Never,
    rest: POST |confirm, _| Payload::json("/api/v2/mfa/totp/associate/confirm", &Association {
        authenticator_type: TOTP,
        totp: Some(require("the code", confirm.totp.expose())?),
        source: confirm.source.as_ref(),
    }),
    read: |_, _answer: IgnoredAny| Ok(()),
}

impl Call<ConfirmAssociateMfaAuthenticator> {
    /// What the app is for.
    pub fn source(mut self, source: TotpSource) -> Self {
        self.0.operation.source = Some(source);
        self
    }
}

/// [`Mfa::delete_mfa_authenticator`].
#[derive(Debug, Clone)]
pub struct DeleteMfaAuthenticator(());

operation! {
    DeleteMfaAuthenticator => (),
    id: "authentication.mfa.delete_mfa_authenticator",
    repeat: Idempotent,
    rest: DELETE |_, _| Ok(Payload::new("/api/v2/mfa/totp/associate", None)),
    read: |_, _answer: IgnoredAny| Ok(()),
}
