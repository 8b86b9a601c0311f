//! `sluis feed`, run as an administrator runs it, and read as a phone reads it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod agent;
mod delegation;
mod desk;
mod faulty;
mod init;
mod interruptions;
mod keys;
mod publish;
mod refresh;
mod rotation;
mod signatures;
mod staging;
mod status;
mod summary;
