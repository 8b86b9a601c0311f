//! The deciding half of Sluis: verifies signed feeds, evaluates packages against policy and says what to do.
#![forbid(unsafe_code)]

pub mod agent;
pub mod audit;
mod base64;
pub mod feed;
pub mod grant;
pub mod plan;
pub mod policy;
pub mod store;
