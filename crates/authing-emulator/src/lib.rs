//! A local Authing to test against.
//!
//! [`Emulator::start`] opens a server on a free port of the loopback interface. It keeps users, roles, groups,
//! policies, custom fields, whitelists and the pool's settings in memory, issues tokens, logs users in with OpenID
//! Connect on a page of its own, and refuses what Authing refuses, with Authing's codes. Mail and text messages go to
//! [`Emulator::outbox`]. It shares no code with the SDK, so the two cannot agree on a mistake.
//!
//! ```
//! use authing_emulator::Emulator;
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), authing_emulator::StartError> {
//! let emulator = Emulator::start()?;
//! println!("{} serves the user pool {}", emulator.url(), emulator.user_pool_id());
//!
//! // Point a client at it, with its credentials and its public key. Then see what was asked:
//! assert_eq!(emulator.request_count("accessToken"), 0);
//!
//! // Tokens that were issued so far are now past their end.
//! emulator.advance(Duration::from_secs(16 * 86_400));
//! # Ok(())
//! # }
//! ```
//!
//! It can misbehave as well: [`Emulator::set_faults`] takes a plan by which requests are lost, refused, delayed and
//! their answers damaged, and which is the same each time for the same seed. See [`Faults`]. What became of each
//! request is in [`Emulator::requests`].
//!
//! It begins with what a [`Seed`] asks for, its whole state is a [`Snapshot`] to go back to or to keep, it can have
//! several user pools, and it tells of what happens over a [`Webhook`]. Tests in other languages run it as a program and
//! say the same things over HTTP.
//!
//! Dropping the [`Emulator`] stops the server.

mod account;
mod acl;
mod actions;
mod builder;
mod clock;
mod context;
mod control;
mod cors;
mod coverage;
mod dates;
mod emulator;
mod exchange;
mod expiring;
mod faults;
mod graphql;
mod groups;
mod hooks;
mod http;
mod identity;
mod ids;
mod in_flight;
mod journal;
mod limits;
mod loopback;
mod messages;
mod mfa;
mod oidc;
mod outbox;
mod page;
mod paging;
mod passwords;
mod patient;
mod phones;
mod policies;
mod pool;
mod pools;
mod refusal;
mod rest;
mod roles;
mod seed;
mod server;
mod session;
mod shared;
mod snapshot;
mod state;
mod tokens;
mod udf;
mod userpool;
mod users;
mod webhooks;
mod whitelist;
mod wording;
mod work;
mod world;

pub use builder::Builder;
pub use clock::EmulatorClock;
pub use coverage::{Operation, OperationRequest, operations};
pub use emulator::{Emulator, StartError};
pub use faults::{Fault, FaultKind, Faults, RetryAfter, Rule, Timing};
pub use journal::{Outcome, RecordedRequest};
pub use limits::Limits;
pub use oidc::ClientAuthentication;
pub use outbox::{Message, MessageKind};
pub use pools::{AppInfo, PoolInfo};
pub use seed::{Seed, SeedError};
pub use snapshot::{Snapshot, SnapshotError};
pub use webhooks::{Attempt, Delivery, Webhook, WebhookError};

/// The resources: each registers the fields it answers.
const OPERATIONS: &[fn(&mut graphql::Table)] = &[
    session::operations,
    account::operations,
    users::operations,
    roles::operations,
    groups::operations,
    policies::operations,
    acl::operations,
    udf::operations,
    whitelist::operations,
    userpool::operations,
    messages::operations,
];

/// The resources that have REST routes.
const ROUTES: &[fn(&mut rest::Routes)] = &[
    session::routes,
    account::routes,
    userpool::routes,
    users::routes,
    acl::routes,
    actions::routes,
    messages::routes,
    mfa::routes,
];
