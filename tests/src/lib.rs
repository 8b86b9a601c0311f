//! What crosses the parts.
#![forbid(unsafe_code)]

#[allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "an author fails by panicking: what it looks up it has just written"
)]
pub mod attacks;
#[allow(clippy::indexing_slicing, clippy::panic, reason = "a finding is a panic")]
pub mod fuzz;
pub mod messages;

/// The author of repositories in memory, shared with the client's own tests.
#[path = "../../core/tests/feed/repository.rs"]
#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "an author fails by panicking, and not every user of it needs all that it can do"
)]
mod repository;
