//! A user, their browser, and an application that they log in to.

#![allow(clippy::missing_panics_doc)]

use authing::oidc::{AuthorizationCode, AuthorizeUrl, OidcClient, TokenSet};
use authing::v2::CreateUserInput;
use authing::{Error, ErrorKind};
use authing_emulator::{Builder, Emulator};

use crate::browser::Browser;
use crate::clients::{Backend, Clients};

/// Where the application waits for the browser.
pub const CALLBACK: &str = "http://127.0.0.1:3000/callback?from=a%20b";
/// The user's password.
pub const PASSWORD: &str = "correct horse";

/// An emulator with the user `bob`, and everyone who takes part in a login.
#[derive(Debug)]
#[non_exhaustive]
pub struct World {
    /// The server.
    pub emulator: Emulator,
    /// The clients of the application.
    pub clients: Clients,
    /// The user's browser.
    pub browser: Browser,
    /// The user's id.
    pub user_id: String,
}

impl World {
    /// The world with an emulator as it comes.
    pub async fn new(backend: Backend) -> Self {
        Self::of(backend, Emulator::builder()).await
    }

    /// The world with an emulator that was set up.
    pub async fn of(backend: Backend, builder: Builder) -> Self {
        let emulator = builder.start().unwrap();
        let transport = backend.transport().unwrap();
        let clients = Clients::of(&emulator, transport.clone()).unwrap();
        let user = CreateUserInput::new()
            .username("bob")
            .email("bob@example.com")
            .nickname("Bobby")
            .password(PASSWORD);
        let user_id = clients.admin.users().create(user).await.unwrap().id;
        Self {
            emulator,
            clients,
            browser: Browser::new(transport),
            user_id,
        }
    }

    /// The application.
    pub fn oidc(&self) -> &OidcClient {
        &self.clients.oidc
    }

    /// A login that begins.
    pub fn begin(&self) -> AuthorizeUrl {
        self.oidc().build_authorize_url(CALLBACK).build().unwrap()
    }

    /// A login that begins and will give a refresh token.
    pub fn begin_offline(&self) -> AuthorizeUrl {
        let scope = "openid email profile offline_access";
        self.oidc()
            .build_authorize_url(CALLBACK)
            .scope(scope)
            .build()
            .unwrap()
    }

    /// Fills in the login page and gives the query of the callback.
    pub async fn sign_in(&mut self, url: &str) -> String {
        let page = self.browser.open(url).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let action = page.attribute("action=\"").unwrap();
        let action = format!("{}{action}", self.emulator.url());
        let form = [("account", "bob@example.com"), ("password", PASSWORD)];
        let page = self.browser.post(&action, &form).await;
        assert_eq!(page.status, 303, "{}", page.text);
        let location = page.location.as_deref().unwrap();
        assert!(location.starts_with(&format!("{CALLBACK}&")), "{location}");
        page.query().unwrap().to_owned()
    }

    /// The code at the end of the login.
    pub async fn code(&mut self, begun: &AuthorizeUrl) -> AuthorizationCode {
        let query = self.sign_in(&begun.url).await;
        self.oidc().callback(&begun.login, &query).unwrap()
    }

    /// The tokens at the end of the login.
    pub async fn log_in(&mut self, begun: AuthorizeUrl) -> TokenSet {
        let code = self.code(&begun).await;
        self.oidc().get_access_token_by_code(code).await.unwrap()
    }
}

/// Checks that the server refused with this OAuth error.
pub fn is_oauth(error: &Error, name: &str) {
    assert_eq!(error.kind(), ErrorKind::Api, "{error:?}");
    assert_eq!(error.oauth_error(), Some(name), "{error:?}");
}
