//! Compose layers of policy, compile them, evaluate packages.
pub mod facts;
