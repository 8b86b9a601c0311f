//! Composes layers and compiles them into one rule set.

use std::collections::HashSet;
use std::fmt;

use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Exemption, Policy, Remedy, Rule, StanceKind};
use sluis_policy::values::Id;

use super::circumstances::Circumstances;
use super::device::Device;
use super::exemption::{CompiledExemption, Target};
use super::facts::PackageFacts;
use super::index::{Index, IndexBuilder};
use super::judge::Judge;
use super::matcher::{Compiled, Matcher};
use super::past::RuleName;
use super::verdict::Basis;

/// One policy with the catalogue that explains its vendors and countries.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The policy.
    pub policy: Policy,
    /// The catalogue published beside it.
    pub catalogue: Catalogue,
}

/// Why policies cannot be put on top of one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComposeError {
    /// Two policies call themselves by the same layer, so a verdict could not say whose it is.
    SameLayer(Id),
    /// More layers than a phone obeys.
    TooMany {
        /// How many there are.
        layers: usize,
    },
}

impl ComposeError {
    /// The most layers that a phone obeys.
    pub const MAX_LAYERS: usize = 64;
}

impl fmt::Display for ComposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameLayer(id) => write!(
                f,
                "two policies name their layer `{id}`; every layer needs its own name"
            ),
            Self::TooMany { layers } => write!(
                f,
                "{layers} policies; at most {} can be composed",
                Self::MAX_LAYERS
            ),
        }
    }
}

impl std::error::Error for ComposeError {}

/// All layers, compiled; what they say at a moment is said by [`Ruleset::at`].
#[derive(Debug)]
pub struct Ruleset {
    pub(super) layers: Vec<Policy>,
    pub(super) rules: Vec<CompiledRule>,
    pub(super) index: Index,
    /// The numbers of the rules that are not simply in force, always and for everybody.
    pub(super) conditional: Vec<u32>,
    pub(super) exemptions: Vec<CompiledExemption>,
    /// The layers whose stance denies what they do not approve, each with a bit for every layer that may approve.
    pub(super) closed: Vec<(u32, u64)>,
}

#[derive(Debug)]
pub(super) struct CompiledRule {
    pub(super) layer: u32,
    /// The rule's place in its policy.
    place: u32,
    pub(super) effect: Effect,
    pub(super) remedy: Remedy,
    /// Present where what the index found must be checked.
    matcher: Option<Matcher>,
}

impl CompiledRule {
    /// Whether what the index found is what the rule is about.
    #[inline]
    pub(super) fn matches(&self, package: &PackageFacts) -> bool {
        self.matcher
            .as_ref()
            .is_some_and(|matcher| matcher.matches(package))
    }

    pub(super) fn is_at(&self, layer: u32, place: u32) -> bool {
        (self.layer, self.place) == (layer, place)
    }
}

impl Ruleset {
    /// Compiles layers, the baseline first.
    ///
    /// # Errors
    /// [`ComposeError`] if they cannot be told apart or are too many.
    pub fn compile(layers: Vec<Layer>) -> Result<Self, ComposeError> {
        if layers.len() > ComposeError::MAX_LAYERS {
            return Err(ComposeError::TooMany { layers: layers.len() });
        }
        let mut names = HashSet::new();
        let mut sources = Vec::new();
        for (layer, Layer { policy, catalogue }) in (0..).zip(&layers) {
            if !names.insert(&policy.layer) {
                return Err(ComposeError::SameLayer(policy.layer.clone()));
            }
            let rules = (0..).zip(&policy.rules);
            sources.extend(rules.map(|(place, rule)| (layer, place, rule, catalogue)));
        }
        // The place in this order is the rule's number, so that "the first that matches" is the one that decides.
        sources.sort_by(|(a_layer, _, a, _), (b_layer, _, b, _)| {
            precedence(a, *a_layer).cmp(&precedence(b, *b_layer))
        });
        let mut index = IndexBuilder::default();
        let mut rules = Vec::with_capacity(sources.len());
        let mut conditional = Vec::new();
        for (number, (layer, place, rule, catalogue)) in (0..).zip(sources) {
            let compiled = Compiled::new(rule, catalogue);
            compiled.enter(number, &mut index);
            if is_conditional(rule) {
                conditional.push(number);
            }
            rules.push(CompiledRule {
                layer,
                place,
                effect: rule.effect,
                remedy: rule.remedy.unwrap_or_default(),
                matcher: compiled.matcher(),
            });
        }
        let index = index.build();
        let layers: Vec<Policy> = layers.into_iter().map(|layer| layer.policy).collect();
        let exemptions = CompiledExemption::all(&layers);
        let exempted = |rule: &CompiledRule| {
            let targets = exemptions.iter().map(|exemption| exemption.target);
            targets
                .into_iter()
                .any(|target| matches!(target, Target::Rule { layer, place } if rule.is_at(layer, place)))
        };
        conditional.extend(
            (0..)
                .zip(&rules)
                .filter(|(_, rule)| exempted(rule))
                .map(|(number, _)| number),
        );
        conditional.sort_unstable();
        conditional.dedup();
        Ok(Self {
            closed: closed(&layers),
            layers,
            rules,
            index,
            conditional,
            exemptions,
        })
    }

    /// The rule set as it is in force in these circumstances.
    pub fn at<'r>(&'r self, circumstances: &'r Circumstances<'r>) -> Judge<'r> {
        Judge::new(self, circumstances)
    }

    /// What the policies together ask of the phone itself.
    pub fn device(&self) -> Device {
        Device::of(&self.layers)
    }

    /// The policies, baseline first.
    pub fn layers(&self) -> &[Policy] {
        &self.layers
    }

    /// How many rules there are, of all layers; they are numbered from 0.
    pub fn rule_count(&self) -> u32 {
        u32::try_from(self.rules.len()).unwrap_or(u32::MAX)
    }

    /// The rule with that number, and its policy.
    pub fn rule(&self, number: u32) -> Option<(&Policy, &Rule)> {
        let rule = self.rules.get(number as usize)?;
        let policy = self.layers.get(rule.layer as usize)?;
        Some((policy, policy.rules.get(rule.place as usize)?))
    }

    /// The exemption with that number, and its policy.
    pub fn exemption(&self, number: u32) -> Option<(&Policy, &Exemption)> {
        let exemption = self.exemptions.get(number as usize)?;
        let policy = self.layers.get(exemption.layer as usize)?;
        Some((policy, policy.exemptions.get(exemption.place as usize)?))
    }

    /// The policy that decided, and its rule where one matched; of an exemption, those from which it exempts. `None`
    /// where nothing was said.
    pub fn source(&self, basis: Basis) -> Option<(&Policy, Option<&Rule>)> {
        let policy = |layer: u32| self.layers.get(layer as usize);
        match basis {
            Basis::Rule(number) => self.rule(number).map(|(policy, rule)| (policy, Some(rule))),
            Basis::NotApproved { layer } => Some((policy(layer)?, None)),
            Basis::Exempted { exemption } => match self.exemptions.get(exemption as usize)?.target {
                Target::Rule { layer, place } => {
                    let policy = policy(layer)?;
                    Some((policy, Some(policy.rules.get(place as usize)?)))
                }
                Target::Stance { layer } => Some((policy(layer)?, None)),
            },
            Basis::NothingSaid => None,
        }
    }

    /// The name under which a rule is remembered.
    pub(super) fn name(&self, number: u32) -> Option<RuleName> {
        let (policy, rule) = self.rule(number)?;
        Some(RuleName {
            layer: policy.layer.clone(),
            rule: rule.id.clone(),
        })
    }
}

/// Whether it depends on the circumstances what the rule says.
fn is_conditional(rule: &Rule) -> bool {
    rule.audit_only
        || rule.rollout.is_some()
        || rule.from.is_some()
        || rule.until.is_some()
        || rule.grace.is_some()
        || rule.remedy == Some(Remedy::Remove)
}

/// Which rule decides where several match: the lowest.
fn precedence(rule: &Rule, layer: u32) -> impl Ord {
    let strictness = match rule.effect {
        Effect::Deny => 0,
        Effect::Advise => 1,
        Effect::Allow => 2,
    };
    (
        strictness,
        std::cmp::Reverse(rule.remedy.unwrap_or_default()),
        layer,
        rule.id.clone(),
    )
}

/// The layers whose closed stance is in force, with those that may approve for each.
fn closed(layers: &[Policy]) -> Vec<(u32, u64)> {
    let in_force = |policy: &Policy| policy.stance.kind == StanceKind::Closed && !policy.stance.audit_only;
    let approving = |layer: u32, policy: &Policy| {
        let named = (0..)
            .zip(layers)
            .filter(|(_, other)| policy.stance.approvals_from.contains(&other.layer));
        named.fold(1 << layer, |bits, (other, _): (u32, _)| bits | 1 << other)
    };
    (0..)
        .zip(layers)
        .filter(|(_, policy)| in_force(policy))
        .map(|(layer, policy)| (layer, approving(layer, policy)))
        .collect()
}
