//! The SDK and the emulator agree on the time and on the name of the server.

use std::time::{Duration, SystemTime};

use authing::oidc::{OidcClient, TokenSet};
use authing::v2::ManagementClient;
use authing::verify::{Application, Claims, Verifier};
use authing::{Clock, clock_fn};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::browser::Browser;
use authing_tests::clients::Backend;
use authing_tests::oidc::{CALLBACK, World};

both_transports!(
    a_clock_that_was_turned_is_shared,
    a_clock_that_runs_is_shared,
    the_server_by_another_name,
    a_management_token_after_2038,
);

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The emulator's clock for a client.
fn clock(emulator: &Emulator) -> impl Clock {
    let clock = emulator.clock();
    clock_fn(move || clock.now())
}

fn application(world: &World, backend: Backend, host: &str) -> OidcClient {
    OidcClient::builder(world.emulator.app_id())
        .secret(world.emulator.app_secret())
        .host(host)
        .transport(backend.transport().unwrap())
        .clock(clock(&world.emulator))
        .build()
        .unwrap()
}

async fn log_in(world: &mut World, client: &OidcClient) -> Result<TokenSet, authing::Error> {
    let begun = client.build_authorize_url(CALLBACK).build().unwrap();
    let query = world.sign_in(&begun.url).await;
    let code = client.callback(&begun.login, &query).unwrap();
    client.get_access_token_by_code(code).await
}

/// The claims of an access token, for a service with the emulator's clock.
async fn claims(world: &World, backend: Backend, host: &str, tokens: &TokenSet) -> Claims {
    let verifier = Verifier::builder()
        .application(Application::new(world.emulator.app_id(), host))
        .transport(backend.transport().unwrap())
        .clock(clock(&world.emulator))
        .build()
        .unwrap();
    let token = tokens.access_token.expose();
    verifier.verify(token).await.unwrap()
}

async fn a_clock_that_was_turned_is_shared(backend: Backend) {
    // In the past, in the future, and where seconds are larger than 31 bits.
    for seconds in [1_704_067_200, 1_893_456_000, 2_177_452_800] {
        let mut world = World::new(backend).await;
        world.emulator.freeze_time();
        world.emulator.set_time(at(seconds));
        let host = world.emulator.url().to_owned();
        let client = application(&world, backend, &host);
        let tokens = log_in(&mut world, &client).await.unwrap();
        assert_eq!(
            claims(&world, backend, &host, &tokens).await.sub,
            world.user_id
        );
        let life = Duration::from_secs(14 * 86_400);
        assert_eq!(tokens.expires_at, Some(at(seconds) + life));
    }
}

/// Also where the difference is so small that a client believes the server's `Date`.
async fn a_clock_that_runs_is_shared(backend: Backend) {
    let life = Emulator::builder().access_token_life(Duration::from_secs(600));
    let mut world = World::of(backend, life).await;
    let host = world.emulator.url().to_owned();
    let client = application(&world, backend, &host);
    for hours in [0, 1, 12] {
        world.emulator.advance(Duration::from_secs(hours * 3600));
        // One that is not signed in.
        world.browser = Browser::new(backend.transport().unwrap());
        let tokens = log_in(&mut world, &client).await.unwrap();
        assert_eq!(
            claims(&world, backend, &host, &tokens).await.sub,
            world.user_id
        );
    }
}

async fn the_server_by_another_name(backend: Backend) {
    let mut world = World::new(backend).await;
    let host = world.emulator.url().replace("127.0.0.1", "localhost");
    let client = application(&world, backend, &host);
    let told = client.discover().await.unwrap();
    assert_eq!(told.issuer, format!("{host}/oidc"));
    let tokens = log_in(&mut world, &client).await.unwrap();
    let claims = claims(&world, backend, &host, &tokens).await;
    assert_eq!(claims.iss, told.issuer);
    let user = client.get_user_info_by_access_token(&tokens.access_token);
    user.subject(&world.user_id).await.unwrap();

    // Somebody who knows the server by its first name is told by whom the token is.
    let own = Application::new(world.emulator.app_id(), world.emulator.url());
    let verifier = Verifier::builder()
        .application(own)
        .transport(backend.transport().unwrap());
    let verifier = verifier.build().unwrap();
    let outcome: Result<Claims, _> = verifier.verify(tokens.access_token.expose()).await;
    let words = outcome.unwrap_err().to_string();
    assert!(words.contains("localhost"), "{words}");
}

async fn a_management_token_after_2038(backend: Backend) {
    let emulator = Emulator::start().unwrap();
    emulator.set_time(at(2_177_452_800));
    let admin = ManagementClient::builder(emulator.user_pool_id(), emulator.secret())
        .host(emulator.url())
        .transport(backend.transport().unwrap())
        .clock(clock(&emulator))
        .build()
        .unwrap();
    for _ in 0..3 {
        assert_eq!(admin.users().list().await.unwrap().total_count, 0);
    }
    assert_eq!(emulator.request_count("accessToken"), 1, "it is kept");
    emulator.advance(Duration::from_secs(16 * 86_400));
    admin.users().list().await.unwrap();
    assert_eq!(
        emulator.request_count("users"),
        4,
        "none is sent that has expired"
    );
}
