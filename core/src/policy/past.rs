//! What happened on a phone before, as far as verdicts depend on it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sluis_policy::values::Id;

/// A rule, or a stance, of a layer. The name outlives edits of what it names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleName {
    /// The layer.
    pub layer: Id,
    /// The rule's id, or the stance's.
    pub rule: Id,
}

/// What happened on a phone before.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// When the phone first obeyed a rule. One that is not here is obeyed for the first time now, and every package that
    /// is judged was there first.
    pub activations: HashMap<RuleName, Activation>,
    /// The packages for which an exemption from a rule was used: in milliseconds since 1970 when it was found to have
    /// ended, or that it was not found to have ended.
    pub exempted: HashMap<RuleName, HashMap<String, Option<i64>>>,
}

/// The moment at which a phone first obeyed a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The packages that were there.
    pub present: Arc<HashSet<String>>,
}
