#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| authing_tests::hostile::feed("verify_token", bytes));
