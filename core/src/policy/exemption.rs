//! Exemptions: which rule or stance each suppresses, and for whom it does so now.

use std::collections::HashSet;

use sluis_policy::policy::{Exemption, Policy};
use sluis_policy::values::{Id, PackagePattern};

use super::circumstances::Circumstances;
use super::ruleset::Ruleset;

/// What an exemption suppresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The rule of that layer and place.
    Rule {
        /// The layer.
        layer: u32,
        /// The rule's place in its policy.
        place: u32,
    },
    /// The closed stance of that layer.
    Stance {
        /// The layer.
        layer: u32,
    },
}

/// An exemption that may be used: what it exempts from is there, and its layer may exempt from that.
#[derive(Debug)]
pub(super) struct CompiledExemption {
    pub(super) layer: u32,
    /// Its place in its policy.
    pub(super) place: u32,
    pub(super) target: Target,
    groups: Vec<Id>,
    from_ms: Option<i64>,
    end_ms: i64,
    names: HashSet<String>,
    prefixes: Vec<String>,
}

impl CompiledExemption {
    /// Those of all layers, in their order.
    pub(super) fn all(layers: &[Policy]) -> Vec<Self> {
        let of_layer = |(layer, policy): (u32, &Policy)| {
            let compile = move |(place, exemption)| Self::new(layers, layer, place, exemption);
            (0..)
                .zip(policy.exemptions.clone())
                .filter_map(compile)
                .collect::<Vec<_>>()
        };
        (0..).zip(layers).flat_map(of_layer).collect()
    }

    fn new(layers: &[Policy], layer: u32, place: u32, exemption: Exemption) -> Option<Self> {
        let policy = layers.get(layer as usize)?;
        let named = exemption.layer.as_ref().unwrap_or(&policy.layer);
        let (of, other) = (0..).zip(layers).find(|(_, other)| other.layer == *named)?;
        let rule = (0..)
            .zip(&other.rules)
            .find(|(_, rule)| rule.id == exemption.rule);
        let mut end_ms = exemption.until.ms();
        let target = match rule {
            Some((at, rule)) => {
                if of != layer && !rule.exemptible_by.contains(&policy.layer) {
                    return None;
                }
                if let Some(longest) = rule.max_exemption {
                    // Without a beginning nobody can tell how long it lasts.
                    end_ms = end_ms.min(exemption.from?.ms().saturating_add(longest.ms()));
                }
                Target::Rule { layer: of, place: at }
            }
            None if of == layer && exemption.rule == policy.stance.id => Target::Stance { layer },
            None => return None,
        };
        let (mut names, mut prefixes) = (HashSet::new(), Vec::new());
        for pattern in exemption.packages {
            match pattern {
                PackagePattern::Exact(name) => drop(names.insert(name)),
                PackagePattern::Prefix(prefix) => prefixes.push(prefix),
            }
        }
        Some(Self {
            layer,
            place,
            target,
            groups: exemption.groups,
            from_ms: exemption.from.map(|from| from.ms()),
            end_ms,
            names,
            prefixes,
        })
    }

    /// Until when it holds on this phone, if it does now: its own end, or that of the phone's place in its groups.
    pub(super) fn end_now_ms(&self, layers: &[Policy], circumstances: &Circumstances<'_>) -> Option<i64> {
        let clock = circumstances.clock(self.layer);
        let begun = self.from_ms.is_none_or(|from| clock.is_certain(from));
        if !begun || clock.is_over(self.end_ms) {
            return None;
        }
        let policy = layers.get(self.layer as usize)?;
        let ours = circumstances.groups.iter().filter(|member| {
            member.layer == policy.layer
                && self.groups.contains(&member.group)
                && member.from_ms.is_none_or(|from| clock.is_certain(from))
                && !clock.is_over(member.until_ms)
        });
        let longest = ours.map(|member| member.until_ms).max()?;
        Some(longest.min(self.end_ms))
    }

    /// Its own end, if it is for that group of that layer.
    fn end_for(&self, layers: &[Policy], layer: &Id, group: &Id) -> Option<i64> {
        let ours = layers.get(self.layer as usize)?.layer == *layer;
        (ours && self.groups.contains(group)).then_some(self.end_ms)
    }

    /// The moments at which it may begin or end.
    pub(super) fn moments(&self) -> impl Iterator<Item = i64> {
        self.from_ms.into_iter().chain([self.end_ms])
    }

    /// Whether it is about that package.
    pub(super) fn covers(&self, package: &str) -> bool {
        self.names.contains(package)
            || self
                .prefixes
                .iter()
                .any(|prefix| package.starts_with(prefix.as_str()))
    }
}

impl Ruleset {
    /// When the last exemption of a layer for one of its groups ends, in milliseconds since 1970; `None` where no
    /// exemption that can be used is for that group.
    pub fn exemption_end_ms(&self, layer: &Id, group: &Id) -> Option<i64> {
        let ends = self.exemptions.iter();
        ends.filter_map(|exemption| exemption.end_for(&self.layers, layer, group))
            .max()
    }
}
