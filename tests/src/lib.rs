//! What the black-box tests share: both transports, what every transport must
//! do, ready clients, a table of every operation, and one of every place that
//! reads bytes from outside.

pub mod browser;
pub mod cases;
pub mod clients;
pub mod conformance;
pub mod crowd;
pub mod hostile;
pub mod jwt;
pub mod log;
pub mod oidc;
pub mod raw;
pub mod soak;
pub mod webdriver;

/// Runs each test body over both transports, as `reqwest::name` and
/// `hyper::name`: `cargo xtask test --transport hyper` picks by these names.
#[macro_export]
macro_rules! both_transports {
    ($($name:ident),+ $(,)?) => {
        mod reqwest {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::clients::Backend::Reqwest).await;
                }
            )+
        }

        mod hyper {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::clients::Backend::Hyper).await;
                }
            )+
        }
    };
}

/// The code blocks of the README, compiled as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The code blocks of the Chinese README, compiled as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.zh-CN.md")]
pub struct ReadmeZhCn;

/// The code blocks of the contributor's guide, compiled as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../../CONTRIBUTING.md")]
pub struct Contributing;

/// The code blocks of the page on reliability, compiled as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/reliability.md")]
pub struct Reliability;
