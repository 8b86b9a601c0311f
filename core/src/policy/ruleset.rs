//! Composes layers and evaluates packages against all of them at once.

use std::collections::HashSet;
use std::fmt;

use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Policy, Remedy, Rule, StanceKind};
use sluis_policy::values::Id;

use super::facts::PackageFacts;
use super::index::{Index, IndexBuilder, Posting};
use super::matcher::{Compiled, Matcher};
use super::verdict::{Basis, Verdict};

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

/// All layers, compiled.
#[derive(Debug)]
pub struct Ruleset {
    layers: Vec<Policy>,
    rules: Vec<CompiledRule>,
    index: Index,
    /// One bit for each closed layer.
    closed: u64,
    /// What holds for a package that somebody added and no rule matches.
    unmatched: Verdict,
}

#[derive(Debug)]
struct CompiledRule {
    layer: u32,
    /// The rule's place in its policy.
    place: u32,
    effect: Effect,
    remedy: Remedy,
    /// Present where what the index found must be checked.
    matcher: Option<Matcher>,
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
        let mut closed = 0;
        for (layer, Layer { policy, catalogue }) in (0..).zip(&layers) {
            if !names.insert(&policy.layer) {
                return Err(ComposeError::SameLayer(policy.layer.clone()));
            }
            closed |= u64::from(policy.stance.kind == StanceKind::Closed) << layer;
            sources.extend(
                (0..)
                    .zip(&policy.rules)
                    .map(|(place, rule)| (layer, place, rule, catalogue)),
            );
        }
        // The place in this order is the rule's number, so that "the first that matches" is the one that decides.
        sources.sort_by(|(a_layer, _, a, _), (b_layer, _, b, _)| {
            precedence(a, *a_layer).cmp(&precedence(b, *b_layer))
        });
        let mut index = IndexBuilder::default();
        let mut rules = Vec::with_capacity(sources.len());
        for (number, (layer, place, rule, catalogue)) in (0..).zip(sources) {
            let compiled = Compiled::new(rule.effect, &rule.matches, catalogue);
            compiled.enter(number, &mut index);
            let (effect, remedy) = (rule.effect, rule.remedy.unwrap_or_default());
            rules.push(CompiledRule {
                layer,
                place,
                effect,
                remedy,
                matcher: compiled.matcher(),
            });
        }
        let index = index.build();
        let layers = layers.into_iter().map(|layer| layer.policy).collect();
        Ok(Self {
            layers,
            rules,
            index,
            closed,
            unmatched: Verdict::unmatched(closed),
        })
    }

    /// The policies, baseline first.
    pub fn layers(&self) -> &[Policy] {
        &self.layers
    }

    /// The policy that decided, and its rule where one matched; `None` where nothing was said.
    pub fn source(&self, basis: Basis) -> Option<(&Policy, Option<&Rule>)> {
        match basis {
            Basis::Rule(number) => {
                let rule = self.rules.get(number as usize)?;
                let policy = self.layers.get(rule.layer as usize)?;
                Some((policy, Some(policy.rules.get(rule.place as usize)?)))
            }
            Basis::NotApproved { layer } => Some((self.layers.get(layer as usize)?, None)),
            Basis::NothingSaid => None,
        }
    }

    /// Evaluates packages in their order; `verdicts` is emptied first, so that one buffer can serve again and again.
    pub fn evaluate_all(&self, packages: &[PackageFacts], verdicts: &mut Vec<Verdict>) {
        verdicts.clear();
        verdicts.extend(packages.iter().map(|package| self.evaluate(package)));
    }

    /// Evaluates one package.
    #[inline]
    pub fn evaluate(&self, package: &PackageFacts) -> Verdict {
        let system = package.system == Some(true);
        let mut tally = Tally {
            ruleset: self,
            package,
            system,
            first: u32::MAX,
            approved: 0,
        };
        self.index.look_up(package, |postings| tally.count(postings));
        // Nearly every package; which of the two it is would be a branch that cannot be foreseen.
        if tally.first == u32::MAX {
            return if system {
                Verdict::NOTHING_SAID
            } else {
                self.unmatched
            };
        }
        tally.verdict()
    }
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

/// What has been found so far about one package.
struct Tally<'r> {
    ruleset: &'r Ruleset,
    package: &'r PackageFacts,
    system: bool,
    /// The lowest number of a rule that matches.
    first: u32,
    /// A bit for each layer that allows the package.
    approved: u64,
}

impl Tally<'_> {
    #[inline]
    fn count(&mut self, postings: &[Posting]) {
        for posting in postings {
            if self.system && !posting.reaches_system {
                continue;
            }
            let Some(rule) = self.ruleset.rules.get(posting.rule as usize) else {
                continue;
            };
            if posting.verify
                && !rule
                    .matcher
                    .as_ref()
                    .is_some_and(|matcher| matcher.matches(self.package))
            {
                continue;
            }
            self.first = self.first.min(posting.rule);
            self.approved |= u64::from(rule.effect == Effect::Allow) << rule.layer;
        }
    }

    #[inline]
    fn verdict(&self) -> Verdict {
        let rule = self.ruleset.rules.get(self.first as usize);
        let effect = rule.map_or(Effect::Allow, |rule| rule.effect);
        // A closed stance judges what the employee or an installer added; an unknown origin counts as that.
        let missing = self.ruleset.closed & !self.approved;
        if effect != Effect::Deny && missing != 0 && !self.system {
            return Verdict::unmatched(missing);
        }
        let basis = rule.map_or(Basis::NothingSaid, |_| Basis::Rule(self.first));
        Verdict {
            effect,
            remedy: rule.map_or(Remedy::default(), |rule| rule.remedy),
            basis,
        }
    }
}
