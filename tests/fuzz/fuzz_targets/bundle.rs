//! Offline bundles, from bytes; the body is in `tests/src/fuzz`, where the tests use it, too.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sluis_fuzz::bundle(data));
