//! The faults of a soak.

use std::time::Duration;

use authing_emulator::{Fault, Faults, RetryAfter, Rule};

/// One request in eight meets a fault: far more than in an outage that users
/// would put up with, and of every kind there is.
pub(super) fn schedule(seed: u64) -> Faults {
    let ms = Duration::from_millis;
    let rare = 0.005;
    let one_second = Some(RetryAfter::Seconds(1));
    Faults::seeded(seed)
        .rule(
            Rule::new(Fault::Latency {
                from: ms(1),
                to: ms(20),
            })
            .chance(0.02),
        )
        .rule(
            Rule::new(Fault::Latency {
                from: ms(1),
                to: ms(20),
            })
            .after()
            .chance(0.01),
        )
        .rule(Rule::new(Fault::Refuse { during: ms(30) }).chance(0.0005))
        .rule(Rule::new(Fault::Reset).before().chance(2.0 * rare))
        .rule(Rule::new(Fault::Reset).after().chance(2.0 * rare))
        .rule(Rule::new(Fault::ResetInBody).chance(rare))
        .rule(Rule::new(Fault::CloseInBody).chance(rare))
        .rule(Rule::new(Fault::TruncatedJson).chance(rare))
        .rule(Rule::new(Fault::WrongContentType).chance(rare))
        .rule(Rule::new(Fault::GatewayPage).before().chance(rare))
        .rule(Rule::new(Fault::GatewayPage).after().chance(rare))
        .rule(Rule::new(Fault::TooManyRequests { retry_after: None }).chance(2.0 * rare))
        .rule(
            Rule::new(Fault::TooManyRequests {
                retry_after: one_second,
            })
            .chance(0.1 * rare),
        )
        .rule(
            Rule::new(Fault::TooManyRequests {
                retry_after: Some(RetryAfter::Date(ms(500))),
            })
            .chance(0.1 * rare),
        )
        .rule(Rule::new(Fault::server_error(500)).before().chance(rare))
        .rule(Rule::new(Fault::server_error(500)).after().chance(rare))
        .rule(Rule::new(Fault::server_error(502)).before().chance(rare))
        .rule(Rule::new(Fault::server_error(502)).after().chance(rare))
        .rule(Rule::new(Fault::server_error(503)).before().chance(rare))
        .rule(
            Rule::new(Fault::ServerError {
                status: 503,
                retry_after: one_second,
            })
            .before()
            .chance(0.1 * rare),
        )
        .rule(Rule::new(Fault::server_error(504)).after().chance(rare))
        .rule(Rule::new(Fault::HalfOpen).before().chance(0.1 * rare))
        .rule(Rule::new(Fault::HalfOpen).after().chance(0.1 * rare))
        .rule(
            Rule::new(Fault::SlowHead {
                bytes: 16,
                pause: ms(2),
            })
            .chance(0.2 * rare),
        )
        .rule(
            Rule::new(Fault::SlowBody {
                bytes: 256,
                pause: ms(1),
            })
            .chance(0.2 * rare),
        )
        .rule(Rule::new(Fault::Duplicate).chance(2.0 * rare))
        // One ends the token of every task. Two in a row would be too much for the calls
        // that meet both: a token is renewed once for a call.
        .rule(Rule::new(Fault::ExpiredToken).chance(0.02 * rare))
}
