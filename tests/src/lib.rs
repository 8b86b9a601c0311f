//! What crosses the parts.
#![forbid(unsafe_code)]
