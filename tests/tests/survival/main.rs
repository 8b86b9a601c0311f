//! The store through kills, power cuts and broken disks.
//!
//! A phone obeys a feed that changes all the time ([`world`]), with the product's agent and store as they are; the
//! files that it writes are watched and disturbed at the boundary with the operating system ([`disk`]). Whatever
//! happens, [`check`] must find all that the phone was promised before. `SLUIS_SURVIVAL=full` makes the runs longer.
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod check;
mod disk;
mod fault;
mod image;
mod kill;
mod power;
#[allow(dead_code, reason = "other tests use more of it")]
#[path = "../../../core/tests/feed/repository.rs"]
mod repository;
mod syncs;
mod world;

/// Whether there is time for everything.
fn full() -> bool {
    std::env::var("SLUIS_SURVIVAL").is_ok_and(|value| value == "full")
}

/// A folder for a phone; in memory where that is possible, since no test here depends on the real disk.
fn folder() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}
