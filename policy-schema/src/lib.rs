//! The documents of Sluis: policy and catalogue, parsed strictly, with errors that say where and why.
#![forbid(unsafe_code)]

pub mod json;
