//! The bodies of the fuzz targets. The crate `sluis-tests` compiles the same files and replays the corpora in every
//! test run; they are taken in by their path, so that a fuzzer's build waits for nothing that it does not run.
#![forbid(unsafe_code)]

#[path = "../../src/fuzz/mod.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod bodies;

#[path = "../../../core/tests/feed/repository.rs"]
#[allow(dead_code, reason = "not every user of it needs all that it can do")]
mod repository;

pub use bodies::{bundle, metadata, update};
