//! The whole client against a repository that does what the bytes say; the body is in
//! `tests/src/fuzz`, where the tests use it, too.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sluis_fuzz::update(data));
