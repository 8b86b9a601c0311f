//! What policies mean beyond a single rule: time, grace, exemptions, what is not known. One promise a test; the rules
//! are numbered in `docs/semantics.md`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod attributes;
mod clocks;
mod device;
mod exemptions;
mod explanations;
mod grace;
mod layers;
mod phone;
mod remembered;
mod trials;
mod unknown;
