//! Layers of policy: composed, compiled into one rule set, and evaluated over the packages of a phone.
//!
//! What policies mean is written down, rule by rule, in `docs/semantics.md`.

mod calendar;
mod circumstances;
mod conditions;
mod device;
mod exemption;
mod explanation;
pub mod facts;
mod index;
mod judge;
mod matcher;
mod notify;
mod past;
mod ruleset;
mod timing;
mod truth;
mod verdict;
mod web;

pub use circumstances::{Circumstances, Floors, Membership};
pub use device::Device;
pub use explanation::Explanation;
pub use judge::{Idle, Judge};
pub use matcher::{Attribute, AttributeTrace, Outcome, RuleTrace, ViaVendor, Witness};
pub use past::{Activation, Past, RuleName};
pub use ruleset::{ComposeError, Layer, Ruleset};
pub use timing::{Denial, REMOVAL_AFTER_EXEMPTION_MS};
pub use verdict::{Basis, Verdict};
