//! The pool itself: its settings and environment variables.

mod env;
mod input;
mod pool;
mod settings;

pub use env::{AddEnv, EnvVariable, ListEnv, RemoveEnv};
pub use input::{
    App2WxappLoginStrategyInput, ChangeEmailStrategyInput, ChangePhoneStrategyInput,
    CustomSmsProviderInput, FrequencyCheckInput, PasswordUpdatePolicyInput,
    QrcodeLoginStrategyInput, UpdateUserpoolInput, WhitelistConfigInput,
};
pub use pool::{
    App2WxappLoginStrategy, ChangeEmailStrategy, ChangePhoneStrategy, CustomSmsProvider,
    FrequencyCheck, QrcodeLoginStrategy, UserPool, UserPoolType,
};
pub use settings::{UpdateUserPool, UserPoolDetail};

resource! {
    /// The pool itself: its settings and environment variables.
    Pool, userpool
}
