//! The façade: events in, directives out.
pub mod message;
