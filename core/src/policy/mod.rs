//! Layers of policy: composed, compiled into one rule set, and evaluated over the packages of a phone.

pub mod facts;
mod index;
mod matcher;
mod ruleset;
mod verdict;

pub use ruleset::{ComposeError, Layer, Ruleset};
pub use verdict::{Basis, Verdict};
