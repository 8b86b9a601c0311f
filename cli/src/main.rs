//! The administrator's tool.
#![forbid(unsafe_code)]
fn main() {}
