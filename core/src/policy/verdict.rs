//! What a rule set says of one package.

use sluis_policy::policy::{Effect, Remedy};

/// What the layers together say of one package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The strictest effect of all layers.
    pub effect: Effect,
    /// How a denied package is kept from use; [`Remedy::Suspend`] where nothing is denied.
    pub remedy: Remedy,
    /// What decided; see [`crate::policy::Ruleset::rule`] for the words.
    pub basis: Basis,
}

impl Verdict {
    /// No rule matched and no stance is closed to it.
    pub(super) const NOTHING_SAID: Self = Self {
        effect: Effect::Allow,
        remedy: Remedy::Suspend,
        basis: Basis::NothingSaid,
    };

    /// No rule matched a package that somebody added; `missing` has a bit for each closed layer that did not approve.
    pub(super) fn unmatched(missing: u64) -> Self {
        match missing {
            0 => Self::NOTHING_SAID,
            _ => Self {
                effect: Effect::Deny,
                remedy: Remedy::Suspend,
                basis: Basis::NotApproved {
                    layer: missing.trailing_zeros(),
                },
            },
        }
    }
}

/// What decided a verdict. Where several rules say the same, the choice is always the same one, whatever the order
/// of the rules: the strongest remedy, then the first layer, then the rule's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// A rule matched; its place in the rule set.
    Rule(u32),
    /// No rule of this closed layer allowed it: "not approved", which is not the same as "forbidden".
    NotApproved {
        /// The first closed layer that did not approve.
        layer: u32,
    },
    /// Every stance is open, or the package came with the phone, and no rule matched.
    NothingSaid,
}
