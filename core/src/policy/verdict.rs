//! What a rule set says of one package.

use sluis_policy::policy::{Effect, Remedy};

/// What the layers together say of one package at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The strictest effect of all layers.
    pub effect: Effect,
    /// How a denied package is to be kept from use now; none where nothing is denied, or all that is denied has its
    /// grace still.
    pub remedy: Option<Remedy>,
    /// What decided; see [`crate::policy::Ruleset::source`] for the words.
    pub basis: Basis,
    /// When what is wanted becomes stricter by itself, in milliseconds since 1970: a grace or an exemption ends, or a
    /// removal becomes due. None: nothing is announced.
    pub deadline_ms: Option<i64>,
}

impl Verdict {
    /// No rule matched and no stance is closed to it.
    pub(super) const NOTHING_SAID: Self = Self {
        effect: Effect::Allow,
        remedy: None,
        basis: Basis::NothingSaid,
        deadline_ms: None,
    };

    /// No rule matched a package that somebody added; `missing` has a bit for each closed layer that did not approve.
    pub(super) fn unmatched(missing: u64) -> Self {
        match missing {
            0 => Self::NOTHING_SAID,
            _ => Self {
                effect: Effect::Deny,
                remedy: Some(Remedy::Suspend),
                basis: Basis::NotApproved {
                    layer: missing.trailing_zeros(),
                },
                deadline_ms: None,
            },
        }
    }
}

/// What decided a verdict. Where several rules say the same, the choice is always the same one, whatever the order
/// of the rules: the strongest that is due, the rule before the stance, the strongest remedy in the end, the first
/// layer, the rule's id. Where nothing is due yet, the earliest deadline comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// A rule matched; its number in the rule set.
    Rule(u32),
    /// No rule of this closed layer allowed it: "not approved", which is not the same as "forbidden".
    NotApproved {
        /// The first closed layer that did not approve.
        layer: u32,
    },
    /// It is denied, and an exemption suppresses all that denies it.
    Exempted {
        /// The exemption's number in the rule set.
        exemption: u32,
    },
    /// Every stance is open, or the package came with the phone, and no rule matched.
    NothingSaid,
}
