#![no_main]
libfuzzer_sys::fuzz_target!(
    // To make a key takes longer here than one input may.
    init: {
        std::sync::LazyLock::force(&authing_tests::jwt::SERVER);
    },
    |bytes: &[u8]| authing_tests::hostile::feed("verify_challenge", bytes)
);
