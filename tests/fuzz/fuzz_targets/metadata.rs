//! Metadata of every role, from bytes; the body is in the crate `sluis-tests`, where the tests use it, too.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sluis_tests::fuzz::metadata(data));
