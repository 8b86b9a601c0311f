//! What the tests and the race against other clients of The Update Framework share.
#![forbid(unsafe_code)]

pub mod feed;
pub mod hex;
pub mod programs;
pub mod server;
