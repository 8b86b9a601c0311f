//! What crosses the parts.
#![forbid(unsafe_code)]

pub mod messages;
