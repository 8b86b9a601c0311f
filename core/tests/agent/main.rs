//! The agent as a phone drives it: events in, directives carried out, results and inventories back.
//!
//! [`server::Server`] serves repositories that tests author; [`phone::Phone`] is a phone of packages with faults.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod brake;
mod bundle;
mod device;
mod enforcement;
mod feeds;
mod grants;
mod grants_over_time;
mod inspector;
mod interruption;
mod loss;
mod manifests;
mod notify;
mod order;
mod over_time;
mod phone;
#[allow(dead_code, reason = "other tests use more of it")]
#[path = "../feed/repository.rs"]
mod repository;
mod screen;
mod self_update;
mod server;
#[allow(dead_code, reason = "other tests use more of it")]
#[path = "../grant/signer.rs"]
mod signer;
mod unknown_facts;
