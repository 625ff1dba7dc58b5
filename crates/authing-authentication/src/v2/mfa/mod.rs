//! The second factor: authenticator apps, codes by message, recovery codes.

mod authenticators;
mod verify;

use authing_core::{Credential, Request, Secret};

use super::client::{AuthenticationClient, Call};
use super::next_step::MfaChallenge;
use super::session::Session;

pub use authenticators::{
    AssociateMfaAuthenticator, ConfirmAssociateMfaAuthenticator, DeleteMfaAuthenticator,
    GetMfaAuthenticators, MfaAssociation, MfaAuthenticator,
};
pub use verify::{
    PhoneOrEmailBindable, Recovery, VerifyAppEmailMfa, VerifyAppSmsMfa, VerifyTotpMfa,
    VerifyTotpRecoveryCode,
};

authing_core::string_enum! {
    /// What an authenticator app is for.
    pub enum TotpSource {
        /// The user switched the second factor on for themselves.
        Own = "SELF",
        /// The application asks for it.
        Application = "APPLICATION",
    }
}

/// The authenticator apps of a user: see [`Session::mfa`] and
/// [`MfaChallenge::mfa`].
///
/// ```no_run
/// # async fn example(session: authing_authentication::v2::Session) -> Result<(), authing_authentication::Error> {
/// let mfa = session.mfa();
/// let key = mfa.associate_mfa_authenticator().await?;
/// // Show the picture, keep the recovery code, and ask for the first code.
/// # let (show, ask) = (|_: &str| (), || "123456".to_owned());
/// if let Some(picture) = &key.qrcode_data_url {
///     show(picture.expose());
/// }
/// mfa.confirm_associate_mfa_authenticator(ask()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Mfa {
    client: AuthenticationClient,
    token: Secret,
    source: Option<TotpSource>,
}

impl Mfa {
    fn call<O>(&self, operation: O) -> Call<O> {
        let credential = Credential::Bearer(self.token.clone());
        Call(Request::new(&self.client.pipeline, credential, operation))
    }
}

impl Session {
    /// The authenticator apps of the logged-in user.
    #[must_use]
    pub fn mfa(&self) -> Mfa {
        Mfa {
            client: self.client.clone(),
            token: self.token.clone(),
            source: None,
        }
    }
}

impl MfaChallenge {
    /// The authenticator apps of the user who is logging in. Where the
    /// application asks for a second factor and the user has none yet, this
    /// is how to give them one before they can log in; the calls then say
    /// [`TotpSource::Application`] on their own.
    #[must_use]
    pub fn mfa(&self) -> Mfa {
        Mfa {
            client: self.client.clone(),
            token: self.token.clone(),
            source: self.by_application.then_some(TotpSource::Application),
        }
    }
}
