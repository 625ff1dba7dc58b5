//! What `tracing` is told, and what it must not be told.
//!
//! One test, since the subscriber is the whole process's.

use std::sync::{Arc, Mutex};

use authing::v2::{CreateUserInput, UpdateProfileInput};
use authing::{HttpTransport, TransportError};
use authing_emulator::Emulator;
use authing_tests::clients::{Backend, Clients};
use authing_tests::log::Log;
use bytes::Bytes;

/// Writes down the tokens that pass.
#[derive(Debug, Clone)]
struct Listening {
    inner: Arc<dyn HttpTransport>,
    tokens: Arc<Mutex<Vec<String>>>,
}

#[async_trait::async_trait]
impl HttpTransport for Listening {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        if let Some(value) = request.headers().get("authorization") {
            let token = value
                .to_str()
                .unwrap()
                .trim_start_matches("Bearer ")
                .to_owned();
            self.tokens.lock().unwrap().push(token);
        }
        self.inner.send(request).await
    }
}

const PASSWORD: &str = "correct horse battery";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_told_and_secrets_are_not() {
    let log = Log::of_everything();

    for backend in [Backend::Reqwest, Backend::Hyper] {
        let emulator = Emulator::start().unwrap();
        let tokens = Arc::new(Mutex::new(Vec::new()));
        let transport = Listening {
            inner: backend.transport().unwrap(),
            tokens: Arc::clone(&tokens),
        };
        let clients = Clients::of(&emulator, transport).unwrap();
        let users = clients.admin.users();
        let bob = users
            .create(CreateUserInput::new().username("bob").password(PASSWORD))
            .await;
        let session = clients
            .client
            .login_by_username("bob", PASSWORD)
            .await
            .unwrap();
        session
            .update_profile(UpdateProfileInput::new().nickname("Bobby"))
            .await
            .unwrap();
        session.get_current_user().await.unwrap();
        session.check_login_status().await.unwrap();
        let issued = users.refresh_token(&bob.unwrap().id).await.unwrap();
        clients
            .client
            .login_by_username("bob", "wrong password")
            .await
            .unwrap_err();
        clients
            .client
            .session("a made-up token")
            .get_current_user()
            .await
            .unwrap_err();
        session.logout().await.unwrap();

        let told = log.take();
        for field in [
            "authing.call{",
            "authing.operation=\"management.users.create\"",
            "otel.kind=\"client\"",
            "http.request.method=\"POST\"",
            "server.address=\"127.0.0.1\"",
            "server.port=",
            "http.response.status_code=200",
            "network.protocol.version=\"1.1\"",
            "authing.tries=1",
            "authing.code=2006",
            "error.type=\"api\"",
        ] {
            assert!(told.contains(field), "{field} is not told");
        }
        let mut secrets = tokens.lock().unwrap().clone();
        secrets.extend([
            emulator.secret().to_owned(),
            emulator.app_secret().to_owned(),
            PASSWORD.to_owned(),
            "wrong password".to_owned(),
            session.token().expose().to_owned(),
            issued.token.unwrap().expose().to_owned(),
        ]);
        assert!(secrets.len() > 10);
        for secret in secrets {
            if let Some(at) = told.find(&secret) {
                let line = told[..at].lines().next_back().unwrap_or_default();
                panic!("a secret is told after: {line}");
            }
        }
    }
}
