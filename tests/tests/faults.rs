//! Calls through the emulator's faults, one kind at a time.

use std::time::Duration;

use authing::v2::CreateUserInput;
use authing_emulator::{Emulator, Fault, FaultKind, Faults, Outcome, Rule};
use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};

both_transports!(a_token_that_ends_meanwhile_is_noticed_by_nobody,);

/// Far less than what a test would wait for.
const SHORT: Duration = Duration::from_millis(20);

async fn a_token_that_ends_meanwhile_is_noticed_by_nobody(backend: Backend) {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, backend.transport().unwrap()).unwrap();
    let plan = Faults::seeded(1)
        .rule(Rule::new(Fault::ExpiredToken).every(50))
        .rule(Rule::new(Fault::latency(SHORT)).on("accessToken"));
    emulator.set_faults(plan);
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let admin = clients.admin.clone();
            tokio::spawn(async move {
                for call in 0..40 {
                    let user = CreateUserInput::new().username(format!("u{task}-{call}"));
                    admin.users().create(user).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    emulator.clear_faults();
    let expired = emulator.faults_injected()[&FaultKind::ExpiredToken];
    assert!(expired >= 10, "only {expired} tokens expired");
    let created = |request: &authing_emulator::RecordedRequest| {
        request.operation.as_deref() == Some("createUser")
            && request.outcome == Some(Outcome::Success)
    };
    let requests = emulator.requests();
    assert_eq!(
        requests.iter().filter(|request| created(request)).count(),
        640
    );
    assert_eq!(clients.admin.users().list().await.unwrap().total_count, 640);
}
