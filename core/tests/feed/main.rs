//! What a feed's server, or who took it over, may try on a phone; each test is named after the threat or the promise.
//!
//! A [`repository::Repository`] is authored in memory, honestly or not; a [`phone::Phone`] updates from it through
//! the real client and the real store.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod bundle;
mod clock;
mod delegation;
mod key_kinds;
mod names;
mod phone;
mod repository;
mod rollback;
mod rotation;
mod search_order;
mod signatures;
mod transport;
mod workflow;
